//! Lines of hours: weekdays, weeks that take turns, dates, and what is cut out of dates.

use super::super::ast::{Every, HoursLine, HoursOn, Name};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex::Word;
use super::super::span::Spanned;
use super::words::{Cursor, date, days, one_of, scalar};
use super::{Parser, Statement};
use lamplighter_core::model::text::{hours_meant, is_dash};
use lamplighter_core::model::{Dates, Interval};

/// The fewest and the most weeks of `every N weeks` (rule S9).
const EVERY_WEEKS: std::ops::RangeInclusive<u8> = 2..=53;

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
                let weeks_at = rest.iter().position(|word| word.text == "every" && !word.quoted);
                let (words, _) = rest.split_at(weeks_at.unwrap_or(rest.len()));
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

/// `every N weeks from DATE`, if it stands there (rule S9).
fn every(cursor: &mut Cursor<'_>) -> Result<Option<Spanned<Every>>, Diagnostic> {
    const FORM: &str = "`every N weeks from DATE`";
    let Some(first) = cursor.peek().filter(|word| word.text == "every") else { return Ok(None) };
    cursor.next();
    let count = cursor.next().ok_or_else(|| cursor.incomplete(FORM))?;
    let weeks = count.text.parse::<u8>().ok().filter(|weeks| EVERY_WEEKS.contains(weeks));
    let weeks = weeks.filter(|_| !count.text.starts_with(['+', '0'])).ok_or_else(|| {
        Diagnostic::new(
            count.span,
            format!("`{}` is no number of weeks", count.text),
            "rule S9: every 2 to 53 weeks",
        )
        .code(Code::MalformedHours)
        .help("hours of every week are written without `every`")
    })?;
    for expected in ["weeks", "from"] {
        let word = cursor.next().ok_or_else(|| cursor.incomplete(FORM))?;
        if word.text != expected {
            return Err(Diagnostic::new(
                word.span,
                format!("`{}` is not `{expected}`", word.text),
                format!("expected {FORM}"),
            )
            .code(Code::MalformedHours));
        }
    }
    let from = date(cursor.next().ok_or_else(|| cursor.incomplete(FORM))?)?;
    let span = first.span.to(from.span);
    Ok(Some(Spanned::new(Every { weeks, from: from.node }, span)))
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
