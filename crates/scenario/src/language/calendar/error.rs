//! Why a calendar cannot be taken.

use thiserror::Error;

/// Why a text is no calendar that can be taken.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}: {what}")]
pub struct CalendarError {
    /// The line of the text, from 1.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub what: String,
}

impl CalendarError {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}
