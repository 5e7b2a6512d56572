//! What single words stand for: names, durations, times, days, intervals.

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::super::ast::{HoursOn, Name, Time};
use super::super::diagnostic::Diagnostic;
use super::super::lex::{Word, quote_word};
use super::super::span::{Span, Spanned};
use super::{Parser, Statement};
use lamplighter_core::model::{
    DAY_MINUTES, Instant, Interval, Millis, NAME_CODE_POINTS_MAX, is_name, is_name_in_quotes,
};

/// The words of a statement behind its first, read one after the other.
pub(super) struct Cursor<'a> {
    words: &'a [Word],
    at: usize,
    statement: Span,
}

impl<'a> Cursor<'a> {
    pub fn new(statement: Statement<'a>) -> Self {
        Self { words: statement.words, at: 1, statement: statement.span }
    }

    pub fn next(&mut self) -> Option<&'a Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    pub fn peek(&self) -> Option<&'a Word> {
        self.words.get(self.at)
    }

    /// The words not read yet.
    pub fn rest(&mut self) -> &'a [Word] {
        let rest = &self.words[self.at..];
        self.at = self.words.len();
        rest
    }

    /// The last word read.
    pub fn last(&self) -> &'a Word {
        &self.words[self.at - 1]
    }

    /// A fault where more words were expected.
    pub fn incomplete(&self, expected: &str) -> Diagnostic {
        Diagnostic::new(self.statement, "the line is not complete", format!("expected {expected}"))
    }

    /// A fault if there are more words.
    pub fn end(&mut self) -> Result<(), Diagnostic> {
        let Some(first) = self.peek() else { return Ok(()) };
        let rest = self.rest();
        let span = first.span.to(rest.last().map_or(first.span, |word| word.span));
        Err(Diagnostic::new(span, "the line goes on too long", "nothing more is expected here"))
    }
}

impl Parser<'_> {
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
            )),
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
    let diagnostic = Diagnostic::new(
        word.span,
        format!("this cannot be the name of {of}"),
        format!("names are 1 to {NAME_CODE_POINTS_MAX} letters, marks and digits, `.`, `_`, `-`"),
    );
    Some(match word.text.contains(',') {
        true => diagnostic.help("separate names by blanks, without commas"),
        false => diagnostic,
    })
}

/// `90s`, `1h30m`, `250ms`: units from the longest down, each at most once.
pub(super) fn duration(word: &Word) -> Result<Spanned<Millis>, Diagnostic> {
    let diagnostic = |label: &str| {
        Diagnostic::new(word.span, format!("`{}` is not a duration", word.text), label)
            .help("write for example `90s`, `10m`, `1h30m`, `2d` or `250ms`")
    };
    const UNITS: [(&str, u64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = word.text.as_str();
    let mut units = &UNITS[..];
    let mut total_ms: u64 = 0;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters =
            after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, after) = after.split_at(letters);
        if word.text.is_empty() {
            let label = "expected a duration right behind the `+`, without a blank";
            return Err(Diagnostic::new(word.span, "nothing stands behind the `+`", label));
        }
        if number.is_empty() {
            return Err(diagnostic("expected a number"));
        }
        let Some(place) = units.iter().position(|(name, _)| *name == unit) else {
            return Err(diagnostic(match UNITS.iter().any(|(name, _)| *name == unit) {
                true => "units go from the longest down, each once",
                false => "expected a number with `d`, `h`, `m`, `s` or `ms` behind it",
            }));
        };
        total_ms = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(units[place].1))
            .and_then(|ms| total_ms.checked_add(ms))
            .filter(|&ms| i64::try_from(ms).is_ok())
            .ok_or_else(|| diagnostic("longer than all of time (rule T4)"))?;
        if after.is_empty() {
            return Ok(Spanned::new(Millis(total_ms), word.span));
        }
        units = &units[place + 1..];
        rest = after;
    }
}

