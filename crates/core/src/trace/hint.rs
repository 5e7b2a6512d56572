//! What to write in place of a field that is none: what whoever wrote it most likely meant.

use std::borrow::Cow;

use super::COLUMNS;
use super::instant::rfc_3339;
use crate::model::text::length_meant;
use crate::model::{Action, Chosen, Millis};

/// What to do about a field.
pub struct Hint {
    /// In words.
    pub help: String,
    /// What to write in its place; `None` where that is not one thing.
    pub meant: Option<String>,
}

impl From<String> for Hint {
    fn from(help: String) -> Self {
        Self { help, meant: None }
    }
}

/// What was most likely meant, and the words that say so.
fn meant(text: impl Into<String>, help: String) -> Hint {
    Hint { help, meant: Some(text.into()) }
}

/// A field as it is written in a file (RFC 4180).
pub fn written(field: &str) -> Cow<'_, str> {
    match field.contains([',', '"', '\r', '\n']) {
        true => Cow::Owned(format!("\"{}\"", field.replace('"', "\"\""))),
        false => Cow::Borrowed(field),
    }
}

/// Local times, epochs and other forms are for whoever converts the log.
const IMPORT: &str = "`lamplighter import` takes such a log as it is";

/// What to write in place of a header of traces that is none, where it looks like one.
pub fn of_header(line: &str) -> Option<Hint> {
    const SEPARATORS: [(char, &str); 3] =
        [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];
    let right = COLUMNS.join(",");
    let line = line.trim_start_matches('\u{feff}').trim_end();
    let first = line.split([',', ';', '\t', '|']).next().unwrap_or_default();
    let is_row = rfc_3339(first).is_some();
    if is_row {
        return Some(format!("the header is missing: put `{right}` above the first row").into());
    }
    let other = SEPARATORS.iter().find(|(separator, _)| line.contains(*separator));
    let separator = other.map_or(',', |(separator, _)| *separator);
    let columns: Vec<String> = line
        .split(separator)
        .map(|column| column.trim_matches(['"', ' ']).to_ascii_lowercase())
        .collect();
    let why = match other {
        Some((_, words)) if columns == COLUMNS => {
            return Some(
                format!(
                    "the fields of a trace are separated by commas, here they are by {words}; {IMPORT}"
                )
                .into(),
            );
        }
        None if columns == COLUMNS => {
            return Some(meant(&right, format!("write it so: `{right}`")));
        }
        _ if columns.len() > 1 => {
            "these are other columns than those of a trace, or in another order"
        }
        _ => return None,
    };
    Some(format!("{why}; {IMPORT}").into())
}

/// What to write in place of an instant of a trace that is none.
pub fn of_instant(text: &str) -> Option<Hint> {
    if let Some(offset) = of_missing_offset(text) {
        Some(format!("{offset}; {IMPORT}, with `--zone`").into())
    } else if let Some(exact) = of_missing_colon(text).or_else(|| of_missing_seconds(text)) {
        Some(exact)
    } else if let Some((unit, format)) = epoch(text) {
        Some(format!("{}; {IMPORT}, with `--at-format {format}`", looks_like(unit)).into())
    } else {
        (!text.is_empty()).then(|| format!("{IMPORT}, whatever its times look like").into())
    }
}

/// The same of what was seen, which is no log that could be imported.
pub fn of_seen_instant(text: &str) -> Option<Hint> {
    let epoch = || epoch(text).map(|(unit, _)| looks_like(unit).into());
    of_missing_offset(text)
        .map(Hint::from)
        .or_else(|| of_missing_colon(text))
        .or_else(|| of_missing_seconds(text))
        .or_else(epoch)
}

fn looks_like(unit: &str) -> String {
    format!("this looks like {unit} since 1970")
}

