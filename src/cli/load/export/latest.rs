//! What was shown last, for all who read it.

use std::sync::{Arc, Mutex, PoisonError};

use lamplighter_load::metrics::Snapshot;

/// What was shown last, for all who read.
#[derive(Default)]
pub struct LatestSnapshot(Mutex<Arc<Snapshot>>);

impl LatestSnapshot {
    /// As things are now.
    pub fn get(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// This is shown from now on.
    pub fn set(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}
