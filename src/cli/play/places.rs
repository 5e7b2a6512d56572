//! Places of a text as scripts count them, in code units of UTF-16.

use serde::Serialize;

use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::play::ScenarioFile;

/// A place in the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Units {
    /// The number of the line, from 1.
    pub line: usize,
    /// The first code unit, from the beginning of the text.
    start: usize,
    /// The one behind the last.
    end: usize,
}

/// Counts places as scripts count them.
pub struct Places<'a> {
    file: &'a ScenarioFile,
    /// The code unit with which each line of the text begins.
    line_starts: Vec<usize>,
}

impl<'a> Places<'a> {
    /// Of a text, as it was read.
    pub fn of(text: &str, file: &'a ScenarioFile) -> Self {
        let source = &file.source;
        // A byte order mark in front is not part of the source.
        let mut at = usize::from(text.starts_with('\u{feff}'));
        let (mut line_starts, mut before) = (Vec::with_capacity(source.line_count()), 0);
        for number in 1..=source.line_count() {
            let (start, _) = source.line(number);
            at += units(source.slice(Span::new(before, start)));
            before = start;
            line_starts.push(at);
        }
        Self { file, line_starts }
    }

    /// Where a span stands; `None` in another file.
    pub fn units(&self, span: Span) -> Option<Units> {
        let source = &self.file.source;
        if source.included_path(span.start).is_some() {
            return None;
        }
        let line = source.position(span.start).line;
        let (start, text) = source.line(line);
        let end = span.end.clamp(span.start, start + text.len().max(span.start - start));
        let from = self.line_starts[line - 1] + units(source.slice(Span::new(start, span.start)));
        Some(Units {
            line,
            start: from,
            end: from + units(source.slice(Span::new(span.start, end))),
        })
    }

    /// Where a span stands, for people.
    pub fn told(&self, span: Span) -> String {
        let source: &Source = &self.file.source;
        let position = source.position(span.start);
        let place = format!("{}:{}", position.line, position.column);
        match source.included_path(span.start) {
            None => place,
            Some(path) => format!("{}:{place}", path.display()),
        }
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
