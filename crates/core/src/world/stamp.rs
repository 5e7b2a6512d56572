//! An instant in eight bytes, an `Option` of it, too.

use std::num::NonZeroU64;

use crate::model::Instant;

/// Milliseconds from the first instant on, from one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp(NonZeroU64);

impl Stamp {
    /// The number itself: milliseconds from the first instant on, from one.
    #[inline]
    pub fn number(self) -> u64 {
        self.0.get()
    }
}

impl From<Instant> for Stamp {
    #[inline]
    fn from(at: Instant) -> Self {
        let ms = (at.as_millis() - Instant::MIN.as_millis()) as u64;
        Self(NonZeroU64::MIN.saturating_add(ms))
    }
}

impl From<Stamp> for Instant {
    fn from(stamp: Stamp) -> Self {
        let ms = (stamp.0.get() - 1) as i64 + Self::MIN.as_millis();
        Self::from_millis(ms).expect("a stamp is made from an instant")
    }
}
