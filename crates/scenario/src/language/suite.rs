//! A scenario file as a whole: what of it is read once, however many rows its table has.

use std::borrow::Cow;
use std::path::Path;

use super::ast::{Document, Name};
use super::code::Code;
use super::diagnostic::Diagnostic;
use super::examples::{Cells, Table, table};
use super::include::Worlds;
use super::parse::{Kind, Parsed, not_utf8, read, utf_16};
use super::rules::ReadFile;
use super::span::{Source, Span};

/// Reads a scenario by the first row of its table, if it has one, without the files that it includes. Any
/// bytes will do; what is not a scenario has faults.
pub fn parse(bytes: &[u8]) -> Parsed {
    let not_read = |_: &str| Err("files beside this text are not read".to_owned());
    let mut suite = Suite::new(bytes, Path::new(""), &not_read);
    let mut parsed = suite.read(0);
    parsed.source = suite.source();
    parsed
}

/// Reads a file of blocks, such as scenarios include, without those that it includes itself. Any bytes will
/// do; what has anything else in it has faults.
pub fn parse_world(bytes: &[u8]) -> Parsed {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let source = source_of(text);
    if let Some(diagnostic) = utf_16(text) {
        let document = Document::default();
        return Parsed { source, row: None, document, diagnostics: vec![diagnostic] };
    }
    let (document, mut diagnostics) = read(&source, 0, Kind::World, None);
    not_utf8(text, &source, &mut diagnostics);
    Parsed { source, row: None, document, diagnostics }
}

/// Bytes as text, where what is not UTF-8 is put as U+FFFD.
fn source_of(bytes: &[u8]) -> Source {
    // Looking for what is wrong takes ten times as long as seeing that nothing is.
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::from);
    Source::new(text.into_owned())
}

/// A scenario file, to be read by each row of its table; without one it is one scenario.
///
/// ```
/// use std::path::Path;
///
/// use lamplighter_scenario::language::Suite;
///
/// let text = b"scenario Nobody at {h}\nexamples\n | h |\n | 09 |\n | 17 |\nat 2026-03-09 {h}:00";
/// let mut suite = Suite::new(text, Path::new(""), &|_| Err(String::new()));
/// let titles: Vec<_> = (0..suite.count())
///     .map(|row| suite.read(row).document.header.title.expect("a title").node)
///     .collect();
/// assert_eq!(titles, ["Nobody at 09", "Nobody at 17"]);
/// ```
pub struct Suite<'a> {
    /// The file itself, without its byte order mark.
    bytes: Vec<u8>,
    source: Source,
    table: Option<Table>,
    worlds: Worlds<'a>,
}

impl<'a> Suite<'a> {
    /// A file of these bytes in a folder, where files that it includes are read by `beside`.
    pub fn new(bytes: &[u8], folder: &Path, beside: ReadFile<'a>) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).to_vec();
        let source = source_of(&bytes);
        let table = table(&source);
        let worlds = Worlds::new(folder, beside, source.text().len());
        Self { bytes, source, table, worlds }
    }

    /// How many scenarios it is: one for each row of its table.
    pub fn count(&self) -> usize {
        match &self.table {
            Some(table) if table.faults.is_empty() => table.rows.len(),
            _ => 1,
        }
    }

    /// The lines of the rows of its table; none without one.
    pub fn lines(&self) -> Vec<usize> {
        let rows = self.table.iter().flat_map(|table| &table.rows);
        rows.map(|row| row.line).collect()
    }

    /// Its `examples` line; nowhere without one.
    pub fn table_span(&self) -> Span {
        self.table.as_ref().map_or(Span::default(), |table| table.span)
    }

    /// The text with those of all files that anything has included until now.
    pub fn source(&self) -> Source {
        let files = self.worlds.files();
        match files.is_empty() {
            true => self.source.clone(),
            false => {
                let files = files.iter().map(|(path, text)| (path.as_path(), *text));
                Source::with_included(self.source.text().to_owned(), files)
            }
        }
    }

    /// Reads it by a row of its table, from 0; the included files are in the [`source`](Self::source) alone.
    pub fn read(&mut self, row: usize) -> Parsed {
        let source = self.source.clone();
        if let Some(diagnostic) = utf_16(&self.bytes) {
            let (document, row) = (Document::default(), None);
            return Parsed { source, row, document, diagnostics: vec![diagnostic] };
        }
        let row = self.table.as_ref().map(|table| (table, table.rows.get(row)));
        // What is wrong with the table as a whole is of no row.
        let sound = row.filter(|(table, _)| table.faults.is_empty());
        let told = sound.and_then(|(table, row)| Some(table.told(row?)));
        let faults = row.map(|(table, row)| match row {
            Some(row) if table.faults.is_empty() => &row.faults,
            _ => &table.faults,
        });
        let (mut document, mut diagnostics) = match (row, faults) {
            (Some(_), Some(faults)) if !faults.is_empty() => (untitled(), faults.clone()),
            (Some((table, Some(row))), _) => {
                let mut cells = Cells::new(table, row);
                let (document, mut found) = read(&source, 0, Kind::Scenario, Some(&mut cells));
                // Where words are faulty, what they ask for may not be known.
                if found.is_empty() {
                    found.extend(cells.unused());
                }
                (document, found)
            }
            _ => read(&source, 0, Kind::Scenario, None),
        };
        self.worlds.put_in(&mut document, &mut diagnostics);
        let is_one_line = |found: &Diagnostic| found.code == Code::CarriageReturn;
        if diagnostics.iter().any(is_one_line) {
            // Whatever hangs on a file that is one long line would be told of first, and is lost with it.
            diagnostics.retain(is_one_line);
            document.blocks.clear();
            document.parts.clear();
        }
        not_utf8(&self.bytes, &source, &mut diagnostics);
        Parsed { source, row: told, document, diagnostics }
    }
}

/// What is known of a file whose table has a fault.
fn untitled() -> Document {
    let mut document = Document::default();
    document.header.title = Some(Name::new(String::new(), Span::default()));
    document
}

/// What is wrong where one scenario is wanted, and a file has several.
pub(crate) fn several(span: Span, file: &str, lines: &[usize]) -> Diagnostic {
    let message = format!("the file is {} scenarios, and one is wanted", lines.len());
    let diagnostic =
        Diagnostic::new(span, message, "each row of the table is one").code(Code::WhichRow);
    match lines.first() {
        Some(line) => diagnostic.help(format!("name one by the line of its row: {file}:{line}")),
        None => diagnostic,
    }
}

/// What is wrong where a line was named in which no row stands.
pub(crate) fn no_row(span: Span, file: &str, named: usize, lines: &[usize]) -> Diagnostic {
    let message = format!("line {named} is no row of a table of examples");
    match (lines.first(), lines.last()) {
        (Some(first), Some(last)) => {
            let label = format!("its rows are the lines {first} to {last}");
            Diagnostic::new(span, message, label).code(Code::WhichRow)
        }
        _ => Diagnostic::new(span, message, "the file has no table")
            .code(Code::WhichRow)
            .help(format!("name the file alone: {file}")),
    }
}
