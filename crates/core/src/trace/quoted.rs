//! The csv crate at work, which takes any quotes, and whether RFC 4180 knows them.

use std::collections::VecDeque;
use std::io::{Chain, Cursor, Read};

use csv::ByteRecord;

use super::RowStart;
use super::quotes::Quotes;

/// Reads records by the csv crate, from a place of a file on.
pub struct Quoted<R> {
    csv: csv::Reader<Noted<Chain<Cursor<Vec<u8>>, R>>>,
    /// The place from which on it reads.
    start: RowStart,
}

const BUFFER_BYTES: usize = 1 << 16;

impl<R: Read> Quoted<R> {
    /// Reads what was read before and the rest of a file, which together begin at a place.
    pub fn new(read: Vec<u8>, rest: R, start: RowStart) -> Self {
        let inner = Cursor::new(read).chain(rest);
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(Noted {
                inner,
                quotes: Quotes::new(b',', start),
                misplaced: VecDeque::new(),
            });
        Self { csv, start }
    }

    /// Reads the next record; false where there is none.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn read(&mut self, record: &mut ByteRecord) -> Result<bool, csv::Error> {
        self.csv.read_byte_record(record)
    }

    /// Where a record begins, or blank lines before it.
    pub fn place(&self, record: &ByteRecord) -> RowStart {
        let position = record.position().cloned().unwrap_or_else(csv::Position::new);
        RowStart {
            byte: self.start.byte + position.byte(),
            line: self.start.line + position.line() - 1,
        }
    }

    /// Whether a quote was misplaced, or is open at the end of the file, in what was read since this was asked last.
    pub fn take_misplaced(&mut self) -> bool {
        let read = self.start.byte + self.csv.position().byte();
        let misplaced = &mut self.csv.get_mut().misplaced;
        let passed = misplaced.partition_point(|&at| at < read);
        misplaced.drain(..passed).count() > 0
    }
}

/// Notes misplaced quotes on their way.
struct Noted<R> {
    inner: R,
    quotes: Quotes,
    /// The bytes of misplaced quotes that nobody has asked for yet.
    misplaced: VecDeque<u64>,
}

impl<R: Read> Read for Noted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Self { inner, quotes, misplaced } = self;
        let count = inner.read(buffer)?;
        quotes.watch(&buffer[..count], |byte, _| misplaced.push_back(byte));
        // One that is open at the end is in the last record, as its last byte is.
        let last = quotes.byte().checked_sub(1).filter(|_| count == 0 && quotes.open().is_some());
        misplaced.extend(last);
        Ok(count)
    }
}
