//! How agents are told to stop, and who waits for it.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

/// How far agents are to stop.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
pub enum StopRequest {
    /// Not at all: they play their days.
    #[default]
    No,
    /// Nobody begins anything more.
    Soon,
    /// Nor is anything waited for that is on its way: it counts as unanswered.
    AtOnce,
}

/// What is told to agents while they play.
#[derive(Debug, Default)]
pub struct AgentsSignals(AtomicU8);

impl AgentsSignals {
    /// Nobody begins anything more.
    pub fn stop(&self) {
        self.0.fetch_max(StopRequest::Soon as u8, Ordering::Relaxed);
    }

    /// Nobody begins anything more, nor is anything waited for that is on its way.
    pub fn give_up(&self) {
        self.0.fetch_max(StopRequest::AtOnce as u8, Ordering::Relaxed);
    }

    /// How far they are to stop by now.
    pub fn stopping(&self) -> StopRequest {
        match self.0.load(Ordering::Relaxed) {
            0 => StopRequest::No,
            1 => StopRequest::Soon,
            _ => StopRequest::AtOnce,
        }
    }
}

/// Waits until nothing is waited for any longer.
pub async fn given_up(stopped: &mut watch::Receiver<StopRequest>) {
    if stopped.wait_for(|stopped| *stopped == StopRequest::AtOnce).await.is_err() {
        // Nobody is there any more who could say so.
        std::future::pending().await
    }
}