/// A time: one word, or a date or a number of days and a time of day.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Result<Spanned<Time>, Diagnostic> {
    let Some(first) = cursor.next() else {
        return Err(cursor.incomplete("a time, e.g. `2026-03-09 08:55`"));
    };
    let text = first.text.as_str();
    if text.contains(['T', 't']) && text.starts_with(|c: char| c.is_ascii_digit()) {
        let instant = instant(first)?;
        return Ok(Spanned::new(Time::Instant(instant), first.span));
    }
    if let Some(length) = text.strip_prefix('+') {
        let length_word = Word {
            text: length.to_owned(),
            span: Span::new(first.span.start + 1, first.span.end),
            quoted: first.quoted,
        };
        let length = duration(&length_word)?.node;
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
            ));
        };
        let time = time_of_day(second)?;
        return Ok(Spanned::new(Time::DaysAfter(days, time), first.span.to(second.span)));
    }
    if text.contains('-') {
        let date = date(first)?;
        if !cursor.peek().is_some_and(|word| word.text.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(Diagnostic::new(
                first.span,
                "a date needs a time of day",
                "expected a time behind it, e.g. `09:00`",
            ));
        }
        let second = cursor.last_and_next();
        let time = time_of_day(second)?;
        return Ok(Spanned::new(Time::Local(date, time), first.span.to(second.span)));
    }
    Ok(Spanned::new(Time::TimeOfDay(time_of_day(first)?), first.span))
}

impl<'a> Cursor<'a> {
    /// The next word, which is known to be there.
    fn last_and_next(&mut self) -> &'a Word {
        self.at += 1;
        self.last()
    }
}

/// A time from outside of a file, such as the argument of `--at`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_time_alone(text: &str) -> Result<Time, String> {
    let mut diagnostics = Vec::new();
    let mut words = vec![Word { text: "at".into(), span: Span::default(), quoted: false }];
    words.extend(super::lex::words(text, 0, super::Commas::Belong, &mut diagnostics));
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

/// An instant from outside of a file, such as `2026-03-09T13:55:00Z`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_instant_alone(text: &str) -> Result<Instant, String> {
    match parse_time_alone(text)? {
        Time::Instant(at) => Ok(at),
        _ => Err(format!("`{text}` is not an instant: write for example `2026-03-09T13:55:00Z`")),
    }
}

/// A duration from outside of a file, such as `1h30m`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_duration_alone(text: &str) -> Result<Millis, String> {
    alone(text, duration)
}

/// An interval of hours from outside of a file, such as `09:00-17:00` (rules S3, S4).
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_interval_alone(text: &str) -> Result<Interval, String> {
    alone(text, interval)
}

/// A calendar date from outside of a file, such as `2026-12-25`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_date_alone(text: &str) -> Result<NaiveDate, String> {
    alone(text, |word| date(word).map(|date| Spanned::new(date, word.span)))
}

/// A word that stands for itself.
fn alone<T>(
    text: &str,
    read: impl FnOnce(&Word) -> Result<Spanned<T>, Diagnostic>,
) -> Result<T, String> {
    let word = Word { text: text.to_owned(), span: Span::new(0, text.len()), quoted: false };
    let said = |diagnostic: Diagnostic| match diagnostic.help {
        Some(help) => format!("{}: {}; {help}", diagnostic.message, diagnostic.label),
        None => format!("{}: {}", diagnostic.message, diagnostic.label),
    };
    read(&word).map(|read| read.node).map_err(said)
}

/// `YYYY-MM-DD`, all digits, a day that the calendar has.
pub(super) fn date(word: &Word) -> Result<NaiveDate, Diagnostic> {
    let diagnostic = |label: &str| {
        Diagnostic::new(word.span, format!("`{}` is not a date", word.text), label)
            .help("write the year, month and day with all their digits: `2026-03-09`")
    };
    read_date(&word.text).map_err(diagnostic)
}

