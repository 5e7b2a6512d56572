//! Arguments of `target` as typed.

use clap::{Args, Subcommand};

use super::given::GivenArguments;

/// `lamplighter target` as typed.
#[derive(Args, Debug)]
pub struct TargetArguments {
    #[command(subcommand)]
    pub command: TargetCommand,
}

/// What is done with target files.
#[derive(Subcommand, Debug)]
pub enum TargetCommand {
    /// Name the target files that are built in
    List,
    /// Print a built-in target file, to start from
    Show(ShowArguments),
    /// Read target files without calling anybody, and say all that is wrong with them
    Check(CheckArguments),
    /// Walk one agent's life through a target file: every call, its answer, what was read out of it
    Try(TryArguments),
}

/// `lamplighter target show` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter target show synapse > ours.toml")]
pub struct ShowArguments {
    /// A name of `lamplighter target list`
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// `lamplighter target check` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter target check                # all that are built in
  lamplighter target check ours.toml")]
pub struct CheckArguments {
    /// Target files, or names of built-in ones; without any all that are built in
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
}

/// `lamplighter target try` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
An account and a property are made, the agent logs in on two devices, takes each status, loses its
connection and logs out; after each step the team and the widget are read and held against the rules.
Secrets are masked wherever they stand. What was made is deleted again where the file says how.

Examples:
  lamplighter target try ours.toml --host http://127.0.0.1:8008 --var domain=chat.example
  lamplighter target try reference --host http://127.0.0.1:8080 --admin-key-file key")]
pub struct TryArguments {
    /// A target file, or the name of a built-in one
    #[arg(value_name = "FILE")]
    pub file: String,
    #[command(flatten)]
    pub given: GivenArguments,
    /// Leave all that is made
    #[arg(long)]
    pub keep: bool,
    /// Where a manual clock is put first, as 2026-03-09T13:55:00Z
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<String>,
    /// Report each call in full, whatever its length
    #[arg(long)]
    pub full: bool,
}
