//! A line of a file with words underlined, as compilers show it.
//!
//! Written here because the layout is a contract (no frame line before the notes, labels of
//! several lines) that the crates of the field do not draw.

use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

use super::Paint;
use super::format::clean;
use lamplighter_scenario::language::span::{Source, Span};

/// A place in a source to show, with its message.
pub struct Snippet<'a> {
    /// The path of the file, as it stands behind `-->`.
    pub path: &'a str,
    /// The number of the line in the file, from 1.
    pub line: u64,
    /// The column to name behind the path, in characters from 1.
    pub column: usize,
    /// The text of that line, of which a long one is shown in part.
    pub text: &'a str,
    /// The characters to underline, from 0.
    pub underlined: std::ops::Range<usize>,
    /// What stands beside the underline, line by line.
    pub label: &'a [String],
    /// What stands below, each behind a `=`.
    pub notes: &'a [String],
    /// The colour of the underline and its label.
    pub paint: Paint,
}

/// Longer lines are shown in part.
const SHOWN_CHARS_MAX: usize = 220;
/// What is shown before the underlined words of a long line.
const SHOWN_CHARS_BEFORE: usize = 60;

impl Snippet<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let bar = Paint::Frame.on("|");
        let arrow = Paint::Frame.on("-->");
        let path = clean(self.path);
        writeln!(out, "{gutter}{arrow} {path}:{}:{}", self.line, self.column)?;
        writeln!(out, "{gutter} {bar}")?;
        let (text, indent, width) = self.drawn();
        writeln!(out, "{} {bar} {text}", Paint::Frame.on(&number))?;
        let carets = self.paint.on("^".repeat(width));
        let mut label = self.label.iter();
        let first = label.next().map(|label| format!(" {}", self.paint.on(label)));
        let indent = " ".repeat(indent);
        writeln!(out, "{gutter} {bar} {indent}{carets}{}", first.unwrap_or_default())?;
        for line in label {
            let below = " ".repeat(width + 1);
            writeln!(out, "{gutter} {bar} {indent}{below}{}", self.paint.on(line))?;
        }
        for note in self.notes {
            writeln!(out, "{gutter} {} {note}", Paint::Frame.on("="))?;
        }
        Ok(())
    }

    /// The line as it is shown, how far in the underline begins, and how wide it is.
    fn drawn(&self) -> (String, usize, usize) {
        let count = self.text.chars().count();
        let from = if count <= SHOWN_CHARS_MAX {
            0
        } else {
            self.underlined.start.saturating_sub(SHOWN_CHARS_BEFORE)
        };
        let mut text = String::from(if from > 0 { "…" } else { "" });
        let mut indent = text.chars().count();
        let mut width = 0;
        for (at, c) in self.text.chars().enumerate().skip(from).take(SHOWN_CHARS_MAX) {
            let before = text.len();
            match c {
                '\t' => text.push_str("    "),
                c if c.is_control() => text.push('\u{fffd}'),
                c => text.push(c),
            }
            let cells: usize = text[before..].chars().map(|c| c.width().unwrap_or(0)).sum();
            if at < self.underlined.start {
                indent += cells;
            } else if at < self.underlined.end {
                width += cells;
            }
        }
        if from + SHOWN_CHARS_MAX < count {
            text.push('…');
        }
        (text, indent, width.max(1))
    }
}

/// The line of a span, the characters of it that the span covers, and its text.
pub fn underline(source: &Source, span: Span) -> (usize, std::ops::Range<usize>, &str) {
    let position = source.position(span.start);
    let (line_start, text) = source.line_of(span.start);
    let end = span.end.clamp(span.start, line_start + text.len());
    let width = source.slice(Span::new(span.start.min(end), end)).chars().count();
    let start = position.column - 1;
    (position.line, start..start + width, text)
}
