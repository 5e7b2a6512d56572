//! The formats in which times are written.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, FixedOffset, Timelike};
use thiserror::Error;

use super::plain::Plain;
use super::reading::Reading;
use super::unit::Unit;
use lamplighter_scenario::language::diagnostic::nearest;

/// How times are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Format {
    /// As RFC 3339 and ISO 8601 write them, with a `T` or a blank, seconds and offset or none.
    Iso,
    /// As a number since 1970-01-01T00:00:00Z.
    Epoch(Unit),
    /// In a format of its own.
    Written(Written),
}

/// A format as `strftime` knows them, e.g. `%d/%m/%Y %H:%M:%S`, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    items: Vec<Item<'static>>,
    /// The same, where it is of nothing but numbers.
    plain: Option<Plain>,
}

/// Why a text is no format of times.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum FormatError {
    /// It names none, and has no `%` in it.
    #[error(
        "expected `iso`, `epoch`, `epoch-ms`, `epoch-us` or a format such as `%d/%m/%Y %H:%M:%S`{}",
        near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
    )]
    Unknown {
        /// The word that is most like it.
        near: Option<&'static str>,
    },
    /// A `%` is followed by what means nothing.
    #[error("a `%` is followed by what means nothing: see strftime, e.g. `%d/%m/%Y %H:%M:%S`")]
    Specifier,
    /// It leaves open which day or which minute.
    #[error("the format must say the year, the month, the day, the hour and the minute")]
    Incomplete,
}

impl Format {
    /// The format that a text names.
    ///
    /// # Errors
    /// When it names none, or one that does not say when.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        if text == "iso" {
            return Ok(Self::Iso);
        }
        if let Some((_, unit)) = Unit::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(Self::Epoch(*unit));
        }
        if !text.contains('%') {
            let words = Unit::WORDS.iter().map(|(word, _)| *word).chain(["iso"]);
            return Err(FormatError::Unknown { near: nearest(text, words) });
        }
        let items = StrftimeItems::new(text).parse_to_owned();
        let items = items.map_err(|_| FormatError::Specifier)?;
        let written = Written { plain: Plain::new(&items), items };
        if written.says_when() { Ok(Self::Written(written)) } else { Err(FormatError::Incomplete) }
    }
}

impl Written {
    /// Whether a time that is written so can be read again, to the minute.
    fn says_when(&self) -> bool {
        use std::fmt::Write;
        // The afternoon of a day that no other one is mistaken for.
        let Some(then) = DateTime::<FixedOffset>::parse_from_rfc3339("2026-10-23T16:47:00Z").ok()
        else {
            return false;
        };
        let mut text = String::new();
        let written = write!(text, "{}", then.format_with_items(self.items.iter()));
        let expected =
            [Reading::Instant(then.timestamp_millis()), Reading::Local(then.naive_utc())];
        written.is_ok() && self.read(&text).is_some_and(|read| expected.contains(&read))
    }

    /// What a text says in this format.
    pub(super) fn read(&self, text: &str) -> Option<Reading> {
        let plain = self.plain.as_ref().and_then(|plain| plain.read(text));
        plain.map(Reading::Local).or_else(|| self.read_by_items(text))
    }

    /// What chrono says that it is.
    fn read_by_items(&self, text: &str) -> Option<Reading> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        let is_absolute = parsed.offset().is_some() || parsed.timestamp().is_some();
        let local = parsed.to_naive_datetime_with_offset(parsed.offset().unwrap_or(0)).ok()?;
        // There is no second 60.
        if local.nanosecond() >= 1_000_000_000 {
            return None;
        }
        if !is_absolute {
            return Some(Reading::Local(local));
        }
        let offset_ms = i64::from(parsed.offset().unwrap_or(0)) * 1_000;
        Some(Reading::Instant(local.and_utc().timestamp_millis() - offset_ms))
    }
}

/// A number since 1970. Of whole numbers those are refused that lie in the first weeks of 1970 or after
/// the year 5000: they were counted in another unit, and a year that is wrong by a thousand is worse
/// than an error.
pub(super) fn epoch(text: &str, unit: Unit) -> Option<Reading> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !all_digits(digits) || !all_digits(fraction) || text.ends_with('.') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    if !is_near(number, unit)
        && let Some((_, other)) = Unit::WORDS.iter().find(|(_, other)| is_near(number, *other))
    {
        return Some(Reading::InUnit(*other));
    }
    if unit != Unit::Seconds {
        return Some(Reading::Instant(number.div_euclid(unit.a_second() / 1_000)));
    }
    // What is finer than a millisecond is cut off (rule T4).
    let ms = fraction.bytes().chain(*b"000").take(3);
    let ms = ms.fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
    let ms = if whole.starts_with('-') { -ms } else { ms };
    Some(Reading::Instant(number.checked_mul(1_000)?.checked_add(ms)?))
}

