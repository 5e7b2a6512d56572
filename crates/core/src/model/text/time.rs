//! Instants, dates and times of day as the scenario language writes them; and instants
//! as RFC 3339 has them in traces.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike};

use super::super::time::{DAY_MS, HOUR_MS, Instant, LocalTime, MINUTE_MS, SECOND_MS};
use super::error::TextError;
use super::fields::fields;

/// What is expected of an instant outside of the years that there are.
pub const INSTANT_YEARS: &str = "instants are in the years 0001 to 9999 (rule T4)";

/// `2026-03-09T13:55:00Z`, or with an offset; the fraction has one to three digits.
impl FromStr for Instant {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let wrong = |expected| {
            TextError::new(format!("`{text}` is not an instant"), expected)
                .help("write for example `2026-03-09T13:55:00Z` or `2026-03-09T08:55:00-05:00`")
        };
        const ZONE: &str = "expected `Z` or an offset such as `-05:00` at the end";
        let (date, rest) = text.split_once('T').ok_or_else(|| wrong("expected a capital `T`"))?;
        let date = date_fields(date).map_err(wrong)?;
        let zone_at = rest.find(['Z', '+', '-']).ok_or_else(|| wrong(ZONE))?;
        let (time, zone) = rest.split_at(zone_at);
        let shapes = ["dd:dd:dd", "dd:dd:dd.d", "dd:dd:dd.dd", "dd:dd:dd.ddd"];
        let mut of_time =
            shapes.into_iter().find_map(|shape| fields(time, shape)).ok_or_else(|| {
                wrong(
                    "an instant needs its seconds, with one to three digits behind a point at most",
                )
            })?;
        if let (Some(fraction), Some((_, digits))) = (of_time.get_mut(3), time.split_once('.')) {
            *fraction *= 10_u32.pow(3 - digits.len() as u32);
        }
        let time = clock(&of_time).ok_or_else(|| wrong(CLOCK_RANGE))?;
        let offset_s = match (zone.as_bytes()[0], fields(&zone[1..], "dd:dd")) {
            (b'Z', _) if zone.len() == 1 => 0,
            (sign @ (b'+' | b'-'), Some(offset)) if offset[0] <= 23 && offset[1] <= 59 => {
                let seconds = (offset[0] * 3_600 + offset[1] * 60) as i32;
                if sign == b'-' { -seconds } else { seconds }
            }
            _ => return Err(wrong(ZONE)),
        };
        Self::from_local(date.and_time(time), offset_s).ok_or_else(|| wrong(INSTANT_YEARS))
    }
}

/// An instant as RFC 3339 writes it, in any of its ways: traces come from elsewhere. What is finer
/// than a millisecond is cut off (rule T4).
pub fn instant_of_a_trace(text: &str) -> Option<Instant> {
    let parsed = DateTime::parse_from_rfc3339(text).ok()?;
    // There is no second 60.
    if parsed.nanosecond() >= 1_000_000_000 {
        return None;
    }
    Instant::from_millis(parsed.timestamp_millis())
}

/// UTC in RFC 3339, with milliseconds only where they are not zero.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", Clock(self.to_local(0), 'T'))
    }
}

