//! Quotes on their way to the csv crate, which takes any, and closes one that is open at the end of a file
//! without a word.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr2};

use super::RowStart;

/// What may stand at the start of a file, before its first field.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A quote that is not closed: its field takes in the rest of its file, or all up to the quote with which a
/// field begins in a line below.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenQuote {
    /// The first byte of the line that has it.
    pub byte: u64,
    /// That line, from 1.
    pub line: u64,
    /// How many bytes stand before it in its line.
    pub column: usize,
    /// How many lines there are from its own to the last that it takes in.
    pub lines: u64,
}

/// Watches quotes, by RFC 4180 with any separator.
pub struct Quotes {
    separator: u8,
    /// Where what comes next stands.
    place: RowStart,
    /// The byte with which the line of that begins.
    line_byte: u64,
    state: QuoteState,
    /// The quote that was opened last, as long as its field goes on.
    opened: OpenQuote,
    /// The last two bytes that were watched.
    last: [u8; 2],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum QuoteState {
    FieldBegins,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end, or the first of two.
    QuoteInQuoted,
}

impl Quotes {
    /// From a place of a file on, with which a field begins.
    pub fn new(separator: u8, place: RowStart) -> Self {
        Self {
            separator,
            place,
            line_byte: place.byte,
            state: QuoteState::FieldBegins,
            opened: OpenQuote::default(),
            last: [b'\n'; 2],
        }
    }

    /// The byte of the file that comes next.
    pub fn byte(&self) -> u64 {
        self.place.byte
    }

    /// The quote that is open where what was watched is all there is.
    pub fn open(&self) -> Option<OpenQuote> {
        let is_begun = u64::from(self.place.byte > self.line_byte);
        // Ends of lines that are no line feeds are not counted.
        let lines = (self.place.line - self.opened.line + is_begun).max(1);
        (self.state == QuoteState::Quoted).then_some(OpenQuote { lines, ..self.opened })
    }

    /// Watches what comes next, from quote to quote. Of a quote that RFC 4180 does not know `misplaced` is
    /// told the byte, and the quote above that it closes, where it is the beginning of another field.
    pub fn watch(&mut self, bytes: &[u8], mut misplaced: impl FnMut(u64, Option<OpenQuote>)) {
        use QuoteState::{FieldBegins, Plain, QuoteInQuoted, Quoted};
        let mut at = 0;
        if self.place.byte == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
            at = BYTE_ORDER_MARK.len();
            self.line_byte = at as u64;
        }
        let mut opened = None;
        while let Some(&byte) = bytes.get(at) {
            let quote = match self.state {
                QuoteInQuoted => {
                    self.state = if byte == b'"' { Quoted } else { self.behind(byte) };
                    if self.state == Plain {
                        let closes = self.open_above(bytes, at, opened);
                        misplaced(self.place.byte + at as u64, closes);
                    }
                    at += 1;
                    continue;
                }
                _ => memchr(b'"', &bytes[at..]).map(|quote| at + quote),
            };
            let until = quote.unwrap_or(bytes.len());
            if self.state != Quoted && until > at {
                self.state = self.behind(bytes[until - 1]);
            }
            if let Some(quote) = quote {
                self.state = match self.state {
                    Quoted => QuoteInQuoted,
                    FieldBegins => {
                        opened = Some(quote);
                        Quoted
                    }
                    Plain | QuoteInQuoted => {
                        misplaced(self.place.byte + quote as u64, None);
                        Plain
                    }
                };
            }
            at = until + 1;
        }
        self.pass(bytes, opened);
    }

    /// What comes behind a byte that is not within quotes, nor a quote.
    fn behind(&self, byte: u8) -> QuoteState {
        match byte {
            b'\r' | b'\n' => QuoteState::FieldBegins,
            byte if byte == self.separator => QuoteState::FieldBegins,
            _ => QuoteState::Plain,
        }
    }

