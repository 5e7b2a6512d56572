//! How long an interval lasts, as logs write it.

use crate::clock::Unit;

/// A length in milliseconds: `3600`, `3600.5`, `1:00:00`, `60:00`. Without colons it is a number of the
/// unit; what is finer than a millisecond is cut off.
pub fn length_ms(text: &str, unit: Unit) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(fraction) || text.ends_with('.') {
        return None;
    }
    let number = |part: &str| part.parse::<i64>().ok().filter(|_| all_digits(part));
    let parts: Vec<i64> = whole.split(':').map(number).collect::<Option<_>>()?;
    let in_colons = parts.len() > 1;
    if parts.len() > 3 || parts[1..].iter().any(|&part| part > 59) {
        return None;
    }
    let sum = |sum: i64, part: &i64| sum.checked_mul(60)?.checked_add(*part);
    let number = parts.iter().try_fold(0, sum)?;
    if unit != Unit::Seconds && !in_colons {
        return Some(number);
    }
    let ms = fraction.bytes().chain(*b"000").take(3);
    let ms = ms.fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
    number.checked_mul(1_000)?.checked_add(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_numbers_or_hours_minutes_and_seconds() {
        for (text, unit, ms) in [
            ("0", Unit::Seconds, Some(0)),
            ("3600", Unit::Seconds, Some(3_600_000)),
            ("3600.5", Unit::Seconds, Some(3_600_500)),
            ("0.9999", Unit::Seconds, Some(999)),
            ("1:00:00", Unit::Seconds, Some(3_600_000)),
            ("01:02:03.250", Unit::Millis, Some(3_723_250)),
            ("90:00", Unit::Seconds, Some(5_400_000)),
            ("200:00:00", Unit::Seconds, Some(720_000_000)),
            ("250", Unit::Millis, Some(250)),
            ("1:60:00", Unit::Seconds, None),
            ("1:00:00:00", Unit::Seconds, None),
            ("-5", Unit::Seconds, None),
            ("+5", Unit::Seconds, None),
            ("5.", Unit::Seconds, None),
            ("", Unit::Seconds, None),
            (":5", Unit::Seconds, None),
            ("5 min", Unit::Seconds, None),
            ("9999999999999999999", Unit::Seconds, None),
            ("9223372036854775", Unit::Seconds, Some(9_223_372_036_854_775_000)),
            ("9223372036854776", Unit::Seconds, None),
        ] {
            assert_eq!(length_ms(text, unit), ms, "{text}");
        }
    }
}
