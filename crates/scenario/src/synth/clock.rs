//! From the wall clock of a zone to instants, fast where the clock is not changed nearby.

use std::sync::Arc;

use super::DAY_MS;
use lamplighter_core::hours::{Local, Zone};
use lamplighter_core::model::Instant;

/// The wall clock of a zone, with the stretch of one offset that was asked for last.
pub(super) struct Clock {
    zone: Arc<Zone>,
    /// The stretch; at its edges the zone is asked anew.
    from_ms: i64,
    to_ms: i64,
    offset_ms: i64,
}

impl Clock {
    /// The wall clock of a zone, of which nothing was asked yet.
    pub fn new(zone: Arc<Zone>) -> Self {
        Self { zone, from_ms: 0, to_ms: 0, offset_ms: 0 }
    }

    /// What the wall clock reads at an instant, in milliseconds since it read 1970-01-01 00:00.
    pub fn reading(&mut self, at_ms: i64) -> i64 {
        if !(self.from_ms..self.to_ms).contains(&at_ms) {
            self.look_at(at_ms);
        }
        at_ms + self.offset_ms
    }

    /// The instant at which the wall clock has a reading: the first one where there are two, and where
    /// the clock jumps over it the one by the offset before; `None` outside the years 0001 to 9999.
    pub fn instant(&mut self, reading_ms: i64) -> Option<i64> {
        // No zone is further than that from UTC.
        const FURTHEST_MS: i64 = 2 * DAY_MS;
        let mut guess = reading_ms - self.offset_ms;
        if !(self.from_ms + FURTHEST_MS..self.to_ms - FURTHEST_MS).contains(&guess) {
            self.look_at(reading_ms - 2 * FURTHEST_MS);
            guess = reading_ms - self.offset_ms;
        }
        if (self.from_ms + FURTHEST_MS..self.to_ms - FURTHEST_MS).contains(&guess) {
            return Some(guess);
        }
        let reading = chrono::DateTime::from_timestamp_millis(reading_ms)?.naive_utc();
        match self.zone.resolve(reading) {
            Local::Once(at) => Some(at.as_millis()),
            Local::Twice { first, .. } => Some(first.as_millis()),
            Local::Skipped { before, .. } => Some(before.as_millis()),
            Local::OutOfRange => None,
        }
    }

    fn look_at(&mut self, at_ms: i64) {
        let in_range = at_ms.clamp(Instant::MIN.as_millis(), Instant::MAX.as_millis());
        let Some(at) = Instant::from_millis(in_range) else { return };
        self.from_ms = at_ms;
        self.to_ms = self.zone.next_change(at).unwrap_or(Instant::MAX).as_millis();
        self.offset_ms = i64::from(self.zone.offset_s(at)) * 1_000;
    }
}

#[cfg(test)]
mod tests {
    use super::super::zones::MARKETS;
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn the_fast_way_gives_what_the_zone_says() {
        let zones = Zones::bundled();
        for market in MARKETS {
            let zone = zones.get(market.zone).expect("a zone");
            let mut clock = Clock::new(Arc::clone(&zone));
            // 2026, forwards, in steps that come by every hour of the day; and a jump back.
            for reading in (1_767_225_600_000..1_798_761_600_000).step_by(11_100_000) {
                let local = chrono::DateTime::from_timestamp_millis(reading).expect("in range");
                let expected = match zone.resolve(local.naive_utc()) {
                    Local::Once(at) | Local::Twice { first: at, .. } => at,
                    Local::Skipped { before, .. } => before,
                    Local::OutOfRange => panic!("in range"),
                };
                assert_eq!(clock.instant(reading), Some(expected.as_millis()), "{}", market.zone);
            }
        }
    }

    #[test]
    fn no_place_has_put_its_clock_by_more_than_two_hours_since_1970() {
        let zones = Zones::bundled();
        for market in MARKETS {
            let zone = zones.get(market.zone).expect("a zone");
            let mut at = Instant::from_millis(0).expect("in range");
            while let Some(change) = zone.next_change(at).filter(|c| c.as_millis() < 4e12 as i64) {
                let jump = zone.offset_s(change) - zone.offset_s(at);
                assert!(jump.abs() <= 7_200, "{} at {change}", market.zone);
                at = change;
            }
        }
    }
}
