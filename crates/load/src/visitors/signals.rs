//! What is told to visitors while they go about, and what they tell.

use std::sync::atomic::{AtomicBool, Ordering};

/// What is told to visitors while they go about, and what they tell.
#[derive(Debug, Default)]
pub struct Signals {
    pub(super) stop: AtomicBool,
    pub(super) give_up: AtomicBool,
    pub(super) close_streams: AtomicBool,
    pub(super) are_done: AtomicBool,
}

impl Signals {
    /// Nobody arrives any more, and who waits for a connection is sent away.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whoever is still on the way is not waited for any longer: their requests count as unanswered.
    pub fn give_up(&self) {
        self.stop();
        self.give_up.store(true, Ordering::Release);
    }

    /// All streams are closed, and the visitors' side ends once its requests are done. Until then
    /// what lasts to the end of the run stays open, so that the last events can be judged.
    pub fn close_streams(&self) {
        self.close_streams.store(true, Ordering::Release);
    }

    /// Whether all visitors have arrived and are done; streams may still be open.
    pub fn are_done(&self) -> bool {
        self.are_done.load(Ordering::Acquire)
    }
}
