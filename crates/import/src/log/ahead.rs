//! Records of a log with a separator, read ahead: a thread takes them off the file, some hundred at a time,
//! while those before are looked into.

use std::fs::File;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::JoinHandle;

use csv::{ByteRecord, Reader};

use super::Field;

/// Records that are read ahead.
pub struct RecordsAhead {
    filled: Receiver<Batch>,
    /// Those that were looked into, whose room is used again.
    spare: Sender<Batch>,
    thread: Option<JoinHandle<()>>,
    batch: Batch,
    /// How many records of the batch were given out; the last of them is the one at hand.
    given: usize,
}

/// A record of those that were read together.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    batch: &'a Batch,
    number: usize,
}

/// Some records, and how it ended if nothing comes behind them. Their fields lie one behind the other: another
/// core hands them over as fast as memory is read in a row.
#[derive(Default)]
struct Batch {
    fields: Fields,
    /// Where each field ends.
    ends: Vec<usize>,
    records: Vec<Begin>,
    end: Option<csv::Result<()>>,
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
    /// Its first field, by its number among those of the batch.
    field: usize,
    /// Its place in the file, in bytes and in lines from 1.
    place: (u64, u64),
}

/// So many records are read at a time, if they are not long.
const BATCH_RECORDS: usize = 256;
/// No more are read behind so many bytes.
const BATCH_BYTES: usize = 1 << 16;
/// So many batches wait at most.
const BATCHES: usize = 2;

impl RecordsAhead {
    /// Those of a file from where its reader is.
    pub fn new(mut reader: Reader<File>) -> Self {
        let (read, filled) = sync_channel(BATCHES);
        let (spare, empty) = channel();
        let thread = std::thread::spawn(move || {
            let mut record = ByteRecord::new();
            loop {
                let mut batch: Batch = empty.try_recv().unwrap_or_default();
                batch.fill(&mut reader, &mut record);
                let is_last = batch.end.is_some();
                // Nobody takes it where the import was stopped.
                if read.send(batch).is_err() || is_last {
                    return;
                }
            }
        });
        Self { filled, spare, thread: Some(thread), batch: Batch::default(), given: 0 }
    }

    /// Goes on to the next record; false where there is none.
    ///
    /// # Errors
    /// When the file cannot be read on.
    #[inline]
    pub fn go_on(&mut self) -> csv::Result<bool> {
        while self.given == self.batch.records.len() {
            if let Some(end) = self.batch.end.take() {
                return end.map(|()| false);
            }
            if !self.take_batch() {
                return Ok(false);
            }
        }
        self.given += 1;
        Ok(true)
    }

    fn take_batch(&mut self) -> bool {
        // The thread has ended where nobody waits for room.
        drop(self.spare.send(std::mem::take(&mut self.batch)));
        self.given = 0;
        if let Ok(batch) = self.filled.recv() {
            self.batch = batch;
            return true;
        }
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        false
    }

    /// The record at hand.
    ///
    /// # Panics
    /// When there is none yet, for what it has is asked of it.
    #[inline]
    pub fn record(&self) -> Record<'_> {
        Record { batch: &self.batch, number: self.given - 1 }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Batch {
    /// Takes records from a reader in the place of its own; `record` is room for one.
    fn fill(&mut self, reader: &mut Reader<File>, record: &mut ByteRecord) {
        let mut bytes = match std::mem::take(&mut self.fields) {
            Fields::Text(text) => text.into_bytes(),
            Fields::Bytes(bytes) => bytes,
        };
        bytes.clear();
        self.ends.clear();
        self.records.clear();
        while self.records.len() < BATCH_RECORDS && bytes.len() < BATCH_BYTES {
            match reader.read_byte_record(record) {
                Ok(true) => {}
                Ok(false) => self.end = Some(Ok(())),
                Err(error) => self.end = Some(Err(error)),
            }
            if self.end.is_some() {
                break;
            }
            self.records.push(Begin { field: self.ends.len(), place: place_of(record) });
            let before = bytes.len();
            bytes.extend_from_slice(record.as_slice());
            let ends = (0..record.len()).filter_map(|field| record.range(field));
            self.ends.extend(ends.map(|range| before + range.end));
        }
        // Looked through at once, not field by field.
        self.fields = match String::from_utf8(bytes) {
            Ok(text) => Fields::Text(text),
            Err(error) => Fields::Bytes(error.into_bytes()),
        };
    }
}

/// Where in its file a record begins: its byte, and its line from 1.
pub fn place_of(record: &ByteRecord) -> (u64, u64) {
    record.position().map_or((0, 1), |at| (at.byte(), at.line()))
}

impl Record<'_> {
    /// How many fields it has.
    pub fn len(self) -> usize {
        let next = self.batch.records.get(self.number + 1);
        let end = next.map_or(self.batch.ends.len(), |next| next.field);
        end - self.batch.records[self.number].field
    }

