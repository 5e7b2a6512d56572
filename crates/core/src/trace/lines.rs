//! A file as whole lines of text, as long as there is no quote among them: then a row is a line, and
//! a field is what stands between commas.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};

use memchr::memchr_iter;

use super::RowStart;
use super::quotes::BYTE_ORDER_MARK;
use super::texts::{Checked, Text, Texts};

/// Reads whole lines.
pub struct Lines<R> {
    /// What lies behind the text; `None` while somebody else reads it.
    texts: Option<Texts<R>>,
    text: Text,
    /// Where in the text the next row begins, or blank lines before it.
    next: usize,
    /// The place in the text that was asked for last, and where in the file that is.
    known: Cell<(usize, RowStart)>,
    /// The byte before the text: the end of a line. None at the start of the file.
    before: Option<u8>,
}

/// What came of reading on.
pub enum More {
    /// There is a row.
    Row,
    /// There is none any more.
    End,
    /// There is a quote, or what is not UTF-8: the csv crate knows what to do.
    Unusual,
}

impl Lines<File> {
    /// How long the file is, in bytes; nothing of what is no file on a disk, or lent.
    pub fn file_bytes(&self) -> u64 {
        self.texts.as_ref().map_or(0, Texts::file_bytes)
    }
}

impl<R: Read> Lines<R> {
    /// Begins at the start of a file, of which nothing is read yet.
    pub fn new(texts: Texts<R>) -> Self {
        Self {
            texts: Some(texts),
            text: Text::default(),
            next: 0,
            known: Cell::new((0, RowStart::START)),
            before: None,
        }
    }

    /// Passes blank lines; whether a row is next in what is read already.
    #[inline]
    pub fn is_at_row(&mut self) -> bool {
        let bytes = self.text.window_bytes();
        // Behind the text there is what is no end of a line.
        while let Some(b'\r' | b'\n') = bytes.get(self.next) {
            self.next += 1;
        }
        self.next < self.text.byte_count()
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

    /// Lets somebody else read what lies behind the text at hand; `None` where somebody does.
    pub fn lend(&mut self) -> Option<Texts<R>> {
        self.texts.take()
    }

    /// Reads again by itself what lies behind the text at hand.
    pub fn give_back(&mut self, texts: Texts<R>) {
        self.texts = Some(texts);
    }

    /// Goes on to a text that somebody else has read, and gives the one at hand away.
    pub fn go_to_text(&mut self, text: Text) -> Text {
        let before = self.leave_text();
        self.text = text;
        before
    }

    /// The text at hand, and where in it the next row begins.
    #[inline]
    pub fn at_hand(&self) -> (&Text, usize) {
        (&self.text, self.next)
    }

    /// All that is read from the next row on.
    pub fn rest(&self) -> &[u8] {
        &self.text.bytes()[self.next..]
    }

    /// Where the next row begins.
    pub fn place(&self) -> RowStart {
        self.place_of(self.next)
    }

    /// Where in the file a place of the text is.
    pub fn place_of(&self, at: usize) -> RowStart {
        let (known, RowStart { byte, line }) = self.known.get();
        let ends = |from: usize, to: usize| {
            memchr_iter(b'\n', &self.text.bytes()[from..to]).count() as u64
        };
        let place = match at.checked_sub(known) {
            Some(more) => RowStart { byte: byte + more as u64, line: line + ends(known, at) },
            None => RowStart { byte: byte - (known - at) as u64, line: line - ends(at, known) },
        };
        self.known.set((at, place));
        place
    }

    /// Where what lies behind the text at hand begins.
    pub fn end(&self) -> RowStart {
        self.place_of(self.text.byte_count())
    }

    /// Passes so many bytes.
    #[inline]
    pub fn pass(&mut self, bytes: usize) {
        self.next += bytes;
    }

    fn read_on(&mut self) -> io::Result<More> {
        // Whatever comes of it, what was read before lies behind.
        let mut bytes = self.leave_text().into_bytes();
        let Some(texts) = &mut self.texts else { return Ok(More::End) };
        if !texts.read(&mut bytes)? {
            return Ok(More::End);
        }
        match Text::check(bytes) {
            Checked::Usual(text) => {
                self.text = text;
                if self.before.is_none() && self.text.bytes().starts_with(BYTE_ORDER_MARK) {
                    self.pass(BYTE_ORDER_MARK.len());
                }
                Ok(More::Row)
            }
            Checked::Unusual(bytes) => {
                texts.put_back(bytes);
                Ok(More::Unusual)
            }
        }
    }

    /// Goes behind the text at hand, and gives it away.
    fn leave_text(&mut self) -> Text {
        let end = self.end();
        let text = std::mem::take(&mut self.text);
        self.before = text.bytes().last().copied().or(self.before);
        self.next = 0;
        self.known.set((0, end));
        text
    }

    /// What was read and not passed, the rest of the file, and where that begins. The end of the
    /// line before comes with it, where there is one: a byte order mark behind it is none.
    ///
    /// # Panics
    /// When somebody else reads what lies behind the text.
    pub fn into_rest(self) -> (Vec<u8>, R, RowStart) {
        let RowStart { mut byte, mut line } = self.place();
        let Self { texts, text, next, before, .. } = self;
        let (torn, file) = texts.expect("nobody else reads the file").into_parts();
        let text = text.bytes();
        let before = text[..next].last().copied().or(before);
        byte -= before.map_or(0, |_| 1);
        line -= u64::from(before == Some(b'\n'));
        let bytes = before.into_iter().chain(text[next..].iter().copied()).chain(torn).collect();
        (bytes, file, RowStart { byte, line })
    }
}
