//! The dates of entries and several weekdays, as the scenario language writes them.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, Weekday};

use super::super::dates::{Dates, DayOfYear, Nth, SHIFT_DAYS_MAX, WeekdayOfMonth, Weekdays};
use super::dates_meant::dates_meant;
use super::error::TextError;
use super::fields::fields;
use super::hours::{WEEKDAYS, weekday};
use super::time::{date, write_date};

/// The months by their words, January first.
pub const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Which weekday of a month, by its words.
const NTHS: [(&str, Nth); 6] = [
    ("1st", Nth::First),
    ("2nd", Nth::Second),
    ("3rd", Nth::Third),
    ("4th", Nth::Fourth),
    ("5th", Nth::Fifth),
    ("last", Nth::Last),
];

/// The word for Western Easter.
const EASTER: &str = "easter";
/// What the form of dates is, for whoever wrote another.
const FORMS: &str = "expected a date such as `2026-12-25`, a range such as \
    `2026-12-24..2027-01-01`, `*-12-25` for every year, `4th-thu-nov`, `last-mon-may` or `easter`";

/// One end of a range.
enum End {
    Date(NaiveDate),
    Yearly(DayOfYear),
}

/// The dates of an entry (rule S7).
impl FromStr for Dates {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        dates(text).map_err(|error| match dates_meant(text) {
            Some(meant) => error.help(format!("write `{meant}`")).meant(meant),
            None => error,
        })
    }
}

fn dates(text: &str) -> Result<Dates, TextError> {
    if let Some((first, last)) = text.split_once("..") {
        return range(text, first, last);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) && !is_weekday_of_month(text) {
        return date(text).map(Dates::On);
    }
    if text.starts_with('*') {
        return yearly(text).map(Dates::Yearly);
    }
    let (base, shift) = shifted(text)?;
    if base == EASTER {
        return Ok(Dates::Easter(shift));
    }
    match base.split('-').collect::<Vec<_>>()[..] {
        [nth, day, month] => Ok(Dates::OfMonth(weekday_of_month(text, nth, day, month)?, shift)),
        _ => Err(no_dates(text, FORMS)),
    }
}

fn no_dates(text: &str, expected: &'static str) -> TextError {
    TextError::new(format!("`{text}` does not name dates"), expected)
}

/// Whether a text that begins with a digit is meant as `4th-thu-nov`.
fn is_weekday_of_month(text: &str) -> bool {
    text.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic)
}

fn range(text: &str, first: &str, last: &str) -> Result<Dates, TextError> {
    match (end(text, first)?, end(text, last)?) {
        (End::Date(first), End::Date(last)) if last < first => Err(no_dates(
            text,
            "rule S7: the second end is not before the first",
        )
        .help(format!("write `{}..{}`", write_date(last), write_date(first)))),
        (End::Date(first), End::Date(last)) => Ok(Dates::Range(first, last)),
        (End::Yearly(first), End::Yearly(last)) => Ok(Dates::YearlyRange(first, last)),
        _ => Err(no_dates(text, "rule S7: both ends name their year, or both are of every year")
            .help("write for example `2026-12-24..2027-01-01` or `*-12-24..*-01-01`")),
    }
}

fn end(text: &str, end: &str) -> Result<End, TextError> {
    match end.as_bytes().first() {
        Some(b'*') => yearly(end).map(End::Yearly),
        Some(b'0'..=b'9') if !is_weekday_of_month(end) => date(end).map(End::Date),
        _ => Err(no_dates(text, "rule S7: the ends of a range are dates")
            .help("write for example `2026-12-24..2027-01-01` or `*-12-24..*-01-01`")),
    }
}

fn yearly(text: &str) -> Result<DayOfYear, TextError> {
    let wrong = |expected| {
        TextError::new(format!("`{text}` is not a date of every year"), expected)
            .help("write a star, the month and the day with all their digits: `*-12-25`")
    };
    let fields = fields(text, "*-dd-dd").ok_or_else(|| wrong("expected `*-MM-DD`"))?;
    // The star and the first hyphen begin a field each.
    let [.., month, day] = fields[..] else { return Err(wrong("expected `*-MM-DD`")) };
    DayOfYear::new(month as u8, day as u8).ok_or_else(|| wrong("no year has such a day"))
}