fn read_date(text: &str) -> Result<NaiveDate, &'static str> {
    let fields = fields(text, "dddd-dd-dd").ok_or("expected `YYYY-MM-DD`")?;
    if fields[0] == 0 {
        return Err("the years are 0001 to 9999 (rule T4)");
    }
    NaiveDate::from_ymd_opt(fields[0] as i32, fields[1], fields[2])
        .ok_or("the calendar has no such day")
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm`.
pub(super) fn time_of_day(word: &Word) -> Result<NaiveTime, Diagnostic> {
    let diagnostic = |label: &str| {
        Diagnostic::new(word.span, format!("`{}` is not a time of day", word.text), label).help(
            "write the hour and minute with all their digits: `09:00`, `09:00:30` or `09:00:30.250`",
        )
    };
    let text = word.text.as_str();
    let fields = ["dd:dd", "dd:dd:dd", "dd:dd:dd.ddd"]
        .into_iter()
        .find_map(|shape| fields(text, shape))
        .ok_or_else(|| diagnostic("expected `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm`"))?;
    clock(&fields).ok_or_else(|| {
        diagnostic(match fields[0] {
            24 if fields[1..].iter().all(|&field| field == 0) => {
                "`24:00` is only an end of hours: write `00:00` of the next day"
            }
            _ => "hours go to 23, minutes and seconds to 59",
        })
    })
}

fn clock(fields: &[u32]) -> Option<NaiveTime> {
    let field = |place: usize| fields.get(place).copied().unwrap_or(0);
    NaiveTime::from_hms_milli_opt(field(0), field(1), field(2), field(3))
        .filter(|_| field(3) < 1_000)
}

/// `2026-03-09T13:55:00Z` or with an offset; the fraction has one to three digits.
fn instant(word: &Word) -> Result<Instant, Diagnostic> {
    let diagnostic = |label: &str| {
        Diagnostic::new(word.span, format!("`{}` is not an instant", word.text), label)
            .help("write for example `2026-03-09T13:55:00Z` or `2026-03-09T08:55:00-05:00`")
    };
    let (date, rest) =
        word.text.split_once('T').ok_or_else(|| diagnostic("expected a capital `T`"))?;
    let date = read_date(date).map_err(diagnostic)?;
    let zone_at = rest
        .find(['Z', '+', '-'])
        .ok_or_else(|| diagnostic("expected `Z` or an offset such as `-05:00` at the end"))?;
    let (time, zone) = rest.split_at(zone_at);
    let mut fields_ = ["dd:dd:dd", "dd:dd:dd.d", "dd:dd:dd.dd", "dd:dd:dd.ddd"]
        .into_iter()
        .find_map(|shape| fields(time, shape))
        .ok_or_else(|| {
            diagnostic(
                "an instant needs its seconds, with one to three digits behind a point at most",
            )
        })?;
    if let (Some(fraction), Some((_, digits))) = (fields_.get_mut(3), time.split_once('.')) {
        *fraction *= 10_u32.pow(3 - digits.len() as u32);
    }
    let time =
        clock(&fields_).ok_or_else(|| diagnostic("hours go to 23, minutes and seconds to 59"))?;
    let offset_s = match (zone.as_bytes()[0], fields(&zone[1..], "dd:dd")) {
        (b'Z', _) if zone.len() == 1 => 0,
        (sign @ (b'+' | b'-'), Some(offset)) if offset[0] <= 23 && offset[1] <= 59 => {
            let seconds = (offset[0] * 3_600 + offset[1] * 60) as i32;
            if sign == b'-' { -seconds } else { seconds }
        }
        _ => return Err(diagnostic("expected `Z` or an offset such as `-05:00` at the end")),
    };
    Instant::from_local(date.and_time(time), offset_s)
        .ok_or_else(|| diagnostic("instants are in the years 0001 to 9999 (rule T4)"))
}

/// The numbers in a text of exactly this shape, where `d` stands for a digit.
fn fields(text: &str, shape: &str) -> Option<Vec<u32>> {
    if text.len() != shape.len() {
        return None;
    }
    let mut fields = vec![0];
    for (c, expected) in text.bytes().zip(shape.bytes()) {
        match (c, expected) {
            (b'0'..=b'9', b'd') => {
                let last = fields.last_mut()?;
                *last = *last * 10 + u32::from(c - b'0');
            }
            (c, expected) if c == expected && c != b'd' => fields.push(0),
            _ => return None,
        }
    }
    Some(fields)
}

/// `HH:MM-HH:MM` (rules S3, S4).
pub(super) fn interval(word: &Word) -> Result<Spanned<Interval>, Diagnostic> {
    let diagnostic = |span: Span, label: &str| {
        Diagnostic::new(span, format!("`{}` is not an interval of hours", word.text), label)
    };
    let example = "write the start and the end with all their digits: `09:00-17:00`";
    let Some(fields) = fields(&word.text, "dd:dd-dd:dd") else {
        return Err(diagnostic(word.span, "expected `HH:MM-HH:MM`").help(example));
    };
    let minute = |hour: u32, minute: u32| (minute < 60).then_some(hour * 60 + minute);
    let day = u32::from(DAY_MINUTES);
    let start = minute(fields[0], fields[1]).filter(|&start| start <= day);
    let end = minute(fields[2], fields[3]).filter(|&end| end <= day);
    let (Some(start), Some(end)) = (start, end) else {
        return Err(diagnostic(word.span, "hours go to 23, minutes to 59, and an end to `24:00`"));
    };
    if start == day {
        return Err(diagnostic(word.span, "rule S3: `24:00` is only an end")
            .help("write `00:00` on the next day"));
    }
    match Interval::new(start as u16, end as u16) {
        Some(interval) => Ok(Spanned::new(interval, word.span)),
        None => Err(diagnostic(word.span, "rule S4: the start and the end are the same")
            .help("write `00:00-24:00` for a whole day, or `closed` for none")),
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// The word of the language for a weekday.
pub fn weekday_word(day: Weekday) -> &'static str {
    WEEKDAYS[day.num_days_from_monday() as usize].0
}

fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.into_iter().find(|(name, _)| *name == word).map(|(_, day)| day)
}

/// Whether a first word is meant as days: it begins with one.
pub(super) fn looks_like_days(word: &str) -> bool {
    let first = word.split([',', '-']).next().unwrap_or_default();
    first == "daily" || weekday(first).is_some()
}

/// Whether a word names days.
pub(super) fn is_days(word: &str) -> bool {
    let word = Word { text: word.to_owned(), span: Span::new(0, word.len()), quoted: false };
    looks_like_days(&word.text) && days(&word).is_ok()
}

impl Diagnostic {
    /// `tues` and `friday` begin with the word that is meant.
    fn or_begins_with(mut self, wrong: &str) -> Self {
        if let Some((day, _)) = WEEKDAYS.iter().find(|(name, _)| wrong.starts_with(name)) {
            self.help = Some(format!("did you mean `{day}`?"));
        }
        self
    }
}

/// `daily`, `mon`, `mon-fri`, `mon,wed-fri`.
pub(super) fn days(word: &Word) -> Result<Spanned<HoursOn>, Diagnostic> {
    if word.text == "daily" {
        return Ok(Spanned::new(HoursOn::Daily, word.span));
    }
    let mut days = Vec::new();
    let mut at = word.span.start;
    for part in word.text.split(',') {
        let span = Span::new(at, at + part.len());
        at = span.end + 1;
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if part == "daily" {
            return Err(Diagnostic::new(
                span,
                "`daily` stands alone",
                "it names every day already",
            ));
        }
        let (Some(first_day), Some(last_day)) = (weekday(first), weekday(last)) else {
            let wrong = if weekday(first).is_some() { last } else { first };
            return Err(Diagnostic::new(
                span,
                format!("`{part}` does not name days"),
                "expected `mon` to `sun`, a range such as `mon-fri`, a list, or `daily`",
            )
            .did_you_mean(wrong.get(..3).unwrap_or(wrong), WEEKDAYS.map(|(name, _)| name))
            .or_begins_with(wrong));
        };
        days.push(Spanned::new((first_day, last_day), span));
    }
    Ok(Spanned::new(HoursOn::Days(days), word.span))
}
