//! Reads a trace: rows, and what is wrong with the others.

use std::path::Path;

use csv::ByteRecord;

use super::diagnostic::line_at;
use super::instant::{UsualInstants, rfc_3339};
use super::records::{Records, Source};
use super::usual::{Usual, usual};
use super::wrong::Wrong;
use super::{COLUMNS, Diagnostic, Fault, OpenTraceError, Row, RowStart};
use crate::model::{Action, Instant, is_name_in_quotes};

/// So many faults of a kind are told with their line; the others are for counting alone.
pub const DETAILED_MAX: u64 = 10;

/// Reads a trace.
pub struct Reader {
    /// The record that was read last is the row at hand, where it is not a usual one.
    records: Records,
    instants: UsualInstants,
    last_at: Instant,
    header_read: bool,
    /// How many faults there were of each kind.
    faults: [u64; Fault::COUNT],
}

/// A row that was found, not yet put together.
enum Found {
    /// A usual one; its text is what was passed last.
    Usual(Usual),
    /// Its fields are in the record.
    Record(RowStart),
}

impl Reader {
    /// Opens a trace. Its header is looked at with the first row.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenTraceError> {
        Ok(Self {
            records: Records::open(path)?,
            instants: UsualInstants::new(),
            last_at: Instant::MIN,
            header_read: false,
            faults: [0; Fault::COUNT],
        })
    }

    /// The same trace, read by the csv crate alone.
    #[cfg(test)]
    pub(super) fn open_as_quoted(path: &Path) -> Result<Self, OpenTraceError> {
        let mut reader = Self::open(path)?;
        reader.records.go_over_to_quoted();
        Ok(reader)
    }

    /// The next row; `None` at the end. After a fault the reader goes on with the next row, but for
    /// a fault of the header. Of a kind of faults the first [`DETAILED_MAX`] are told; of those behind
    /// them only the kind is known.
    #[inline]
    pub fn next_row(&mut self) -> Option<Result<Row<'_>, Box<Diagnostic>>> {
        if !self.header_read
            && let Err(diagnostic) = self.header()
        {
            return Some(Err(diagnostic));
        }
        match self.find() {
            Ok(None) => None,
            Ok(Some(Found::Usual(row))) => Some(Ok(self.usual_row(row))),
            Ok(Some(Found::Record(place))) => Some(self.row(place)),
            Err(diagnostic) => Some(Err(diagnostic)),
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

    /// Finds the next row; one that is not as usual is put into the record.
    #[inline]
    fn find(&mut self) -> Result<Option<Found>, Box<Diagnostic>> {
        if let Source::Lines(lines) = &mut self.records.source
            && lines.is_at_row()
            && let Some(row) = usual(lines.rest().as_bytes(), &mut self.instants)
            && row.at >= self.last_at
        {
            lines.pass(row.len);
            self.last_at = row.at;
            return Ok(Some(Found::Usual(row)));
        }
        Ok(self.records.read()?.map(Found::Record))
    }

    fn header(&mut self) -> Result<(), Box<Diagnostic>> {
        self.header_read = true;
        let is_header = |fields: &[&[u8]]| {
            fields.iter().copied().eq(COLUMNS.iter().map(|column| column.as_bytes())).then_some(())
        };
        if self.records.header(is_header).is_some() {
            return Ok(());
        }
        let label = format!("expected `{}`", COLUMNS.join(","));
        let whole = (Fault::Header, None);
        Err(self.diagnostic(RowStart::START, whole, "a trace begins with its header", &label))
    }

    #[inline]
    fn usual_row(&self, row: Usual) -> Row<'_> {
        let Source::Lines(lines) = &self.records.source else {
            unreachable!("usual rows come from lines");
        };
        let (text, place) = lines.passed(row.len);
        let device = &text[row.device.0..row.device.1];
        Row {
            at: row.at,
            agent: &text[row.agent.0..row.agent.1],
            device: (!device.is_empty()).then_some(device),
            action: row.action,
            place,
        }
    }

    /// The row in the record.
    fn row(&mut self, place: RowStart) -> Result<Row<'_>, Box<Diagnostic>> {
        let is_misplaced = self.records.take_misplaced();
        let Self { records: Records { path, record, .. }, faults, last_at, .. } = self;
        let row = match is_misplaced {
            true => Err(Wrong::Quote),
            false => row_of(record, place, last_at),
        };
        row.map_err(|wrong| {
            let count = &mut faults[wrong.fault() as usize];
            *count += 1;
            match *count <= DETAILED_MAX {
                true => wrong.tell(path, place),
                false => Diagnostic::counted(path, wrong.fault()),
            }
        })
    }
}

/// A record as a row.
fn row_of<'a>(
    record: &'a ByteRecord,
    place: RowStart,
    last_at: &mut Instant,
) -> Result<Row<'a>, Wrong<'a>> {
    let mut fields = [""; COLUMNS.len()];
    for (index, field) in record.iter().enumerate() {
        let text = str::from_utf8(field).map_err(|_| Wrong::Encoding)?;
        if let Some(place) = fields.get_mut(index) {
            *place = text;
        }
    }
    if record.len() != COLUMNS.len() {
        return Err(Wrong::Fields(record.len()));
    }
    let [at, agent, device, action] = fields;
    let at = rfc_3339(at).ok_or(Wrong::Instant(at))?;
    if *last_at > at {
        return Err(Wrong::Order(*last_at));
    }
    *last_at = at;
    if !is_name_in_quotes(agent) {
        return Err(Wrong::Agent(agent));
    }
    let known = Action::from_text(action).ok_or(Wrong::Action(action))?;
    if device.is_empty() && !known.kind().can_be_for_all_devices() {
        return Err(Wrong::NoDevice(action));
    }
    if !device.is_empty() && !is_name_in_quotes(device) {
        return Err(Wrong::Device(device));
    }
    let device = (!device.is_empty()).then_some(device);
    Ok(Row { at, agent, device, action: known, place })
}