/// What is in front of `-2d` or `+1d`, and how many days that is.
fn shifted(text: &str) -> Result<(&str, i16), TextError> {
    let Some(at) = text.rfind(['-', '+']) else { return Ok((text, 0)) };
    let (base, shift) = text.split_at(at);
    if !shift[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Ok((text, 0));
    }
    let days = shift[1..].strip_suffix('d').and_then(|days| days.parse::<i16>().ok());
    let is_plain = !shift[1..].starts_with('0');
    match days.filter(|days| is_plain && (1..=SHIFT_DAYS_MAX).contains(days)) {
        Some(days) => Ok((base, if shift.starts_with('-') { -days } else { days })),
        None => {
            Err(no_dates(text, "the days before or behind are 1 to 366, without leading zeros")
                .help("write for example `easter-2d` or `4th-thu-nov+1d`"))
        }
    }
}

fn weekday_of_month(
    text: &str,
    nth: &str,
    day: &str,
    month: &str,
) -> Result<WeekdayOfMonth, TextError> {
    let nth = NTHS.iter().find(|(word, _)| *word == nth).map(|(_, nth)| *nth);
    let nth = nth.ok_or_else(|| no_dates(text, "expected `1st` to `5th`, or `last`"))?;
    let weekday = weekday(day).map_err(|error| no_dates(text, error.expected))?;
    let month = MONTHS.iter().position(|word| *word == month);
    let month = month.ok_or_else(|| no_dates(text, "expected `jan` to `dec`"))?;
    Ok(WeekdayOfMonth {
        nth,
        weekday: weekday.num_days_from_monday() as u8,
        month: month as u8 + 1,
    })
}

/// As they are read.
impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::On(date) => f.write_str(&write_date(date)),
            Self::Range(first, last) => write!(f, "{}..{}", write_date(first), write_date(last)),
            Self::Yearly(day) => day.fmt(f),
            Self::YearlyRange(first, last) => write!(f, "{first}..{last}"),
            Self::OfMonth(WeekdayOfMonth { nth, weekday, month }, shift) => {
                let nth = NTHS.iter().find(|(_, known)| *known == nth).map_or("", |(word, _)| word);
                let (day, _) = WEEKDAYS[usize::from(weekday)];
                write!(f, "{nth}-{day}-{}{}", MONTHS[usize::from(month) - 1], Shift(shift))
            }
            Self::Easter(shift) => write!(f, "{EASTER}{}", Shift(shift)),
        }
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*-{:02}-{:02}", self.month(), self.day())
    }
}

struct Shift(i16);

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, "{:+}d", self.0) }
    }
}

/// The fault of a part of a list of days that names none.
pub fn no_days(part: &str) -> TextError {
    TextError::new(
        format!("`{part}` does not name days"),
        "expected `mon` to `sun`, a range such as `mon-fri`, a list, or `daily`",
    )
}

/// `daily`, or single days and ranges with commas between: `mon,wed-fri`.
impl FromStr for Weekdays {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text == "daily" {
            return Ok(Self::DAILY);
        }
        let mut days = Self::default();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (weekday(first), weekday(last)) else {
                return Err(no_days(part));
            };
            days = days.and(Self::between(first, last));
        }
        Ok(days)
    }
}

/// As few ranges as there are, Monday's first.
impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        for (place, (first, last)) in self.ranges().into_iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{}", WEEKDAYS[first].0)?;
            if last > first {
                write!(f, "-{}", WEEKDAYS[last].0)?;
            }
        }
        Ok(())
    }
}

