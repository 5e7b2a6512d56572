//! A line into its words and its comment, and what kind of line it is.

use super::super::lex::{self, Commas, Word};
use super::super::parse::{BLOCKS, HEADER, SHARED, begins_hours};
use super::super::span::Source;

/// How far in the lines of a block stand; hours stand twice as far.
pub const INDENT: usize = 2;

/// What a line is, as far as its form goes by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nothing but blanks.
    Blank,
    /// Nothing but a comment.
    Comment,
    /// Hours of weekdays.
    Days,
    /// Hours of dates.
    Dates,
    /// A greeting, whose text follows the status.
    Greeting,
    /// A row of a table.
    Row,
    /// Any other statement.
    Other,
}

/// A line on its way to its form.
pub struct Line<'a> {
    /// What it is.
    pub kind: Kind,
    /// How many blanks stand in front.
    pub indent: usize,
    /// What stands in columns, from left to right; the last of them takes the rest of the line.
    pub cells: Vec<String>,
    /// The comment with its `#`, if there is one.
    pub comment: Option<&'a str>,
    /// How many blanks stand before the comment of a statement.
    pub gap: usize,
    /// Whether it is a blank line that does not stay.
    pub is_left_out: bool,
    /// As it was, without its end.
    pub before: &'a str,
    /// Its end: LF, CR LF, or nothing in the last line.
    pub end: &'a str,
}

impl Line<'_> {
    /// Whether it says something.
    pub fn is_statement(&self) -> bool {
        !matches!(self.kind, Kind::Blank | Kind::Comment)
    }

    /// What it says, indented, without its comment.
    pub fn statement(&self) -> String {
        let cells = match (self.kind, self.cells.is_empty()) {
            (Kind::Row, false) => format!("| {} |", self.cells.join(" | ")),
            _ => self.cells.join(" "),
        };
        match cells.trim_end_matches(' ') {
            "" => String::new(),
            cells => format!("{:1$}{cells}", "", self.indent),
        }
    }

    /// The whole line in its form.
    pub fn text(&self) -> String {
        let statement = self.statement();
        match self.comment {
            None => statement,
            Some(comment) if self.kind == Kind::Comment => {
                format!("{:1$}{comment}", "", self.indent)
            }
            Some(comment) => format!("{statement}{:1$}{comment}", "", self.gap),
        }
    }
}

/// The lines of a text without faults.
pub fn lines_of(source: &Source) -> Vec<Line<'_>> {
    let mut is_in_parts = false;
    let count = source.line_count();
    let mut lines = Vec::with_capacity(count);
    for number in 1..=count {
        let (start, before) = source.line(number);
        let rest = &source.text()[start + before.len()..];
        let end = if rest.starts_with("\r\n") { "\r\n" } else { &rest[..rest.len().min(1)] };
        if number == count && before.is_empty() {
            // Behind the end of the last line there is no further one.
            break;
        }
        lines.push(line_of(before, end, &mut is_in_parts));
    }
    lines
}

