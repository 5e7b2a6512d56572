//! What people write for hours and days where the language has another form: what to write instead.

use super::super::hours::{DAY_MINUTES, Interval};
use super::super::time::Millis;

/// The hours that somebody meant who wrote `9am-5pm`, `0900-1700`, `09:00–17:00` or several of them with
/// commas between, as the language writes them; `None` where that is not known.
pub fn hours_meant(written: &str) -> Option<String> {
    let one = |part: &str| {
        let part = part.to_lowercase().replace([' ', '\t'], "");
        let part = part.replace(is_dash, "-").replace("to", "-").replace("bis", "-");
        let (start, end) = part.split_once('-')?;
        let (mut start_minute, mut end_minute) = (minute(start)?, minute(end)?);
        // `9-5pm` is of the afternoon, `1-5pm` wholly so.
        if end.ends_with(['m', '.']) && !start.ends_with(['m', '.']) {
            let half = DAY_MINUTES / 2;
            if end_minute >= half && start_minute < half && start_minute + half < end_minute {
                start_minute += half;
            }
        }
        if end_minute == 0 {
            end_minute = DAY_MINUTES;
        }
        if start_minute == DAY_MINUTES {
            start_minute = 0;
        }
        Interval::new(start_minute, end_minute)
    };
    let parts = written.split([',', ';', '/', '&']).filter(|part| !part.trim().is_empty());
    let hours: Option<Vec<String>> =
        parts.map(|part| one(part).map(|interval| interval.to_string())).collect();
    hours.filter(|hours| !hours.is_empty()).map(|hours| hours.join(" "))
}

/// Dashes that are no hyphen, and the hyphen.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' | '\u{2192}')
}

/// The minute of the day of `9`, `9am`, `09.00`, `0900`, `9h30`, `12 p.m.`.
fn minute(written: &str) -> Option<u16> {
    let text = written.replace("a.m.", "am").replace("p.m.", "pm");
    let (text, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(text), _) => (text, Some(0)),
        (_, Some(text)) => (text, Some(DAY_MINUTES / 2)),
        (None, None) => (text.as_str(), None),
    };
    let text = text.strip_suffix("uhr").unwrap_or(text);
    let (hour, minute) = match text.split_once([':', '.', 'h']) {
        Some((hour, "")) => (hour, "00"),
        Some(parts) => parts,
        None if matches!(text.len(), 3 | 4) => text.split_at_checked(text.len() - 2)?,
        None => (text, "00"),
    };
    let number = |digits: &str| -> Option<u16> {
        let all = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| all)
    };
    let (hour, minute) = (number(hour)?, number(minute).filter(|minute| *minute < 60)?);
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half / 60,
    };
    Some(hour * 60 + minute).filter(|minute| *minute <= DAY_MINUTES)
}

/// The length of time that somebody meant who wrote `10 minutes`, `10min` or `1 hour 30 mins`, as the
/// language writes it; `None` where that is not known, as without a unit.
pub fn length_meant(written: &str) -> Option<String> {
    let text = written.to_lowercase().replace([' ', '\t', ','], "").replace("and", "");
    let mut length = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
        let (number, behind) = rest.split_at(number_end);
        let (unit, behind) =
            behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        length.push_str(number);
        length.push_str(match unit.trim_end_matches('.') {
            "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => "ms",
            "s" | "sec" | "secs" | "second" | "seconds" => "s",
            "m" | "min" | "mins" | "minute" | "minutes" => "m",
            "h" | "hr" | "hrs" | "hour" | "hours" => "h",
            "d" | "day" | "days" => "d",
            _ => return None,
        });
        rest = behind;
    }
    length.parse::<Millis>().ok().map(|_| length)
}

/// The days that somebody meant who wrote `monday`, `Mon-Fri`, `Mo-Fr`, `weekdays` or a list of them,
/// as the language writes them; `None` where that is not known, or where it is written so already.
pub fn days_meant(written: &str) -> Option<String> {
    let lower = written.trim_end_matches(':').to_lowercase();
    let whole = match lower.as_str() {
        "weekday" | "weekdays" | "workdays" | "werktags" | "business-days" => "mon-fri",
        "weekend" | "weekends" => "sat-sun",
        "everyday" | "every-day" | "all" | "always" | "all-week" | "24/7" | "alldays" => "daily",
        _ => "",
    };
    if !whole.is_empty() {
        return Some(whole.to_owned());
    }
    let parts: Option<Vec<String>> = lower.split([',', ';', '/', '+', '&']).map(range).collect();
    let meant = parts?.join(",");
    (meant != written).then_some(meant)
}

