//! How far one clock is ahead of another, by round trips: of several the shortest says most.

use serde::{Deserialize, Serialize};

use crate::clock::Micros;

/// How far another clock is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ClockOffset {
    /// By so many microseconds; negative where it is behind.
    pub ahead_us: Micros,
    /// So many microseconds more or less.
    pub uncertain_us: Micros,
}

/// A question to another clock, and its answer, in microseconds of 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoundTrip {
    /// When it was asked, on our clock.
    pub asked_us: Micros,
    /// What the other clock read.
    pub read_us: Micros,
    /// When the answer was there, on our clock.
    pub answered_us: Micros,
}

impl ClockOffset {
    /// By the shortest of some round trips: the other clock was read somewhere within it. `None` where there
    /// is none that ends after it began.
    pub fn of(trips: &[RoundTrip]) -> Option<Self> {
        let took = |trip: &&RoundTrip| trip.answered_us - trip.asked_us;
        let shortest = trips.iter().filter(|trip| took(trip) >= 0).min_by_key(took)?;
        let took = took(&shortest);
        Some(Self {
            ahead_us: shortest.read_us - shortest.asked_us - took / 2,
            uncertain_us: took / 2 + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_round_trip_says_how_far_a_clock_is_ahead() {
        let trip = |asked_us, read_us, answered_us| RoundTrip { asked_us, read_us, answered_us };
        let trips =
            [trip(0, 9_000, 4_000), trip(10_000, 15_100, 10_200), trip(20_000, 26_000, 23_000)];
        assert_eq!(
            ClockOffset::of(&trips),
            Some(ClockOffset { ahead_us: 5_000, uncertain_us: 101 })
        );
        // A clock that was put back meanwhile says nothing.
        assert_eq!(ClockOffset::of(&[trip(10, 0, 5)]), None);
    }
}
