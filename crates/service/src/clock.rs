//! What time it is for a service: the machine's, or what an admin says (rule T1: time is an input).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use lamplighter_core::model::Instant;

/// The service's clock.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clock. Should it jump back, the service waits where it is.
    System,
    /// Stands still until it is put forward.
    Manual(AtomicI64),
}

impl Clock {
    /// A clock that stands at an instant until it is put forward.
    pub fn manual(at: Instant) -> Self {
        Self::Manual(AtomicI64::new(at.as_millis()))
    }

    /// What it reads.
    pub fn now(&self) -> Instant {
        let ms = match self {
            Self::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
                Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
            },
            Self::Manual(ms) => ms.load(Ordering::Relaxed),
        };
        let last = if ms < 0 { Instant::MIN } else { Instant::MAX };
        Instant::from_millis(ms).unwrap_or(last)
    }

    /// Whether it stands still by itself.
    pub fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// Puts a manual clock; the machine's stays as it is.
    pub fn put(&self, at: Instant) {
        if let Self::Manual(ms) = self {
            ms.store(at.as_millis(), Ordering::Relaxed);
        }
    }
}
