//! What was meant by words that begin nothing in the language.

use super::super::lex::{Word, quote_word};
use super::super::span::Span;
use super::parser::Statement;
use super::words::is_days;
use lamplighter_core::model::text::{
    date, dates_meant, days_meant, hours_meant, is_dash, length_meant,
};
use lamplighter_core::model::{Interval, Millis, is_name, is_name_in_quotes};

/// What to write for a line of a block whose first word begins none: days and dates as other people
/// write them, and hours without days.
pub(super) fn block_line_meant(statement: Statement<'_>) -> Option<String> {
    let (first, rest) = statement.words.split_first()?;
    if let Some((count, days)) = days_in_words(statement.words) {
        let hours = hours_of(&statement.words[count..]).map(|hours| format!(" {hours}"));
        return Some(format!("days are written so: `{days}{}`", hours.unwrap_or_default()));
    }
    let hours = hours_of(rest).map(|hours| format!(" {hours}")).unwrap_or_default();
    if let Some(days) = days_meant(&first.text) {
        return Some(format!("days are written so: `{days}{hours}`"));
    }
    Some(match first.text.to_lowercase().as_str() {
        "holiday" | "holidays" | "closed" | "except" | "exception" => {
            let dates: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
            match dates[..] {
                [one] if date(one).is_ok() => format!("write `date {one} closed`"),
                _ => "a line for each: `date 2026-12-25 closed`".to_owned(),
            }
        }
        "hours" | "open" | "opening-hours" | "business-hours" | "schedule" => {
            "hours stand behind `scheduler ZONE`, in lines such as `mon-fri 09:00-17:00`".to_owned()
        }
        "timezone" | "tz" | "zone" => "write `scheduler ZONE`".to_owned(),
        "agents" | "agent" | "team" | "users" => {
            let names: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
            format!("write `members {}`", names.join(" "))
        }
        _ if date(&first.text).is_ok() => format!("write `date {}{hours}`", first.text),
        _ => return None,
    })
}

/// The days of several words in front of hours, such as `mon - fri`, `Monday to Friday` and `mon and wed`,
/// and how many words they are.
pub(super) fn days_in_words(words: &[Word]) -> Option<(usize, String)> {
    let is_of_days = |word: &Word| {
        let is_plain = |c: char| c.is_alphabetic() || is_dash(c) || ",&.".contains(c);
        !matches!(word.text.as_str(), "closed" | "every") && word.text.chars().all(is_plain)
    };
    let count = words.iter().position(|word| !is_of_days(word)).unwrap_or(words.len());
    let mut days = String::new();
    for word in words[..count].iter().filter(|_| count > 1) {
        let text = match word.text.to_lowercase().as_str() {
            "to" | "until" | "till" | "through" | "thru" | "bis" => "-".to_owned(),
            "and" | "&" | "und" => ",".to_owned(),
            text => text.replace(is_dash, "-"),
        };
        if !days.is_empty() && !days.ends_with(['-', ',']) && !text.starts_with(['-', ',']) {
            days.push(',');
        }
        days.push_str(&text);
    }
    let meant = days_meant(&days).unwrap_or(days);
    (count > 1 && is_days(&meant)).then_some((count, meant))
}

/// The dates of several words, such as `easter monday` and `2024-04-29 to 2024-05-05`, in one.
pub(super) fn dates_in_words(words: &[&str]) -> Option<String> {
    dates_meant(&words.join(" "))
}

/// Hours behind days, as the language writes them.
fn hours_of(words: &[Word]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match texts[..] {
        [] => None,
        ["closed"] => Some("closed".to_owned()),
        _ if texts.iter().all(|text| text.parse::<Interval>().is_ok()) => Some(texts.join(" ")),
        _ => hours_meant(&texts.join(" ")),
    }
}