/// Whether a number since 1970 lies between the years 1973 and 5138.
fn is_near(number: i64, unit: Unit) -> bool {
    const NEAR_S: std::ops::Range<i64> = 100_000_000..100_000_000_000;
    NEAR_S.contains(&number.div_euclid(unit.a_second()))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn a_time_of_numbers_is_that_of_chrono(
            parts in prop::collection::vec(prop::sample::select(vec![
                "%Y", "%y", "%m", "%d", "%H", "%I", "%M", "%S", "%p", "%P", "%T", "%D", "%R", "%e", "%-d", "%k",
                "%F", "/", " ", "  ", ":", "T", "\u{e9}", "%t", "%n",
            ]), 0..4),
            known in prop::sample::select(vec![
                "%d/%m/%Y %H:%M:%S", "%m/%d/%y %I:%M %p", "%Y%m%d%H%M", "%F %T", "%D %r", "%e.%m.%Y %k:%M",
                "%p%d %m %Y %I:%M:%S", "%Y-%m-%d %H:%M",
            ]),
            (day, second) in (-720_000..2_900_000_i32, 0..86_400_u32),
            put in (0..40_usize, "[0-9a-zA-Z /:.+\u{e9}-]{0,2}"),
            cut in 0..3_usize,
        ) {
            let format = format!("{known}{}", parts.concat());
            let Ok(Format::Written(written)) = Format::parse(&format) else { return Ok(()) };
            let date = NaiveDate::from_num_days_from_ce_opt(day).expect("a day");
            let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, 0).expect("a time");
            let mut text = date.and_time(time).format(&format).to_string();
            prop_assert_eq!(written.read(&text), written.read_by_items(&text), "{} {}", format, text);
            // Written otherwise, it is the same, too.
            let at = (0..=put.0.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
            let end = (at.unwrap_or(0) + cut).min(text.len());
            if text.is_char_boundary(end) {
                text.replace_range(at.unwrap_or(0)..end, &put.1);
            }
            prop_assert_eq!(written.read(&text), written.read_by_items(&text), "{} {}", format, text);
        }
    }

    #[test]
    fn times_of_numbers_alone_are_read_without_chrono() {
        for (format, text) in [
            ("%d/%m/%Y %H:%M:%S", "09/03/2026 13:55:00"),
            ("%m/%d/%y %I:%M:%S %p", "03/09/26 01:55:00 PM"),
            ("%m/%d/%Y %I:%M %P", "03/09/2026 01:55 pm"),
            ("%F %R", "2026-03-09 13:55"),
        ] {
            let Ok(Format::Written(written)) = Format::parse(format) else { panic!("{format}") };
            let read = written.plain.as_ref().and_then(|plain| plain.read(text));
            assert_eq!(read.map(|read| read.to_string()).as_deref(), Some("2026-03-09 13:55:00"));
        }
    }

    #[test]
    fn a_format_must_be_known_and_say_when() {
        for good in ["iso", "epoch", "epoch-ms", "%s", "%Y-%m-%d %H:%M", "%c", "%D %r", "%+"] {
            assert!(Format::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("ISO", FormatError::Unknown { near: Some("iso") }),
            ("epoch_ms", FormatError::Unknown { near: Some("epoch-ms") }),
            ("dd/mm/yyyy", FormatError::Unknown { near: None }),
            ("%Y-%m-%d %Q", FormatError::Specifier),
            ("%Y-%m-%d", FormatError::Incomplete),
            ("%H:%M:%S", FormatError::Incomplete),
            ("%Y-%m-%d %I:%M", FormatError::Incomplete),
            ("%d %H:%M", FormatError::Incomplete),
        ] {
            assert_eq!(Format::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn numbers_since_1970_count_to_the_millisecond() {
        for (text, unit, ms) in [
            ("1366720340", Unit::Seconds, 1_366_720_340_000),
            ("1366720340.303267", Unit::Seconds, 1_366_720_340_303),
            ("1366720340.3", Unit::Seconds, 1_366_720_340_300),
            ("-1.5", Unit::Seconds, -1_500),
            ("0", Unit::Millis, 0),
            ("1366720340303", Unit::Millis, 1_366_720_340_303),
            ("1366720340303999", Unit::Micros, 1_366_720_340_303),
        ] {
            assert_eq!(epoch(text, unit), Some(Reading::Instant(ms)), "{text}");
        }
        for bad in ["", "-", "1.", ".5", "1e9", "1,5", "1 ", "+1", "--1"] {
            assert_eq!(epoch(bad, Unit::Seconds), None, "{bad}");
        }
    }
}