/// In which unit a number counts since 1970, and what `--at-format` calls it: the one in which it lies
/// between the years 1973 and 5138, as an import reads it.
fn epoch(text: &str) -> Option<(&'static str, &'static str)> {
    const FIRST: u64 = 100_000_000;
    const UNITS: [(&str, &str, u64); 3] = [
        ("seconds", "epoch", 1),
        ("milliseconds", "epoch-ms", 1_000),
        ("microseconds", "epoch-us", 1_000_000),
    ];
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = whole.parse().ok().filter(|_| is_number(whole) && is_number(fraction))?;
    let is_in = |a_second: u64| (FIRST..FIRST * 1_000).contains(&(number / a_second));
    let (unit, format, _) = UNITS.iter().find(|(_, _, a_second)| is_in(*a_second))?;
    Some((unit, format))
}

fn of_missing_offset(text: &str) -> Option<String> {
    let with_seconds = format!("{text}:00");
    let (missing, text) = if rfc_3339(&format!("{text}Z")).is_some() {
        ("an offset is missing", text)
    } else {
        rfc_3339(&format!("{with_seconds}Z"))?;
        ("seconds and an offset are missing", with_seconds.as_str())
    };
    let text = text.replacen(' ', "T", 1);
    Some(format!("{missing}: `{text}Z` is UTC, `{text}-05:00` five hours behind it"))
}

/// `2026-03-09T08:55Z` and `2026-03-09 08:55+01:00`.
fn of_missing_seconds(text: &str) -> Option<Hint> {
    const MINUTES: usize = "2026-03-09T08:55".len();
    let (minutes, offset) = text.split_at_checked(MINUTES)?;
    let with_seconds = format!("{}:00{}", minutes.replacen(' ', "T", 1), offset.trim_start());
    let is_meant = !offset.starts_with(':') && rfc_3339(&with_seconds).is_some();
    let help = format!("seconds are missing: `{with_seconds}`");
    is_meant.then(|| meant(with_seconds, help))
}

fn of_missing_colon(text: &str) -> Option<Hint> {
    let (at, offset) = text.split_at_checked(text.len().checked_sub(4)?)?;
    let (hours, minutes) = offset.split_at_checked(2)?;
    let with_colon = format!("{at}{hours}:{minutes}");
    let is_meant = at.ends_with(['+', '-']) && rfc_3339(&with_colon).is_some();
    let help = format!("an offset has a colon: `{with_colon}`");
    is_meant.then(|| meant(with_colon, help))
}

/// What other products and people call what an agent does.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    (
        "online",
        &[
            "available",
            "ready",
            "on queue",
            "onqueue",
            "accepting",
            "active now",
            "idle",
            "unpaused",
            "goes online",
            "go online",
        ],
    ),
    (
        "away",
        &[
            "busy",
            "break",
            "on break",
            "lunch",
            "meal",
            "meeting",
            "training",
            "not ready",
            "notready",
            "unavailable",
            "dnd",
            "do not disturb",
            "paused",
            "pause",
            "aux",
            "acw",
            "be right back",
            "transfers only",
            "goes away",
            "go away",
        ],
    ),
    ("invisible", &["hidden", "appear offline", "ghost", "goes invisible", "go invisible"]),
    (
        "login",
        &[
            "log in",
            "logs in",
            "logged in",
            "signin",
            "sign in",
            "signs in",
            "signed in",
            "logon",
            "start",
            "connect",
        ],
    ),
    (
        "logout",
        &[
            "log out",
            "logs out",
            "logged out",
            "logoff",
            "log off",
            "signout",
            "sign out",
            "signs out",
            "signed out",
            "offline",
            "end",
            "stop",
        ],
    ),
    (
        "disconnect",
        &["disconnected", "disconnects", "loses connection", "connection lost", "lost", "dropped"],
    ),
    ("reconnect", &["reconnected", "reconnects", "connection restored", "restored"]),
    ("active", &["activity", "is active", "heartbeat", "ping", "typing"]),
];

