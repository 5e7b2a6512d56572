//! Weeks that take turns (rule S9), and what was meant by other words for them.

use super::super::ast::Every;
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex::Word;
use super::super::span::Spanned;
use super::words::{Cursor, date};
use lamplighter_core::model::{EVERY_WEEKS, text};

const FORM: &str = "`every N weeks from DATE`";

/// Where a line of hours begins to say in which weeks, in the words of the language or in others.
pub(super) fn weeks_at(words: &[Word]) -> Option<usize> {
    let is_of_weeks = |word: &Word| word.text == "every" || is_other_word(&word.text);
    words.iter().position(|word| !word.quoted && is_of_weeks(word))
}

/// Words with which other people begin to say in which weeks.
fn is_other_word(word: &str) -> bool {
    let words = ["even", "odd", "uneven", "alternate", "alternating", "biweekly", "bi-weekly"];
    words.contains(&word) || matches!(word, "fortnightly" | "weekly")
}

/// `every N weeks from DATE`, if it stands there (rule S9).
pub(super) fn every(cursor: &mut Cursor<'_>) -> Result<Option<Spanned<Every>>, Diagnostic> {
    let Some(first) = cursor.peek() else { return Ok(None) };
    if is_other_word(&first.text) && !first.quoted {
        return Err(other_words(first, cursor.rest()));
    }
    if first.text != "every" {
        return Ok(None);
    }
    cursor.next();
    let count = cursor.next().ok_or_else(|| cursor.incomplete(FORM))?;
    let weeks = count.text.parse::<u8>().ok().filter(|weeks| EVERY_WEEKS.contains(weeks));
    let weeks = weeks.filter(|_| !count.text.starts_with(['+', '0']));
    let weeks = weeks.ok_or_else(|| no_number(count, cursor.clone().rest()))?;
    for expected in ["weeks", "from"] {
        let word = cursor.next().ok_or_else(|| cursor.incomplete(FORM))?;
        if word.text != expected {
            let rest = cursor.clone().rest();
            return Err(Diagnostic::new(
                word.span,
                format!("`{}` is not `{expected}`", word.text),
                format!("expected {FORM}"),
            )
            .code(Code::MalformedHours)
            .help(advice(weeks, rest)));
        }
    }
    let from = date(cursor.next().ok_or_else(|| cursor.incomplete(FORM))?)?;
    let span = first.span.to(from.span);
    Ok(Some(Spanned::new(Every { weeks, from: from.node }, span)))
}

/// How every so many weeks are written, with the date that stands there already.
fn advice(weeks: u8, rest: &[Word]) -> String {
    match rest.iter().find(|word| text::date(&word.text).is_ok()) {
        Some(from) => format!("write `every {weeks} weeks from {}`", from.text),
        None => format!(
            "write `every {weeks} weeks from DATE`, DATE a day of one of those weeks such as \
             `2026-01-05`"
        ),
    }
}

/// The fault of what stands in the place of a number of weeks.
fn no_number(count: &Word, rest: &[Word]) -> Diagnostic {
    let help = match count.text.as_str() {
        "second" | "other" | "2nd" | "two" | "alternate" | "fortnight" => advice(2, rest),
        "third" | "3rd" | "three" => advice(3, rest),
        "fourth" | "4th" | "four" => advice(4, rest),
        "0" | "1" | "one" | "single" | "week" | "1st" => {
            "hours of every week are written without `every`".to_owned()
        }
        _ => advice(*EVERY_WEEKS.start(), rest).replacen("write", "write for example", 1),
    };
    let message = format!("`{}` is no number of weeks", count.text);
    Diagnostic::new(count.span, message, text::every_weeks_expected())
        .code(Code::MalformedHours)
        .help(help)
}

/// The fault of `even weeks`, `biweekly` and `weekly`.
fn other_words(first: &Word, rest: &[Word]) -> Diagnostic {
    let help = match first.text.as_str() {
        "weekly" => "hours of every week are written without it".to_owned(),
        _ => advice(2, rest),
    };
    let span = first.span.to(rest.last().map_or(first.span, |word| word.span));
    let label = format!("expected hours, or {FORM}");
    Diagnostic::new(span, "weeks that take turns are written otherwise", label)
        .code(Code::MalformedHours)
        .help(help)
}
