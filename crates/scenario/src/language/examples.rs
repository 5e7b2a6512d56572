//! Tables of examples: one scenario for many cases. The cells of a row are put in for `{NAME}`, into words
//! that were parted already, so that a cell is never more than one word, and no sign in it means anything.

use std::ops::Range;

use super::ast::Name;
use super::code::Code;
use super::diagnostic::{Diagnostic, nearest};
use super::lex::{Commas, Word, words};
use super::span::{Source, Span, Spanned};
use lamplighter_core::model::is_name;
use lamplighter_core::model::text::NAMES;

/// The row of a table by which a file was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleRow {
    /// The line of the file in which it stands, from 1.
    pub line: usize,
    /// What stands in its cells, beside the names of their columns.
    pub values: Vec<(String, String)>,
}

impl ExampleRow {
    /// The row for messages: `row 7: zone Asia/Kolkata, last 2026-03-09T11:29:59Z`.
    pub fn told(&self) -> String {
        let values = self.values.iter().map(|(name, value)| match value.is_empty() {
            true => format!("{name} \"\""),
            false => format!("{name} {value}"),
        });
        match self.values.is_empty() {
            true => format!("row {}", self.line),
            false => format!("row {}: {}", self.line, values.collect::<Vec<_>>().join(", ")),
        }
    }
}

/// A table of examples.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    /// The names of the columns.
    columns: Vec<Name>,
    /// The rows below that of the names.
    pub rows: Vec<Row>,
    /// The lines of the table behind `examples`.
    lines: Range<usize>,
    /// The `examples` line.
    pub span: Span,
    /// What is wrong with the row of names, or with the table as a whole: then no row means anything.
    pub faults: Vec<Diagnostic>,
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// The number of its line, from 1.
    pub line: usize,
    cells: Vec<Spanned<String>>,
    /// What is wrong with it: then nothing can be read by it.
    pub faults: Vec<Diagnostic>,
}

/// The table of a file, if it has one: before all else that can have the name `examples` for a person.
pub(super) fn table(source: &Source) -> Option<Table> {
    const BEHIND: [&str; 7] =
        ["include", "property", "widget", "at", "replay", "observed", "until"];
    let mut number = 1;
    let span = loop {
        if number > source.line_count() {
            return None;
        }
        let (start, line) = source.line(number);
        let trimmed = line.trim_start_matches([' ', '\t']);
        let word = trimmed.split([' ', '\t', '#']).next().unwrap_or_default();
        if BEHIND.contains(&word) {
            return None;
        }
        if word == "examples" {
            let at = start + line.len() - trimmed.len();
            break Span::new(at, at + word.len());
        }
        number += 1;
    };
    let first = number + 1;
    let mut table = Table {
        columns: Vec::new(),
        rows: Vec::new(),
        lines: first..first,
        span,
        faults: Vec::new(),
    };
    let mut has_names = false;
    for number in first..=source.line_count() {
        let (start, line) = source.line(number);
        let trimmed = line.trim_matches([' ', '\t']);
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if !trimmed.starts_with('|') {
            break;
        }
        table.lines.end = number + 1;
        let mut faults = Vec::new();
        let cells = cells(line, start, &mut faults);
        match std::mem::replace(&mut has_names, true) {
            false => table.name(cells, faults),
            true => table.row(number, cells, faults),
        }
    }
    if table.faults.is_empty() && table.rows.is_empty() {
        let message = if has_names { "the table has no row" } else { "there is no table" };
        table.faults.push(
            Diagnostic::new(span, message, "below it stand a row of names and a row for each case")
                .code(Code::MalformedTable)
                .help("cells stand between `|`: `| zone | end |`, and so in each row below"),
        );
    }
    Some(table)
}

impl Table {
    /// Takes the row of names.
    fn name(&mut self, names: Vec<Spanned<String>>, faults: Vec<Diagnostic>) {
        self.faults = faults;
        for name in names {
            let message = format!("`{}` cannot be the name of a column", name.node);
            if !is_name(&name.node) {
                self.faults
                    .push(Diagnostic::new(name.span, message, NAMES).code(Code::MalformedName));
            } else if self.columns.contains(&name) {
                let message = format!("there are two columns `{}`", name.node);
                self.faults.push(
                    Diagnostic::new(name.span, message, "each name stands once")
                        .code(Code::DeclaredTwice),
                );
            }
            self.columns.push(name);
        }
    }

    /// Takes a row below.
    fn row(&mut self, line: usize, cells: Vec<Spanned<String>>, mut faults: Vec<Diagnostic>) {
        let (found, wanted) = (cells.len(), self.columns.len());
        if faults.is_empty() && found != wanted {
            let span = match (cells.first(), cells.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => self.span,
            };
            let s = if found == 1 { "" } else { "s" };
            let message = format!("the row has {found} cell{s}, and the table {wanted} columns");
            let names: Vec<&str> = self.columns.iter().map(|name| name.node.as_str()).collect();
            let label = format!("expected a cell for each of: {}", names.join(", "));
            let help = "an empty cell is written `| |`; a `|` in a cell stands in quotes";
            faults
                .push(Diagnostic::new(span, message, label).code(Code::MalformedTable).help(help));
        }
        self.rows.push(Row { line, cells, faults });
    }

    /// A row for messages.
    pub fn told(&self, row: &Row) -> ExampleRow {
        let names = self.columns.iter().map(|name| name.node.clone());
        let values = names.zip(row.cells.iter().map(|cell| cell.node.clone()));
        ExampleRow { line: row.line, values: values.collect() }
    }
}

