//! What single words stand for: names, durations, times, days, intervals.

use std::str::FromStr;

use chrono::NaiveDate;

use super::super::ast::{HoursOn, Name, Time};
use super::super::code::Code;
use super::super::diagnostic::{Diagnostic, any_of, nearest};
use super::super::lex::{self, Commas, Word, quote_word};
use super::super::span::{Source, Span, Spanned};
use super::parser::{Kind, Parser, Statement};
use lamplighter_core::hours::zone_names;
use lamplighter_core::model::text::{self, NAMES, TextError, WEEKDAYS, weekday};
use lamplighter_core::model::{NAME_CODE_POINTS_MAX, is_name, is_name_in_quotes};

/// The words of a statement behind its first, read one after the other.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    words: &'a [Word],
    at: usize,
    statement: Span,
}

impl<'a> Cursor<'a> {
    /// Stands behind the first word of a statement.
    pub fn new(statement: Statement<'a>) -> Self {
        Self { words: statement.words, at: 1, statement: statement.span }
    }

    /// The next word, which counts as read; `None` behind the last.
    pub fn next(&mut self) -> Option<&'a Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The next word, without reading it.
    pub fn peek(&self) -> Option<&'a Word> {
        self.words.get(self.at)
    }

    /// The words not read yet.
    pub fn rest(&mut self) -> &'a [Word] {
        let rest = &self.words[self.at..];
        self.at = self.words.len();
        rest
    }

    /// Gives back the last words read, so many of them.
    pub fn back(&mut self, count: usize) {
        self.at -= count;
    }

    /// The last word read.
    pub fn last(&self) -> &'a Word {
        &self.words[self.at - 1]
    }

    /// A fault where more words were expected.
    pub fn incomplete(&self, expected: &str) -> Diagnostic {
        Diagnostic::new(self.statement, "the line is not complete", format!("expected {expected}"))
            .code(Code::IncompleteLine)
    }

    /// A fault if there are more words.
    pub fn end(&mut self) -> Result<(), Diagnostic> {
        let Some(first) = self.peek() else { return Ok(()) };
        let rest = self.rest();
        let span = first.span.to(rest.last().map_or(first.span, |word| word.span));
        Err(Diagnostic::new(span, "the line goes on too long", "nothing more is expected here")
            .code(Code::LineTooLong))
    }
}

impl Parser<'_, '_> {
    /// A word as the name of a property or a widget. A faulty name is a diagnostic and a name all the
    /// same.
    pub(super) fn name(&mut self, word: &Word, of: &str) -> Name {
        self.diagnostics.extend(plain_name_diagnostic(word, of));
        Name::new(word.text.clone(), word.span)
    }

    /// A word as the name of an agent or a device, which in quotes can hold whatever shows.
    pub(super) fn person_or_device(&mut self, word: &Word, of: &str) -> Name {
        let diagnostic = match (word.quoted, is_name_in_quotes(&word.text)) {
            (true, true) => None,
            (true, false) => Some(Diagnostic::new(
                word.span,
                format!("this cannot be the name of {of}"),
                format!(
                    "names in quotes are 1 to {NAME_CODE_POINTS_MAX} printable characters, with \
                     single blanks between"
                ),
            ).code(Code::MalformedName)),
            (false, can_be_quoted) => {
                plain_name_diagnostic(word, of).map(|found| match found.help {
                    None if can_be_quoted => {
                        found.help(format!("write it in quotes: {}", quote_word(&word.text)))
                    }
                    _ => found,
                })
            }
        };
        self.diagnostics.extend(diagnostic);
        Name::new(word.text.clone(), word.span)
    }

    /// A word that is taken as it is, such as a name to be looked up: without a comma unless quoted.
    pub(super) fn plain(&mut self, word: &Word) -> Name {
        if word.text.contains(',') && !word.quoted {
            self.diagnostics.push(
                Diagnostic::new(
                    word.span,
                    "a word with a comma must be quoted",
                    "a comma separates only in `expect` lines and in lists of days",
                )
                .code(Code::MisplacedComma)
                .help("separate by blanks, or write the whole word in quotes"),
            );
        }
        Name::new(word.text.clone(), word.span)
    }
}

/// What is wrong with a name that is not in quotes.
fn plain_name_diagnostic(word: &Word, of: &str) -> Option<Diagnostic> {
    if is_name(&word.text) {
        return None;
    }
    let diagnostic = Diagnostic::new(word.span, format!("this cannot be the name of {of}"), NAMES)
        .code(Code::MalformedName);
    Some(match word.text.contains(',') {
        true => diagnostic.help("separate names by blanks, without commas"),
        false => diagnostic,
    })
}

/// A word as the scalar that it stands for.
pub(super) fn scalar<T: FromStr<Err = TextError>>(word: &Word) -> Result<Spanned<T>, Diagnostic> {
    read(word, str::parse)
}

