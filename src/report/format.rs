//! Numbers, and texts from outside, as every report prints them.

use lamplighter_core::model::Millis;

/// A length of time as people say it, in its two largest units: `2 d 15 h`, not `2d14h59m59s999ms`.
pub fn two_units(length: Millis) -> String {
    const UNITS: [(&str, u64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
    let Some(first) = UNITS.iter().position(|(_, unit)| length.0 >= *unit) else {
        return "0 s".to_owned();
    };
    let (_, least) = UNITS[(first + 1).min(UNITS.len() - 1)];
    let mut rest = (length.0 + least / 2) / least * least;
    let mut told = Vec::new();
    for (name, unit) in UNITS {
        if rest >= unit {
            told.push(format!("{} {name}", rest / unit));
        }
        rest %= unit;
    }
    told.join(" ")
}

/// A text from outside without what could command a terminal.
pub fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), "\u{fffd}")
}

/// `1 row`, `1,204 rows`
pub fn counted(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {noun}{s}", thousands(count))
}

/// Writes a number to one place, as `1,204.5`.
pub fn decimal(number: f64) -> String {
    let tenths = (number * 10.0).round() as u64;
    format!("{}.{}", thousands(tenths / 10), tenths % 10)
}

/// Writes a number with commas between thousands, as `1,204`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
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
}
