//! `lamplighter load merge`: one result of many.

use anyhow::{Error, anyhow};

use super::arguments::MergeArguments;
use super::exit::exit;
use super::result_file::read_result;
use super::{gates, reports};
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use lamplighter_load::merge::merge_held;

/// Merges the results of generators that ran at one time, and holds the gates against the whole.
pub fn run(arguments: MergeArguments, common: &Common) -> Result<Exit, Stop> {
    let MergeArguments { parts, gates, reports } = arguments;
    let gates = gates::asked(&gates)?;
    let results = parts.iter().map(|path| read_result(path)).collect::<Result<Vec<_>, Stop>>()?;
    for path in reports::files(&reports) {
        let is_part = |part: &std::path::PathBuf| match (part.canonicalize(), path.canonicalize()) {
            (Ok(part), Ok(path)) => part == path,
            _ => false,
        };
        if parts.len() > 1 && parts.iter().any(is_part) {
            let told = anyhow!("{} is one of the parts, and would be overwritten", path.display());
            return Err(Stop::invalid(told).hint("name another file with --json"));
        }
    }
    let whole = merge_held(results, &gates).map_err(|error| Stop::invalid(Error::new(error)))?;
    reports::print_summary(&reports, &whole, common.quiet)?;
    reports::write_reports(&reports, &whole)?;
    Ok(exit(&whole))
}
