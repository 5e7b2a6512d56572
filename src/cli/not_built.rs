//! Commands that this build was made without: they are listed all the same, and say how to build with
//! them.

use std::ffi::OsString;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;

use super::common::Common;
use super::exit::{Exit, Stop};
use lamplighter_core::hours::Zones;

/// Whatever stands behind a command that is not there.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Anything {
    /// Its own arguments, in a build with it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    words: Vec<OsString>,
}

/// That a feature is missing, and the command that has it.
pub fn built_without(feature: &str) -> Stop {
    let words: Vec<String> = std::env::args().skip(1).map(|word| shell_word(&word)).collect();
    let with = format!("cargo run --release --features {feature} -- {}", words.join(" "));
    Stop::invalid(anyhow!("built without {feature}: {with}"))
}

/// The help of a command that is not there: how to build with it.
pub fn help(feature: &str, command: &str) -> String {
    format!(
        "This build of lamplighter was made without `{feature}`. With it:\n\n  \
         cargo run --release --features {feature} -- help {command}\n"
    )
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(not(feature = "load"))]
pub mod load {
    use super::{Anything, Arc, Common, Exit, Stop, Zones, built_without};

    pub type LoadArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("load"))
    }
}

#[cfg(not(feature = "lsp"))]
pub mod lsp {
    use super::{Anything, Arc, Exit, Stop, Zones, built_without};

    pub type LspArguments = Anything;

    pub fn run(_: Anything, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("lsp"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod play {
    use super::{Anything, Arc, Common, Exit, Stop, Zones, built_without};

    pub type PlayArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod serve {
    use super::{Anything, Arc, Common, Exit, Stop, Zones, built_without};

    pub type ServeArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod store {
    use super::{Anything, Common, Exit, Stop, built_without};

    pub type StoreArguments = Anything;

    pub fn run(_: Anything, _: &Common) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "target"))]
pub mod target {
    use super::{Anything, Common, Exit, Stop, built_without};

    pub type TargetArguments = Anything;

    pub fn run(_: Anything, _: &Common) -> Result<Exit, Stop> {
        Err(built_without("target"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_otherwise() {
        assert_eq!(shell_word("--host"), "--host");
        assert_eq!(shell_word("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(shell_word("p99(widget) > 50ms"), "'p99(widget) > 50ms'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
