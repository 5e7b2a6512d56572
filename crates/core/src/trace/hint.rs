//! What to write in place of a field that is none: what whoever wrote it most likely meant.

use std::borrow::Cow;

use super::instant::rfc_3339;
use crate::model::Action;

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

/// What to write in place of an instant of a trace that is none.
pub fn of_instant(text: &str) -> Option<Hint> {
    if let Some(offset) = of_missing_offset(text) {
        Some(format!("{offset}; {IMPORT}, with `--zone`").into())
    } else if let Some(colon) = of_missing_colon(text) {
        Some(colon)
    } else if is_epoch(text) {
        Some(format!("{EPOCH}; {IMPORT}, with `--at-format epoch`").into())
    } else {
        (!text.is_empty()).then(|| format!("{IMPORT}, whatever its times look like").into())
    }
}

/// The same of what was seen, which is no log that could be imported.
pub fn of_seen_instant(text: &str) -> Option<Hint> {
    let epoch = || is_epoch(text).then(|| EPOCH.to_owned().into());
    of_missing_offset(text).map(Hint::from).or_else(|| of_missing_colon(text)).or_else(epoch)
}

const EPOCH: &str = "this looks like seconds since 1970";

fn is_epoch(text: &str) -> bool {
    text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn of_missing_offset(text: &str) -> Option<String> {
    rfc_3339(&format!("{text}Z"))?;
    let text = text.replacen(' ', "T", 1);
    Some(format!("an offset is missing: `{text}Z` is UTC, `{text}-05:00` five hours behind it"))
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
        ],
    ),
    ("invisible", &["hidden", "appear offline", "ghost"]),
    (
        "login",
        &["log in", "logged in", "signin", "sign in", "signed in", "logon", "start", "connect"],
    ),
    (
        "logout",
        &[
            "log out",
            "logged out",
            "logoff",
            "log off",
            "signout",
            "sign out",
            "signed out",
            "offline",
            "end",
            "stop",
        ],
    ),
    ("disconnect", &["disconnected", "connection lost", "lost", "dropped"]),
    ("reconnect", &["reconnected", "connection restored", "restored"]),
    ("active", &["activity", "heartbeat", "ping", "typing"]),
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
    let is_meant = |(_, words): &&(&str, &[&str])| words.contains(&plain.as_str());
    let (action, _) = OTHER_WORDS.iter().find(is_meant)?;
    let help = format!("did you mean `{action}`? {IMPORT}, with `--action '{action}={text}'`");
    Some(meant(*action, help))
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
            ("2026-03-09T08:55:00+0100", "an offset has a colon: `2026-03-09T08:55:00+01:00`"),
            ("1773046500", "seconds since 1970"),
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
        ] {
            let found = of_action(text).expect(text);
            assert!(found.help.contains(hint), "{text}: {}", found.help);
            // What stands in backquotes is what to write.
            let meant = hint.split('`').nth(1).expect("a word");
            assert_eq!(found.meant.as_deref(), Some(meant));
        }
        assert!(of_instant("").is_none() && of_action("dancing").is_none());
        let colon = of_instant("2026-03-09T08:55:00+0100").and_then(|hint| hint.meant);
        assert_eq!(colon.as_deref(), Some("2026-03-09T08:55:00+01:00"));
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
