//! Lengths of time as the scenario language writes them.

use std::fmt;
use std::str::FromStr;

use super::super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use super::error::TextError;

/// The units of a length of time, from the longest down.
const UNITS: [(&str, i64); 5] =
    [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)];

/// `90s`, `1h30m`, `250ms`: units from the longest down, each at most once.
impl FromStr for Millis {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let wrong = |expected| {
            TextError::new(format!("`{text}` is not a duration"), expected)
                .help("write for example `90s`, `10m`, `1h30m`, `2d` or `250ms`")
        };
        let mut rest = text;
        let mut units = &UNITS[..];
        let mut total_ms: i64 = 0;
        loop {
            let (number, after) = split_behind(rest, |c| c.is_ascii_digit());
            let (unit, after) = split_behind(after, |c| c.is_ascii_alphabetic());
            if number.is_empty() {
                return Err(wrong("expected a number"));
            }
            let Some(place) = units.iter().position(|(name, _)| *name == unit) else {
                return Err(wrong(match UNITS.iter().any(|(name, _)| *name == unit) {
                    true => "units go from the longest down, each once",
                    false => "expected a number with `d`, `h`, `m`, `s` or `ms` behind it",
                }));
            };
            let number: Option<i64> = number.parse().ok();
            total_ms = number
                .and_then(|number| number.checked_mul(units[place].1))
                .and_then(|ms| total_ms.checked_add(ms))
                .ok_or_else(|| wrong("longer than all of time (rule T4)"))?;
            if after.is_empty() {
                return Ok(Self(total_ms as u64));
            }
            units = &units[place + 1..];
            rest = after;
        }
    }
}

/// A text in front of the first character that is unlike, and from there on.
fn split_behind(text: &str, alike: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !alike(c)).unwrap_or(text.len()))
}

/// As it is read: `1h30m`, `250ms`, `0s`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, unit_ms) in UNITS {
            let unit_ms = unit_ms as u64;
            if rest >= unit_ms {
                write!(f, "{}{unit}", rest / unit_ms)?;
                rest %= unit_ms;
            }
        }
        Ok(())
    }
}

/// A length of time as people say it, in its two largest units: `2 d 15 h`, where [`Millis`] itself prints
/// `2d14h59m59s999ms`. It is for reading alone: nothing takes it.
pub fn two_units(length: Millis) -> String {
    const SAID: [&str; 5] = ["d", "h", "min", "s", "ms"];
    let units = UNITS.map(|(_, unit_ms)| unit_ms as u64);
    let Some(first) = units.iter().position(|unit| length.0 >= *unit) else {
        return "0 s".to_owned();
    };
    let least = units[(first + 1).min(units.len() - 1)];
    let mut rest = (length.0 + least / 2) / least * least;
    let mut told = Vec::new();
    for (name, unit) in SAID.into_iter().zip(units) {
        if rest >= unit {
            told.push(format!("{} {name}", rest / unit));
        }
        rest %= unit;
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_told_in_two_units() {
        for (ms, told) in [
            (0, "0 s"),
            (250, "250 ms"),
            (90_000, "1 min 30 s"),
            (3_599_999, "1 h"),
            (226_799_999, "2 d 15 h"),
            (86_400_000, "1 d"),
        ] {
            assert_eq!(two_units(Millis(ms)), told);
        }
    }

    proptest! {
        #[test]
        fn a_length_that_was_printed_is_read_as_itself(
            ms in prop_oneof![0..100_000_000_u64, 0..=i64::MAX as u64],
        ) {
            prop_assert_eq!(Millis(ms).to_string().parse(), Ok(Millis(ms)));
        }
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

    #[test]
    fn a_length_that_is_none_says_why() {
        fn why(read: Result<Millis, TextError>) -> &'static str {
            read.expect_err("it is none").expected
        }
        for (text, expected) in [
            ("", "expected a number"),
            ("m", "expected a number"),
            ("10", "expected a number with `d`, `h`, `m`, `s` or `ms` behind it"),
            ("10x", "expected a number with `d`, `h`, `m`, `s` or `ms` behind it"),
            ("10m1h", "units go from the longest down, each once"),
            ("1m1m", "units go from the longest down, each once"),
            ("99999999999999999999d", "longer than all of time (rule T4)"),
            ("9223372036854775808ms", "longer than all of time (rule T4)"),
        ] {
            assert_eq!(why(text.parse()), expected, "{text}");
        }
        let error = "soon".parse::<Millis>().expect_err("no number").to_string();
        let help = "write for example `90s`, `10m`, `1h30m`, `2d` or `250ms`";
        assert_eq!(error, format!("`soon` is not a duration: expected a number; {help}"));
    }
}
