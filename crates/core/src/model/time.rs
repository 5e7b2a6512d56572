//! Instants and lengths of time, both in whole milliseconds (rule T4).

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An instant in UTC, to the millisecond, in the years 0001 to 9999 (rule T4).
///
/// ```
/// use lamplighter::model::Instant;
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

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The instant at which a clock that is `offset_s` seconds ahead of UTC reads `local`; `None`
    /// outside the years 0001 to 9999.
    pub fn from_local(local: LocalTime, offset_s: i32) -> Option<Self> {
        Self::from_millis(local.and_utc().timestamp_millis() - i64::from(offset_s) * SECOND)
    }

    /// What a clock reads now that is `offset_s` seconds ahead of UTC.
    pub fn to_local(self, offset_s: i32) -> LocalTime {
        DateTime::from_timestamp_millis(self.0 + i64::from(offset_s) * SECOND)
            .expect("years 0000 to 10000 are within chrono's range")
            .naive_utc()
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

impl Instant {
    /// Adds the text of [`Display`](fmt::Display) to `out`, for what writes millions of them.
    pub fn write_to(self, out: &mut Vec<u8>) {
        let (day, ms) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        // Years that begin in March have their odd day last; in 400 of them all repeats.
        let day = day + 719_468;
        let (cycle, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = cycle * 400 + year + i64::from(month <= 2);
        let mut digits = |number: i64, count: u32, behind: u8| {
            for place in (0..count).rev() {
                out.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
            }
            out.push(behind);
        };
        digits(year, 4, b'-');
        digits(month, 2, b'-');
        digits(day, 2, b'T');
        digits(ms / HOUR, 2, b':');
        digits(ms / MINUTE % 60, 2, b':');
        match ms % SECOND {
            0 => digits(ms / SECOND % 60, 2, b'Z'),
            rest => {
                digits(ms / SECOND % 60, 2, b'.');
                digits(rest, 3, b'Z');
            }
        }
    }
}

/// UTC in RFC 3339, with milliseconds only where they are not zero.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", Clock(self.to_local(0), 'T'))
    }
}

/// The text of [`Display`](fmt::Display).
impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(24);
        self.write_to(&mut text);
        serializer.serialize_str(std::str::from_utf8(&text).expect("digits and signs"))
    }
}

/// What a wall clock reads: a calendar date and a time of day.
pub type LocalTime = NaiveDateTime;

/// A wall-clock reading as people and files write it: `2026-03-09 08:55`, seconds and milliseconds
/// only where they are not zero (after a `T` the seconds always).
pub(super) struct Clock(pub LocalTime, pub char);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(local, separator) = self;
        let date = local.date();
        write!(f, "{:04}-{:02}-{:02}{separator}", date.year(), date.month(), date.day())?;
        write!(f, "{}", TimeOfDay(local.time(), *separator == 'T'))
    }
}

struct TimeOfDay(NaiveTime, bool);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time, seconds) = self;
        write!(f, "{:02}:{:02}", time.hour(), time.minute())?;
        let ms = time.nanosecond() / 1_000_000;
        if *seconds || time.second() != 0 || ms != 0 {
            write!(f, ":{:02}", time.second())?;
        }
        if ms != 0 {
            write!(f, ".{ms:03}")?;
        }
        Ok(())
    }
}

impl Instant {
    /// A wall-clock reading as the scenario language writes it, e.g. `2026-03-09 08:55`.
    pub fn write_local(local: LocalTime) -> String {
        Clock(local, ' ').to_string()
    }

    /// A time of day as the scenario language writes it, e.g. `08:55` or `08:55:01.250`.
    pub fn write_time_of_day(time: NaiveTime) -> String {
        TimeOfDay(time, false).to_string()
    }

    /// A calendar date as the scenario language writes it, e.g. `2026-03-09`.
    pub fn write_date(date: NaiveDate) -> String {
        format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// A length of time in milliseconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Millis(pub u64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The grace of rule P7 where nothing else is said: two minutes.
    pub const DEFAULT_GRACE: Self = Self(2 * MINUTE as u64);

    /// This length in days, for summaries.
    pub fn as_days(self) -> f64 {
        self.0 as f64 / DAY as f64
    }
}

/// As the scenario language writes it: `1h30m`, `250ms`, `0s`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit_ms, unit) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "ms")] {
            let unit_ms = unit_ms as u64;
            if rest >= unit_ms {
                write!(f, "{}{unit}", rest / unit_ms)?;
                rest %= unit_ms;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_instant_written_fast_is_the_one_written_by_chrono(
            ms in Instant::MIN.0..=Instant::MAX.0,
            step in prop::sample::select(vec![1, SECOND, DAY]),
        ) {
            for at in [ms - ms.rem_euclid(step), Instant::MIN.0, Instant::MAX.0] {
                let at = Instant(at.max(Instant::MIN.0));
                let mut text = b"at ".to_vec();
                at.write_to(&mut text);
                prop_assert_eq!(String::from_utf8(text).expect("ASCII"), format!("at {at}"));
            }
        }
    }

    #[test]
    fn instants_print_milliseconds_only_where_they_are_not_zero() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (250, "1970-01-01T00:00:00.250Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (Instant::MIN.0, "0001-01-01T00:00:00Z"),
            (Instant::MAX.0, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Instant::from_millis(ms).expect("in range").to_string(), text);
        }
    }

    #[test]
    fn instants_end_with_the_years_0001_and_9999() {
        assert_eq!(Instant::from_millis(Instant::MIN.0 - 1), None);
        assert_eq!(Instant::from_millis(Instant::MAX.0 + 1), None);
        assert_eq!(Instant::MAX.checked_add(Millis(1)), None);
        assert_eq!(Instant::MIN.checked_add(Millis(u64::MAX)), None);
    }

    #[test]
    fn lengths_print_as_they_are_written() {
        for (ms, text) in [
            (0, "0s"),
            (90_000, "1m30s"),
            (5_400_000, "1h30m"),
            (172_800_000, "2d"),
            (250, "250ms"),
        ] {
            assert_eq!(Millis(ms).to_string(), text);
        }
    }
}