fn line_of<'a>(before: &'a str, end: &'a str, is_in_parts: &mut bool) -> Line<'a> {
    let blanks = [' ', '\t'];
    let text = before.trim_start_matches(blanks);
    let mut line = Line {
        kind: Kind::Other,
        indent: before.len() - text.len(),
        cells: Vec::new(),
        comment: None,
        gap: 0,
        is_left_out: false,
        before,
        end,
    };
    let text = text.trim_end_matches(blanks);
    if text.is_empty() || text.starts_with('#') {
        line.kind = if text.is_empty() { Kind::Blank } else { Kind::Comment };
        line.comment = (!text.is_empty()).then_some(text);
        return line;
    }
    let begins = |word: &&str| {
        let rest = text.strip_prefix(*word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\t', ' ', '#']))
    };
    let mut none = Vec::new();
    let free = ["scenario", "source"].into_iter().find(begins);
    if let Some(keyword) = free.filter(|_| !*is_in_parts) {
        let told = lex::text(&text[keyword.len()..], keyword.len(), &mut none);
        let told_end = told.as_ref().map_or(keyword.len(), |told| told.span.end);
        line.indent = 0;
        // As wide as `scenario`, so that what they say stands below one another.
        line.cells = vec![format!("{keyword:8}")];
        line.cells.extend(told.map(|told| text[told.span.start..told.span.end].to_owned()));
        line.comment = comment(&text[told_end..]);
        return line;
    }
    if text.starts_with('|') {
        line.kind = Kind::Row;
        line.indent = INDENT;
        let row_end;
        (line.cells, row_end) = cells(text);
        line.comment = comment(&text[row_end..]);
        return line;
    }
    let commas = if begins(&"expect") { Commas::Part } else { Commas::Belong };
    let words = lex::words(text, 0, commas, &mut none);
    let Some(first) = words.first() else { return line };
    *is_in_parts |= !first.quoted && matches!(first.text.as_str(), "at" | "replay" | "observed");
    (line.kind, line.indent) = kind_of(first, words.get(1), *is_in_parts);
    line.cells = by_kind(line.kind, text, &words);
    line.comment = comment(&text[words.last().map_or(0, |last| last.span.end)..]);
    line
}

fn comment(rest: &str) -> Option<&str> {
    let rest = rest.trim_matches([' ', '\t']);
    (!rest.is_empty()).then_some(rest)
}

/// What a statement is by its first words, and how far in it stands.
fn kind_of(first: &Word, second: Option<&Word>, is_in_parts: bool) -> (Kind, usize) {
    let word = first.text.as_str();
    if first.quoted {
        return (Kind::Other, INDENT);
    }
    // In a table's scenario a cell can name the days.
    let is_cell = word.starts_with('{')
        && second.is_some_and(|second| second.text == "closed" || second.text.contains(':'));
    match word {
        "at" | "replay" | "observed" | "until" => (Kind::Other, 0),
        "date" => (Kind::Dates, 2 * INDENT),
        "dates" => (Kind::Other, 2 * INDENT),
        _ if is_cell || begins_hours(word) => (Kind::Days, 2 * INDENT),
        _ if !is_in_parts && [HEADER, SHARED, BLOCKS].iter().any(|all| all.contains(&word)) => {
            (Kind::Other, 0)
        }
        "greeting" if !is_in_parts => (Kind::Greeting, INDENT),
        _ => (Kind::Other, INDENT),
    }
}

/// The words of a statement as they are written, in the columns of its kind.
fn by_kind(kind: Kind, text: &str, words: &[Word]) -> Vec<String> {
    let in_front = match kind {
        Kind::Days => 1,
        Kind::Dates | Kind::Greeting => 2,
        _ => 0,
    };
    let (front, rest) = words.split_at(in_front.min(words.len()));
    let joined = |words: &[Word]| {
        let mut joined = String::new();
        for word in words {
            let is_comma = word.text == "," && !word.quoted;
            if !joined.is_empty() && !is_comma {
                joined.push(' ');
            }
            joined.push_str(&text[word.span.start..word.span.end]);
        }
        joined
    };
    let mut cells: Vec<String> = Vec::new();
    cells.extend((!front.is_empty()).then(|| joined(front)));
    cells.extend((!rest.is_empty()).then(|| joined(rest)));
    cells
}

/// The cells of a row and where the row ends; none of what has no end.
fn cells(text: &str) -> (Vec<String>, usize) {
    let mut cells = Vec::new();
    let mut start = 1;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' if is_quoted => is_quoted = false,
            '"' => is_quoted = text[start..at].trim_matches([' ', '\t']).is_empty(),
            '|' if !is_quoted => {
                cells.push(text[start..at].trim_matches([' ', '\t']).to_owned());
                start = at + 1;
            }
            '#' if !is_quoted => break,
            _ => {}
        }
    }
    (cells, start)
}
