//! How much is left of the volume that the store is on: one that is nearly full is told of while what is
//! written can still be kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::metrics::gauge::Gauge;

/// The volume of the store.
#[derive(Debug)]
pub struct Volume {
    store: PathBuf,
    free_bytes_min: u64,
    free_bytes: Gauge,
    is_nearly_full: Gauge,
    /// Whether the log has been told.
    is_told: AtomicBool,
}

impl Volume {
    /// The volume with this file, and what is told of it.
    pub fn new(
        store: &Path,
        free_bytes_min: u64,
        free_bytes: Gauge,
        is_nearly_full: Gauge,
    ) -> Self {
        let is_told = AtomicBool::new(false);
        Self { store: store.to_owned(), free_bytes_min, free_bytes, is_nearly_full, is_told }
    }

    /// Looks how much is free, and puts the metrics; a sentence where it is too little, or cannot be
    /// known. The machine may take its time.
    pub fn look(&self) -> Option<String> {
        let store = self.store.display();
        let free = match rustix::fs::statvfs(&self.store) {
            Ok(about) => about.f_bavail.saturating_mul(about.f_frsize),
            Err(error) => {
                return Some(format!("cannot know how much is free for {store}: {error}"));
            }
        };
        let is_low = free < self.free_bytes_min;
        self.free_bytes.set(i64::try_from(free).unwrap_or(i64::MAX));
        self.is_nearly_full.set(is_low.into());
        let (free_mib, min_mib) = (free >> 20, self.free_bytes_min >> 20);
        let told = is_low.then(|| {
            format!(
                "the store is nearly full: {free_mib} MiB are free for {store}, less than {min_mib}"
            )
        });
        if is_low && !self.is_told.swap(is_low, Ordering::Relaxed) {
            tracing::warn!(free_mib, min_mib, %store, "the store is nearly full");
        }
        if !is_low {
            self.is_told.store(false, Ordering::Relaxed);
        }
        told
    }
}
