//! A log with a separator in pieces: whole lines as long as no quote stands in them, for then where a record
//! ends is seen without reading what is before it; else records as the csv crate finds them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use csv::{Reader, ReaderBuilder};
use lamplighter_core::trace::Texts;
use memchr::memchr;

use super::piece::{PIECE_BYTES, Piece, Place};

/// Reads the pieces of a log.
pub struct Pieces {
    separator: u8,
    quotes: bool,
    /// Where the next piece begins.
    place: Place,
    reading: Reading,
}

/// How the file is read.
enum Reading {
    /// By whole lines.
    Lines(Texts),
    /// Record by record.
    Records {
        reader: Box<Reader<File>>,
        /// Where in the file it was begun.
        begun: Place,
        /// How many pieces are still read so.
        pieces: usize,
    },
    /// Not any more: the end is reached, or it cannot be read on.
    Over,
}

/// So many pieces are read record by record once there was a quote: more may be near.
const QUOTED_PIECES: usize = 16;

impl Pieces {
    /// Those of a file from a place on where a record begins, or blank lines before it.
    ///
    /// # Errors
    /// When the file cannot be read from there.
    pub fn new(
        file: File,
        (separator, quotes): (u8, bool),
        place: Place,
    ) -> io::Result<Self> {
        let reading = Reading::Lines(lines(file, place)?);
        Ok(Self { separator, quotes, place, reading })
    }

    /// Reads the next piece in the place of another; false at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn read(&mut self, piece: &mut Piece) -> io::Result<bool> {
        match std::mem::replace(&mut self.reading, Reading::Over) {
            Reading::Over => Ok(false),
            Reading::Lines(texts) => self.read_lines(texts, piece),
            Reading::Records { reader, begun, pieces } => {
                self.read_records(reader, begun, pieces, piece)
            }
        }
    }

    fn read_lines(&mut self, mut texts: Texts, piece: &mut Piece) -> io::Result<bool> {
        let mut bytes = piece.clear();
        if !texts.read(&mut bytes)? {
            return Ok(false);
        }
        if self.quotes && memchr(b'"', &bytes).is_some() {
            let mut file = texts.into_parts().1;
            let begun = begin_records(&mut file, self.place)?;
            let reader = Box::new(reader(file, (self.separator, self.quotes)));
            return self.read_records(reader, begun, QUOTED_PIECES, piece);
        }
        let start = self.place;
        self.place = start.behind(&bytes);
        piece.put_lines(bytes, start);
        self.reading = Reading::Lines(texts);
        Ok(true)
    }

    fn read_records(
        &mut self,
        mut reader: Box<Reader<File>>,
        begun: Place,
        pieces: usize,
        piece: &mut Piece,
    ) -> io::Result<bool> {
        let is_more = piece.parse(&mut reader, begun)?;
        if is_more && pieces > 1 {
            self.reading = Reading::Records { reader, begun, pieces: pieces - 1 };
        } else if is_more {
            self.place = begun.of_part(Place::of_position(reader.position()));
            self.reading = Reading::Lines(lines(reader.into_inner(), self.place)?);
        }
        Ok(true)
    }
}

/// Whole lines of a file from a place on.
fn lines(file: File, place: Place) -> io::Result<Texts> {
    Texts::new(file, PIECE_BYTES).from_byte(place.byte)
}

/// Goes to a place of a file, or to the end of the line before it: what stands behind that is no byte order
/// mark.
fn begin_records(file: &mut File, place: Place) -> io::Result<Place> {
    let Some(byte) = place.byte.checked_sub(1) else {
        file.rewind()?;
        return Ok(place);
    };
    let mut before = [0];
    file.seek(SeekFrom::Start(byte))?;
    file.read_exact(&mut before)?;
    file.seek(SeekFrom::Start(byte))?;
    Ok(Place { byte, line: place.line - u64::from(before == *b"\n") })
}

/// The csv crate's reader of a file.
pub fn reader(file: File, (separator, quotes): (u8, bool)) -> Reader<File> {
    ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quotes)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(PIECE_BYTES)
        .from_reader(file)
}
