//! A log with a separator between its fields.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::ahead::{RecordsAhead, place_of};
use super::shown::{Shown, line_at};
use super::{BYTE_ORDER_MARK, Field, OpenLogError};
use lamplighter_scenario::language::diagnostic::nearest;

/// Reads the rows of a log with a separator.
pub struct CsvLog {
    records: RecordsAhead,
    separator: u8,
    quotes: bool,
    /// Where in a row the columns stand that are asked for; `None` for those that the log has not.
    places: Vec<Option<usize>>,
}

/// A row: its fields, and where it stands.
pub struct CsvRow<'a> {
    log: &'a CsvLog,
    path: &'a Path,
}

/// Above the header there may stand titles and blank lines; not more than these.
const ROWS_ABOVE_HEADER_MAX: usize = 50;

impl CsvLog {
    /// Opens a log without a header, whose columns are found by the names that they were given.
    pub fn with_named_columns(
        file: File,
        (separator, quotes): (u8, bool),
        named: &[String],
        columns: &[String],
    ) -> Self {
        let place = |column| named.iter().position(|name| name == column);
        let places = columns.iter().map(place).collect();
        let records = RecordsAhead::new(reader(file, (separator, quotes)));
        Self { records, separator, quotes, places }
    }

    /// Opens a log, and reads up to the header, which has the first `needed` of these columns, and finds
    /// them there.
    ///
    /// # Errors
    /// When there is no such header.
    pub fn with_header(
        file: File,
        (separator, quotes): (u8, bool),
        path: &Path,
        columns: &[String],
        needed: usize,
    ) -> Result<Self, OpenLogError> {
        let mut reader = reader(file, (separator, quotes));
        let mut record = ByteRecord::new();
        let mut best: Option<Header> = None;
        for _ in 0..ROWS_ABOVE_HEADER_MAX {
            let read = reader.read_byte_record(&mut record);
            let unreadable = |error: csv::Error| OpenLogError::Unreadable {
                path: path.into(),
                source: error.into(),
            };
            if !read.map_err(unreadable)? {
                break;
            }
            let header = Header::new(&record, columns);
            if header.places[..needed].iter().all(Option::is_some) {
                let (records, places) = (RecordsAhead::new(reader), header.places);
                return Ok(Self { records, separator, quotes, places });
            }
            let found = |header: &Header| header.places.iter().flatten().count();
            if best.as_ref().is_none_or(|best| found(&header) > found(best)) {
                best = Some(header);
            }
        }
        let Some(best) = best else {
            return Err(OpenLogError::Empty { path: path.into() });
        };
        let missing = best.places.iter().position(Option::is_none).unwrap_or(0);
        let column = &columns[missing];
        let near = nearest(column, best.names.iter().map(String::as_str));
        let (line, text) = line_at(path, best.byte, best.line);
        Err(OpenLogError::NoColumn {
            column: column.clone(),
            near: near.map(str::to_owned),
            needed: columns[..needed].to_vec(),
            shown: Box::new(Shown::whole(path, line, &text)),
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// When the log cannot be read on.
    pub fn next<'a>(&'a mut self, path: &'a Path) -> io::Result<Option<CsvRow<'a>>> {
        loop {
            if !self.records.go_on().map_err(io::Error::from)? {
                return Ok(None);
            }
            // A line of blanks is no row of one field.
            let record = self.records.record();
            let is_blank =
                |field| matches!(field, Field::Text(text) if text.trim_ascii().is_empty());
            if record.len() != 1 || !is_blank(record.field(0)) {
                return Ok(Some(CsvRow { log: self, path }));
            }
        }
    }
}

fn reader(file: File, (separator, quotes): (u8, bool)) -> Reader<File> {
    ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quotes)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(1 << 17)
        .from_reader(file)
}

/// A row that may be the header.
struct Header {
    places: Vec<Option<usize>>,
    names: Vec<String>,
    byte: u64,
    line: u64,
}

impl Header {
    /// The header that a record would be.
    fn new(record: &ByteRecord, columns: &[String]) -> Self {
        let names: Vec<String> = record
            .iter()
            .map(|field| {
                String::from_utf8_lossy(field.strip_prefix(BYTE_ORDER_MARK).unwrap_or(field))
            })
            .map(|name| name.trim().to_owned())
            .collect();
        let place = |column: &String| {
            let exact = names.iter().position(|name| name == column);
            // Exports differ in capitals from one version to the next.
            let lower = column.to_lowercase();
            exact.or_else(|| names.iter().position(|name| name.to_lowercase() == lower))
        };
        let places = columns.iter().map(place).collect();
        let (byte, line) = place_of(record);
        Self { places, names, byte, line }
    }
}

impl CsvRow<'_> {
    /// What the row has in a column, by its place among those that are asked for.
    #[inline]
    pub fn field(&self, column: usize) -> Field<'_> {
        let Some(place) = self.log.places[column] else { return Field::Text("") };
        self.log.records.record().field(place)
    }

    /// The row's line as a message shows it, with a column underlined or all of it.
    pub fn show(&self, column: Option<usize>) -> Shown {
        let (byte, line) = self.log.records.record().place();
        let (line, text) = line_at(self.path, byte, line);
        let place = column.and_then(|column| self.log.places[column]);
        let fields = raw_fields(&text, self.log.separator, self.log.quotes);
        let whole = 0..text.len();
        let bytes = place.and_then(|place| fields.get(place).cloned()).unwrap_or(whole);
        Shown::new(self.path, line, &text, bytes)
    }
}

/// Where the fields of a line stand, quotes included.
fn raw_fields(text: &str, separator: u8, quotes: bool) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'"' && quotes {
            quoted = !quoted;
        } else if byte == separator && !quoted {
            fields.push(start..at);
            start = at + 1;
        }
    }
    fields.push(start..text.len());
    fields
}