/// What to write in place of an action that is none.
pub fn of_action(text: &str) -> Option<Hint> {
    let lower = text.trim().to_lowercase();
    if Action::from_text(&lower).is_some() {
        let why =
            if lower == text.trim() { "without blanks around it" } else { "in small letters" };
        let help = format!("actions are written {why}: `{lower}`");
        return Some(meant(lower, help));
    }
    let plain = lower.replace(['_', '-'], " ");
    if let Some(for_a_time) = of_status_for_a_time(&plain) {
        return Some(for_a_time);
    }
    let is_meant = |(_, words): &&(&str, &[&str])| words.contains(&plain.as_str());
    let (action, _) = OTHER_WORDS.iter().find(is_meant)?;
    let help = format!("did you mean `{action}`? {IMPORT}, with `--action '{action}={text}'`");
    Some(meant(*action, help))
}

/// `away 30m`, `goes away for 30 minutes`, `away for 30`, `away for`: a status with how long it is chosen for; and
/// `login for 5m`, which nobody can.
fn of_status_for_a_time(plain: &str) -> Option<Hint> {
    let (words, length) = match plain.find(|c: char| c.is_ascii_digit()) {
        Some(at) if at > 0 => plain.split_at(at),
        None if plain.ends_with(" for") => (plain, ""),
        _ => return None,
    };
    let word = words.trim_end().trim_end_matches(" for").trim();
    let other = || OTHER_WORDS.iter().find(|(_, words)| words.contains(&word));
    let action = match Action::from_text(word) {
        Some(_) => word,
        None => other()?.0,
    };
    if Chosen::from_word(action).is_none() {
        let help = format!(
            "`{action}` has no end: only a status is chosen for a time, as in `away for 30m`"
        );
        return Some(help.into());
    }
    if length.is_empty() {
        let help = format!("how long a status is chosen for is missing, as in `{action} for 30m`");
        return Some(help.into());
    }
    let Some(length) = length_meant(length) else {
        let help = format!("how long a status is chosen for has a unit, as in `{action} for 30m`");
        return Some(help.into());
    };
    if length.parse().is_ok_and(|length: Millis| length == Millis::ZERO) {
        let help = format!("rule P9: the time is longer than zero, as in `{action} for 30m`");
        return Some(help.into());
    }
    let right = format!("{action} for {length}");
    Action::from_text(&right)?;
    let help = format!("a status for a time is written so: `{right}`");
    Some(meant(right, help))
}

