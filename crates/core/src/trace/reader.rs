//! Reads a trace: rows, and what is wrong with the others.

use std::path::Path;

use csv::ByteRecord;

use super::counts::FaultCounts;
use super::diagnostic::line_at;
use super::hint;
use super::instant::rfc_3339;
use super::records::{Records, Source};
use super::row_fault::RowFault;
use super::texts::{Text, Texts};
use super::usual::{UsualRow, UsualRows};
use super::{COLUMNS, Diagnostic, Fault, OpenTraceError, Row, RowStart};
use crate::model::{Action, Instant, is_name_in_quotes};

/// Reads a trace.
pub struct Reader {
    /// The record that was read last is the row at hand, where it is not a usual one.
    records: Records,
    usual: UsualRows,
    last_at: Instant,
    header_read: bool,
    faults: FaultCounts,
}

impl Reader {
    /// Opens a trace, to be read so many bytes at a time. Its header is looked at with the first row.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, piece_bytes: usize) -> Result<Self, OpenTraceError> {
        Ok(Self {
            records: Records::open(path, piece_bytes)?,
            usual: UsualRows::default(),
            last_at: Instant::MIN,
            header_read: false,
            faults: FaultCounts::default(),
        })
    }

    /// The same trace, read by the csv crate alone.
    #[cfg(test)]
    pub(super) fn open_as_quoted(path: &Path, bytes: usize) -> Result<Self, OpenTraceError> {
        let mut reader = Self::open(path, bytes)?;
        reader.records.go_over_to_quoted();
        Ok(reader)
    }

    /// The next row, whatever it is; `None` at the end. After a fault the reader goes on with the next row,
    /// but for a fault of the header. Of a kind of faults the first [`DETAILED_MAX`](super::DETAILED_MAX) are told, of words that
    /// are none each one's first; of those behind them only the kind and the word are known.
    pub fn next_row(&mut self) -> Option<Result<Row<'_>, Box<Diagnostic>>> {
        if let Err(diagnostic) = self.header() {
            return Some(Err(diagnostic));
        }
        match self.records.read() {
            Ok(None) => None,
            Ok(Some(place)) => Some(self.row(place)),
            Err(diagnostic) => Some(Err(diagnostic)),
        }
    }

    /// Reads on where nothing is left of the text at hand, which is gone then.
    ///
    /// # Errors
    /// When the file cannot be read on, or has no header; then nothing more comes.
    pub fn read_on(&mut self) -> Result<(), Box<Diagnostic>> {
        self.header()?;
        self.records.read_on()
    }

    /// Whether there may be a row before anything more is read.
    pub fn has_row(&mut self) -> bool {
        match &mut self.records.source {
            Source::Lines(lines) => lines.is_at_row(),
            Source::Quoted(_) => true,
            Source::Neither => false,
        }
    }

    /// Passes the rows that are next in the text at hand, as long as they are written as nearly all are, and
    /// adds them to `rows`; their names are those of [`names`](Self::names).
    pub fn usual_rows(&mut self, rows: &mut Vec<UsualRow>) {
        let Source::Lines(lines) = &mut self.records.source else { return };
        let (text, start) = lines.at_hand();
        let end = self.usual.find(text, start, &mut self.last_at, rows);
        lines.pass(end - start);
    }

    /// How long the trace is, in bytes; nothing of what is no file on a disk.
    pub fn file_bytes(&self) -> u64 {
        match &self.records.source {
            Source::Lines(lines) => lines.file_bytes(),
            Source::Quoted(_) | Source::Neither => 0,
        }
    }

    /// Lets somebody else read what lies behind the text at hand, where texts are read; it has to come back
    /// by [`go_to_text`](Self::go_to_text) or [`give_back`](Self::give_back).
    pub fn lend(&mut self) -> Option<Texts> {
        match &mut self.records.source {
            Source::Lines(lines) => lines.lend(),
            Source::Quoted(_) | Source::Neither => None,
        }
    }

    /// Reads again by itself what lies behind the text at hand.
    ///
    /// # Errors
    /// When the file cannot be read from there; then nothing more comes.
    pub fn give_back(&mut self, texts: Texts) -> Result<(), Box<Diagnostic>> {
        self.records.give_back(texts)
    }

    /// Goes on behind the text at hand, which is passed, to one that somebody else has read, up to the place
    /// `end` up to which its rows were found, the first and the last of them at these instants; false where
    /// they lie before rows that were passed: then it stays at the start. The text that was at hand goes
    /// into the place of the other.
    pub fn go_to_text(
        &mut self,
        text: &mut Text,
        end: usize,
        found: Option<(Instant, Instant)>,
    ) -> bool {
        let Source::Lines(lines) = &mut self.records.source else { return false };
        *text = lines.go_to_text(std::mem::take(text));
        let Some((_, last)) = found.filter(|(first, _)| *first >= self.last_at) else {
            return false;
        };
        self.last_at = last;
        lines.pass(end);
        true
    }

    /// The names of the agent and of the device in a usual row of the text at hand.
    pub fn names(&self, start: u32) -> (&str, &str) {
        match &self.records.source {
            Source::Lines(lines) => UsualRow::names(lines.at_hand().0, start),
            Source::Quoted(_) | Source::Neither => ("", ""),
        }
    }

    /// Where a usual row of the text at hand stands.
    pub fn place(&self, start: u32) -> RowStart {
        match &self.records.source {
            Source::Lines(lines) => lines.place_of(start as usize),
            Source::Quoted(_) | Source::Neither => RowStart::START,
        }
    }

    /// The line in which a row stands. Read anew: only what is reported needs it.
    pub fn line(&self, place: RowStart) -> u64 {
        line_at(&self.records.path, place).0
    }

    /// A fault of a row, at one of its fields or as a whole.
    pub fn diagnostic(
        &self,
        place: RowStart,
        (fault, field): (Fault, Option<usize>),
        message: impl Into<String>,
        label: &str,
    ) -> Box<Diagnostic> {
        Diagnostic::of_row(&self.records.path, place, (fault, field), message, label)
    }

    /// Reads the header, once.
    fn header(&mut self) -> Result<(), Box<Diagnostic>> {
        if std::mem::replace(&mut self.header_read, true) {
            return Ok(());
        }
        let is_header = |fields: &[&[u8]]| {
            fields.iter().copied().eq(COLUMNS.iter().map(|column| column.as_bytes())).then_some(())
        };
        if self.records.header(is_header).is_some() {
            return Ok(());
        }
        let label = format!("expected `{}`", COLUMNS.join(","));
        let whole = (Fault::Header, None);
        let found =
            self.diagnostic(RowStart::START, whole, "a trace begins with its header", &label);
        let hint = hint::of_header(&found.text);
        Err(found.hinted(hint))
    }

    /// The row in the record.
    fn row(&mut self, place: RowStart) -> Result<Row<'_>, Box<Diagnostic>> {
        let is_misplaced = self.records.take_misplaced();
        let Self { records: Records { path, record, .. }, faults, last_at, .. } = self;
        let row = match is_misplaced {
            true => Err(RowFault::Quote),
            false => row_of(record, place, last_at),
        };
        row.map_err(|wrong| {
            let (fault, word) = (wrong.fault(), wrong.word());
            match faults.is_of_the_first(fault, word) {
                true => wrong.tell(path, place).of_word(word),
                false => Diagnostic::counted(path, fault, word),
            }
        })
    }
}

