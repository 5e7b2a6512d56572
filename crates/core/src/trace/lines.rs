//! A file as whole lines of text, as long as there is no quote among them: then a row is a line, and
//! a field is what stands between commas.

use std::io::{self, Read};

use memchr::{memchr, memrchr2};

use super::RowStart;

/// So much is read at once, and whatever is missing to the end of a line.
const CHUNK_BYTES: usize = 1 << 16;

/// Reads whole lines.
pub struct Lines<R> {
    file: R,
    /// Whole lines.
    text: String,
    /// Where in the text the next row begins, or blank lines before it.
    next: usize,
    /// Where in the file that is.
    place: RowStart,
    /// The beginning of a line whose end is not read yet.
    torn: Vec<u8>,
    /// The byte before the text: the end of a line. None at the start of the file.
    before: Option<u8>,
}

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What came of reading on.
pub enum More {
    /// There is a row.
    Row,
    /// There is none any more.
    End,
    /// There is a quote, or what is not UTF-8: the csv crate knows what to do.
    Unusual,
}

impl<R: Read> Lines<R> {
    /// Begins at the start of a file, of which nothing is read yet.
    pub fn new(file: R) -> Self {
        let place = RowStart::START;
        Self { file, text: String::new(), next: 0, place, torn: Vec::new(), before: None }
    }

    /// Passes blank lines; whether a row is next in what is read already.
    #[inline]
    pub fn is_at_row(&mut self) -> bool {
        while let Some(b'\r' | b'\n') = self.text.as_bytes().get(self.next) {
            self.pass(1);
        }
        self.next < self.text.len()
    }

    /// Goes to the next row, and reads on for it.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn go_to_row(&mut self) -> io::Result<More> {
        loop {
            if self.is_at_row() {
                return Ok(More::Row);
            }
            match self.read_on()? {
                More::Row => {}
                other => return Ok(other),
            }
        }
    }

    /// All that is read from the next row on.
    #[inline]
    pub fn rest(&self) -> &str {
        &self.text[self.next..]
    }

    /// The text that was passed last, and where it begins, which is in one line.
    #[inline]
    pub fn passed(&self, bytes: usize) -> (&str, RowStart) {
        let text = &self.text[self.next - bytes..self.next];
        let line = self.place.line - u64::from(text.ends_with('\n'));
        (text, RowStart { byte: self.place.byte - bytes as u64, line })
    }

    /// Where the next row begins.
    #[inline]
    pub fn place(&self) -> RowStart {
        self.place
    }

    /// Passes so many bytes, with at most one end of line as the last of them.
    #[inline]
    pub fn pass(&mut self, bytes: usize) {
        self.next += bytes;
        self.place.byte += bytes as u64;
        self.place.line += u64::from(self.text.as_bytes()[self.next - 1] == b'\n');
    }

    fn read_on(&mut self) -> io::Result<More> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        self.before = bytes.last().copied().or(self.before);
        self.next = 0;
        bytes.clear();
        bytes.append(&mut self.torn);
        let whole = loop {
            let before = bytes.len();
            self.file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut bytes)?;
            if bytes.len() == before {
                break bytes.len();
            }
            if let Some(at) = memrchr2(b'\r', b'\n', &bytes[before..]) {
                break before + at + 1;
            }
        };
        self.torn.extend_from_slice(&bytes[whole..]);
        bytes.truncate(whole);
        if bytes.is_empty() {
            return Ok(More::End);
        }
        match String::from_utf8(bytes) {
            Ok(text) if memchr(b'"', text.as_bytes()).is_none() => {
                self.text = text;
                if self.before.is_none() && self.text.starts_with(BYTE_ORDER_MARK) {
                    self.pass(BYTE_ORDER_MARK.len());
                }
                Ok(More::Row)
            }
            Ok(text) => Ok(self.put_back(text.into_bytes())),
            Err(error) => Ok(self.put_back(error.into_bytes())),
        }
    }

    fn put_back(&mut self, mut bytes: Vec<u8>) -> More {
        bytes.append(&mut self.torn);
        self.torn = bytes;
        More::Unusual
    }

    /// What was read and not passed, the rest of the file, and where that begins. The end of the
    /// line before comes with it, where there is one: a byte order mark behind it is none.
    pub fn into_rest(self) -> (Vec<u8>, R, RowStart) {
        let Self { file, text, next, place: RowStart { mut byte, mut line }, torn, before } = self;
        let before = text.as_bytes()[..next].last().copied().or(before);
        byte -= before.map_or(0, |_| 1);
        line -= u64::from(before == Some(b'\n'));
        let bytes = before.into_iter().chain(text.bytes().skip(next)).chain(torn).collect();
        (bytes, file, RowStart { byte, line })
    }
}
