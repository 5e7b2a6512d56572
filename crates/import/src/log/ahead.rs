//! Records of a log with a separator, read ahead: a thread takes them off the file, some hundred at a time,
//! while those before are looked into.

use std::fs::File;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::JoinHandle;

use csv::{ByteRecord, Position, Reader, StringRecord};

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

/// A record.
pub enum Record {
    /// One whose bytes are text.
    Text(StringRecord),
    /// One in which some bytes are none.
    Bytes(ByteRecord),
}

/// Some records, and how it ended if nothing comes behind them.
#[derive(Default)]
struct Batch {
    /// The first `count` are records, the others room for some.
    records: Vec<Record>,
    count: usize,
    end: Option<csv::Result<()>>,
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
            loop {
                let mut batch: Batch = empty.try_recv().unwrap_or_default();
                batch.fill(&mut reader);
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
        while self.given == self.batch.count {
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
    /// When there is none yet.
    #[inline]
    pub fn record(&self) -> &Record {
        &self.batch.records[self.given - 1]
    }
}

impl Batch {
    fn fill(&mut self, reader: &mut Reader<File>) {
        let mut bytes = 0;
        self.count = 0;
        while self.count < BATCH_RECORDS && bytes < BATCH_BYTES {
            if self.count == self.records.len() {
                self.records.push(Record::Bytes(ByteRecord::new()));
            }
            let place = &mut self.records[self.count];
            let mut record =
                std::mem::replace(place, Record::Bytes(ByteRecord::new())).into_bytes();
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return self.end = Some(Ok(())),
                Err(error) => return self.end = Some(Err(error)),
            }
            bytes += record.as_slice().len();
            *place = match StringRecord::from_byte_record(record) {
                Ok(record) => Record::Text(record),
                Err(error) => Record::Bytes(error.into_byte_record()),
            };
            self.count += 1;
        }
    }
}

impl Record {
    fn into_bytes(self) -> ByteRecord {
        match self {
            Self::Text(record) => record.into_byte_record(),
            Self::Bytes(record) => record,
        }
    }

    /// As its bytes.
    pub fn as_bytes(&self) -> &ByteRecord {
        match self {
            Self::Text(record) => record.as_byte_record(),
            Self::Bytes(record) => record,
        }
    }

    /// What it has at a place.
    #[inline]
    pub fn field(&self, place: usize) -> Field<'_> {
        match self {
            Self::Text(record) => record.get(place).map_or(Field::Missing, Field::Text),
            Self::Bytes(record) => match record.get(place).map(std::str::from_utf8) {
                None => Field::Missing,
                Some(Ok(text)) => Field::Text(text),
                Some(Err(_)) => Field::NotUtf8,
            },
        }
    }

    /// Where in the file it begins.
    pub fn position(&self) -> Option<&Position> {
        self.as_bytes().position()
    }
}
