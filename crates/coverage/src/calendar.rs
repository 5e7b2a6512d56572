//! Stretches of time cut at the hours of a zone's wall clock, exactly, clock changes included.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;

/// How many hours a week has.
pub const WEEK_HOURS: usize = 168;

/// A second, in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// A minute, in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// An hour, in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day of 24 hours, in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A part of a stretch that lies within one hour of a wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The hour of the week, from 0 for Monday 00:00 to 167 for Sunday 23:00.
    pub hour: usize,
    /// The local date, in days since 1970-01-01.
    pub day: i64,
    /// Its first millisecond since 1970-01-01T00:00:00Z.
    pub from_ms: i64,
    /// The first millisecond behind it.
    pub to_ms: i64,
}

impl Piece {
    /// How long it is, in milliseconds.
    pub fn length_ms(&self) -> u64 {
        (self.to_ms - self.from_ms) as u64
    }
}

/// A zone's wall clock, which remembers the offset that held last.
#[derive(Clone, Debug)]
pub struct WallClock {
    zone: Arc<Zone>,
    offset_ms: i64,
    /// The milliseconds in which that offset holds, the last one excluded.
    holds_ms: (i64, i64),
}

impl WallClock {
    /// The clock of a zone.
    pub fn new(zone: Arc<Zone>) -> Self {
        Self { zone, offset_ms: 0, holds_ms: (0, 0) }
    }

    /// The zone whose clock it is.
    pub fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// The local date at an instant, in days since 1970-01-01.
    pub fn day(&mut self, at: Instant) -> i64 {
        self.piece(at.as_millis(), i64::MAX).day
    }

    /// The first part of a stretch of milliseconds; `to_ms` lies behind `from_ms`.
    #[inline]
    pub fn piece(&mut self, from_ms: i64, to_ms: i64) -> Piece {
        if from_ms < self.holds_ms.0 || from_ms >= self.holds_ms.1 {
            self.find_offset(from_ms);
        }
        let local_ms = from_ms + self.offset_ms;
        let hours = local_ms.div_euclid(HOUR_MS);
        let end_ms = (hours + 1) * HOUR_MS - self.offset_ms;
        Piece {
            // 1970-01-01 was a Thursday.
            hour: (hours + 3 * 24).rem_euclid(WEEK_HOURS as i64) as usize,
            day: hours.div_euclid(24),
            from_ms,
            to_ms: end_ms.min(to_ms).min(self.holds_ms.1),
        }
    }

    /// Cuts a stretch of milliseconds, its end excluded, at every hour of the wall clock and at every
    /// change of its offset.
    #[inline]
    pub fn cut(&mut self, from_ms: i64, to_ms: i64, mut take: impl FnMut(Piece)) {
        let mut at_ms = from_ms;
        while at_ms < to_ms {
            let piece = self.piece(at_ms, to_ms);
            at_ms = piece.to_ms;
            take(piece);
        }
    }

    #[cold]
    fn find_offset(&mut self, at_ms: i64) {
        let at = Instant::from_millis(at_ms).expect("a stretch lies between two instants");
        let span = self.zone.span(at);
        self.offset_ms = i64::from(span.offset_s) * SECOND_MS;
        self.holds_ms = (at_ms, span.end.map_or(i64::MAX, Instant::as_millis));
    }
}

#[cfg(test)]
mod tests {
    use lamplighter_core::hours::Zones;

    use super::*;

    fn hours(zone: &str, from: &str, to: &str) -> Vec<(usize, u64)> {
        let zone = Zones::bundled().get(zone).expect("a zone");
        let ms = |text: &str| text.parse::<Instant>().expect("an instant").as_millis();
        let mut pieces = Vec::new();
        WallClock::new(zone).cut(ms(from), ms(to), |piece| {
            pieces.push((piece.hour, piece.length_ms() / 60_000));
        });
        pieces
    }

    #[test]
    fn a_skipped_hour_has_no_time_and_a_repeated_one_has_two_hours() {
        let sunday = 6 * 24;
        assert_eq!(
            hours("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"),
            [(sunday + 1, 60), (sunday + 3, 60)]
        );
        assert_eq!(
            hours("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"),
            [(sunday + 2, 60), (sunday + 2, 60)]
        );
        // Half an hour back at two o'clock.
        assert_eq!(
            hours("Australia/Lord_Howe", "2026-04-04T14:30:00Z", "2026-04-04T16:00:00Z"),
            [(sunday + 1, 30), (sunday + 1, 30), (sunday + 2, 30)]
        );
    }

    #[test]
    fn hours_are_cut_where_the_clock_of_the_zone_strikes() {
        assert_eq!(
            hours("Asia/Kolkata", "2026-03-09T00:10:00Z", "2026-03-09T02:00:00Z"),
            [(5, 20), (6, 60), (7, 30)]
        );
    }
}
