//! Some records of a log with a separator: what is read at once, and looked into by one thread.

use std::io::Read;

use csv::{ByteRecord, Reader};
use lamplighter_core::trace::{OpenQuote, Watched};
use memchr::memchr_iter;

use super::field::{BYTE_ORDER_MARK, Field};

/// Some records that follow each other, with their fields one behind the other.
#[derive(Default)]
pub struct Piece {
    fields: Fields,
    /// Where each field ends.
    ends: Vec<usize>,
    records: Vec<Begin>,
    /// How many bytes stand between two fields: one where they lie as in the file, none where the csv crate
    /// gave them.
    between: usize,
    /// Where in the file the first byte stands, if they lie as there.
    start: Place,
    /// Where in the file each record begins, or blank lines before it, if the csv crate gave them.
    places: Vec<Place>,
    /// Quotes that are not closed, in records that were left out.
    open_quotes: Vec<OpenQuote>,
}

/// The bytes of fields.
enum Fields {
    /// All of them are text.
    Text(String),
    /// Some bytes are none.
    Bytes(Vec<u8>),
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
    first_byte: usize,
    /// Where each of its fields ends.
    ends: &'a [usize],
}

/// So much of a log is read at a time, and what is missing to the end of a line.
pub const PIECE_BYTES: usize = 1 << 16;
/// So many records are read at a time by the csv crate, if they are not long.
const PIECE_RECORDS: usize = 4_096;

impl Default for Fields {
    fn default() -> Self {
        Self::Bytes(Vec::new())
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
        self.places.clear();
        self.open_quotes.clear();
        match std::mem::take(&mut self.fields) {
            Fields::Text(text) => text.into_bytes(),
            Fields::Bytes(bytes) => bytes,
        }
    }

    /// Takes whole lines that begin at a place of the file and have no quotes, which have yet to be split.
    pub fn put_lines(&mut self, bytes: Vec<u8>, start: Place) {
        self.fields = Fields::Bytes(bytes);
        (self.start, self.between) = (start, 1);
    }

    /// Takes records from a reader that was begun at a place of the file, no more behind so many bytes; whether
    /// there are more.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn parse<R: Read>(
        &mut self,
        reader: &mut Reader<Watched<R>>,
        begun: Place,
        bytes_max: usize,
    ) -> csv::Result<bool> {
        let mut bytes = self.clear();
        let mut record = ByteRecord::new();
        let mut is_more = true;
        while self.records.len() < PIECE_RECORDS && bytes.len() < bytes_max {
            is_more = reader.read_byte_record(&mut record)?;
            if !is_more {
                break;
            }
            let behind = begun.of_part(Place::of_position(reader.position()));
            if let Some(quote) = reader.get_mut().take_open_quote(behind.byte) {
                // What there is of the record is not what was meant.
                self.open_quotes.push(quote);
                continue;
            }
            self.places.push(begun.of_part(Place::of(&record)));
            let before = bytes.len();
            self.records.push(Begin { field: self.ends.len(), byte: before });
            bytes.extend_from_slice(record.as_slice());
            let ends = (0..record.len()).filter_map(|field| record.range(field));
            self.ends.extend(ends.map(|range| before + range.end));
        }
        self.fields = Fields::new(bytes);
        self.between = 0;
        Ok(is_more)
    }

    /// The quotes that are not closed, in records that are none of the piece's.
    pub fn open_quotes(&self) -> &[OpenQuote] {
        &self.open_quotes
    }

    /// Finds the fields of its lines, where it has lines: as the csv crate does if nothing is quoted.
    pub fn split(&mut self, separator: u8) {
        if self.between == 0 {
            return;
        }
        let bytes = self.clear_records();
        let begun = match self.start.byte {
            0 if bytes.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
            _ => 0,
        };
        let (mut start, mut field) = (begun, 0);
        for_each_mark(&bytes, separator, |at| {
            let byte = bytes[at];
            if byte == separator {
                self.ends.push(at);
            } else if matches!(byte, b'\n' | b'\r') {
                // A blank line is no record.
                if at > start {
                    self.ends.push(at);
                    self.records.push(Begin { field, byte: start });
                    field = self.ends.len();
                }
                start = at + 1;
            }
        });
        if start < bytes.len() {
            self.ends.push(bytes.len());
            self.records.push(Begin { field, byte: start });
        }
        self.fields = Fields::new(bytes);
    }

    /// Its records, in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let nexts = self.records.iter().skip(1).map(|next| next.field).chain([self.ends.len()]);
        let with_nexts = self.records.iter().zip(nexts).enumerate();
        with_nexts.map(|(number, (begin, next))| Record {
            piece: self,
            number,
            first_byte: begin.byte,
            ends: &self.ends[begin.field..next],
        })
    }
}

/// Calls `mark` with the place of each byte that may be the separator or the end of a line, in their order:
/// eight bytes are looked at in one go, and bytes behind such a one, or other control characters, may be taken
/// for one, too.
#[inline]
fn for_each_mark(bytes: &[u8], separator: u8, mut mark: impl FnMut(usize)) {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const EACH_HIGH: u64 = EACH << 7;
    /// Ends of lines lie below.
    const LINE_ENDS: u64 = EACH * (b'\r' as u64 + 1);
    let separators = EACH * u64::from(separator);
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let others = word ^ separators;
        let is_separator = others.wrapping_sub(EACH) & !others;
        let is_end = word.wrapping_sub(LINE_ENDS) & !word;
        let mut found = (is_separator | is_end) & EACH_HIGH;
        while found != 0 {
            mark(number * 8 + found.trailing_zeros() as usize / 8);
            found &= found - 1;
        }
    }
    (bytes.len() - rest.len()..bytes.len()).for_each(mark);
}

impl<'a> Record<'a> {
    /// How many fields it has.
    #[inline]
    pub fn len(self) -> usize {
        self.ends.len()
    }

    /// What it has at a place.
    #[inline]
    pub fn field(self, place: usize) -> Field<'a> {
        let Some(&end) = self.ends.get(place) else { return Field::Missing };
        let start = match place.checked_sub(1) {
            None => self.first_byte,
            Some(before) => self.ends[before] + self.piece.between,
        };
        let text = match &self.piece.fields {
            // A character whose bytes are of two fields is none; between these there may be others, of nothing.
            Fields::Text(text) => text.get(start..end).or((start == end).then_some("")),
            Fields::Bytes(bytes) => std::str::from_utf8(&bytes[start..end]).ok(),
        };
        text.map_or(Field::NotUtf8, Field::Text)
    }

    /// Where in its file it begins, or blank lines before it.
    #[cold]
    pub fn place(self) -> Place {
        let Piece { fields, places, start, .. } = self.piece;
        let parsed = places.get(self.number).copied();
        parsed.unwrap_or_else(|| start.behind(&fields.as_bytes()[..self.first_byte]))
    }
}
