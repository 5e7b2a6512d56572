//! A log with a separator in pieces: whole lines as long as no quote stands in them, for then where a record
//! ends is seen without reading what is before it; else records as the csv crate finds them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use csv::{Reader, ReaderBuilder};
use lamplighter_core::trace::{RowStart, Texts, Watched};
use memchr::memchr;

use super::piece::{PIECE_BYTES, Piece, Place};

/// Reads the pieces of a log.
pub struct Pieces {
    separator: u8,
    quotes: bool,
    /// So much is read at a time.
    piece_bytes: usize,
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
        reader: Box<Reader<Watched<File>>>,
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
    pub fn new(file: File, form: (u8, bool), place: Place) -> io::Result<Self> {
        Self::of_bytes(PIECE_BYTES, file, form, place)
    }

    /// The same, of so many bytes and what is missing to the end of a line.
    fn of_bytes(
        piece_bytes: usize,
        file: File,
        (separator, quotes): (u8, bool),
        place: Place,
    ) -> io::Result<Self> {
        let reading = Reading::Lines(Texts::new(file, piece_bytes).from_byte(place.byte)?);
        Ok(Self { separator, quotes, piece_bytes, place, reading })
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
            let reader = Box::new(reader(file, begun, (self.separator, self.quotes)));
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
        mut reader: Box<Reader<Watched<File>>>,
        begun: Place,
        pieces: usize,
        piece: &mut Piece,
    ) -> io::Result<bool> {
        let is_more = piece.parse(&mut reader, begun, self.piece_bytes)?;
        if is_more && pieces > 1 {
            self.reading = Reading::Records { reader, begun, pieces: pieces - 1 };
        } else if is_more {
            self.place = begun.of_part(Place::of_position(reader.position()));
            let texts = Texts::new(reader.into_inner().into_inner(), self.piece_bytes);
            self.reading = Reading::Lines(texts.from_byte(self.place.byte)?);
        }
        Ok(true)
    }
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

/// The csv crate's reader of a file from this place on.
pub fn reader(file: File, place: Place, (separator, quotes): (u8, bool)) -> Reader<Watched<File>> {
    let place = RowStart::new(place.byte, place.line);
    ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quotes)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(PIECE_BYTES)
        .from_reader(Watched::new(file, separator, place))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use lamplighter_core::trace::OpenQuote;
    use proptest::prelude::*;

    use super::*;
    use crate::log::Field;

