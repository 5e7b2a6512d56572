//! `lamplighter load compare`: what became worse.

use super::arguments::CompareArguments;
use super::read_result;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::load::compare as told;
use lamplighter_load::compare::{Thresholds, compare};

/// Tells what became worse; exits with 1 if anything did.
pub fn run(arguments: CompareArguments, common: &Common) -> Result<Exit, Stop> {
    let CompareArguments { before, after, margin, certainty } = arguments;
    let (before, after) = (read_result(&before)?, read_result(&after)?);
    let comparison = compare(&before, &after, Thresholds { margin, certainty });
    let mut out = anstream::stdout().lock();
    printed(told::comparison(&mut out, &comparison, common.quiet))?;
    Ok(if comparison.is_worse() { Exit::Failed } else { Exit::AllWell })
}