/// A record as a row.
pub(super) fn row_of<'a>(
    record: &'a ByteRecord,
    place: RowStart,
    last_at: &mut Instant,
) -> Result<Row<'a>, RowFault<'a>> {
    let mut fields = [""; COLUMNS.len()];
    for (index, field) in record.iter().enumerate() {
        let text = str::from_utf8(field).map_err(|_| RowFault::Encoding)?;
        if let Some(place) = fields.get_mut(index) {
            *place = text;
        }
    }
    if record.len() != COLUMNS.len() {
        return Err(RowFault::Fields(record.len()));
    }
    let [at, agent, device, action] = fields;
    let at = rfc_3339(at).ok_or(RowFault::Instant(at))?;
    if *last_at > at {
        return Err(RowFault::Order(*last_at));
    }
    *last_at = at;
    if !is_name_in_quotes(agent) {
        return Err(RowFault::Agent(agent));
    }
    let known = Action::from_text(action).ok_or(RowFault::Action(action))?;
    if device.is_empty() && !known.kind().can_be_for_all_devices() {
        return Err(RowFault::NoDevice(action));
    }
    if !device.is_empty() && !is_name_in_quotes(device) {
        return Err(RowFault::Device(device));
    }
    let device = (!device.is_empty()).then_some(device);
    Ok(Row { at, agent, device, action: known, place })
}
