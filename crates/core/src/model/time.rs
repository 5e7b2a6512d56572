//! Instants and lengths of time, both in whole milliseconds (rule T4).

use chrono::{DateTime, NaiveDateTime};

pub(super) const SECOND_MS: i64 = 1_000;
pub(super) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant in UTC, to the millisecond, in the years 0001 to 9999 (rule T4).
///
/// ```
/// use lamplighter_core::model::Instant;
/// let noon = Instant::from_millis(1_773_057_600_000).expect("within the years 0001 to 9999");
/// assert_eq!(noon.to_string(), "2026-03-09T12:00:00Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(i64);

impl Instant {
    /// 0001-01-01T00:00:00Z, the first instant there is (rule T4).
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// 9999-12-31T23:59:59.999Z, the last instant there is (rule T4).
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z; `None` outside the years 0001
    /// to 9999 (rule T4).
    pub const fn from_millis(unix_ms: i64) -> Option<Self> {
        if unix_ms < Self::MIN.0 || unix_ms > Self::MAX.0 {
            return None;
        }
        Some(Self(unix_ms))
    }

    /// The instant as milliseconds since 1970-01-01T00:00:00Z; negative before.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The instant at which a clock that is `offset_s` seconds ahead of UTC reads `local`; `None`
    /// outside the years 0001 to 9999.
    pub fn from_local(local: LocalTime, offset_s: i32) -> Option<Self> {
        Self::from_millis(local.and_utc().timestamp_millis() - i64::from(offset_s) * SECOND_MS)
    }

    /// What a clock reads now that is `offset_s` seconds ahead of UTC.
    pub fn to_local(self, offset_s: i32) -> LocalTime {
        DateTime::from_timestamp_millis(self.0 + i64::from(offset_s) * SECOND_MS)
            .expect("years 0000 to 10000 are within chrono's range")
            .naive_utc()
    }

    /// So many milliseconds into the minute that begins at this instant: no bound cuts through a minute.
    #[inline]
    pub(crate) fn into_minute(self, ms: u16) -> Self {
        debug_assert!(ms < 60_000, "a minute is shorter");
        Self(self.0 + i64::from(ms))
    }

    /// This instant plus a length; `None` past the year 9999.
    pub fn checked_add(self, length: Millis) -> Option<Self> {
        Self::from_millis(self.0.checked_add(i64::try_from(length.0).ok()?)?)
    }

    /// How long it is from `earlier` until now; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Millis {
        Millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

/// What a wall clock reads: a calendar date and a time of day.
pub type LocalTime = NaiveDateTime;

/// A length of time in milliseconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Millis(pub u64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The grace of rule P7 where nothing else is said: two minutes.
    pub const DEFAULT_GRACE: Self = Self(2 * MINUTE_MS as u64);

    /// Longer than from the first instant to the last: what lies so far ahead never comes.
    pub const FOREVER: Self = Self(u64::MAX);

    /// This length in days, for summaries.
    pub fn as_days(self) -> f64 {
        self.0 as f64 / DAY_MS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_end_with_the_years_0001_and_9999() {
        assert_eq!(Instant::from_millis(Instant::MIN.0 - 1), None);
        assert_eq!(Instant::from_millis(Instant::MAX.0 + 1), None);
        assert_eq!(Instant::MAX.checked_add(Millis(1)), None);
        assert_eq!(Instant::MIN.checked_add(Millis(u64::MAX)), None);
    }
}
