//! The rules of products, by their names or out of files.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::exit::Stop;
use lamplighter_core::model::RuleSet;
use lamplighter_scenario::language::rules::named;
use lamplighter_scenario::language::span::Span;

/// The rules of a name or a file that were asked for on the command line.
pub fn given_rules(name: &str) -> Result<RuleSet, Stop> {
    let beside = |file: &str| {
        std::fs::read_to_string(Path::new(file)).map_err(|error| format!("{file}: {error}"))
    };
    named(name, Span::default(), &beside).map_err(|diagnostic| {
        let why = match diagnostic.label.as_str() {
            "unknown" => diagnostic.message,
            why => format!("{}: {why}", diagnostic.message),
        };
        let stop = Stop::invalid(anyhow!(why));
        match diagnostic.help {
            Some(help) => stop.hint(help),
            None => stop,
        }
    })
}
