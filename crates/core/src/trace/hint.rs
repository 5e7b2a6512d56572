//! What to write in place of a field that is none: what whoever wrote it most likely meant.

use super::instant::rfc_3339;
use crate::model::Action;

/// Local times, epochs and other forms are for whoever converts the log.
const IMPORT: &str = "`lamplighter import` takes such a log as it is";

/// What to write in place of an instant that is none.
pub fn of_instant(text: &str) -> Option<String> {
    let with = |text: &str, end: &str| rfc_3339(&format!("{text}{end}")).is_some();
    if with(text, "Z") {
        let text = text.replacen(' ', "T", 1);
        Some(format!(
            "an offset is missing: `{text}Z` is UTC, `{text}-05:00` five hours behind it; {IMPORT}, \
             with `--zone`"
        ))
    } else if let Some((at, offset)) = text.split_at_checked(text.len().saturating_sub(4))
        && at.ends_with(['+', '-'])
        && let Some((hours, minutes)) = offset.split_at_checked(2)
        && with(at, &format!("{hours}:{minutes}"))
    {
        Some(format!("an offset has a colon: `{at}{hours}:{minutes}`"))
    } else if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        Some(format!("this looks like seconds since 1970; {IMPORT}, with `--at-format epoch`"))
    } else {
        (!text.is_empty()).then(|| format!("{IMPORT}, whatever its times look like"))
    }
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
pub fn of_action(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    if Action::from_text(&lower).is_some() {
        let why =
            if lower == text.trim() { "without blanks around it" } else { "in small letters" };
        return Some(format!("actions are written {why}: `{lower}`"));
    }
    let plain = lower.replace(['_', '-'], " ");
    let is_meant = |(_, words): &&(&str, &[&str])| words.contains(&plain.as_str());
    let (action, _) = OTHER_WORDS.iter().find(is_meant)?;
    Some(format!("did you mean `{action}`? {IMPORT}, with `--action '{action}={text}'`"))
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
            let found = of_instant(text).expect(text);
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
            assert!(found.contains(hint), "{text}: {found}");
        }
        assert_eq!((of_instant(""), of_action("dancing")), (None, None));
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
