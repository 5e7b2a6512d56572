//! A log with a separator between its fields.

use std::fs::File;
use std::io;
use std::ops::Range;

use csv::ByteRecord;
use lamplighter_core::trace::OpenQuote;

use super::error::OpenLogError;
use super::field::{BYTE_ORDER_MARK, Field};
use super::piece::{Piece, Place, Record};
use super::pieces::{Pieces, reader};
use super::shown::{LogFile, Shown, line_at};
use lamplighter_scenario::language::diagnostic::nearest;

/// A log with a separator, in pieces of rows.
pub struct CsvLog {
    /// What is read of it next.
    pub pieces: Pieces,
    /// How its rows are taken apart.
    pub form: CsvForm,
}

/// How the rows of a log are taken apart.
pub struct CsvForm {
    log: LogFile,
    separator: u8,
    quotes: bool,
    /// Where in a row the columns stand that are asked for; `None` for those that the log has not.
    places: Vec<Option<usize>>,
}

/// A row: its fields, and where it stands.
pub struct CsvRow<'a> {
    form: &'a CsvForm,
    record: Record<'a>,
}

/// Above the header there may stand titles and blank lines; not more than these.
const ROWS_ABOVE_HEADER_MAX: usize = 50;

impl CsvLog {
    /// Opens a log without a header, whose columns are found by the names that they were given.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_named_columns(
        file: File,
        (separator, quotes): (u8, bool),
        log: &LogFile,
        named: &[String],
        columns: &[String],
    ) -> io::Result<Self> {
        let place = |column| named.iter().position(|name| name == column);
        let places = columns.iter().map(place).collect();
        let pieces = Pieces::new(file, (separator, quotes), Place::default())?;
        Ok(Self { pieces, form: CsvForm { log: log.clone(), separator, quotes, places } })
    }

    /// Opens a log, and reads up to the header, which has the first `needed` of these columns, and finds
    /// them there.
    ///
    /// # Errors
    /// When there is no such header.
    pub fn with_header(
        file: File,
        (separator, quotes): (u8, bool),
        log: &LogFile,
        columns: &[String],
        needed: usize,
    ) -> Result<Self, OpenLogError> {
        let unreadable = |source| OpenLogError::Unreadable { path: log.name.clone(), source };
        let mut reader = reader(file, Place::default(), (separator, quotes));
        let mut record = ByteRecord::new();
        let mut best: Option<Header> = None;
        for _ in 0..ROWS_ABOVE_HEADER_MAX {
            let read = reader.read_byte_record(&mut record);
            if !read.map_err(|error| unreadable(error.into()))? {
                break;
            }
            let behind = reader.position().byte();
            if let Some(quote) = reader.get_mut().take_open_quote(behind).filter(|_| quotes) {
                let shown = Box::new(quote_shown(log, quote));
                return Err(OpenLogError::OpenQuote { shown });
            }
            let header = Header::new(&record, columns);
            if header.places[..needed].iter().all(Option::is_some) {
                let (behind, places) = (Place::of_position(reader.position()), header.places);
                let file = reader.into_inner().into_inner();
                let pieces = Pieces::new(file, (separator, quotes), behind);
                let pieces = pieces.map_err(unreadable)?;
                let form = CsvForm { log: log.clone(), separator, quotes, places };
                return Ok(Self { pieces, form });
            }
            let found = |header: &Header| header.places.iter().flatten().count();
            if best.as_ref().is_none_or(|best| found(&header) > found(best)) {
                best = Some(header);
            }
        }
        let Some(best) = best else {
            return Err(OpenLogError::Empty { path: log.name.clone() });
        };
        let missing = best.places.iter().position(Option::is_none).unwrap_or(0);
        let column = &columns[missing];
        let near = nearest(column, best.names.iter().map(String::as_str));
        let (line, text) = line_at(log, best.place.byte, best.place.line);
        Err(OpenLogError::NoColumn {
            column: column.clone(),
            near: near.map(str::to_owned),
            needed: columns[..needed].to_vec(),
            shown: Box::new(Shown::whole(&log.name, line, &text)),
        })
    }
}

impl CsvForm {
    /// The rows of a piece that was read.
    pub fn rows<'a>(&'a self, piece: &'a mut Piece) -> impl Iterator<Item = CsvRow<'a>> {
        piece.split(self.separator);
        // A line of blanks is no row of one field.
        let is_blank = |field| matches!(field, Field::Text(text) if text.trim_ascii().is_empty());
        let records =
            piece.records().filter(move |record| record.len() != 1 || !is_blank(record.field(0)));
        records.map(|record| CsvRow { form: self, record })
    }

    /// The line of a quote that is not closed.
    pub fn show(&self, quote: OpenQuote) -> Shown {
        quote_shown(&self.log, quote)
    }
}

/// A row that may be the header.
struct Header {
    places: Vec<Option<usize>>,
    names: Vec<String>,
    place: Place,
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
        Self { places, names, place: Place::of(record) }
    }
}

impl CsvRow<'_> {
    /// What the row has in a column, by its place among those that are asked for.
    #[inline]
    pub fn field(&self, column: usize) -> Field<'_> {
        let Some(place) = self.form.places[column] else { return Field::Text("") };
        self.record.field(place)
    }

    /// The row's line as a message shows it, with a column underlined or all of it.
    pub fn show(&self, column: Option<usize>) -> Shown {
        let CsvForm { log, separator, quotes, places } = self.form;
        let Place { byte, line } = self.record.place();
        let (line, text) = line_at(log, byte, line);
        let place = column.and_then(|column| places[column]);
        let fields = raw_fields(&text, *separator, *quotes);
        let whole = 0..text.len();
        let bytes = place.and_then(|place| fields.get(place).cloned()).unwrap_or(whole);
        Shown::new(&log.name, line, &text, bytes)
    }
}

/// The line of a quote that is not closed.
fn quote_shown(log: &LogFile, quote: OpenQuote) -> Shown {
    let (line, text) = line_at(log, quote.byte, quote.line);
    Shown::new(&log.name, line, &text, quote.column..quote.column + 1)
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
