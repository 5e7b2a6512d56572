//! False expectations rewritten so that they say what is; every other byte stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use thiserror::Error;

use super::facts::Fact;
use super::outputs::Options;
use super::prepared::{Prepared, named_row, reader_beside};
use super::run::play;
use super::verdict::{Failure, Outcome, Verdict};
use crate::language::rules::ReadFile;
use crate::language::span::Span;
use lamplighter_core::hours::Zones;

/// One round makes a statement true now, the next its span of time; a third finds nothing left.
const ROUNDS_MAX: usize = 8;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why a scenario was not rewritten.
#[derive(Debug, Error)]
pub enum BlessError {
    /// It has faults; they come first.
    #[error("the scenario has errors")]
    Invalid(Box<Verdict>),
    /// An expectation that no words of its own can make true: it is undone within its own instant.
    #[error("no words would make the expectation true")]
    NoWords(Box<Verdict>),
}

/// A scenario with its false expectations rewritten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blessed {
    /// The file as it is to be.
    pub bytes: Vec<u8>,
    /// How many expectations were rewritten.
    pub rewritten: usize,
    /// How many were left alone and are false.
    pub left: Left,
}

/// How many expectations were left alone and are false, by the reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Those whose words come out of a table of examples, or are right by other rows of it.
    pub by_rows: usize,
    /// Those whose words are meant, whatever is found: `at most`, `at least` and `no anomalies`.
    pub as_meant: usize,
}

/// A scenario with its false expectations rewritten.
///
/// # Errors
/// When the scenario has a fault, or an expectation cannot be made true by its words.
pub fn bless(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Result<Blessed, BlessError> {
    let beside = reader_beside(&named_row(path).0);
    bless_reading(path, bytes, zones, &beside, stop)
}

/// The same, where files that the scenario names are read by `beside`.
///
/// # Errors
/// See [`bless`].
pub fn bless_reading(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    beside: ReadFile<'_>,
    stop: &AtomicBool,
) -> Result<Blessed, BlessError> {
    // What is rewritten is the file: all of its rows count.
    let (path, _) = named_row(path);
    let play_all = |bytes: &[u8]| -> Vec<Verdict> {
        let rows = Prepared::rows_reading(&path, bytes, zones, beside).into_iter();
        rows.map(|prepared| play(prepared, zones, Options::default(), stop)).collect()
    };
    let mut bytes = bytes.to_vec();
    let mut rewritten = BTreeSet::new();
    for _ in 0..ROUNDS_MAX {
        let verdicts = play_all(&bytes);
        if let Some(place) = verdicts.iter().position(|one| one.outcome() == Outcome::Invalid) {
            return Err(BlessError::Invalid(nth(verdicts, place)));
        }
        let has_no_words =
            |one: &Verdict| one.failures.iter().any(|failure| failure.edits.is_none());
        if let Some(place) = verdicts.iter().position(has_no_words) {
            return Err(BlessError::NoWords(nth(verdicts, place)));
        }
        let edits = agreed(&verdicts);
        let (mut by_rows, mut as_meant) = (BTreeSet::new(), BTreeSet::new());
        for verdict in &verdicts {
            for failure in &verdict.failures {
                let own = failure.edits.iter().flatten();
                let is_written =
                    own.clone().count() > 0 && own.clone().all(|one| edits.contains_key(&one.span));
                let statements = if is_written {
                    &mut rewritten
                } else if is_meant(verdict, failure) {
                    &mut as_meant
                } else {
                    &mut by_rows
                };
                statements.insert(verdicts[0].file.source.position(failure.statement.start).line);
            }
        }
        // A recording is not for rewriting, either.
        if edits.is_empty() {
            let left = Left { by_rows: by_rows.len(), as_meant: as_meant.len() };
            return Ok(Blessed { bytes, rewritten: rewritten.len(), left });
        }
        // From the end, so that the places before stay where they are.
        let bom = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        for (span, text) in edits.into_iter().rev() {
            bytes.splice(span.start + bom..span.end + bom, text.bytes());
        }
    }
    let verdicts = play_all(&bytes);
    let failed = verdicts.iter().position(|one| one.outcome() != Outcome::Passed);
    Err(BlessError::NoWords(nth(verdicts, failed.unwrap_or_default())))
}

/// Whether false words say what is meant, whatever is found (R88): there is nothing to write for them, and no
/// table is the reason.
fn is_meant(verdict: &Verdict, failure: &Failure) -> bool {
    let is_bound = |fact: &Fact| matches!(fact, Fact::Anomalies(..) | Fact::Changes(_));
    failure.edits.as_ref().is_some_and(Vec::is_empty)
        && (verdict.file.row.is_none() || failure.facts.iter().any(is_bound))
}

fn nth(mut verdicts: Vec<Verdict>, place: usize) -> Box<Verdict> {
    Box::new(verdicts.swap_remove(place))
}

/// What to write where, as far as all rows agree: what is false by one row alone may be right by another.
fn agreed(verdicts: &[Verdict]) -> BTreeMap<Span, String> {
    let mut wanted: BTreeMap<Span, Vec<&str>> = BTreeMap::new();
    for verdict in verdicts {
        let edits = verdict.failures.iter().flat_map(|failure| failure.edits.iter().flatten());
        // What comes out of a table stays: other rows have it, too.
        for edit in edits.filter(|edit| !verdict.file.put_in.meets(edit.span)) {
            wanted.entry(edit.span).or_default().push(&edit.text);
        }
    }
    let has_table = verdicts.iter().any(|verdict| verdict.file.row.is_some());
    let agrees = |texts: &[&str]| {
        !has_table || texts.len() == verdicts.len() && texts.iter().all(|text| *text == texts[0])
    };
    let agreed = wanted.into_iter().filter(|(_, texts)| agrees(texts));
    let text = |text: &str| match has_table {
        true => text.replace('{', "{{"),
        false => text.to_owned(),
    };
    agreed.filter_map(|(span, texts)| Some((span, text(texts.first()?)))).collect()
}
