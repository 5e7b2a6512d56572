//! What gates ask of a run.

use crate::result::{EdgePropagation, Judged, LoadResult, OperationStats, Propagation, Rate};

/// What has been measured of a run, be it over or still going on.
pub trait Measurements {
    /// Visitors asked for, and sent.
    fn rate(&self) -> &Rate;

    /// The calls of one operation, by its name; `None` where there was none.
    fn operation(&self, name: &str) -> Option<&OperationStats>;

    /// The calls of all operations.
    fn operations(&self) -> impl Iterator<Item = &OperationStats>;

    /// From transitions by writes to their sightings.
    fn propagation(&self) -> &Propagation;

    /// From transitions by the clock to their sightings.
    fn edges(&self) -> &EdgePropagation;

    /// What the judge has counted.
    fn judged(&self) -> &Judged;

    /// The smallest staleness bound, in milliseconds, that would have been enough; `None` where none
    /// is.
    fn within_enough_ms(&self) -> Option<f64>;

    /// How long the run has lasted, in milliseconds.
    fn lasted_ms(&self) -> u64;
}

impl Measurements for LoadResult {
    fn rate(&self) -> &Rate {
        &self.rate
    }

    fn operation(&self, name: &str) -> Option<&OperationStats> {
        self.operations.get(name)
    }

    fn operations(&self) -> impl Iterator<Item = &OperationStats> {
        self.operations.values()
    }

    fn propagation(&self) -> &Propagation {
        &self.propagation
    }

    fn edges(&self) -> &EdgePropagation {
        &self.edges
    }

    fn judged(&self) -> &Judged {
        &self.judged
    }

    fn within_enough_ms(&self) -> Option<f64> {
        self.judged.within_enough_ms
    }

    fn lasted_ms(&self) -> u64 {
        self.about.lasted_ms
    }
}