fn range(part: &str) -> Option<String> {
    let part = part.replace(is_dash, "-");
    match part.split_once('-') {
        Some((first, last)) => Some(format!("{}-{}", day(first)?, day(last)?)),
        None => day(&part).map(str::to_owned),
    }
}

/// A weekday by its English name or a beginning of it of two letters or more, or by the two letters of
/// German and of opening hours on maps.
fn day(word: &str) -> Option<&'static str> {
    let word = word.trim().trim_end_matches('.');
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let begins = |name: &str| word.len() >= 2 && (name.starts_with(word) || is_plural(name, word));
    let found = NAMES.iter().position(|name| begins(name)).or(match word {
        "di" => Some(1),
        "mi" => Some(2),
        "do" => Some(3),
        "so" => Some(6),
        "thurs" | "thur" => Some(3),
        "tues" => Some(1),
        _ => None,
    })?;
    // The language's words are the beginnings of these.
    Some(&NAMES[found][..3])
}

fn is_plural(name: &str, word: &str) -> bool {
    word.strip_suffix('s') == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_as_people_write_them_are_understood() {
        for (written, meant) in [
            ("9-17", "09:00-17:00"),
            ("9:00-17:00", "09:00-17:00"),
            ("0900-1700", "09:00-17:00"),
            ("900-1730", "09:00-17:30"),
            ("9am-5pm", "09:00-17:00"),
            ("9-5pm", "09:00-17:00"),
            ("1-5pm", "13:00-17:00"),
            ("12pm-12am", "12:00-24:00"),
            ("12am-9am", "00:00-09:00"),
            ("9 a.m. - 5 p.m.", "09:00-17:00"),
            ("09.00-17.30", "09:00-17:30"),
            ("9h-17h30", "09:00-17:30"),
            ("09:00\u{2013}17:00", "09:00-17:00"),
            ("09:00 \u{2014} 17:00", "09:00-17:00"),
            ("09:00-17:00,18:00-20:00", "09:00-17:00 18:00-20:00"),
            ("9-12, 13-17", "09:00-12:00 13:00-17:00"),
            ("9 to 5pm", "09:00-17:00"),
            ("22-24", "22:00-24:00"),
            ("24-6", "00:00-06:00"),
        ] {
            assert_eq!(hours_meant(written).as_deref(), Some(meant), "{written}");
        }
        for written in ["", "soon", "9", "25-26", "9:60-10", "6-6", "13pm-2pm", "9-x", "-", "1-2-3"]
        {
            assert_eq!(hours_meant(written), None, "{written}");
        }
    }

    #[test]
    fn lengths_as_people_write_them_are_understood() {
        for (written, meant) in [
            ("10 minutes", "10m"),
            ("10min", "10m"),
            ("1 hour 30 mins", "1h30m"),
            ("1 hour and 5 sec.", "1h5s"),
            ("2 Days", "2d"),
            ("90s", "90s"),
        ] {
            assert_eq!(length_meant(written).as_deref(), Some(meant), "{written}");
        }
        for written in ["", "10", "minutes", "1 week", "5 minutes 10", "30m 1h", "soon"] {
            assert_eq!(length_meant(written), None, "{written}");
        }
    }

    #[test]
    fn days_as_people_write_them_are_understood() {
        for (written, meant) in [
            ("monday", "mon"),
            ("Mondays", "mon"),
            ("Mon-Fri", "mon-fri"),
            ("Mo-Fr", "mon-fri"),
            ("mon\u{2013}fri", "mon-fri"),
            ("Sa,So", "sat,sun"),
            ("Tues", "tue"),
            ("thurs", "thu"),
            ("Mon,Wed-Fri", "mon,wed-fri"),
            ("weekdays", "mon-fri"),
            ("Weekend", "sat-sun"),
            ("everyday", "daily"),
            ("mon:", "mon"),
            ("MON", "mon"),
        ] {
            assert_eq!(days_meant(written).as_deref(), Some(meant), "{written}");
        }
        for written in ["mon", "mon-fri", "", "m", "someday", "members", "mon-", "t", "s"] {
            assert_eq!(days_meant(written), None, "{written}");
        }
    }
}
