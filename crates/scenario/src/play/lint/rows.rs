//! All scenarios of a file, looked at as one: what is found by several rows of its table is told once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::lint_prepared;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::play::ahead::Reading;
use crate::play::prepared::Prepared;
use crate::play::verdict::{Verdict, tell_once};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;

/// A scenario that was looked at.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What playing it gave, its picture included.
    pub verdict: Verdict,
    /// What is allowed in it and probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// Plays the scenarios of a file, and looks for what is allowed in them and probably not meant. What is
/// found by one row is no news by the next. `today` is for scenarios that do not say when they play;
/// `reading` is how their traces are read; once `stop` is set, what is found means nothing.
pub fn check(
    rows: Vec<Prepared>,
    zones: &Arc<Zones>,
    today: Instant,
    reading: Reading,
    stop: &AtomicBool,
) -> Vec<Checked> {
    let rows = rows.into_iter();
    let (mut verdicts, all): (Vec<Verdict>, Vec<_>) =
        rows.map(|row| lint_prepared(row, zones, today, reading, stop)).unzip();
    tell_once(&mut verdicts);
    let checked = verdicts.into_iter().zip(warn_once(all));
    checked.map(|(verdict, warnings)| Checked { verdict, warnings }).collect()
}

/// The warnings of the rows of one file, each told by the first row that has it. That a comment silences
/// nothing is one only if it is so by every row.
pub fn warn_once(rows: Vec<Vec<Diagnostic>>) -> Vec<Vec<Diagnostic>> {
    let is_everywhere = |warning: &Diagnostic| {
        warning.code != Code::UnusedAllow || rows.iter().all(|row| row.contains(warning))
    };
    let mut told = BTreeSet::new();
    let mut once = |row: &Vec<Diagnostic>| -> Vec<Diagnostic> {
        let everywhere = row.iter().filter(|warning| is_everywhere(warning));
        everywhere.filter(|one| told.insert((one.span, one.message.clone()))).cloned().collect()
    };
    rows.iter().map(&mut once).collect()
}
