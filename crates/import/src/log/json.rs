//! A log of JSON: a value on each line, or values that go over many lines, or one that is the whole file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::{ReadLogError, VALUE_BYTES_MAX};
use super::field::BYTE_ORDER_MARK;
use super::pointer::{ColumnPointer, RowsPointer, Step, locate};
use super::shown::Shown;

/// Reads the rows of a log of JSON, one value at a time.
pub struct JsonLog {
    path: PathBuf,
    file: BufReader<File>,
    rows: Vec<RowsPointer>,
    columns: Vec<ColumnPointer>,
    /// Whether values go over several lines; known once the first is read.
    spans_lines: Option<bool>,
    /// The value whose rows are handed out, as it is written.
    text: Vec<u8>,
    value: Value,
    /// The line in which it begins.
    line: u64,
    /// How many lines are read.
    lines_read: u64,
    /// The ways to its rows, and which of them is next.
    ways: Vec<Vec<Step>>,
    next_way: usize,
    /// The columns of the row that was handed out last.
    texts: Vec<String>,
}

/// A row: its columns, and the value that it stands in.
pub struct JsonRow<'a> {
    log: &'a JsonLog,
    way: &'a [Step],
}

/// What comes next in a log of JSON.
pub enum Next<'a> {
    /// A row, to be taken.
    Row(JsonRow<'a>),
    /// Something in a row's place that is no row.
    NoRow(NoRow),
    /// The log is at its end.
    End,
}

/// What is no row, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoRow {
    /// What makes it no row, for the message.
    pub why: NotARow,
    /// The line of the log, as a message shows it.
    pub shown: Shown,
}

/// Why something in a log is no row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotARow {
    /// A line is not JSON: what the parser says.
    NoJson(String),
    /// It is JSON, and there are no rows where they should be.
    NoRows,
}

impl JsonLog {
    /// Begins at the start of a file; `rows` are pointers to the rows in each value.
    pub fn new<'a>(
        file: File,
        path: &Path,
        rows: impl Iterator<Item = &'a str>,
        columns: &[String],
    ) -> Self {
        let mut rows: Vec<RowsPointer> = rows.map(RowsPointer::new).collect();
        if rows.is_empty() {
            rows.push(RowsPointer::new(""));
        }
        Self {
            path: path.into(),
            file: BufReader::with_capacity(1 << 17, file),
            rows,
            columns: columns.iter().map(|column| ColumnPointer::new(column)).collect(),
            spans_lines: None,
            text: Vec::new(),
            value: Value::Null,
            line: 1,
            lines_read: 0,
            ways: Vec::new(),
            next_way: 0,
            texts: vec![String::new(); columns.len()],
        }
    }

    /// What comes next.
    ///
    /// # Errors
    /// When the log cannot be read on, or a value is too long.
    pub fn read_next(&mut self) -> Result<Next<'_>, ReadLogError> {
        while self.next_way == self.ways.len() {
            if !self.read_value()? {
                return Ok(Next::End);
            }
            if let Err(why) = self.parse() {
                let (why, byte) = why;
                return Ok(Next::NoRow(NoRow { why, shown: self.show(byte) }));
            }
        }
        let way = &self.ways[self.next_way];
        self.next_way += 1;
        for (column, text) in self.columns.iter().zip(&mut self.texts) {
            text.clear();
            match column.find(&self.value, way) {
                None | Some((Value::Null, _)) => {}
                Some((Value::String(found), _)) => text.push_str(found),
                Some((other, _)) => text.push_str(&other.to_string()),
            }
        }
        let way = &self.ways[self.next_way - 1];
        Ok(Next::Row(JsonRow { log: self, way }))
    }

    /// Reads the text of the next value; false at the end.
    fn read_value(&mut self) -> Result<bool, ReadLogError> {
        self.text.clear();
        let mut depth = Depth::default();
        loop {
            let before = self.text.len();
            let mut line =
                std::io::Read::take(&mut self.file, (VALUE_BYTES_MAX - before) as u64 + 1);
            let read = line.read_until(b'\n', &mut self.text);
            read.map_err(|source| ReadLogError::Unreadable { path: self.path.clone(), source })?;
            if self.text.len() == before {
                return Ok(!self.text.trim_ascii().is_empty());
            }
            self.lines_read += 1;
            if before == 0 {
                self.line = self.lines_read;
            }
            if self.text.len() > VALUE_BYTES_MAX {
                return Err(ReadLogError::TooLong { path: self.path.clone(), line: self.line });
            }
            let line = &self.text[before..];
            if before == 0 && line.trim_ascii().is_empty() {
                self.text.clear();
                continue;
            }
            let spans_lines = *self.spans_lines.get_or_insert_with(|| is_cut_off(line));
            depth.pass(line);
            if !spans_lines || depth.is_whole() {
                return Ok(true);
            }
        }
    }

    /// Reads the text as a value and finds its rows.
    fn parse(&mut self) -> Result<(), (NotARow, usize)> {
        self.ways.clear();
        self.next_way = 0;
        let text = self.text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.text);
        self.value = serde_json::from_slice(text).map_err(|error| {
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
            (NotARow::NoJson(said), before + error.column().saturating_sub(1))
        })?;
        let ways = self.rows.iter().find_map(|rows| rows.ways(&self.value));
        self.ways = ways.ok_or((NotARow::NoRows, usize::MAX))?;
        Ok(())
    }

    /// The line of a byte of the value's text; of its first line all where there is none.
    fn show(&self, byte: usize) -> Shown {
        let path = &self.path;
        let text = String::from_utf8_lossy(&self.text);
        match text.len() <= byte {
            true => Shown::whole(path, self.line, text.lines().next().unwrap_or_default()),
            false => shown(path, self.line, &text, byte..byte + 1),
        }
    }
}