    /// The quote of a line above that was closed by the quote before a byte, if that one would begin a field:
    /// it stands behind a separator, and a text behind it.
    #[cold]
    fn open_above(&self, bytes: &[u8], at: usize, opened: Option<usize>) -> Option<OpenQuote> {
        let before = match at {
            0 | 1 => self.last[at],
            _ => bytes[at - 2],
        };
        if self.behind(before) != QuoteState::FieldBegins {
            return None;
        }
        let opened = opened.map_or(self.opened, |quote| self.opened_at(bytes, quote));
        let lines = self.place.line + line_ends(&bytes[..at]) - opened.line + 1;
        (lines > 1).then_some(OpenQuote { lines, ..opened })
    }

    /// A quote that opens a field in bytes that come next.
    fn opened_at(&self, bytes: &[u8], quote: usize) -> OpenQuote {
        let byte = self.line_byte_of(&bytes[..quote]);
        OpenQuote {
            byte,
            line: self.place.line + line_ends(&bytes[..quote]),
            column: (self.place.byte + quote as u64 - byte) as usize,
            lines: 0,
        }
    }

    /// The byte with which the line begins that goes on behind bytes that come next.
    fn line_byte_of(&self, bytes: &[u8]) -> u64 {
        memrchr2(b'\r', b'\n', bytes).map_or(self.line_byte, |end| self.place.byte + end as u64 + 1)
    }