impl Weekdays {
    /// The days in a row, first and last of each run, from zero for Monday.
    pub fn ranges(self) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for day in self.iter() {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => ranges.push((day, day)),
            }
        }
        ranges
    }

    /// The days in a row as weekdays.
    pub fn runs(self) -> impl Iterator<Item = (Weekday, Weekday)> {
        self.ranges().into_iter().map(|(first, last)| (WEEKDAYS[first].1, WEEKDAYS[last].1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_date() -> impl Strategy<Value = NaiveDate> {
        (1..=9_999, 1..=366_u32)
            .prop_filter_map("a year of 365 days", |(year, day)| NaiveDate::from_yo_opt(year, day))
    }

    fn any_day() -> impl Strategy<Value = DayOfYear> {
        (1..=12_u8, 1..=31_u8).prop_filter_map("no such day", |(m, d)| DayOfYear::new(m, d))
    }

    pub fn any_dates() -> impl Strategy<Value = Dates> {
        let nth = prop::sample::select(NTHS.map(|(_, nth)| nth).to_vec());
        let of_month = (nth, 0..7_u8, 1..=12_u8, -366..=366_i16);
        prop_oneof![
            any_date().prop_map(Dates::On),
            (any_date(), any_date()).prop_map(|(a, b)| Dates::Range(a.min(b), a.max(b))),
            any_day().prop_map(Dates::Yearly),
            (any_day(), any_day()).prop_map(|(a, b)| Dates::YearlyRange(a, b)),
            of_month.prop_map(|(nth, weekday, month, shift)| {
                Dates::OfMonth(WeekdayOfMonth { nth, weekday, month }, shift)
            }),
            (-366..=366_i16).prop_map(Dates::Easter),
        ]
    }

    proptest! {
        #[test]
        fn dates_that_were_printed_are_read_as_themselves(dates in any_dates()) {
            prop_assert_eq!(dates.to_string().parse(), Ok(dates));
        }

        #[test]
        fn weekdays_that_were_printed_are_read_as_themselves(first in 0..7_usize, last in 0..7_usize) {
            let days = Weekdays::between(WEEKDAYS[first].1, WEEKDAYS[last].1);
            prop_assert_eq!(days.to_string().parse(), Ok(days));
        }
    }

    #[test]
    fn dates_are_written_as_rule_s7_has_them() {
        for text in [
            "2026-12-25",
            "2026-12-24..2027-01-01",
            "2026-12-25..2026-12-25",
            "*-12-25",
            "*-02-29",
            "*-12-24..*-01-01",
            "*-02-20..*-02-29",
            "4th-thu-nov",
            "last-mon-may",
            "5th-fri-jan",
            "easter",
            "easter-2d",
            "easter+39d",
            "4th-thu-nov+1d",
            "last-mon-may-366d",
        ] {
            assert_eq!(text.parse::<Dates>().map(|dates| dates.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_names_no_dates_says_why() {
        let day = "write a star, the month and the day with all their digits: `*-12-25`";
        let ends = "write for example `2026-12-24..2027-01-01` or `*-12-24..*-01-01`";
        let shift = "write for example `easter-2d` or `4th-thu-nov+1d`";
        let range = "the days before or behind are 1 to 366, without leading zeros";
        for (text, expected, help) in [
            ("", FORMS, None),
            ("lent", FORMS, None),
            ("christmas", FORMS, Some("write `*-12-25`")),
            ("Easter", FORMS, Some("write `easter`")),
            ("*-02-30", "no year has such a day", Some(day)),
            ("*-13-01", "no year has such a day", Some(day)),
            ("*-1-1", "expected `*-MM-DD`", Some(day)),
            (
                "2027-01-01..2026-12-24",
                "rule S7: the second end is not before the first",
                Some("write `2026-12-24..2027-01-01`"),
            ),
            (
                "2026-12-24..*-01-01",
                "rule S7: both ends name their year, or both are of every year",
                Some(ends),
            ),
            ("easter..easter+1d", "rule S7: the ends of a range are dates", Some(ends)),
            ("4th-thu-nov..*-12-01", "rule S7: the ends of a range are dates", Some(ends)),
            ("easter+0d", range, Some(shift)),
            ("easter-367d", range, Some(shift)),
            ("easter-02d", range, Some(shift)),
            ("easter-2", range, Some(shift)),
            ("6th-thu-nov", "expected `1st` to `5th`, or `last`", None),
            ("4th-thursday-nov", "expected `mon` to `sun`", Some("write `4th-thu-nov`")),
            ("4th-thu-november", "expected `jan` to `dec`", Some("write `4th-thu-nov`")),
            ("4-thu-nov", "expected `YYYY-MM-DD`", Some("write `4th-thu-nov`")),
        ] {
            let error = text.parse::<Dates>().expect_err(text);
            assert_eq!((error.expected, error.help.as_deref()), (expected, help), "{text}");
        }
        let error = "2026-02-30".parse::<Dates>().expect_err("no such day");
        assert_eq!(error.expected, "the calendar has no such day");
    }

    #[test]
    fn weekdays_are_a_range_a_list_or_daily() {
        for (text, printed) in [
            ("mon", "mon"),
            ("mon-fri", "mon-fri"),
            ("mon-mon", "mon"),
            ("sat-mon", "mon,sat-sun"),
            ("mon,wed-fri", "mon,wed-fri"),
            ("mon-sun", "daily"),
            ("daily", "daily"),
        ] {
            let days: Weekdays = text.parse().expect(text);
            assert_eq!(days.to_string(), printed);
        }
        for text in ["", "monday", "mon,", "mon,daily"] {
            assert!(text.parse::<Weekdays>().is_err(), "{text}");
        }
    }
}
