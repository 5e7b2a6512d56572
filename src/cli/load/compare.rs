//! `lamplighter load compare`: what became worse.

use std::path::PathBuf;

use anyhow::Error;

use super::arguments::CompareArguments;
use super::result_file::read_result;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::load::compare as told;
use lamplighter_load::compare::{Thresholds, compare};
use lamplighter_load::result::LoadResult;

/// Tells what became worse; exits with 1 if anything did.
pub fn run(arguments: CompareArguments, common: &Common) -> Result<Exit, Stop> {
    let CompareArguments { one, other, before, after, min_effect, certainty } = arguments;
    let read = |single: Option<PathBuf>, several: Vec<PathBuf>| {
        let paths = single.into_iter().chain(several);
        paths.map(|path| read_result(&path)).collect::<Result<Vec<LoadResult>, Stop>>()
    };
    let (before, after) = (read(one, before)?, read(other, after)?);
    let comparison = compare(&before, &after, Thresholds { min_effect, certainty });
    let comparison = comparison.map_err(|error| Stop::invalid(Error::new(error)))?;
    let mut out = anstream::stdout().lock();
    printed(told::comparison(&mut out, &comparison, common.quiet))?;
    Ok(if comparison.is_worse() { Exit::Failed } else { Exit::AllWell })
}