/// A word as what a reader of texts makes of it.
fn read<T>(
    word: &Word,
    read: impl FnOnce(&str) -> Result<T, TextError>,
) -> Result<Spanned<T>, Diagnostic> {
    let read = read(&word.text)
        .map_err(|error| Diagnostic::of_text(word.span, error).code(Code::MalformedValue))?;
    Ok(Spanned::new(read, word.span))
}

/// A word as a calendar date.
pub(super) fn date(word: &Word) -> Result<Spanned<NaiveDate>, Diagnostic> {
    read(word, text::date)
}

/// A time: one word, or a date or a number of days and a time of day.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Result<Spanned<Time>, Diagnostic> {
    let Some(first) = cursor.next() else {
        return Err(cursor.incomplete("a time, e.g. `2026-03-09 08:55`"));
    };
    let text = first.text.as_str();
    if text.contains(['T', 't']) && text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(Spanned::new(Time::Instant(scalar(first)?.node), first.span));
    }
    if let Some(length) = text.strip_prefix('+') {
        let length_word = Word {
            text: length.to_owned(),
            span: Span::new(first.span.start + 1, first.span.end),
            quoted: first.quoted,
            is_put_in: first.is_put_in,
        };
        if length.is_empty() {
            let label = "expected a duration right behind the `+`, without a blank";
            return Err(Diagnostic::new(length_word.span, "nothing stands behind the `+`", label)
                .code(Code::MalformedTime));
        }
        let length = scalar(&length_word)?.node;
        if !cursor.peek().is_some_and(|word| word.text.contains(':')) {
            return Ok(Spanned::new(Time::After(length), first.span));
        }
        let second = cursor.last_and_next();
        let days = text[1..].strip_suffix('d').and_then(|days| days.parse().ok());
        let Some(days) = days else {
            return Err(Diagnostic::new(
                first.span,
                "only whole days can stand before a time of day",
                "expected `+1d`, `+2d`, …",
            )
            .code(Code::MalformedTime));
        };
        let time = read(second, text::time_of_day)?.node;
        return Ok(Spanned::new(Time::DaysAfter(days, time), first.span.to(second.span)));
    }
    if text.contains('-') {
        let date = date(first)?.node;
        if !cursor.peek().is_some_and(|word| word.text.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(Diagnostic::new(
                first.span,
                "a date needs a time of day",
                "expected a time behind it, e.g. `09:00`",
            )
            .code(Code::MalformedTime));
        }
        let second = cursor.last_and_next();
        let time = read(second, text::time_of_day)?.node;
        return Ok(Spanned::new(Time::Local(date, time), first.span.to(second.span)));
    }
    Ok(read(first, text::time_of_day)?.map(Time::TimeOfDay))
}

impl<'a> Cursor<'a> {
    /// The next word, which is known to be there.
    fn last_and_next(&mut self) -> &'a Word {
        self.at += 1;
        self.last()
    }
}

/// A time from outside of a file, such as the argument of `--at`; what is no more than a scalar is read
/// by [`text`].
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_time_alone(text: &str) -> Result<Time, String> {
    let mut diagnostics = Vec::new();
    let mut words = vec![word_alone("at")];
    words.extend(lex::words(text, 0, Commas::Belong, &mut diagnostics));
    let statement = Statement { words: &words, span: Span::new(0, text.len()) };
    let mut cursor = Cursor::new(statement);
    let result = time(&mut cursor).and_then(|time| cursor.end().map(|()| time.node));
    match (diagnostics.into_iter().next(), result) {
        (None, Ok(time)) => Ok(time),
        (Some(diagnostic), _) | (None, Err(diagnostic)) => {
            Err(format!("{}: {}", diagnostic.message, diagnostic.label))
        }
    }
}

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameOf {
    /// An agent.
    Agent,
    /// A device.
    Device,
    /// A property.
    Property,
    /// A widget: the part behind its property.
    Widget,
}

/// Holds a name from outside of a file, such as one that something is to be renamed to, against what can be
/// called so; it is written in quotes where it needs them.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_name_alone(name: &str, of: NameOf) -> Result<(), String> {
    let source = Source::default();
    let mut parser = Parser::new(&source, 0, Kind::Scenario, None);
    let word = Word { quoted: !is_name(name), ..word_alone(name) };
    match of {
        NameOf::Agent => parser.agent_name(&word),
        NameOf::Device => parser.person_or_device(&word, "a device"),
        NameOf::Property => parser.name(&word, "a property"),
        NameOf::Widget => parser.name(&word, "a widget"),
    };
    match parser.diagnostics.into_iter().next() {
        None => Ok(()),
        Some(found) => Err(format!("{}: {}", found.message, found.label)),
    }
}

/// A word that stands in no file.
fn word_alone(text: &str) -> Word {
    let span = Span::new(0, text.len());
    Word { text: text.to_owned(), span, quoted: false, is_put_in: false }
}

