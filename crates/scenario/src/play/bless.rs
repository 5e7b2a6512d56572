//! False expectations rewritten so that they say what is; every other byte stays.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use thiserror::Error;

use super::outputs::Options;
use super::run::run;
use super::verdict::{Edit, Outcome, Verdict};
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

/// The bytes of a scenario with its false expectations rewritten, and how many those were.
///
/// # Errors
/// When the scenario has a fault, or an expectation cannot be made true by its words.
pub fn bless(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Result<(Vec<u8>, usize), BlessError> {
    let mut bytes = bytes.to_vec();
    let mut rewritten = std::collections::BTreeSet::new();
    for _ in 0..ROUNDS_MAX {
        let verdict = run(path, &bytes, zones, Options::default(), stop);
        match verdict.outcome() {
            Outcome::Passed => return Ok((bytes, rewritten.len())),
            Outcome::Invalid => return Err(BlessError::Invalid(Box::new(verdict))),
            // A recording is not for rewriting.
            Outcome::Failed if verdict.failures.is_empty() => return Ok((bytes, rewritten.len())),
            Outcome::Failed => {}
        }
        let mut edits: Vec<Edit> = Vec::new();
        for failure in &verdict.failures {
            match &failure.edits {
                Some(more) => edits.extend(more.iter().cloned()),
                None => return Err(BlessError::NoWords(Box::new(verdict))),
            }
            rewritten.insert(verdict.file.source.position(failure.statement.start).line);
        }
        // From the end, so that the places before stay where they are.
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
        let bom = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        for edit in edits {
            bytes.splice(edit.span.start + bom..edit.span.end + bom, edit.text.bytes());
        }
    }
    Err(BlessError::NoWords(Box::new(run(path, &bytes, zones, Options::default(), stop))))
}
