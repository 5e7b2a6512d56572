//! The records of a CSV file: plain lines as long as there is no quote among them, the csv crate's from
//! there on.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use super::lines::{Lines, More};
use super::quoted::Quoted;
use super::quotes::BYTE_ORDER_MARK;
use super::texts::Texts;
use super::{Diagnostic, Fault, OpenTraceError, RowStart};

/// Reads records.
pub struct Records {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Where they come from at the moment.
    pub source: Source,
    /// The fields of the record that was read last.
    pub record: ByteRecord,
    /// Nothing more comes, whatever there is in the file.
    ended: bool,
}

/// Where records come from.
pub enum Source {
    /// Plain lines.
    Lines(Lines<File>),
    /// The csv crate.
    Quoted(Quoted<File>),
    /// On the way from the one to the other, or at an end.
    Neither,
}

impl Records {
    /// Opens a file, of which nothing is read yet, to be read so many bytes at a time.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path, piece_bytes: usize) -> Result<Self, OpenTraceError> {
        let file = File::open(path)
            .and_then(|file| match file.metadata()?.is_dir() {
                true => Err(std::io::Error::other("it is a folder")),
                false => Ok(file),
            })
            .map_err(|source| OpenTraceError { path: path.into(), source })?;
        Ok(Self {
            path: path.into(),
            source: Source::Lines(Lines::new(Texts::new(file, piece_bytes))),
            record: ByteRecord::new(),
            ended: false,
        })
    }

    /// Reads on where nothing is left of the lines at hand.
    ///
    /// # Errors
    /// When the file cannot be read on; then nothing more comes.
    pub fn read_on(&mut self) -> Result<(), Box<Diagnostic>> {
        let Source::Lines(lines) = &mut self.source else { return Ok(()) };
        if self.ended {
            return Ok(());
        }
        match lines.go_to_row() {
            Ok(More::Row | More::End) => {}
            Ok(More::Unusual) => self.go_over_to_quoted(),
            Err(error) => {
                self.ended = true;
                return Err(cannot_read_on(&self.path, lines.place(), &error));
            }
        }
        Ok(())
    }

    /// Reads again by itself what lies behind the lines at hand.
    ///
    /// # Errors
    /// When the file cannot be read from there; then nothing more comes.
    pub fn give_back(&mut self, texts: Texts) -> Result<(), Box<Diagnostic>> {
        let Source::Lines(lines) = &mut self.source else { return Ok(()) };
        let place = lines.end();
        match texts.from_byte(place.byte) {
            Ok(texts) => lines.give_back(texts),
            Err(error) => {
                self.ended = true;
                return Err(cannot_read_on(&self.path, place, &error));
            }
        }
        Ok(())
    }

    /// Reads the next record, whatever it is; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on; then nothing more comes.
    pub fn read(&mut self) -> Result<Option<RowStart>, Box<Diagnostic>> {
        if self.ended {
            return Ok(None);
        }
        self.read_on()?;
        if let Source::Lines(lines) = &mut self.source {
            return Ok(lines.is_at_row().then(|| take_line(lines, &mut self.record)));
        }
        let Source::Quoted(quoted) = &mut self.source else { return Ok(None) };
        match quoted.read(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some(quoted.place(&self.record))),
            Err(error) => {
                self.ended = true;
                Err(cannot_read_on(&self.path, quoted.place(&self.record), &error))
            }
        }
    }

    /// Reads the first record, and whether its fields are wanted: a byte order mark is none of them.
    /// Without its header nothing in a file means anything, and nothing more comes.
    pub fn header<T>(&mut self, wanted: impl FnOnce(&[&[u8]]) -> Option<T>) -> Option<T> {
        let found = self.read().is_ok_and(|found| found.is_some());
        let fields =
            self.record.iter().map(|field| field.strip_prefix(BYTE_ORDER_MARK).unwrap_or(field));
        let header = wanted(&fields.collect::<Vec<_>>()).filter(|_| found);
        if header.is_none() {
            self.ended = true;
            self.source = Source::Neither;
        }
        header
    }

    /// Whether a quote was misplaced in the record that was read last.
    pub fn take_misplaced(&mut self) -> bool {
        match &mut self.source {
            Source::Quoted(quoted) => quoted.take_misplaced(),
            Source::Lines(_) | Source::Neither => false,
        }
    }

    /// Leaves the rest of the file to the csv crate.
    pub fn go_over_to_quoted(&mut self) {
        self.source = match std::mem::replace(&mut self.source, Source::Neither) {
            Source::Lines(lines) => {
                let (read, file, place) = lines.into_rest();
                Source::Quoted(Quoted::new(read, file, place))
            }
            other => other,
        };
    }
}

fn cannot_read_on(path: &Path, place: RowStart, error: &dyn std::fmt::Display) -> Box<Diagnostic> {
    let message = format!("the trace cannot be read on: {error}");
    Diagnostic::of_row(path, place, (Fault::Unreadable, None), message, "here")
}

/// Puts the line that is next into a record, as the csv crate does without quotes.
fn take_line(lines: &mut Lines<File>, record: &mut ByteRecord) -> RowStart {
    let place = lines.place();
    let line = lines.rest();
    let end = memchr::memchr2(b'\r', b'\n', line);
    record.clear();
    line[..end.unwrap_or(line.len())]
        .split(|&byte| byte == b',')
        .for_each(|f| record.push_field(f));
    lines.pass(end.map_or(line.len(), |end| end + 1));
    place
}