impl Instant {
    /// Adds the text of [`Display`](fmt::Display) to `out`, for what writes millions of them.
    pub fn write_to(self, out: &mut Vec<u8>) {
        let (day, ms) = (self.as_millis().div_euclid(DAY_MS), self.as_millis().rem_euclid(DAY_MS));
        let (year, month, day) = date_of((day + DAYS_BEFORE_1970) as u32);
        let ms = ms as u32;
        let (of_hour, of_second) = (ms % HOUR_MS as u32, ms % SECOND_MS as u32);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut pair = |at: usize, number: u32| {
            text[at..at + 2].copy_from_slice(&PAIRS[number as usize]);
        };
        pair(0, year / 100);
        pair(2, year % 100);
        pair(5, month);
        pair(8, day);
        pair(11, ms / HOUR_MS as u32);
        pair(14, of_hour / MINUTE_MS as u32);
        pair(17, of_hour % MINUTE_MS as u32 / SECOND_MS as u32);
        if of_second == 0 {
            text[19] = b'Z';
            return out.extend_from_slice(&text[..20]);
        }
        pair(20, of_second / 10);
        text[22] = b'0' + (of_second % 10) as u8;
        out.extend_from_slice(&text);
    }
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

/// The year, month and day that is so many days behind 0000-03-01: years that begin in March have their odd
/// day last. By multiplications instead of divisions, after Neri and Schneider, "Euclidean affine functions
/// and their application to calendar algorithms" (2022), figure 12.
fn date_of(days: u32) -> (u32, u32, u32) {
    let of_centuries = 4 * days + 3;
    let (century, of_century) = (of_centuries / 146_097, of_centuries % 146_097 / 4);
    let of_years = 2_939_745 * u64::from(4 * of_century + 3);
    let (year, of_year) = ((of_years >> 32) as u32, of_years as u32 / 2_939_745 / 4);
    let of_months = 2_141 * of_year + 197_913;
    let (month, day) = (of_months >> 16, of_months % (1 << 16) / 2_141);
    let is_next_year = of_year >= 306;
    let year = 100 * century + year + u32::from(is_next_year);
    (year, if is_next_year { month - 12 } else { month }, day + 1)
}

/// The numbers below a hundred in two digits.
const PAIRS: [[u8; 2]; 100] = {
    let (mut pairs, mut number) = ([[0; 2]; 100], 0);
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// How many seconds a fixed offset such as `+05:30` is ahead of UTC; `None` where the text is none:
/// always a sign, two digits, a colon and two digits, up to 18 hours either way (rule S10).
pub fn fixed_offset_s(text: &str) -> Option<i32> {
    const OFFSET_S_MAX: i32 = 18 * 3_600;
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let fields = fields(rest, "dd:dd").filter(|fields| fields[1] < 60)?;
    let offset_s = (fields[0] * 3_600 + fields[1] * 60) as i32;
    (offset_s <= OFFSET_S_MAX).then_some(sign * offset_s)
}

/// The calendar date of `YYYY-MM-DD`: all its digits, a day that the calendar has.
///
/// # Errors
/// When it is none.
pub fn date(text: &str) -> Result<NaiveDate, TextError> {
    date_fields(text).map_err(|expected| {
        TextError::new(format!("`{text}` is not a date"), expected)
            .help("write the year, month and day with all their digits: `2026-03-09`")
    })
}

fn date_fields(text: &str) -> Result<NaiveDate, &'static str> {
    let fields = fields(text, "dddd-dd-dd").ok_or("expected `YYYY-MM-DD`")?;
    if fields[0] == 0 {
        return Err("the years are 0001 to 9999 (rule T4)");
    }
    NaiveDate::from_ymd_opt(fields[0] as i32, fields[1], fields[2])
        .ok_or("the calendar has no such day")
}

/// The time of day of `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm`.
///
/// # Errors
/// When it is none.
pub fn time_of_day(text: &str) -> Result<NaiveTime, TextError> {
    let wrong = |expected| {
        TextError::new(format!("`{text}` is not a time of day"), expected).help(
            "write the hour and minute with all their digits: `09:00`, `09:00:30` or `09:00:30.250`",
        )
    };
    let fields = ["dd:dd", "dd:dd:dd", "dd:dd:dd.ddd"]
        .into_iter()
        .find_map(|shape| fields(text, shape))
        .ok_or_else(|| wrong("expected `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm`"))?;
    clock(&fields).ok_or_else(|| {
        wrong(match fields[0] {
            24 if fields[1..].iter().all(|&field| field == 0) => {
                "`24:00` is only an end of hours: write `00:00` of the next day"
            }
            _ => CLOCK_RANGE,
        })
    })
}

const CLOCK_RANGE: &str = "hours go to 23, minutes and seconds to 59";

fn clock(fields: &[u32]) -> Option<NaiveTime> {
    let field = |place: usize| fields.get(place).copied().unwrap_or(0);
    NaiveTime::from_hms_milli_opt(field(0), field(1), field(2), field(3))
        .filter(|_| field(3) < 1_000)
}

/// A wall-clock reading as it is read: `2026-03-09 08:55`, seconds and milliseconds only where they
/// are not zero.
pub fn write_local(local: LocalTime) -> String {
    Clock(local, ' ').to_string()
}

/// A time of day as it is read: `08:55` or `08:55:01.250`.
pub fn write_time_of_day(time: NaiveTime) -> String {
    TimeOfDay(time, false).to_string()
}

/// A calendar date as it is read: `2026-03-09`.
pub fn write_date(date: NaiveDate) -> String {
    Date(date).to_string()
}

/// A wall-clock reading with what stands between its date and its time; after a `T` the seconds
/// always stand.
struct Clock(LocalTime, char);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(local, separator) = self;
        write!(f, "{}{separator}", Date(local.date()))?;
        write!(f, "{}", TimeOfDay(local.time(), *separator == 'T'))
    }
}

