//! Dates as people write them elsewhere: what to write instead.

use super::super::dates::DayOfYear;
use super::hours::weekday;
use super::meant::{days_meant, is_dash};
use super::time::date;

/// Which weekday of a month, by the words of entries and by others.
const NTHS: [[&str; 3]; 6] = [
    ["1st", "1", "first"],
    ["2nd", "2", "second"],
    ["3rd", "3", "third"],
    ["4th", "4", "fourth"],
    ["5th", "5", "fifth"],
    ["last", "final", "ultimate"],
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Days of the year by their names, words between hyphens, and how entries name them (rule S7).
const NAMED: &[(&str, &str)] = &[
    ("easter", "easter"),
    ("easter-sunday", "easter"),
    ("easter-monday", "easter+1d"),
    ("good-friday", "easter-2d"),
    ("maundy-thursday", "easter-3d"),
    ("easter-saturday", "easter-1d"),
    ("holy-saturday", "easter-1d"),
    ("palm-sunday", "easter-7d"),
    ("ash-wednesday", "easter-46d"),
    ("shrove-tuesday", "easter-47d"),
    ("ascension", "easter+39d"),
    ("ascension-day", "easter+39d"),
    ("pentecost", "easter+49d"),
    ("whit-sunday", "easter+49d"),
    ("whit-monday", "easter+50d"),
    ("corpus-christi", "easter+60d"),
    ("christmas", "*-12-25"),
    ("christmas-day", "*-12-25"),
    ("christmas-eve", "*-12-24"),
    ("xmas", "*-12-25"),
    ("boxing-day", "*-12-26"),
    ("new-year", "*-01-01"),
    ("new-years-day", "*-01-01"),
    ("new-years-eve", "*-12-31"),
];

/// The dates that somebody meant who wrote `2024-04-29-2024-05-05`, `12-25`, `4-thu-nov`, `Easter Monday` or
/// `last Monday of May`, as entries name them; `None` where that is not known, or where it is written so
/// already.
pub fn dates_meant(written: &str) -> Option<String> {
    let text = written.trim().to_lowercase().replace(['\'', '\u{2019}'], "");
    let meant = range(&text).or_else(|| day_of_year(&text)).or_else(|| {
        let words: Vec<&str> = text
            .split([' ', '\t', '-', '_'])
            .filter(|word| !matches!(*word, "" | "of" | "in" | "the" | "every"))
            .collect();
        let name = words.join("-");
        let named = NAMED.iter().find(|(known, _)| *known == name);
        named.map(|(_, dates)| (*dates).to_owned()).or_else(|| weekday_of_month(&words))
    })?;
    (meant != written).then_some(meant)
}

/// Two dates with a hyphen, a slash or a word between them.
fn range(text: &str) -> Option<String> {
    const DATE: usize = "2024-04-29".len();
    let (first, rest) = text.split_at_checked(DATE)?;
    let (between, last) = rest.split_at_checked(rest.len().checked_sub(DATE)?)?;
    let between = between.trim();
    let is_between =
        matches!(between, "/" | "..." | "\u{2026}" | "to" | "until" | "through" | "bis")
            || !between.is_empty() && between.chars().all(is_dash);
    let is_range = is_between && date(first).ok()? <= date(last).ok()?;
    is_range.then(|| format!("{first}..{last}"))
}

/// `12-25`, and `25/12` where no month is that late.
fn day_of_year(text: &str) -> Option<String> {
    let (first, second, is_hyphen) = match (text.split_once('-'), text.split_once('/')) {
        (Some((first, second)), None) => (first, second, true),
        (None, Some((first, second))) => (first, second, false),
        _ => return None,
    };
    let number = |digits: &str| -> Option<u8> {
        let is_number = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    };
    let (first, second) = (number(first)?, number(second)?);
    let (in_order, turned) = (DayOfYear::new(first, second), DayOfYear::new(second, first));
    match (in_order, turned) {
        // With slashes either can be the month.
        (Some(in_order), Some(turned)) if !is_hyphen && in_order != turned => None,
        (Some(day), _) | (None, Some(day)) => Some(day.to_string()),
        (None, None) => None,
    }
}

/// `4 thu nov`, `fourth thursday november`, `last monday may`.
fn weekday_of_month(words: &[&str]) -> Option<String> {
    let [nth, day, month] = *words else { return None };
    let [nth, ..] = NTHS.iter().find(|words| words.contains(&nth.trim_end_matches('.')))?;
    let day = match weekday(day) {
        Ok(_) => day.to_owned(),
        Err(_) => days_meant(day).filter(|day| weekday(day).is_ok())?,
    };
    let month = month.trim_end_matches('.');
    let month = MONTHS.iter().find(|name| month.len() >= 3 && name.starts_with(month))?;
    // The words of entries are the beginnings of these.
    Some(format!("{nth}-{day}-{}", &month[..3]))
}

#[cfg(test)]
mod tests {
    use super::super::super::dates::Dates;
    use super::*;

    #[test]
    fn dates_as_people_write_them_are_understood() {
        for (written, meant) in [
            ("2024-04-29-2024-05-05", "2024-04-29..2024-05-05"),
            ("2024-04-29/2024-05-05", "2024-04-29..2024-05-05"),
            ("2024-04-29 \u{2013} 2024-05-05", "2024-04-29..2024-05-05"),
            ("2024-04-29 to 2024-05-05", "2024-04-29..2024-05-05"),
            ("2024-04-29...2024-05-05", "2024-04-29..2024-05-05"),
            ("12-25", "*-12-25"),
            ("1-6", "*-01-06"),
            ("25-12", "*-12-25"),
            ("25/12", "*-12-25"),
            ("4-thu-nov", "4th-thu-nov"),
            ("4th-thursday-november", "4th-thu-nov"),
            ("Fourth Thursday of November", "4th-thu-nov"),
            ("last Monday in May", "last-mon-may"),
            ("1. mon sept", "1st-mon-sep"),
            ("Easter", "easter"),
            ("easter monday", "easter+1d"),
            ("Good-Friday", "easter-2d"),
            ("New Year\u{2019}s Eve", "*-12-31"),
        ] {
            assert_eq!(dates_meant(written).as_deref(), Some(meant), "{written}");
            assert!(meant.parse::<Dates>().is_ok(), "{meant}");
        }
        for written in [
            "",
            "2024-05-05-2024-04-29",
            "2024-04-29 2024-05-05",
            "2024-04-31-2024-05-05",
            "13-25",
            "03/04",
            "2024-04-29",
            "easter",
            "4th-thu-nov",
            "6-thu-nov",
            "4-x-nov",
            "4-thu-no",
            "4-weekdays-nov",
            "someday",
        ] {
            assert_eq!(dates_meant(written), None, "{written}");
        }
        for (name, dates) in NAMED {
            assert!(dates.parse::<Dates>().is_ok(), "{name}");
        }
    }
}
