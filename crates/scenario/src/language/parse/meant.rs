//! What was meant by words that begin nothing in the language.

use super::super::lex::{Word, quote_word};
use super::super::span::Span;
use super::Statement;
use lamplighter_core::model::text::{date, days_meant, hours_meant};
use lamplighter_core::model::{Interval, Millis, is_name, is_name_in_quotes};

/// What to write for a line of a block whose first word begins none: days and dates as other people
/// write them, and hours without days.
pub(super) fn block_line_meant(statement: Statement<'_>) -> Option<String> {
    let (first, rest) = statement.words.split_first()?;
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
    let mut lengths = rest.iter().map(|word| word.text.parse::<Millis>());
    let length = lengths.find_map(Result::ok)?;
    Some((first.span, format!("time goes on in a line of its own: `at +{length}`")))
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
        "closed" => "offline because scheduler-closed",
        "available" | "on" | "active" | "up" => "online",
        "busy" | "idle" | "dnd" => "away",
        "unavailable" | "off" | "down" => "offline",
        "visible" => "shown",
        "unseen" | "invisible-to" => "hidden",
        _ => return None,
    }))
}