    /// Goes behind bytes, of which this one opened the last field with quotes.
    fn pass(&mut self, bytes: &[u8], opened: Option<usize>) {
        let is_open = matches!(self.state, QuoteState::Quoted | QuoteState::QuoteInQuoted);
        if let Some(quote) = opened.filter(|_| is_open) {
            self.opened = self.opened_at(bytes, quote);
        }
        self.line_byte = self.line_byte_of(bytes);
        self.place.byte += bytes.len() as u64;
        self.place.line += line_ends(bytes);
        match *bytes {
            [] => {}
            [last] => self.last = [self.last[1], last],
            [.., first, last] => self.last = [first, last],
        }
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// Lets quotes be watched on their way, and knows which of them are not closed.
pub struct Watched<R> {
    inner: R,
    quotes: Quotes,
    is_over: bool,
    /// Those that a field below has closed, with the byte where that is seen, until they are asked for.
    closed_below: VecDeque<(u64, OpenQuote)>,
}

impl<R> Watched<R> {
    /// What is read from here on begins at a place of a file, and with a field.
    pub fn new(inner: R, separator: u8, place: RowStart) -> Self {
        let quotes = Quotes::new(separator, place);
        Self { inner, quotes, is_over: false, closed_below: VecDeque::new() }
    }

    /// The first quote that is not closed of those in the records that end before a byte of the file, and
    /// behind those that were asked about before.
    pub fn take_open_quote(&mut self, byte: u64) -> Option<OpenQuote> {
        let passed = self.closed_below.partition_point(|(at, _)| *at < byte);
        let first = self.closed_below.drain(..passed).next().map(|(_, quote)| quote);
        // Once the end was read, the field that it is in is part of the last record.
        first.or_else(|| self.quotes.open().filter(|_| self.is_over))
    }

    /// What is behind it.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { inner, quotes, is_over, closed_below } = self;
        let count = inner.read(buffer)?;
        *is_over = count == 0;
        quotes.watch(&buffer[..count], |byte, closes| {
            closed_below.extend(closes.map(|quote| (byte, quote)));
        });
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The byte of a misplaced quote, and the quote that it closes.
    type Misplaced = (u64, Option<OpenQuote>);

    /// What quotes come to: the bytes of those that are misplaced, and the one that is open.
    fn watched<'a>(
        quotes: &mut Quotes,
        pieces: impl Iterator<Item = &'a [u8]>,
    ) -> (Vec<Misplaced>, Option<OpenQuote>) {
        let mut misplaced = Vec::new();
        pieces.for_each(|piece| quotes.watch(piece, |byte, closes| misplaced.push((byte, closes))));
        (misplaced, quotes.open())
    }

    /// The same byte by byte.
    fn bytewise(bytes: &[u8], from: u64) -> (Vec<Misplaced>, Option<OpenQuote>) {
        use QuoteState::{FieldBegins, Plain, QuoteInQuoted, Quoted};
        let (mut state, mut misplaced) = (FieldBegins, Vec::new());
        let (mut line, mut line_byte, mut opened) = (1, from, OpenQuote::default());
        for (&byte, at) in bytes.iter().zip(from..) {
            state = match (state, byte) {
                (Quoted, b'"') => QuoteInQuoted,
                (Quoted, _) | (QuoteInQuoted, b'"') => Quoted,
                (FieldBegins, b'"') => {
                    let column = (at - line_byte) as usize;
                    opened = OpenQuote { byte: line_byte, line, column, lines: 0 };
                    Quoted
                }
                (_, b',' | b'\r' | b'\n') => FieldBegins,
                (Plain, b'"') => {
                    misplaced.push((at, None));
                    Plain
                }
                (QuoteInQuoted, _) => {
                    let begins = matches!(bytes[(at - from) as usize - 2], b',' | b'\r' | b'\n');
                    let lines = line - opened.line + 1;
                    let closes = (begins && lines > 1).then_some(OpenQuote { lines, ..opened });
                    misplaced.push((at, closes));
                    Plain
                }
                _ => Plain,
            };
            line += u64::from(byte == b'\n');
            if matches!(byte, b'\r' | b'\n') {
                line_byte = at + 1;
            }
        }
        let is_begun = u64::from(from + bytes.len() as u64 > line_byte);
        opened.lines = (line - opened.line + is_begun).max(1);
        (misplaced, (state == Quoted).then_some(opened))
    }

    proptest! {
        #[test]
        fn quotes_are_the_same_from_quote_to_quote_and_byte_by_byte(
            pieces in prop::collection::vec("[a\",\r\n]{0,9}", 0..5),
        ) {
            let found = watched(
                &mut Quotes::new(b',', RowStart::new(7, 1)),
                pieces.iter().map(String::as_bytes),
            );
            prop_assert_eq!(found, bytewise(pieces.concat().as_bytes(), 7));
        }
    }

    #[test]
    fn a_byte_order_mark_is_none_of_the_first_field_of_a_file() {
        let bytes = "\u{feff}\"at\",\"x".as_bytes();
        let open = OpenQuote { byte: 3, line: 1, column: 5, lines: 1 };
        let mut quotes = Quotes::new(b',', RowStart::START);
        assert_eq!(watched(&mut quotes, [bytes].into_iter()), (vec![], Some(open)));
        let mut quotes = Quotes::new(b',', RowStart::new(9, 2));
        assert_eq!(watched(&mut quotes, [bytes].into_iter()).0, [(12, None), (15, None)]);
    }

    #[test]
    fn a_quote_is_open_once_the_end_was_read_or_a_field_below_begins() {
        let file = "a;\"b\n\"\nc;\"d;\"\"\n\ne";
        let mut watched = Watched::new(file.as_bytes(), b';', RowStart::START);
        let mut buffer = [0; 64];
        let mut read = || (watched.read(&mut buffer).ok(), watched.take_open_quote(u64::MAX));
        assert_eq!(read(), (Some(file.len()), None));
        let open = OpenQuote { byte: 7, line: 3, column: 2, lines: 3 };
        assert_eq!(read(), (Some(0), Some(open)));
        let file = "a;\"b\nc;\"d\"\na;\"b\nsaid \"d\"\"\na;\"b\n\"c\n\"\";";
        let mut watched = Watched::new(file.as_bytes(), b';', RowStart::START);
        assert_eq!(watched.read(&mut buffer).ok(), Some(file.len()));
        assert_eq!(watched.take_open_quote(8), None);
        let open = OpenQuote { byte: 0, line: 1, column: 2, lines: 2 };
        assert_eq!(watched.take_open_quote(12), Some(open));
        let open = OpenQuote { byte: 26, line: 5, column: 2, lines: 2 };
        assert_eq!(watched.take_open_quote(99), Some(open));
        assert_eq!((watched.read(&mut buffer).ok(), watched.take_open_quote(99)), (Some(0), None));
    }
}