/// What to write in place of a word that is none of a few.
pub fn of_word(text: &str, known: &[&'static str]) -> Option<Hint> {
    let lower = text.trim().to_lowercase();
    if known.contains(&lower.as_str()) {
        let why =
            if lower == text.trim() { "without blanks around it" } else { "in small letters" };
        let help = format!("it is written {why}: `{lower}`");
        return Some(meant(lower, help));
    }
    let plain = lower.replace(['_', '-'], " ");
    let word = match plain.as_str() {
        "true" | "1" | "y" | "t" | "possible" | "visible" | "shown" => "yes",
        "false" | "0" | "n" | "f" | "none" | "hidden" => "no",
        "unavailable" | "closed" | "logged out" | "offline" | "down" => "offline",
        "phone" | "tablet" | "smartphone" => "mobile",
        "pc" | "computer" | "laptop" | "web" => "desktop",
        _ => OTHER_WORDS.iter().find(|(_, words)| words.contains(&plain.as_str()))?.0,
    };
    known.contains(&word).then(|| meant(word, format!("did you mean `{word}`?")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_none_is_answered_by_what_was_meant() {
        for (text, hint) in [
            ("2026-03-09T08:55:00", "an offset is missing: `2026-03-09T08:55:00Z` is UTC"),
            ("2026-03-09 08:55:00", "an offset is missing: `2026-03-09T08:55:00Z` is UTC"),
            (
                "2026-03-09 08:55",
                "seconds and an offset are missing: `2026-03-09T08:55:00Z` is UTC",
            ),
            ("2026-03-09T08:55Z", "seconds are missing: `2026-03-09T08:55:00Z`"),
            ("2026-03-09 08:55 +01:00", "seconds are missing: `2026-03-09T08:55:00+01:00`"),
            ("2026-03-09T08:55:00+0100", "an offset has a colon: `2026-03-09T08:55:00+01:00`"),
            ("1773046500", "like seconds since 1970; `lamplighter import` takes such a log"),
            ("1773046500.25", "with `--at-format epoch`"),
            ("1773046500000", "like milliseconds since 1970"),
            ("1773046500000", "with `--at-format epoch-ms`"),
            ("1773046500000000", "with `--at-format epoch-us`"),
            ("12", "whatever its times look like"),
            ("yesterday", "whatever its times look like"),
        ] {
            let found = of_instant(text).expect(text).help;
            assert!(found.contains(hint), "{text}: {found}");
        }
        for (text, hint) in [
            ("LOGIN", "actions are written in small letters: `login`"),
            (" login", "actions are written without blanks around it: `login`"),
            ("Available", "did you mean `online`?"),
            ("Not_Ready", "did you mean `away`?"),
            ("logon", "did you mean `login`?"),
            ("Offline", "did you mean `logout`?"),
            ("logs in", "did you mean `login`?"),
            ("loses connection", "did you mean `disconnect`?"),
            ("away 30m", "a status for a time is written so: `away for 30m`"),
            ("Away 30 minutes", "a status for a time is written so: `away for 30m`"),
            ("goes away for 1h", "a status for a time is written so: `away for 1h`"),
            ("lunch for 45min", "a status for a time is written so: `away for 45m`"),
        ] {
            let found = of_action(text).expect(text);
            assert!(found.help.contains(hint), "{text}: {}", found.help);
            // What stands in backquotes is what to write.
            let meant = hint.split('`').nth(1).expect("a word");
            assert_eq!(found.meant.as_deref(), Some(meant));
        }
        for (text, hint) in [
            ("away for 30", "has a unit, as in `away for 30m`"),
            ("away for 0s", "the time is longer than zero, as in `away for 30m`"),
            ("online 0 minutes", "the time is longer than zero, as in `online for 30m`"),
            ("away for", "how long a status is chosen for is missing, as in `away for 30m`"),
            ("login for", "`login` has no end: only a status is chosen for a time"),
            ("login for 5m", "`login` has no end: only a status is chosen for a time"),
        ] {
            let found = of_action(text).expect(text);
            assert!(found.help.contains(hint) && found.meant.is_none(), "{text}: {}", found.help);
        }
        assert!(of_instant("").is_none() && of_action("dancing").is_none());
        let colon = of_instant("2026-03-09T08:55:00+0100").and_then(|hint| hint.meant);
        assert_eq!(colon.as_deref(), Some("2026-03-09T08:55:00+01:00"));
    }

    #[test]
    fn a_header_that_is_none_is_answered_by_what_it_has_instead() {
        for (line, hint) in [
            ("at;agent;device;action", "separated by commas, here they are by semicolons"),
            ("at\tagent\tdevice\taction", "by tabs"),
            ("time,user,action", "other columns than those of a trace"),
            ("time;user;action", "`lamplighter import` takes such a log"),
            ("agent,at,device,action", "or in another order"),
            ("At, Agent, Device, Action", "write it so: `at,agent,device,action`"),
            ("2026-03-09T08:55:00Z,ann,phone,login", "the header is missing: put `at,agent"),
        ] {
            let found = of_header(line).expect(line).help;
            assert!(found.contains(hint), "{line}: {found}");
        }
        assert!(of_header("").is_none() && of_header("hello").is_none());
    }

    #[test]
    fn every_other_word_means_one_action() {
        let words = || OTHER_WORDS.iter().flat_map(|(_, words)| words.iter());
        for word in words() {
            assert_eq!(words().filter(|other| *other == word).count(), 1, "{word}");
            assert!(Action::from_text(word).is_none(), "{word}");
        }
        for (action, _) in OTHER_WORDS {
            assert!(Action::from_text(action).is_some(), "{action}");
        }
    }
}
