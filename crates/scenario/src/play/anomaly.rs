//! Rows of traces that cannot happen.

use std::path::PathBuf;

use lamplighter_core::model::Impossible;

/// The rows of traces that cannot happen: all are counted, and only the first are kept, since there
/// may be millions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anomalies {
    /// How many rows of all traces cannot happen.
    pub count: u64,
    /// The first of them, up to [`KEPT_MAX`](Self::KEPT_MAX).
    pub first: Vec<Anomaly>,
}

impl Anomalies {
    /// At most so many are kept, the first ones; all are counted.
    pub const KEPT_MAX: usize = 1_000;

    /// Counts one more.
    pub(super) fn add(&mut self, anomaly: impl FnOnce() -> Anomaly) {
        self.count += 1;
        if self.first.len() < Self::KEPT_MAX {
            self.first.push(anomaly());
        }
    }
}

/// A row of a trace that cannot happen: counted, and passed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anomaly {
    /// The path of the trace that has the row, joined to the folder of its scenario.
    pub path: PathBuf,
    /// The row's line in the trace, from 1.
    pub line: u64,
    /// The reason why it cannot happen as things stood.
    pub why: Impossible,
}
