//! Lines of hours: weekdays, weeks that take turns, dates, and what is cut out of dates.

use super::super::ast::{HoursLine, HoursOn, Name};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex::Word;
use super::super::span::Spanned;
use super::meant::{dates_in_words, days_in_words};
use super::parser::{Parser, Statement};
use super::weeks::{every, weeks_at};
use super::words::{Cursor, days, one_of, scalar};
use lamplighter_core::model::text::{hours_meant, is_dash};
use lamplighter_core::model::{Dates, Interval};

impl Parser<'_, '_> {
    /// `DAYS closed`, `DAYS HH:MM-HH:MM…`, both with `every N weeks from DATE` behind; `date DATES …`,
    /// and `date DATES closed HH:MM-HH:MM…`.
    pub(super) fn hours_line(&mut self, statement: Statement<'_>) -> Result<HoursLine, Diagnostic> {
        match statement.keyword().text.as_str() {
            "date" => return self.date_line(statement),
            "dates" => return calendar_line(statement),
            _ => {}
        }
        let merged = merge_lists(statement.words);
        let mut cursor = Cursor::new(Statement { words: &merged, span: statement.span });
        if let Some(blanks) = days_with_blanks(&merged) {
            return Err(blanks);
        }
        let on = days(&merged[0])?;
        match cursor.peek() {
            None => Err(cursor.incomplete("`closed` or hours such as `09:00-17:00`")),
            Some(word) if word.text == "closed" => {
                cursor.next();
                let every = every(&mut cursor)?;
                cursor.end()?;
                Ok(HoursLine { on, intervals: Vec::new(), every })
            }
            Some(_) => {
                let rest = cursor.rest();
                let (words, _) = rest.split_at(weeks_at(rest).unwrap_or(rest.len()));
                let intervals = self.intervals(words)?;
                cursor.back(rest.len() - words.len());
                let every = every(&mut cursor)?;
                cursor.end()?;
                Ok(HoursLine { on, intervals, every })
            }
        }
    }

    /// `date DATES …` (rules S5, S7, S8).
    fn date_line(&mut self, statement: Statement<'_>) -> Result<HoursLine, Diagnostic> {
        let mut cursor = Cursor::new(statement);
        if let Some(words) = dates_of_words(&statement.words[1..]) {
            return Err(words);
        }
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a date such as `2026-12-25`"))?;
        let dates: Spanned<Dates> = scalar(word)?;
        let closed = match cursor.peek() {
            None => {
                return Err(cursor.incomplete("`closed` or hours such as `09:00-17:00`"));
            }
            Some(word) => word.text == "closed",
        };
        if closed {
            cursor.next();
        }
        let words = cursor.rest();
        if let Some(word) = words.iter().find(|word| word.text == "closed") {
            return Err(Diagnostic::new(
                word.span,
                "`closed` stands first and once",
                "rule S8: behind it stands what is cut out of the day",
            )
            .code(Code::MalformedHours)
            .help("write hours and cuts in lines of their own"));
        }
        if let Some(word) = words.iter().find(|word| word.text == "every") {
            return Err(Diagnostic::new(
                word.span,
                "dates do not take turns",
                "rule S9: `every N weeks` stands behind the hours of weekdays",
            )
            .code(Code::MalformedHours));
        }
        let intervals = self.intervals(words)?;
        let cuts = closed && !intervals.is_empty();
        let on = dates.map(if cuts { HoursOn::Cut } else { HoursOn::Dates });
        Ok(HoursLine { on, intervals, every: None })
    }