    /// Where in its file it begins: its byte, and its line from 1.
    pub fn place(self) -> (u64, u64) {
        self.batch.records[self.number].place
    }
}

impl<'a> Record<'a> {
    /// What it has at a place.
    #[inline]
    pub fn field(self, place: usize) -> Field<'a> {
        if place >= self.len() {
            return Field::Missing;
        }
        let field = self.batch.records[self.number].field + place;
        let start = field.checked_sub(1).map_or(0, |before| self.batch.ends[before]);
        let range = start..self.batch.ends[field];
        let text = match &self.batch.fields {
            // A character whose bytes are of two fields is none.
            Fields::Text(text) => text.get(range),
            Fields::Bytes(bytes) => std::str::from_utf8(&bytes[range]).ok(),
        };
        text.map_or(Field::NotUtf8, Field::Text)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use csv::ReaderBuilder;

    use super::*;

    /// What each record has, and its line.
    fn all(bytes: &[u8]) -> Vec<(Vec<String>, u64)> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
        let mut form = ReaderBuilder::new();
        let reader = form.has_headers(false).flexible(true).from_reader(file);
        let mut records = RecordsAhead::new(reader);
        let mut all = Vec::new();
        while records.go_on().expect("it can be read") {
            let record = records.record();
            let fields = (0..=record.len()).map(|place| match record.field(place) {
                Field::Text(text) => text.to_owned(),
                Field::Missing => "missing".to_owned(),
                Field::NotUtf8 => "no text".to_owned(),
            });
            all.push((fields.collect(), record.place().1));
        }
        assert!(!records.go_on().expect("the end stays the end"));
        all
    }

    #[test]
    fn each_field_is_its_own_whatever_stands_beside_it() {
        let words = |fields: &[&str]| fields.iter().map(|&field| field.to_owned()).collect();
        for (bytes, expected) in [
            (&b""[..], vec![]),
            (b"a,\"b,c\"\nd\n", vec![(&["a", "b,c", "missing"][..], 1), (&["d", "missing"], 2)]),
            // Two halves of a character are none, in one record or in two.
            (b"a\xc3,\xa9b\n", vec![(&["no text", "no text", "missing"], 1)]),
            (b"a\xc3\n\xa9b\n", vec![(&["no text", "missing"], 1), (&["no text", "missing"], 2)]),
            (b"\xff,\xc3\xa9\n", vec![(&["no text", "\u{e9}", "missing"], 1)]),
        ] {
            let expected: Vec<(Vec<String>, u64)> =
                expected.into_iter().map(|(fields, line)| (words(fields), line)).collect();
            assert_eq!(all(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn records_of_many_batches_come_in_their_order() {
        let long = "x".repeat(BATCH_BYTES + 1);
        let lines = (0..3 * BATCH_RECORDS).map(|number| match number % 300 {
            7 => format!("{number},{long}\n"),
            _ => format!("{number},y\n"),
        });
        let found = all(lines.collect::<String>().as_bytes());
        assert_eq!(found.len(), 3 * BATCH_RECORDS);
        for (number, (fields, line)) in found.iter().enumerate() {
            assert_eq!((&fields[0], *line), (&number.to_string(), number as u64 + 1));
        }
    }
}
