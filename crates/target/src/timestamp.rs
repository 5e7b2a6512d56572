//! When something went out or came back.

use std::time::{Duration, Instant as Monotonic, SystemTime};

use lamplighter_core::model::Instant;

/// A moment by both clocks of this machine: one that never jumps, and the one that people read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timestamp {
    /// By the clock that never jumps; lengths are measured by it.
    pub monotonic: Monotonic,
    /// By the clock that people read, to the millisecond.
    pub wall: Instant,
}

impl Timestamp {
    /// This moment.
    pub fn now() -> Self {
        Self { monotonic: Monotonic::now(), wall: wall_now() }
    }

    /// So much later.
    #[must_use]
    pub fn after(self, length: Duration) -> Self {
        let millis = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let wall = Instant::from_millis(self.wall.as_millis().saturating_add(millis));
        Self { monotonic: self.monotonic + length, wall: wall.unwrap_or(Instant::MAX) }
    }

    /// The later of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.monotonic > self.monotonic { other } else { self }
    }
}

fn wall_now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Instant::from_millis(millis).unwrap_or(Instant::MAX)
}