    /// The fields of a record, and where it begins behind blank lines.
    type Found = (Vec<String>, Place);

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
        file
    }

    /// A place without blank lines, nor a byte order mark at the start of the file.
    fn exactly(bytes: &[u8], Place { byte, mut line }: Place) -> Place {
        let mut at = byte as usize;
        if at == 0 && bytes.starts_with("\u{feff}".as_bytes()) {
            at = 3;
        }
        while let Some(end @ (b'\r' | b'\n')) = bytes.get(at) {
            line += u64::from(*end == b'\n');
            at += 1;
        }
        Place { byte: at as u64, line }
    }

    /// Its records, and the quotes that are not closed.
    fn by_pieces(
        bytes: &[u8],
        form: (u8, bool),
        piece_bytes: usize,
    ) -> (Vec<Found>, Vec<OpenQuote>) {
        let pieces = Pieces::of_bytes(piece_bytes, file(bytes), form, Place::default());
        let (mut pieces, mut piece) = (pieces.expect("a file"), Piece::default());
        let (mut all, mut open_quotes) = (Vec::new(), Vec::new());
        while pieces.read(&mut piece).expect("it can be read") {
            open_quotes.extend(piece.open_quotes());
            piece.split(form.0);
            all.extend(piece.records().map(|record| {
                let fields = (0..=record.len()).map(|place| match record.field(place) {
                    Field::Text(text) => text.to_owned(),
                    Field::Missing => "missing".to_owned(),
                    Field::NotUtf8 => "no text".to_owned(),
                });
                (fields.collect(), exactly(bytes, record.place()))
            }));
        }
        assert!(!pieces.read(&mut piece).expect("the end stays the end"));
        (all, open_quotes)
    }

    fn by_csv(bytes: &[u8], form: (u8, bool)) -> (Vec<Found>, Vec<OpenQuote>) {
        let mut records = reader(file(bytes), Place::default(), form);
        let mut record = csv::ByteRecord::new();
        let (mut all, mut open_quotes) = (Vec::new(), Vec::new());
        while records.read_byte_record(&mut record).expect("it can be read") {
            let behind = records.position().byte();
            let open_quote = records.get_mut().take_open_quote(behind);
            if let Some(quote) = open_quote.filter(|_| form.1) {
                open_quotes.push(quote);
                continue;
            }
            let text = |field| std::str::from_utf8(field).unwrap_or("no text").to_owned();
            let fields = record.iter().map(text).chain(["missing".to_owned()]);
            all.push((fields.collect(), exactly(bytes, Place::of(&record))));
        }
        (all, open_quotes)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn records_are_those_of_the_csv_crate_whatever_lies_in_a_piece(
            words in prop::collection::vec(prop::sample::select(vec![
                &b"a"[..], b"bc", b",", b",", b";", b"\n", b"\n", b"\r\n", b"\r", b"\"", b" ", b"\0", b"\x01",
                b"\t", b"-", b"\xc3", b"\xa9", b"\xc3\xa9", b"\xef\xbb\xbf", b"long enough for a word",
            ]), 0..200),
            rare_quotes in prop::bool::ANY,
            separator in prop::sample::select(vec![b',', b';', b'\t']),
            quotes in prop::bool::ANY,
            piece_bytes in 1_usize..60,
        ) {
            let is_kept = |(number, word): &(usize, &[u8])| {
                !rare_quotes || *word != b"\"" || number % 50 == 0
            };
            let words = words.into_iter().enumerate().filter(is_kept);
            let bytes: Vec<u8> = words.flat_map(|(_, word)| word.to_owned()).collect();
            let form = (separator, quotes);
            let found = by_pieces(&bytes, form, piece_bytes);
            prop_assert_eq!(found, by_csv(&bytes, form), "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_byte_order_mark_is_one_at_the_start_of_a_file_alone() {
        for end in ["\n", "\r", "\r\n"] {
            let bytes = format!("\u{feff}a{end}\u{feff}\"b\"{end}\"c\"{end}");
            for piece_bytes in 1..9 {
                let found = by_pieces(bytes.as_bytes(), (b',', true), piece_bytes);
                assert_eq!(found, by_csv(bytes.as_bytes(), (b',', true)), "{end:?} {piece_bytes}");
            }
        }
    }

    #[test]
    fn a_field_of_nothing_between_the_halves_of_a_character_is_one_of_nothing() {
        let (found, _) = by_pieces(b"\"a\"\xc3,,\xa9\n", (b',', true), PIECE_BYTES);
        assert_eq!(found[0].0, ["no text", "", "no text", "missing"]);
    }

    #[test]
    fn behind_quotes_a_log_is_read_by_lines_again() {
        let quoted = "\"a\n\",b\n";
        let bytes = format!("{quoted}{}{quoted}{}", "c,d\n".repeat(200), "e,f\r\n".repeat(200));
        let pieces = Pieces::of_bytes(8, file(bytes.as_bytes()), (b',', true), Place::default());
        let (mut pieces, mut piece) = (pieces.expect("a file"), Piece::default());
        let mut ways = Vec::new();
        while pieces.read(&mut piece).expect("it can be read") {
            let is_by_lines = matches!(pieces.reading, Reading::Lines(_));
            ways.extend((ways.last() != Some(&is_by_lines)).then_some(is_by_lines));
        }
        assert_eq!(ways, [false, true, false, true]);
    }
}