/// The next word as one of a few.
pub(super) fn one_of<T: Copy>(
    cursor: &mut Cursor<'_>,
    words: &[(&'static str, T)],
) -> Result<T, Diagnostic> {
    let names = || words.iter().map(|(name, _)| *name);
    let expected = || any_of(names());
    let word = cursor.next().ok_or_else(|| cursor.incomplete(&expected()))?;
    let found = words.iter().find(|(name, _)| *name == word.text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        Diagnostic::new(
            word.span,
            format!("`{}` is not known here", word.text),
            format!("expected {}", expected()),
        )
        .code(Code::UnknownWord)
        .did_you_mean(&word.text, names())
    })
}

/// A time zone: one word, or several where they are its name elsewhere, which has a fault of its own.
pub(super) fn zone(cursor: &mut Cursor<'_>) -> Result<Name, Diagnostic> {
    let first = cursor.next().ok_or_else(|| cursor.incomplete("an IANA time zone"))?;
    let mut ahead = cursor.clone();
    let rest = ahead.rest();
    let texts = std::iter::once(first).chain(rest).map(|word| word.text.as_str());
    let whole = texts.collect::<Vec<_>>().join(" ");
    if let Some(last) = rest.last()
        && (zone_names::is_known(&whole) || is_one_name(first, rest))
    {
        *cursor = ahead;
        return Ok(Name::new(whole, first.span.to(last.span)));
    }
    Ok(Name::new(first.text.clone(), first.span))
}

/// Whether several words are one name of a zone that is not known: what stands behind one that is known
/// is something else, and so are days and hours.
fn is_one_name(first: &Word, rest: &[Word]) -> bool {
    let is_of_a_name = |word: &Word| {
        let is_plain = |c: char| c.is_alphabetic() || "/_.&()'-".contains(c);
        !word.quoted && word.text.chars().all(is_plain) && !looks_like_days(&word.text)
    };
    zone_names::is_unknown(&first.text) && std::iter::once(first).chain(rest).all(is_of_a_name)
}

/// A text in quotes, such as a greeting's.
pub(super) fn quoted_text(cursor: &mut Cursor<'_>) -> Result<Name, Diagnostic> {
    let word = cursor.next().ok_or_else(|| cursor.incomplete("a text in quotes"))?;
    if !word.quoted {
        let rest = cursor.rest().iter().map(|word| format!(" {}", word.text));
        let text = format!("{}{}", word.text, rest.collect::<String>());
        return Err(Diagnostic::new(word.span, "a greeting stands in quotes", "expected `\"`")
            .code(Code::UnquotedText)
            .help(format!("write {}", quote_word(&text))));
    }
    Ok(Name::new(word.text.clone(), word.span))
}

/// Whether a first word is meant as days: it begins with one.
pub(super) fn looks_like_days(word: &str) -> bool {
    let first = word.split([',', '-']).next().unwrap_or_default();
    // Nearly no word is: it costs no message to find that out.
    first == "daily" || WEEKDAYS.iter().any(|(day, _)| *day == first)
}

/// Whether a word names days.
pub(super) fn is_days(word: &str) -> bool {
    looks_like_days(word) && days(&word_alone(word)).is_ok()
}

/// The day that is meant by a word that is none: `tues` and `friday` begin with it.
fn day_meant(wrong: &str) -> Option<&'static str> {
    let begins = WEEKDAYS.iter().map(|(name, _)| *name).find(|name| wrong.starts_with(name));
    let near = || nearest(wrong.get(..3).unwrap_or(wrong), WEEKDAYS.map(|(name, _)| name));
    begins.or_else(near)
}

/// `daily`, `mon`, `mon-fri`, `mon,wed-fri`.
pub(super) fn days(word: &Word) -> Result<Spanned<HoursOn>, Diagnostic> {
    if word.text == "daily" {
        return Ok(Spanned::new(HoursOn::Daily, word.span));
    }
    let mut days = Vec::new();
    let mut at = word.span.start;
    for part in word.text.split(',') {
        // A word of which a cell is a part is not written as it is read.
        let span = if word.is_put_in { word.span } else { Span::new(at, at + part.len()) };
        at += part.len() + 1;
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if part == "daily" {
            return Err(Diagnostic::new(
                span,
                "`daily` stands alone",
                "it names every day already",
            )
            .code(Code::MalformedDays));
        }
        let (Ok(first_day), Ok(last_day)) = (weekday(first), weekday(last)) else {
            let is_last = weekday(first).is_ok();
            let wrong = if is_last { last } else { first };
            let diagnostic =
                Diagnostic::of_text(span, text::no_days(part)).code(Code::MalformedDays);
            if let Some(meant) = text::days_meant(part) {
                return Err(diagnostic.meant(span, &meant));
            }
            let start = if is_last { span.end - wrong.len() } else { span.start };
            let word = if word.is_put_in { span } else { Span::new(start, start + wrong.len()) };
            return Err(match day_meant(wrong) {
                Some(meant) => diagnostic.meant(word, meant),
                None => diagnostic,
            });
        };
        days.push(Spanned::new((first_day, last_day), span));
    }
    Ok(Spanned::new(HoursOn::Days(days), word.span))
}