/// The line in which bytes of a value's text stand, that text beginning in some line of the log.
fn shown(path: &Path, first_line: u64, text: &str, bytes: std::ops::Range<usize>) -> Shown {
    let before = text.as_bytes()[..bytes.start].iter().rposition(|byte| *byte == b'\n');
    let start = before.map_or(0, |newline| newline + 1);
    let line = first_line + memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count() as u64;
    let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |at| start + at);
    let bytes = bytes.start - start..bytes.end.min(end) - start;
    Shown::new(path, line, text.get(start..end).unwrap_or_default(), bytes)
}

impl JsonRow<'_> {
    /// The text that the row has in a column, by its place among those that are asked for.
    pub fn text(&self, column: usize) -> &str {
        &self.log.texts[column]
    }

    /// The row's place in its value as a message shows it, with a column underlined.
    pub fn show(&self, column: Option<usize>) -> Shown {
        let Self { log, way } = self;
        let path = &log.path;
        let text = String::from_utf8_lossy(&log.text);
        let found = column.and_then(|column| log.columns[column].find(&log.value, way));
        let way = found.map_or_else(|| way.to_vec(), |(_, way)| way);
        // A byte order mark is no JSON.
        let json = text.trim_start_matches('\u{feff}');
        match locate(json, &way) {
            Some(bytes) => {
                let mark = text.len() - json.len();
                shown(path, log.line, &text, bytes.start + mark..bytes.end + mark)
            }
            None => Shown::whole(path, log.line, text.lines().next().unwrap_or_default()),
        }
    }
}

/// Whether a line is the beginning of a value that goes on behind it.
fn is_cut_off(line: &[u8]) -> bool {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let parsed: Result<&RawValue, serde_json::Error> = serde_json::from_slice(line);
    parsed.is_err_and(|error| error.is_eof())
}

/// How deep in lists, objects and texts a reader of JSON is.
#[derive(Default)]
struct Depth {
    open: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Depth {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match (self.in_text, byte) {
                (true, _) if self.is_escaped => self.is_escaped = false,
                (true, b'\\') => self.is_escaped = true,
                (_, b'"') => self.in_text = !self.in_text,
                (false, b'{' | b'[') => self.open += 1,
                (false, b'}' | b']') => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn is_whole(&self) -> bool {
        self.open == 0 && !self.in_text
    }
}
