//! Times as RFC 3339 and ISO 8601 write them, `2026-03-09T13:55:00Z` or `2026-03-09 08:55:00`: those of
//! nearly all logs, so they are read without ado.

use chrono::NaiveDate;

use super::reading::Reading;

const MINUTE_MS: i64 = 60_000;

/// Reads times; the date is mostly that of the row before.
#[derive(Default)]
pub(super) struct IsoTimes {
    last: Option<([u8; DATE_LEN], NaiveDate)>,
}

/// How long `2026-03-09` is.
const DATE_LEN: usize = 10;

impl IsoTimes {
    /// What a text says; `None` where it is written otherwise.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<Reading> {
        let (date, rest) = text.split_first_chunk::<DATE_LEN>()?;
        let date = match &self.last {
            Some((last, read)) if last == date => *read,
            _ => {
                let read = read_date(date)?;
                self.last = Some((*date, read));
                read
            }
        };
        let (time, rest) = rest.split_first_chunk::<6>()?;
        let &[b'T' | b't' | b' ', h1, h2, b':', m1, m2] = time else { return None };
        let (hour, minute) = (number(&[h1, h2])?, number(&[m1, m2])?);
        let (second, rest) = match rest {
            [b':', s1, s2, rest @ ..] => (number(&[*s1, *s2])?, rest),
            _ => (0, rest),
        };
        let (ms, rest) = match rest {
            [b'.' | b',', rest @ ..] => fraction(rest)?,
            _ => (0, rest),
        };
        let local = date.and_hms_milli_opt(hour, minute, second, ms)?;
        if rest.is_empty() {
            return Some(Reading::Local(local));
        }
        let offset_ms = offset_ms(rest.strip_prefix(b" ").unwrap_or(rest))?;
        Some(Reading::Instant(local.and_utc().timestamp_millis() - offset_ms))
    }
}

fn read_date(text: &[u8; DATE_LEN]) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = number(&[y1, y2, y3, y4]).filter(|&year| year > 0)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// The milliseconds of a fraction, and what stands behind it. What is finer is cut off (rule T4).
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(len);
    if digits.is_empty() {
        return None;
    }
    let ms = digits.iter().chain(b"000").take(3);
    Some((ms.fold(0, |ms, digit| ms * 10 + u32::from(digit - b'0')), rest))
}

/// `Z`, `+01:00`, `+0100` or `+01`.
fn offset_ms(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, number(&[*h1, *h2])?, 0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => {
            (sign, number(&[*h1, *h2])?, number(&[*m1, *m2])?)
        }
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let ms = i64::from(hours * 60 + minutes) * MINUTE_MS;
    match sign {
        b'+' => Some(ms),
        b'-' => Some(-ms),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + u32::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use lamplighter_core::model::Instant;

    proptest! {
        #[test]
        fn an_instant_of_rfc_3339_is_that_of_chrono(
            ms in Instant::MIN.as_millis()..=Instant::MAX.as_millis(),
            offset in -23 * 60_i32..=23 * 60,
            fraction in prop::sample::select(vec!["", "%.3f", "%.6f", "%.9f"]),
        ) {
            let offset = chrono::FixedOffset::east_opt(offset * 60).expect("less than a day");
            let at = DateTime::from_timestamp_millis(ms).expect("in range").with_timezone(&offset);
            let text = at.format(&format!("%Y-%m-%dT%H:%M:%S{fraction}%:z")).to_string();
            prop_assume!(text.starts_with(|c: char| c.is_ascii_digit()) && !text.starts_with("0000"));
            let expected = DateTime::parse_from_rfc3339(&text).map(|at| at.timestamp_millis());
            let read = IsoTimes::default().read(text.as_bytes());
            prop_assert_eq!(read, expected.ok().map(Reading::Instant), "{}", text);
        }

        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(prop::num::u8::ANY, 0..40)) {
            let _ = IsoTimes::default().read(&bytes);
        }

        #[test]
        fn the_date_before_changes_nothing(
            texts in prop::collection::vec("202[56]-0[2-3]-(2[7-9]|01)[T ]0[0-9]:[0-6][0-9]", 1..6),
        ) {
            let mut one = IsoTimes::default();
            for text in texts {
                let alone = IsoTimes::default().read(text.as_bytes());
                prop_assert_eq!(one.read(text.as_bytes()), alone);
            }
        }
    }
}