struct Date(NaiveDate);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_day_has_the_date_that_chrono_gives_it() {
        let first = NaiveDate::from_ymd_opt(0, 3, 1).expect("a date");
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date");
        for (days, date) in first.iter_days().take_while(|date| *date <= last).enumerate() {
            let of_chrono = (date.year() as u32, date.month(), date.day());
            assert_eq!(date_of(days as u32), of_chrono);
        }
    }

    fn any_instant() -> impl Strategy<Value = Instant> {
        let step = prop::sample::select(vec![1, SECOND_MS, DAY_MS]);
        let range = Instant::MIN.as_millis()..=Instant::MAX.as_millis();
        (range, step).prop_map(|(ms, step)| {
            let ms = (ms - ms.rem_euclid(step)).max(Instant::MIN.as_millis());
            Instant::from_millis(ms).expect("within its years")
        })
    }

    proptest! {
        #[test]
        fn an_instant_written_fast_is_the_one_written_by_chrono(at in any_instant()) {
            for at in [at, Instant::MIN, Instant::MAX] {
                let mut text = b"at ".to_vec();
                at.write_to(&mut text);
                prop_assert_eq!(String::from_utf8(text).expect("ASCII"), format!("at {at}"));
            }
        }

        #[test]
        fn an_instant_that_was_printed_is_read_as_itself(at in any_instant()) {
            prop_assert_eq!(at.to_string().parse(), Ok(at));
            prop_assert_eq!(instant_of_a_trace(&at.to_string()), Some(at));
        }

        #[test]
        fn a_date_and_a_time_of_day_that_were_printed_are_read_as_themselves(at in any_instant()) {
            let local = at.to_local(0);
            prop_assert_eq!(date(&write_date(local.date())), Ok(local.date()));
            prop_assert_eq!(time_of_day(&write_time_of_day(local.time())), Ok(local.time()));
            let both = format!("{} {}", write_date(local.date()), write_time_of_day(local.time()));
            prop_assert_eq!(write_local(local), both);
        }

        #[test]
        fn an_instant_of_the_language_is_the_same_in_a_trace(
            year in 0..10_001, (month, day) in (0..14, 0..33), (h, m, s) in (0..26, 0..62, 0..62),
            end in prop::sample::select(vec!["Z", ".5Z", ".25Z", ".123Z", "+01:00", "-23:59"]),
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}{end}");
            prop_assert_eq!(text.parse().ok(), instant_of_a_trace(&text), "{}", text);
        }
    }

    #[test]
    fn instants_print_milliseconds_only_where_they_are_not_zero() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (250, "1970-01-01T00:00:00.250Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (Instant::MIN.as_millis(), "0001-01-01T00:00:00Z"),
            (Instant::MAX.as_millis(), "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Instant::from_millis(ms).expect("in range").to_string(), text);
        }
    }

    #[test]
    fn a_fixed_offset_has_a_sign_all_its_digits_and_eighteen_hours_at_most() {
        for (text, offset_s) in [
            ("+05:30", Some(19_800)),
            ("-03:00", Some(-10_800)),
            ("+00:00", Some(0)),
            ("-00:00", Some(0)),
            ("+18:00", Some(64_800)),
            ("-18:00", Some(-64_800)),
            ("+18:01", None),
            ("+05:60", None),
            ("+0530", None),
            ("+5:30", None),
            ("05:30", None),
            ("Z", None),
            ("", None),
        ] {
            assert_eq!(fixed_offset_s(text), offset_s, "{text}");
        }
    }

    #[test]
    fn what_is_none_says_why() {
        fn why<T: std::fmt::Debug>(read: Result<T, TextError>) -> &'static str {
            read.expect_err("it is none").expected
        }
        for (text, expected) in [
            ("2026-03-09", "expected a capital `T`"),
            ("2026-03-09t13:55:00Z", "expected a capital `T`"),
            ("2026-02-30T13:55:00Z", "the calendar has no such day"),
            ("0000-01-01T00:00:00Z", "the years are 0001 to 9999 (rule T4)"),
            ("2026-03-09T13:55:00", "expected `Z` or an offset such as `-05:00` at the end"),
            ("2026-03-09T13:55:00+5", "expected `Z` or an offset such as `-05:00` at the end"),
            ("2026-03-09T13:55:60Z", CLOCK_RANGE),
            ("9999-12-31T23:59:59-01:00", "instants are in the years 0001 to 9999 (rule T4)"),
        ] {
            assert_eq!(why(text.parse::<Instant>()), expected, "{text}");
        }
        assert_eq!(why(date("26-3-9")), "expected `YYYY-MM-DD`");
        assert!(why(time_of_day("24:00")).starts_with("`24:00` is only an end"));
        assert_eq!(why(time_of_day("24:01")), CLOCK_RANGE);
    }
}
