//! How far runs have come, for whoever watches them from outside.

use std::sync::atomic::{AtomicU64, Ordering};

use lamplighter_core::model::Millis;

/// Counts what runs have got through, many at once if need be. A run moves it on every few hundred
/// rows.
#[derive(Debug, Default)]
pub struct Meter {
    rows: AtomicU64,
    simulated_ms: AtomicU64,
}

impl Meter {
    /// Rows of traces so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Simulated time so far, of all runs together.
    pub fn simulated(&self) -> Millis {
        Millis(self.simulated_ms.load(Ordering::Relaxed))
    }

    /// Counts in what one run has played since it last did.
    pub(super) fn add(&self, rows: u64, simulated: Millis) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.simulated_ms.fetch_add(simulated.0, Ordering::Relaxed);
    }
}
