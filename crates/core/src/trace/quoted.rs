//! The csv crate at work, which takes any quotes, and whether RFC 4180 knows them.

use std::collections::VecDeque;
use std::io::{Chain, Cursor, Read};

use csv::ByteRecord;
use memchr::memchr;

use super::RowStart;

/// Reads records by the csv crate, from a place of a file on.
pub struct Quoted<R> {
    csv: csv::Reader<Watched<Chain<Cursor<Vec<u8>>, R>>>,
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
            .from_reader(Watched { inner, quotes: Quotes::new(start.byte) });
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

    /// Whether a quote was misplaced in what was read since this was asked last.
    pub fn take_misplaced(&mut self) -> bool {
        let read = self.start.byte + self.csv.position().byte();
        let misplaced = &mut self.csv.get_mut().quotes.misplaced;
        let passed = misplaced.partition_point(|&at| at < read);
        misplaced.drain(..passed).count() > 0
    }
}

/// Lets somebody watch the bytes on their way.
struct Watched<R> {
    inner: R,
    quotes: Quotes,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.quotes.watch(&buffer[..count]);
        Ok(count)
    }
}

/// Watches for quotes that RFC 4180 does not know.
pub struct Quotes {
    watched_bytes: u64,
    state: QuoteState,
    /// The bytes of misplaced quotes that nobody has asked for yet.
    misplaced: VecDeque<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum QuoteState {
    FieldBegins,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end, or the first of two.
    QuoteInQuoted,
}

impl QuoteState {
    /// What comes behind a byte that is not within quotes, nor a quote.
    fn behind(byte: u8) -> Self {
        match byte {
            b',' | b'\r' | b'\n' => Self::FieldBegins,
            _ => Self::Plain,
        }
    }
}

impl Quotes {
    /// From a byte of the file on, with which a field begins.
    pub fn new(byte: u64) -> Self {
        Self { watched_bytes: byte, state: QuoteState::FieldBegins, misplaced: VecDeque::new() }
    }

    /// The byte of the first misplaced quote.
    pub fn misplaced(&self) -> Option<u64> {
        self.misplaced.front().copied()
    }

    /// Watches what comes next, from quote to quote.
    pub fn watch(&mut self, bytes: &[u8]) {
        use QuoteState::{FieldBegins, Plain, QuoteInQuoted, Quoted};
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let quote = match self.state {
                QuoteInQuoted => {
                    self.state = if byte == b'"' { Quoted } else { QuoteState::behind(byte) };
                    if self.state == Plain {
                        self.misplace(at);
                    }
                    at += 1;
                    continue;
                }
                _ => memchr(b'"', &bytes[at..]).map(|quote| at + quote),
            };
            let until = quote.unwrap_or(bytes.len());
            if self.state != Quoted && until > at {
                self.state = QuoteState::behind(bytes[until - 1]);
            }
            if let Some(quote) = quote {
                self.state = match self.state {
                    Quoted => QuoteInQuoted,
                    FieldBegins => Quoted,
                    Plain | QuoteInQuoted => {
                        self.misplace(quote);
                        Plain
                    }
                };
            }
            at = until + 1;
        }
        self.watched_bytes += bytes.len() as u64;
    }

    fn misplace(&mut self, at: usize) {
        self.misplaced.push_back(self.watched_bytes + at as u64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same byte by byte.
    fn watch_bytewise(quotes: &mut Quotes, bytes: &[u8]) {
        use QuoteState::{FieldBegins, Plain, QuoteInQuoted, Quoted};
        for (&byte, at) in bytes.iter().zip(quotes.watched_bytes..) {
            quotes.state = match (quotes.state, byte) {
                (Quoted, b'"') => QuoteInQuoted,
                (Quoted, _) => Quoted,
                (FieldBegins | QuoteInQuoted, b'"') => Quoted,
                (_, b',' | b'\r' | b'\n') => FieldBegins,
                (Plain, b'"') | (QuoteInQuoted, _) => {
                    quotes.misplaced.push_back(at);
                    Plain
                }
                _ => Plain,
            };
        }
        quotes.watched_bytes += bytes.len() as u64;
    }

    proptest! {
        #[test]
        fn quotes_are_the_same_from_quote_to_quote_and_byte_by_byte(
            pieces in prop::collection::vec("[a\",\r\n]{0,9}", 0..5),
        ) {
            let (mut fast, mut slow) = (Quotes::new(7), Quotes::new(7));
            for piece in pieces {
                fast.watch(piece.as_bytes());
                watch_bytewise(&mut slow, piece.as_bytes());
                prop_assert_eq!(fast.state, slow.state);
                prop_assert_eq!(&fast.misplaced, &slow.misplaced);
                prop_assert_eq!(fast.watched_bytes, slow.watched_bytes);
            }
        }
    }
}
