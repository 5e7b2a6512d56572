//! Weekdays and intervals of hours as the scenario language writes them.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::Weekday;

use super::super::hours::{DAY_MINUTES, EVERY_WEEKS, INTERVAL_DAYS_MAX, Interval};
use super::error::TextError;
use super::fields::fields;
use super::meant::{hours_meant, is_dash};

/// The weekdays by their words, Monday first.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// The word for a weekday: `mon` to `sun`.
pub fn weekday_word(day: Weekday) -> &'static str {
    WEEKDAYS[day.num_days_from_monday() as usize].0
}

/// The weekday of a word, `mon` to `sun`.
///
/// # Errors
/// When it is none.
pub fn weekday(text: &str) -> Result<Weekday, TextError> {
    let found = WEEKDAYS.into_iter().find(|(word, _)| *word == text);
    found
        .map(|(_, day)| day)
        .ok_or_else(|| TextError::new(format!("`{text}` is no weekday"), "expected `mon` to `sun`"))
}

/// What is expected behind an end.
static DAYS_BEHIND: LazyLock<String> = LazyLock::new(|| {
    format!("rule S4: the days behind an end are `+1d` to `+{INTERVAL_DAYS_MAX}d`")
});

/// What is expected where a number of weeks is none of [`EVERY_WEEKS`].
pub fn every_weeks_expected() -> String {
    format!("rule S9: every {} to {} weeks", EVERY_WEEKS.start(), EVERY_WEEKS.end())
}

/// `09:00-17:00`, or with days behind the end: `18:00-09:00+3d` (rules S3, S4).
impl FromStr for Interval {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let wrong =
            |expected| TextError::new(format!("`{text}` is not an interval of hours"), expected);
        let (times, days) = match text.split_once('+') {
            None => (text, None),
            Some((times, days)) => {
                let number = days.strip_suffix('d').and_then(|days| fields(days, "d"));
                let days = number.and_then(|number| u8::try_from(number[0]).ok());
                let days = days.filter(|days| (1..=INTERVAL_DAYS_MAX).contains(days));
                let days = days.ok_or_else(|| {
                    wrong(DAYS_BEHIND.as_str()).help("write for example `18:00-09:00+3d`")
                })?;
                (times, Some(days))
            }
        };
        let Some(fields) = fields(times, "dd:dd-dd:dd") else {
            let error = wrong("expected `HH:MM-HH:MM`");
            return Err(match hours_meant(text) {
                Some(meant) => error.help(as_meant(text, &meant)).meant(meant),
                None => {
                    error.help("write the start and the end with all their digits: `09:00-17:00`")
                }
            });
        };
        let minute = |hour: u32, minute: u32| (minute < 60).then_some(hour * 60 + minute);
        let day = u32::from(DAY_MINUTES);
        let start = minute(fields[0], fields[1]).filter(|&start| start <= day);
        let end = minute(fields[2], fields[3]).filter(|&end| end <= day);
        let (Some(start), Some(end)) = (start, end) else {
            return Err(wrong("hours go to 23, minutes to 59, and an end to `24:00`"));
        };
        if start == day {
            return Err(
                wrong("rule S3: `24:00` is only an end").help("write `00:00` on the next day")
            );
        }
        let (start, end) = (start as u16, end as u16);
        let interval = match days {
            None => Self::new(start, end),
            Some(days) => Self::over_days(start, end, days),
        };
        interval.ok_or_else(|| {
            wrong("rule S4: the start and the end are the same").help(format!(
                "write `00:00-24:00` for the day, `{times}+1d` for 24 hours, or `closed` for none"
            ))
        })
    }
}

/// What to write instead of a text that means these hours, and why.
fn as_meant(text: &str, meant: &str) -> String {
    let other_dash = |c: char| is_dash(c) && c != '-';
    if text.contains([',', ';', '&']) {
        format!("a blank stands between intervals: `{meant}`")
    } else if text.contains(other_dash) {
        format!("this dash is no hyphen: write `{meant}`")
    } else {
        format!("write `{meant}`")
    }
}

/// As it is read: `09:00-17:00`. Generated worlds are full of them, so digits are put in their places
/// instead of formatted.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"00:00-00:00";
        let (start, end) = (self.start_minute(), self.end_minute());
        for (place, number) in [(0, start / 60), (3, start % 60), (6, end / 60), (9, end % 60)] {
            text[place] += (number / 10) as u8;
            text[place + 1] += (number % 10) as u8;
        }
        f.write_str(std::str::from_utf8(&text).expect("digits are ASCII"))?;
        match self.days() {
            0 => Ok(()),
            days => write!(f, "+{days}d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_interval_that_was_printed_is_read_as_itself(
            start in 0..DAY_MINUTES, end in 0..=DAY_MINUTES, days in 0..=7_u8,
        ) {
            let intervals = [Interval::new(start, end), Interval::over_days(start, end, days)];
            for interval in intervals.into_iter().flatten() {
                prop_assert_eq!(interval.to_string().parse(), Ok(interval));
            }
        }
    }

    #[test]
    fn a_weekday_has_one_word() {
        for (word, day) in WEEKDAYS {
            assert_eq!((weekday(word), weekday_word(day)), (Ok(day), word));
        }
        for wrong in ["", "Mon", "monday", "mo"] {
            let error = weekday(wrong).expect_err("no weekday").to_string();
            assert_eq!(error, format!("`{wrong}` is no weekday: expected `mon` to `sun`"));
        }
    }

    #[test]
    fn what_is_no_interval_says_why() {
        for (text, why) in [
            ("9-17", "expected `HH:MM-HH:MM`; write `09:00-17:00`"),
            (
                "soon",
                "expected `HH:MM-HH:MM`; write the start and the end with all their digits: \
                 `09:00-17:00`",
            ),
            (
                "09:00\u{2013}17:00",
                "expected `HH:MM-HH:MM`; this dash is no hyphen: write `09:00-17:00`",
            ),
            (
                "09:00-12:00,13:00-17:00",
                "expected `HH:MM-HH:MM`; a blank stands between intervals: \
                 `09:00-12:00 13:00-17:00`",
            ),
            ("25:00-26:00", "hours go to 23, minutes to 59, and an end to `24:00`"),
            ("09:60-10:00", "hours go to 23, minutes to 59, and an end to `24:00`"),
            ("24:00-06:00", "rule S3: `24:00` is only an end; write `00:00` on the next day"),
            (
                "06:00-06:00",
                "rule S4: the start and the end are the same; write `00:00-24:00` for the day, \
                 `06:00-06:00+1d` for 24 hours, or `closed` for none",
            ),
            (
                "18:00-09:00+8d",
                "rule S4: the days behind an end are `+1d` to `+7d`; write for example \
                 `18:00-09:00+3d`",
            ),
            (
                "18:00-09:00+1",
                "rule S4: the days behind an end are `+1d` to `+7d`; write for example \
                 `18:00-09:00+3d`",
            ),
        ] {
            let error = text.parse::<Interval>().expect_err(text).to_string();
            assert_eq!(error, format!("`{text}` is not an interval of hours: {why}"));
        }
    }
}