/// The cells of a row, each trimmed of blanks.
fn cells(line: &str, start: usize, faults: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
    let mut cells = Vec::new();
    let blank = |c: char| c == ' ' || c == '\t';
    let mut at = line.find('|').map_or(line.len(), |bar| bar + 1);
    loop {
        let rest = &line[at..];
        let from = at + rest.len() - rest.trim_start_matches(blank).len();
        let rest = &line[from..];
        if rest.is_empty() || rest.starts_with('#') {
            return cells;
        }
        let quoted = rest.starts_with('"').then(|| end_of_quotes(rest));
        let (cell, behind) = match quoted {
            Some(end) => {
                let word = &line[from..from + end];
                let read = words(word, start + from, Commas::Belong, faults).into_iter().next();
                let text = read.map(|word| word.text).unwrap_or_default();
                let behind = &line[from + end..];
                let bar = from + end + behind.len() - behind.trim_start_matches(blank).len();
                (Spanned::new(text, Span::new(start + from, start + from + end)), bar)
            }
            None => {
                let end = from + rest.find(['|', '#']).unwrap_or(rest.len());
                let text = line[from..end].trim_end_matches(blank);
                let span = Span::new(start + from, start + from + text.len());
                (Spanned::new(text.to_owned(), span), end)
            }
        };
        if !line[behind..].starts_with('|') {
            if faults.is_empty() {
                faults.push(not_closed(cell.span, &line[behind..]));
            }
            return cells;
        }
        cells.push(cell);
        at = behind + 1;
    }
}

/// The cells of a row of a table, which begins at a byte of its file, whatever is wrong with it.
pub fn cells_of_line(line: &str, start: usize) -> Vec<Spanned<String>> {
    cells(line, start, &mut Vec::new())
}

/// How long a quoted word is, its quotes included.
fn end_of_quotes(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

fn not_closed(cell: Span, behind: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(cell, "the row is not closed", "a cell ends with `|`")
        .code(Code::MalformedTable);
    match behind.starts_with('#') {
        true => diagnostic.help("`#` begins a comment; write the whole cell in quotes"),
        false if behind.is_empty() => diagnostic.help("write `|` behind the last cell, too"),
        false => diagnostic.help("quotes begin and end a whole cell"),
    }
}

/// Puts the cells of a row in for their names.
pub(super) struct Cells<'a> {
    table: &'a Table,
    row: &'a Row,
    /// Which columns something asked for.
    used: Vec<bool>,
}

impl<'a> Cells<'a> {
    /// The cells of a row.
    pub fn new(table: &'a Table, row: &'a Row) -> Self {
        Self { table, row, used: vec![false; table.columns.len()] }
    }

    /// The lines of the table, which are no statements.
    pub fn lines(&self) -> Range<usize> {
        self.table.lines.clone()
    }

    /// The columns that nothing asked for.
    pub fn unused(&self) -> impl Iterator<Item = Diagnostic> {
        let columns = self.table.columns.iter().zip(&self.used);
        columns.filter(|(_, used)| !**used).map(|(name, _)| {
            let message = format!("nothing uses the column `{}`", name.node);
            let label = format!("expected `{{{}}}` somewhere in the file", name.node);
            Diagnostic::new(name.span, message, label).code(Code::UnusedColumn)
        })
    }

    /// Puts cells into a word that has a `{` in it, which is `written` so in the file.
    pub fn put_in(&mut self, word: &mut Word, written: &str, diagnostics: &mut Vec<Diagnostic>) {
        let mut text = String::with_capacity(word.text.len());
        let mut rest = word.text.as_str();
        let mut braces_before = 0;
        let mut has_cell = false;
        while let Some(brace) = rest.find('{') {
            text.push_str(&rest[..brace]);
            rest = &rest[brace + 1..];
            if let Some(behind) = rest.strip_prefix('{') {
                text.push('{');
                rest = behind;
                braces_before += 2;
                continue;
            }
            let name = rest.find('}').map(|end| &rest[..end]).filter(|name| is_name(name));
            let column = name.map(|name| self.column(name));
            match (name, column) {
                (Some(name), Some(Some(column))) => {
                    self.used[column] = true;
                    has_cell = true;
                    text.push_str(&self.row.cells[column].node);
                    rest = &rest[name.len() + 1..];
                }
                (name, _) => {
                    let brace = written.match_indices('{').nth(braces_before).map(|(at, _)| at);
                    let span = brace.map_or(word.span, |at| {
                        let start = word.span.start + at;
                        Span::new(start, start + 1 + name.map_or(0, |name| name.len() + 1))
                    });
                    diagnostics.push(self.nothing_stands_for(span, name));
                    return;
                }
            }
            braces_before += 1;
        }
        text.push_str(rest);
        word.text = text;
        word.is_put_in = true;
        word.quoted |= has_cell;
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.table.columns.iter().position(|column| column.node == name)
    }

    /// What is wrong with a brace that no cell can be put in for.
    fn nothing_stands_for(&self, span: Span, name: Option<&str>) -> Diagnostic {
        let names = self.table.columns.iter().map(|column| column.node.as_str());
        match name {
            Some(name) => {
                let label = "expected the name of a column of the table";
                let diagnostic =
                    Diagnostic::new(span, format!("no column is called `{name}`"), label)
                        .code(Code::UnknownColumn);
                match nearest(name, names) {
                    // What is underlined has its braces.
                    Some(near) => diagnostic
                        .help(format!("did you mean `{near}`?"))
                        .suggest(span, format!("{{{near}}}")),
                    None => diagnostic.help("a brace that stands for itself is written `{{`"),
                }
            }
            None => {
                let message = "nothing is closed or named behind this brace";
                let label = "expected the name of a column and `}` right behind it";
                Diagnostic::new(span, message, label)
                    .code(Code::UnknownColumn)
                    .help("a brace that stands for itself is written `{{`")
            }
        }
    }
}