/// What is wrong with a line of an `at` block that waits.
pub(super) fn wait_meant(statement: Statement<'_>) -> Option<(Span, String)> {
    let [first, rest @ ..] = statement.words else { return None };
    let waits = ["wait", "sleep", "pause", "after", "then", "later", "in"];
    if first.quoted || !waits.contains(&first.text.as_str()) {
        return None;
    }
    let in_one_word = rest.iter().find_map(|word| word.text.parse::<Millis>().ok());
    let length = in_one_word.map(|length| length.to_string()).or_else(|| {
        // `wait for 10 minutes`, `after 1 hour 30 minutes`
        let from =
            rest.iter().position(|word| word.text.starts_with(|c: char| c.is_ascii_digit()))?;
        let texts: Vec<&str> = rest[from..].iter().map(|word| word.text.as_str()).collect();
        (1..=texts.len()).rev().find_map(|count| length_meant(&texts[..count].join(" ")))
    });
    let says_so = || matches!(first.text.as_str(), "wait" | "sleep" | "pause");
    match length {
        Some(length) => {
            Some((first.span, format!("time goes on in a line of its own: `at +{length}`")))
        }
        None => says_so().then(|| {
            (first.span, "time goes on in a line of its own, such as `at +10m`".to_owned())
        }),
    }
}

/// What agents do in other words, and how the language says it.
const OTHER_VERBS: &[(&str, &[&str])] = &[
    (
        "loses connection",
        &["disconnects", "disconnect", "disconnected", "drops", "crashes", "vanishes"],
    ),
    ("reconnects", &["reconnected", "returns"]),
    (
        "logs in",
        &["login", "logins", "logon", "signin", "signs-in", "logs-in", "connects", "connect"],
    ),
    ("logs out", &["logout", "logoff", "signout", "signs-out", "logs-out", "leaves", "quits"]),
    ("goes", &["becomes", "turns", "switches", "changes", "comes", "gets"]),
];

/// What was meant by a word that says nothing an agent does, of which `next` is the one behind it: how the
/// language says it, and whether that is instead of both.
pub(super) fn verb_meant(verb: &str, next: Option<&str>) -> Option<(&'static str, bool)> {
    let lower = verb.to_lowercase();
    if matches!(lower.as_str(), "signs" | "logged" | "signed" | "log" | "sign") {
        return match next? {
            "in" | "on" => Some(("logs in", true)),
            "out" | "off" => Some(("logs out", true)),
            _ => None,
        };
    }
    let of_one = |(_, words): &&(&str, &[&str])| words.contains(&lower.as_str());
    OTHER_VERBS.iter().find(of_one).map(|(says, _)| (*says, false))
}

/// The words of a name with blanks in it, in front of what an agent does: `Ann O'Neil logs in`.
pub(super) fn name_in_front(
    statement: Statement<'_>,
    is_verb: impl Fn(&Word) -> bool,
) -> Option<String> {
    let verb = statement.words.iter().position(is_verb);
    let name = joined(&statement.words[..verb.filter(|at| *at > 1)?])?;
    Some(format!("a name with a blank in it stands in quotes: {}", quote_word(&name)))
}

/// Words as one name, if it can be one in quotes.
pub(super) fn joined(words: &[Word]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Some(texts.join(" ")).filter(|name| is_name_in_quotes(name))
}

/// A name for a property or a widget out of several words: blanks become hyphens.
pub(super) fn hyphenated(words: &[Word]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let name = texts.join("-");
    let parts = name.split_once('/').map_or(vec![name.as_str()], |(a, b)| vec![a, b]);
    parts.into_iter().all(is_name).then_some(name)
}

/// What was meant by a clause that is none.
pub(super) enum ClauseMeant {
    /// These words.
    Words(&'static str),
    /// No words of the language: what to know instead.
    Advice(&'static str),
}

/// What was meant by a clause that is none, where people say it so elsewhere.
pub(super) fn clause_meant(word: &str) -> Option<ClauseMeant> {
    Some(ClauseMeant::Words(match word.to_lowercase().as_str() {
        "open" | "opened" => {
            return Some(ClauseMeant::Advice(
                "a widget is `online`, `away` or `offline`; who is there decides with the hours \
                 (rules W1 to W6)",
            ));
        }
        "not" | "isn't" | "never" => {
            return Some(ClauseMeant::Advice(
                "there is no `not`: say which status it is, `online`, `away` or `offline`",
            ));
        }
        "closed" => "offline because scheduler-closed",
        "available" | "on" | "active" | "up" => "online",
        "busy" | "idle" | "dnd" => "away",
        "unavailable" | "off" | "down" => "offline",
        "visible" => "shown",
        "unseen" | "invisible-to" => "hidden",
        _ => return None,
    }))
}
