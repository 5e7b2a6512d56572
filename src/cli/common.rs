//! The options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// Read zone data from a folder of compiled zone files instead of the bundled release
    #[arg(long, value_name = "DIR", global = true, help_heading = "Common options")]
    pub tzdata: Option<PathBuf>,
    /// Say only what is wrong
    #[arg(short, long, global = true, help_heading = "Common options")]
    pub quiet: bool,
    /// When to use colours; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    #[arg(help_heading = "Common options")]
    pub color: Color,
}

/// When output is in colours.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    // On a terminal, unless NO_COLOR is set. No doc comments: clap would print them in the help.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Holds for all output from here on.
    pub fn apply(self) {
        use anstream::ColorChoice;
        match self {
            // `auto` looks at the terminal and at NO_COLOR by itself.
            Self::Auto => {}
            Self::Always => ColorChoice::Always.write_global(),
            Self::Never => ColorChoice::Never.write_global(),
        }
    }
}