    fn intervals(&mut self, words: &[Word]) -> Result<Vec<Spanned<Interval>>, Diagnostic> {
        if let [first, .., last] = words
            && words.iter().any(|word| {
                let text = word.text.as_str();
                text.ends_with(is_dash) || text.starts_with(is_dash) || text == "to"
            })
        {
            let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            let help = match hours_meant(&texts.join(" ")) {
                Some(meant) => format!("write `{meant}`"),
                None => "write for example `09:00-17:00`, with a blank only between two intervals"
                    .to_owned(),
            };
            return Err(Diagnostic::new(
                first.span.to(last.span),
                "hours are written without blanks",
                "expected `HH:MM-HH:MM`",
            )
            .code(Code::MalformedHours)
            .help(help));
        }
        let mut intervals = Vec::new();
        for word in words {
            match scalar(word) {
                Ok(interval) => intervals.push(interval),
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        Ok(intervals)
    }
}

/// The fault of `mon - fri` and `mon to fri`, whose words are days together.
fn days_with_blanks(words: &[Word]) -> Option<Diagnostic> {
    let (count, meant) = days_in_words(words)?;
    let [first, .., last] = &words[..count] else { return None };
    let span = first.span.to(last.span);
    let message = "days are written without blanks";
    let found = Diagnostic::new(span, message, "expected `mon-fri`, or a list such as `mon,wed`")
        .code(Code::MalformedDays);
    Some(with_one_word(found, &words[..count], &meant))
}

/// The fault of `easter monday` and of two dates side by side, which are no entry's dates.
fn dates_of_words(words: &[Word]) -> Option<Diagnostic> {
    let is_behind =
        |word: &Word| word.text == "closed" || word.text.contains(':') || word.text == "every";
    let count = words.iter().position(is_behind).unwrap_or(words.len());
    let [first, .., last] = &words[..count] else { return None };
    let texts: Vec<&str> = words[..count].iter().map(|word| word.text.as_str()).collect();
    let span = first.span.to(last.span);
    let found = |message: &str| {
        Diagnostic::new(span, message, "expected one word that names the dates (rule S7)")
            .code(Code::MalformedHours)
    };
    if let Some(meant) = dates_in_words(&texts) {
        return Some(with_one_word(
            found("dates are written in one word"),
            &words[..count],
            &meant,
        ));
    }
    let mut dates = texts.iter().map(|text| text.parse::<Dates>());
    if !dates.all(|dates| dates.is_ok()) {
        return None;
    }
    let range = match texts[..] {
        [first, last] => Some(format!("{first}..{last}")),
        _ => None,
    };
    let range = range.filter(|range| range.parse::<Dates>().is_ok());
    let found = found("a line is of one date, or of one range");
    Some(match range {
        Some(range) => found
            .help(format!(
                "the dates from one to the other are `{range}`; for these alone write a line each"
            ))
            .suggest(span, range),
        None => found.help("write a line for each"),
    })
}

/// What was meant by words that are to be one; they are changed where they are written as they are read.
fn with_one_word(found: Diagnostic, words: &[Word], meant: &str) -> Diagnostic {
    let span = found.span;
    match words.iter().any(|word| word.is_put_in) {
        true => found.help(format!("did you mean `{meant}`?")),
        false => found.meant(span, meant),
    }
}

/// `dates "FILE.ics" closed`: a calendar file.
fn calendar_line(statement: Statement<'_>) -> Result<HoursLine, Diagnostic> {
    let mut cursor = Cursor::new(statement);
    let path = cursor.next().ok_or_else(|| cursor.incomplete("the path of a calendar file"))?;
    if !path.quoted {
        return Err(Diagnostic::new(
            path.span,
            "the path of a calendar file stands in quotes",
            "expected `dates \"FILE.ics\" closed`",
        )
        .code(Code::UnquotedText)
        .help("dates themselves are written with `date`: `date 2026-12-25 closed`"));
    }
    one_of(&mut cursor, &[("closed", ())])?;
    cursor.end()?;
    let on = HoursOn::Calendar(Name::new(path.text.clone(), path.span));
    Ok(HoursLine { on: Spanned::new(on, path.span), intervals: Vec::new(), every: None })
}

/// Puts `mon, wed` together again: within `DAYS`, blanks may stand around a comma.
fn merge_lists(words: &[Word]) -> Vec<Word> {
    let mut merged: Vec<Word> = Vec::new();
    for word in words {
        match merged.last_mut() {
            Some(last) if last.text.ends_with(',') || word.text.starts_with(',') => {
                last.text.push_str(&word.text);
                last.span = last.span.to(word.span);
            }
            _ => merged.push(word.clone()),
        }
    }
    merged
}
