//! A file in pieces of whole lines, and whether a piece is written as nearly all are: then rows are found in
//! it without asking what is before it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use memchr::{memchr, memrchr2};

/// So much of a file is read at a time where nothing else is said, and whatever is missing to the end of a
/// line.
pub const PIECE_BYTES: usize = 1 << 16;

/// As much of a text as is looked at in one go for a row; so much stands behind every text that means
/// nothing.
pub const WINDOW: usize = 192;

/// Reads pieces of a file.
pub struct Texts<R = File> {
    file: R,
    /// So much is read at a time.
    piece_bytes: usize,
    /// The beginning of a line whose end is not read yet.
    torn: Vec<u8>,
}

impl<R: Read> Texts<R> {
    /// Begins where the file is, and reads so many bytes at a time.
    pub fn new(file: R, piece_bytes: usize) -> Self {
        Self { file, piece_bytes: piece_bytes.max(1), torn: Vec::new() }
    }

    /// Puts the next whole lines in place of what was read before; false where there are none. The last
    /// line of the file is whole, with an end or without.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        bytes.clear();
        bytes.append(&mut self.torn);
        let whole = loop {
            let before = bytes.len();
            let count = self.file.by_ref().take(self.piece_bytes as u64).read_to_end(bytes)?;
            if count < self.piece_bytes {
                break bytes.len();
            }
            if let Some(at) = memrchr2(b'\r', b'\n', &bytes[before..]) {
                break before + at + 1;
            }
        };
        self.torn.extend_from_slice(&bytes[whole..]);
        bytes.truncate(whole);
        Ok(!bytes.is_empty())
    }

    /// Puts back what was read last.
    pub fn put_back(&mut self, mut bytes: Vec<u8>) {
        bytes.append(&mut self.torn);
        self.torn = bytes;
    }

    /// What was read and is of no piece yet, and the rest of the file.
    pub fn into_parts(self) -> (Vec<u8>, R) {
        (self.torn, self.file)
    }
}

impl Texts {
    /// The same file from one of its bytes on.
    ///
    /// # Errors
    /// When the file cannot be read from there.
    pub fn from_byte(self, byte: u64) -> io::Result<Self> {
        let Self { mut file, piece_bytes, .. } = self;
        file.seek(SeekFrom::Start(byte))?;
        Ok(Self::new(file, piece_bytes))
    }

    /// How long the file is, in bytes; nothing of what is no file on a disk.
    pub fn file_bytes(&self) -> u64 {
        let about = self.file.metadata();
        about.map_or(0, |about| if about.is_file() { about.len() } else { 0 })
    }
}

/// Whole lines without quotes.
pub struct Text {
    /// The lines, which are UTF-8, and behind them as much as a window.
    padded: Vec<u8>,
}

/// Whether all is ASCII, with no quote: sixteen bytes at a time.
#[cfg(target_arch = "x86_64")]
fn is_plain(bytes: &[u8]) -> bool {
    use safe_arch::{cmp_eq_mask_i8_m128i, m128i, move_mask_i8_m128i, set_splat_i8_m128i};

    let (whole, rest) = bytes.as_chunks::<16>();
    let quote = set_splat_i8_m128i(b'"' as i8);
    let mut odd = set_splat_i8_m128i(0);
    for bytes in whole {
        let bytes = m128i::from(*bytes);
        // A byte beyond ASCII has its highest bit set, and so has what is equal.
        odd = odd | bytes | cmp_eq_mask_i8_m128i(bytes, quote);
    }
    move_mask_i8_m128i(odd) == 0 && rest.iter().all(|&byte| byte.is_ascii() && byte != b'"')
}

/// The same in two passes, a number at a time.
#[cfg(not(target_arch = "x86_64"))]
fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr(b'"', bytes).is_none()
}

/// Whole lines, once they were looked through.
pub enum Checked {
    /// They are a text.
    Usual(Text),
    /// There is a quote among them, or what is not UTF-8.
    Unusual(Vec<u8>),
}

impl Default for Text {
    fn default() -> Self {
        Self { padded: vec![0; WINDOW] }
    }
}

impl Text {
    /// Looks whole lines through.
    pub fn check(mut bytes: Vec<u8>) -> Checked {
        // Whether all is ASCII, as nearly always, is seen sooner than whether all is UTF-8.
        if !is_plain(&bytes) && (memchr(b'"', &bytes).is_some() || str::from_utf8(&bytes).is_err())
        {
            return Checked::Unusual(bytes);
        }
        bytes.resize(bytes.len() + WINDOW, 0);
        Checked::Usual(Self { padded: bytes })
    }

    /// How many bytes it has.
    #[inline]
    pub fn byte_count(&self) -> usize {
        self.padded.len() - WINDOW
    }

    /// The lines.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.padded[..self.byte_count()]
    }

    /// The lines, with a window of what means nothing behind them.
    #[inline]
    pub fn window_bytes(&self) -> &[u8] {
        &self.padded
    }

    /// The lines, for whoever has more use for their room.
    pub fn into_bytes(self) -> Vec<u8> {
        let len = self.byte_count();
        let mut bytes = self.padded;
        bytes.truncate(len);
        bytes
    }
}
