//! Content lines of RFC 5545: long ones are folded, each has a name, parameters and a value.

use chrono::{NaiveDate, NaiveTime};
use lamplighter_core::model::LocalTime;

use super::error::CalendarError;

/// A content line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// The number of the line on which it begins, from 1.
    pub number: usize,
    /// Its name in capital letters.
    pub name: String,
    /// Its parameters, with their names in capital letters.
    parameters: Vec<(String, String)>,
    /// What stands behind the colon.
    pub value: String,
}

/// A date or a time as written, of which nothing says by whose clock but that it may be UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What the clock reads; midnight of a date.
    pub local: LocalTime,
    /// Whether it is a date alone.
    pub is_date: bool,
    /// Whether it is said in UTC.
    pub is_utc: bool,
}

impl Line {
    /// A date or a time that stands in this line.
    ///
    /// # Errors
    /// When it is none.
    pub fn reading(&self, text: &str) -> Result<Reading, CalendarError> {
        let text = text.trim();
        let wrong = || {
            let what =
                format!("`{text}` is no date or time such as `20261225` or `20261224T130000Z`");
            CalendarError::new(self.number, what)
        };
        let (is_utc, digits) = match text.strip_suffix('Z') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (date, time) = match digits.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (digits, None),
        };
        let date = NaiveDate::parse_from_str(date, "%Y%m%d").ok().filter(|_| date.len() == 8);
        let date = date.ok_or_else(wrong)?;
        let Some(time) = time else {
            return Ok(Reading { local: date.and_time(NaiveTime::MIN), is_date: true, is_utc });
        };
        let time = NaiveTime::parse_from_str(time, "%H%M%S").ok().filter(|_| time.len() == 6);
        Ok(Reading { local: date.and_time(time.ok_or_else(wrong)?), is_date: false, is_utc })
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    fn read(number: usize, text: &str) -> Option<Self> {
        let name_end = text.find([';', ':'])?;
        let mut line =
            Self { number, name: text[..name_end].to_ascii_uppercase(), ..Self::default() };
        let mut rest = &text[name_end..];
        while let Some(parameter) = rest.strip_prefix(';') {
            let (name, value) = parameter.split_once('=')?;
            let (value, behind) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => value.split_at(value.find([';', ':'])?),
            };
            line.parameters.push((name.to_ascii_uppercase(), value.to_owned()));
            rest = behind;
        }
        line.value = rest.strip_prefix(':')?.to_owned();
        Some(line)
    }
}

/// The content lines of a text.
///
/// # Errors
/// When it does not begin as a calendar does, or a line is none.
pub fn lines(text: &str) -> Result<Vec<Line>, CalendarError> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(goes_on), Some((_, before))) => before.push_str(goes_on),
            _ if line.is_empty() => {}
            _ => unfolded.push((number, line.to_owned())),
        }
    }
    let is_calendar = unfolded
        .first()
        .is_some_and(|(_, line)| line.trim_end().eq_ignore_ascii_case("BEGIN:VCALENDAR"));
    if !is_calendar {
        return Err(CalendarError::new(1, "an iCalendar text begins with `BEGIN:VCALENDAR`"));
    }
    let read = |(number, text): &(usize, String)| {
        Line::read(*number, text)
            .ok_or_else(|| CalendarError::new(*number, "no content line: expected `NAME:value`"))
    };
    unfolded.iter().map(read).collect()
}
