//! Local times as instants.

use std::ops::Range;
use std::sync::Arc;

use lamplighter_core::hours::{Local, Zone};
use lamplighter_core::model::{Instant, LocalTime};

/// No zone is further than this from UTC, and no clock is put back by more.
const REACH_MS: i64 = 26 * 3_600_000;
/// How far before a reading it is tried whether the offset was the same.
const LOOK_BACK_MS: i64 = 40 * 86_400_000;

/// Reads local times in one zone.
pub(super) struct LocalTimes {
    zone: Arc<Zone>,
    /// Instants in which one offset holds, well away from its ends, and that offset: most times of a
    /// log lie in the same such stretch as the one before.
    steady: (Range<i64>, i64),
    /// How many times were read that the clock skipped.
    skipped: u64,
    /// How many times were read that the clock read twice.
    repeated: u64,
}

impl LocalTimes {
    /// Reads times in a zone; nothing is counted yet.
    pub(super) fn new(zone: Arc<Zone>) -> Self {
        Self { zone, steady: (0..0, 0), skipped: 0, repeated: 0 }
    }

    /// The instant of a reading; `None` outside of the years 0001 to 9999.
    pub(super) fn instant(&mut self, local: LocalTime) -> Option<Instant> {
        let (steady, offset_ms) = &self.steady;
        let at_ms = local.and_utc().timestamp_millis() - offset_ms;
        if steady.contains(&at_ms) {
            return Instant::from_millis(at_ms);
        }
        match self.zone.resolve(local) {
            Local::Once(at) => {
                self.steady = steady_around(&self.zone, at);
                Some(at)
            }
            Local::Skipped { before, .. } => {
                self.skipped += 1;
                Some(before)
            }
            Local::Twice { first, .. } => {
                self.repeated += 1;
                Some(first)
            }
            Local::OutOfRange => None,
        }
    }

    /// The second instant of a reading that the clock read twice, where the first was given before: that one is
    /// not counted any more.
    pub(super) fn second_instant(&mut self, local: LocalTime) -> Option<Instant> {
        let Local::Twice { second, .. } = self.zone.resolve(local) else { return None };
        self.repeated = self.repeated.saturating_sub(1);
        Some(second)
    }

    /// How many times were read that the clock skipped, and that it read twice, since this was last asked
    /// for.
    pub(super) fn take_skipped_and_repeated(&mut self) -> (u64, u64) {
        (std::mem::take(&mut self.skipped), std::mem::take(&mut self.repeated))
    }
}

/// The stretch around an instant in which every reading stands for one instant, by one offset.
fn steady_around(zone: &Zone, at: Instant) -> (Range<i64>, i64) {
    let span = zone.span(at);
    let end_ms = span.end.unwrap_or(Instant::MAX).as_millis() - REACH_MS;
    let earlier = Instant::from_millis(at.as_millis() - LOOK_BACK_MS);
    let start_ms = match earlier {
        Some(earlier) if zone.span(earlier).end == span.end => earlier.as_millis() + REACH_MS,
        _ => at.as_millis(),
    };
    (start_ms..end_ms, i64::from(span.offset_s) * 1_000)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use lamplighter_core::hours::Zones;

    proptest! {
        #[test]
        fn the_reading_before_changes_nothing(
            zone in prop::sample::select(vec![
                "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia",
                "Africa/Casablanca", "Asia/Kolkata", "America/Nuuk", "Antarctica/Troll",
            ]),
            start in 1_200_000_000..1_900_000_000_i64,
            steps in prop::collection::vec(-40 * 86_400..40 * 86_400_i64, 1..40),
        ) {
            let zone = Zones::bundled().get(zone).expect("a zone");
            let mut times = LocalTimes::new(Arc::clone(&zone));
            let mut at_s = start;
            for step in steps {
                at_s += step;
                let local = DateTime::from_timestamp(at_s, 0).expect("in range").naive_utc();
                let expected = match zone.resolve(local) {
                    Local::Once(at) | Local::Skipped { before: at, .. } => Some(at),
                    Local::Twice { first, .. } => Some(first),
                    Local::OutOfRange => None,
                };
                prop_assert_eq!(times.instant(local), expected, "{:?} {}", zone, local);
            }
        }
    }
}
