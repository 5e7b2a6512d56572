//! What all connections of a proxy share: its fault, its draws and its counts.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::now_ms;
use super::fault::Fault;
use super::known::Remembered;
use super::recorder::Recorder;

/// What all connections of a proxy share.
pub struct Shared {
    /// Where the service is.
    pub upstream: SocketAddr,
    /// What is done wrong.
    pub fault: Fault,
    /// What writes down all that goes through, where something does.
    pub recorder: Option<Arc<Recorder>>,
    seed: u64,
    draws: AtomicU64,
    known: Mutex<Remembered>,
    counts: Mutex<FaultCounts>,
}

/// What was done.
#[derive(Clone, Default, Debug)]
pub struct FaultCounts {
    /// Reads of widgets that were answered.
    pub reads: u64,
    /// How often the fault was put in.
    pub put_in: u64,
    /// When first, in milliseconds since 1970.
    pub first_ms: Option<i64>,
    /// How often it was drawn and could not be put in: there was no copy, say.
    pub in_vain: u64,
}

impl Shared {
    pub fn new(
        upstream: SocketAddr,
        fault: Fault,
        seed: u64,
        recorder: Option<Arc<Recorder>>,
    ) -> Self {
        Self {
            upstream,
            fault,
            recorder,
            seed,
            draws: AtomicU64::new(0),
            known: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    /// A number of 64 bits: the next of the seed's.
    pub fn draw(&self) -> u64 {
        let step = self.draws.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        // SplitMix64, whose state is a counter: the nth number is the same whoever draws it.
        let mut z = self.seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Whether something happens that does so once in so many cases.
    pub fn one_in(&self, cases: u64) -> bool {
        self.draw().is_multiple_of(cases)
    }

    pub fn known(&self) -> MutexGuard<'_, Remembered> {
        // What is remembered is none the worse for a panic elsewhere.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn counts(&self) -> FaultCounts {
        self.lock_counts().clone()
    }

    pub fn count_read(&self) {
        self.lock_counts().reads += 1;
    }

    pub fn count_put_in(&self) {
        let mut counts = self.lock_counts();
        counts.put_in += 1;
        counts.first_ms.get_or_insert_with(now_ms);
    }

    pub fn count_in_vain(&self) {
        self.lock_counts().in_vain += 1;
    }

    fn lock_counts(&self) -> MutexGuard<'_, FaultCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
