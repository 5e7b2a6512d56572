//! An adapter's times, by this machine's clock that never jumps: both processes read the same one.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::timestamp::Timestamp;

/// So often both clocks are read: between two reads the machine may turn to something else.
const READS: usize = 8;

/// A moment by both names that the clock has.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    at: Timestamp,
    nanos: u64,
}

impl MonotonicClock {
    /// Reads both, one right after the other: of several times the closest.
    pub fn now() -> Self {
        let read = |_| {
            let before = Instant::now();
            let time = clock_gettime(ClockId::Monotonic);
            let at = Timestamp::now();
            let (seconds, nanos) = (time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned());
            let nanos = seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
            (at.monotonic - before, Self { at, nanos })
        };
        let first = read(0);
        let closest = (1..READS).map(read).fold(
            first,
            |one, other| {
                if other.0 < one.0 { other } else { one }
            },
        );
        closest.1
    }

    /// When both were read.
    pub fn began(&self) -> Timestamp {
        self.at
    }

    /// What an adapter says, no earlier than one moment and no later than another: what lies beyond was
    /// read on another clock.
    pub fn within(&self, nanos: Option<u64>, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        let timestamp = self.timestamp(nanos?)?;
        let is_within =
            from.monotonic <= timestamp.monotonic && timestamp.monotonic <= to.monotonic;
        is_within.then_some(timestamp)
    }

    /// A moment of the adapter's.
    fn timestamp(&self, nanos: u64) -> Option<Timestamp> {
        match nanos.checked_sub(self.nanos) {
            // No run is so long.
            Some(later) if later > 1_u64 << 60 => None,
            Some(later) => Some(self.at.after(Duration::from_nanos(later))),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t53_an_adapters_times_are_this_machines_and_those_of_another_clock_are_not_believed() {
        let began = MonotonicClock::now();
        let before = Timestamp::now();
        let said = MonotonicClock::now().nanos;
        let after = Timestamp::now();
        let found = began.within(Some(said), before, after).expect("the same clock");
        assert!(before.monotonic <= found.monotonic && found.monotonic <= after.monotonic);
        for other in [None, Some(0), Some(said + 1_000_000_000), Some(u64::MAX)] {
            assert_eq!(began.within(other, before, after), None, "{other:?}");
        }
    }
}
