//! Some records of a log with a separator: what is read at once, and looked into by one thread.

use csv::{ByteRecord, Reader};
use memchr::{memchr_iter, memchr3_iter};
use std::io::Read;

use super::{BYTE_ORDER_MARK, Field};

/// Some records that follow each other, with their fields one behind the other.
#[derive(Default)]
pub struct Piece {
    fields: Fields,
    /// Where each field ends.
    ends: Vec<usize>,
    records: Vec<Begin>,
    form: Form,
    /// Where in the file the first record begins, or blank lines before it.
    start: Place,
}

/// The bytes of fields.
enum Fields {
    /// All of them are text.
    Text(String),
    /// Some bytes are none.
    Bytes(Vec<u8>),
}

/// How the records of a piece lie in memory.
enum Form {
    /// As in the file, a line each, with a byte between two fields.
    Lines,
    /// As the csv crate gave them, without what stands between fields; where each begins in the file.
    Parsed(Vec<Place>),
}

/// Where a record begins.
struct Begin {
    /// Its first field, by its number among those of the piece.
    field: usize,
    /// Its first byte, likewise.
    byte: usize,
}

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// How many bytes stand before it.
    pub byte: u64,
    /// Its line, from 1.
    pub line: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self { byte: 0, line: 1 }
    }
}

impl Place {
    /// Where a record begins, or blank lines before it, as the csv crate says.
    pub fn of(record: &ByteRecord) -> Self {
        record.position().map_or_else(Self::default, Self::of_position)
    }

    /// A place as the csv crate says it.
    pub fn of_position(at: &csv::Position) -> Self {
        Self { byte: at.byte(), line: at.line() }
    }

    /// The place that lies there in a part of a file that begins here.
    pub fn of_part(self, there: Self) -> Self {
        Self { byte: self.byte + there.byte, line: self.line + there.line - 1 }
    }

    /// The place behind these bytes.
    pub fn behind(self, bytes: &[u8]) -> Self {
        let lines = memchr_iter(b'\n', bytes).count() as u64;
        Self { byte: self.byte + bytes.len() as u64, line: self.line + lines }
    }
}

/// A record of a piece.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    piece: &'a Piece,
    number: usize,
}

/// No more is read behind so many bytes.
pub const PIECE_BYTES: usize = 1 << 17;
/// So many records are read at a time by the csv crate, if they are not long.
const PIECE_RECORDS: usize = 4_096;

impl Default for Fields {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::Lines
    }
}

impl Fields {
    /// Looked through at once, not field by field.
    fn new(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Piece {
    /// Forgets its records, and gives the room of their bytes away.
    pub fn clear(&mut self) -> Vec<u8> {
        let mut bytes = self.clear_records();
        bytes.clear();
        bytes
    }

    /// Forgets where its records are, and takes their bytes.
    fn clear_records(&mut self) -> Vec<u8> {
        self.ends.clear();
        self.records.clear();
        match std::mem::take(&mut self.fields) {
            Fields::Text(text) => text.into_bytes(),
            Fields::Bytes(bytes) => bytes,
        }
    }

    /// Takes whole lines that begin at a place of the file and have no quotes, which have yet to be split.
    pub fn put_lines(&mut self, bytes: Vec<u8>, start: Place) {
        self.fields = Fields::Bytes(bytes);
        (self.start, self.form) = (start, Form::Lines);
    }

    /// Takes records from a reader that was begun at a place of the file; whether there are more.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn parse<R: Read>(&mut self, reader: &mut Reader<R>, begun: Place) -> csv::Result<bool> {
        let mut bytes = self.clear();
        let mut places = Vec::new();
        let mut record = ByteRecord::new();
        let mut is_more = true;
        while places.len() < PIECE_RECORDS && bytes.len() < PIECE_BYTES {
            is_more = reader.read_byte_record(&mut record)?;
            if !is_more {
                break;
            }
            places.push(begun.of_part(Place::of(&record)));
            let before = bytes.len();
            self.records.push(Begin { field: self.ends.len(), byte: before });
            bytes.extend_from_slice(record.as_slice());
            let ends = (0..record.len()).filter_map(|field| record.range(field));
            self.ends.extend(ends.map(|range| before + range.end));
        }
        self.fields = Fields::new(bytes);
        self.form = Form::Parsed(places);
        Ok(is_more)
    }

    /// Finds the fields of its lines, where it has lines: as the csv crate does if nothing is quoted.
    pub fn split(&mut self, separator: u8) {
        if matches!(self.form, Form::Parsed(_)) {
            return;
        }
        let bytes = self.clear_records();
        let begun = match self.start.byte {
            0 if bytes.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
            _ => 0,
        };
        let (mut start, mut field) = (begun, 0);
        for at in memchr3_iter(separator, b'\n', b'\r', &bytes[begun..]) {
            let at = begun + at;
            if bytes[at] != separator {
                // A blank line is no record.
                if at > start {
                    self.ends.push(at);
                    self.records.push(Begin { field, byte: start });
                    field = self.ends.len();
                }
                start = at + 1;
            } else {
                self.ends.push(at);
            }
        }
        if start < bytes.len() {
            self.ends.push(bytes.len());
            self.records.push(Begin { field, byte: start });
        }
        self.fields = Fields::new(bytes);
    }

    /// Its records, in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.records.len()).map(|number| Record { piece: self, number })
    }
}

impl Record<'_> {
    /// How many fields it has.
    #[inline]
    pub fn len(self) -> usize {
        let next = self.piece.records.get(self.number + 1);
        let end = next.map_or(self.piece.ends.len(), |next| next.field);
        end - self.piece.records[self.number].field
    }

    /// Where in its file it begins, or blank lines before it.
    pub fn place(self) -> Place {
        let Piece { form, fields, records, start, .. } = self.piece;
        match form {
            Form::Parsed(places) => places[self.number],
            Form::Lines => start.behind(&fields.as_bytes()[..records[self.number].byte]),
        }
    }
}

impl<'a> Record<'a> {
    /// What it has at a place.
    #[inline]
    pub fn field(self, place: usize) -> Field<'a> {
        if place >= self.len() {
            return Field::Missing;
        }
        let Begin { field, byte } = self.piece.records[self.number];
        let field = field + place;
        let between = match self.piece.form {
            Form::Lines => 1,
            Form::Parsed(_) => 0,
        };
        let start = if place == 0 { byte } else { self.piece.ends[field - 1] + between };
        let range = start..self.piece.ends[field];
        let text = match &self.piece.fields {
            // A character whose bytes are of two fields is none.
            Fields::Text(text) => text.get(range),
            Fields::Bytes(bytes) => std::str::from_utf8(&bytes[range]).ok(),
        };
        text.map_or(Field::NotUtf8, Field::Text)
    }
}
