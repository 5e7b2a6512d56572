//! Reads a trace: rows, and what is wrong with the others.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use super::diagnostic::line_at;
use super::instant::{UsualInstants, rfc_3339};
use super::lines::{Lines, More};
use super::quoted::Quoted;
use super::usual::{Usual, usual};
use super::wrong::Wrong;
use super::{COLUMNS, Diagnostic, Fault, OpenTraceError, Row, RowStart};
use crate::model::{Action, Instant, is_name_in_quotes};

/// So many faults of a kind are told with their line; the others are for counting alone.
pub const DETAILED_MAX: u64 = 10;

/// Reads a trace.
pub struct Reader {
    path: PathBuf,
    source: Source,
    /// The fields of the row that is being read, where it is not a usual one.
    record: ByteRecord,
    instants: UsualInstants,
    last_at: Instant,
    header_read: bool,
    /// How many faults there were of each kind.
    faults: [u64; Fault::COUNT],
    /// Nothing more comes, whatever there is in the file.
    ended: bool,
}

enum Source {
    Lines(Lines<File>),
    Quoted(Quoted<File>),
    /// On the way from the one to the other.
    Neither,
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
        let file = File::open(path)
            .and_then(|file| match file.metadata()?.is_dir() {
                true => Err(std::io::Error::other("it is a folder")),
                false => Ok(file),
            })
            .map_err(|source| OpenTraceError { path: path.into(), source })?;
        Ok(Self {
            path: path.into(),
            source: Source::Lines(Lines::new(file)),
            record: ByteRecord::new(),
            instants: UsualInstants::new(),
            last_at: Instant::MIN,
            header_read: false,
            faults: [0; Fault::COUNT],
            ended: false,
        })
    }

    /// The same trace, read by the csv crate alone.
    #[cfg(test)]
    pub(super) fn open_as_quoted(path: &Path) -> Result<Self, OpenTraceError> {
        let mut reader = Self::open(path)?;
        reader.go_over_to_quoted();
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
        line_at(&self.path, place).0
    }

    /// A fault of a row, at one of its fields or as a whole.
    pub fn diagnostic(
        &self,
        place: RowStart,
        (fault, field): (Fault, Option<usize>),
        message: impl Into<String>,
        label: &str,
    ) -> Box<Diagnostic> {
        Diagnostic::of_row(&self.path, place, (fault, field), message, label)
    }

    /// Finds the next row; one that is not as usual is put into the record.
    #[inline]
    fn find(&mut self) -> Result<Option<Found>, Box<Diagnostic>> {
        if let Source::Lines(lines) = &mut self.source
            && lines.is_at_row()
            && let Some(row) = usual(lines.rest().as_bytes(), &mut self.instants)
            && row.at >= self.last_at
        {
            lines.pass(row.len);
            self.last_at = row.at;
            return Ok(Some(Found::Usual(row)));
        }
        Ok(self.find_any()?.map(Found::Record))
    }

    /// Puts the next row into the record, whatever it is.
    fn find_any(&mut self) -> Result<Option<RowStart>, Box<Diagnostic>> {
        if self.ended {
            return Ok(None);
        }
        if let Source::Lines(lines) = &mut self.source {
            match lines.go_to_row() {
                Ok(More::End) => return Ok(None),
                Ok(More::Row) => return Ok(Some(take_line(lines, &mut self.record))),
                Ok(More::Unusual) => self.go_over_to_quoted(),
                Err(error) => {
                    self.ended = true;
                    return Err(cannot_read_on(&self.path, lines.place(), &error));
                }
            }
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

    /// Leaves the rest of the file to the csv crate.
    fn go_over_to_quoted(&mut self) {
        self.source = match std::mem::replace(&mut self.source, Source::Neither) {
            Source::Lines(lines) => {
                let (read, file, place) = lines.into_rest();
                Source::Quoted(Quoted::new(read, file, place))
            }
            other => other,
        };
    }

    fn header(&mut self) -> Result<(), Box<Diagnostic>> {
        self.header_read = true;
        let found = self.find_any().is_ok_and(|found| found.is_some());
        let bom = b"\xef\xbb\xbf";
        let mut fields = self.record.iter().map(|f| f.strip_prefix(bom).unwrap_or(f));
        if found
            && COLUMNS.iter().all(|c| fields.next() == Some(c.as_bytes()))
            && fields.next().is_none()
        {
            return Ok(());
        }
        // Without its header nothing in the file means anything.
        self.ended = true;
        self.source = Source::Neither;
        let label = format!("expected `{}`", COLUMNS.join(","));
        let whole = (Fault::Header, None);
        Err(self.diagnostic(RowStart::START, whole, "a trace begins with its header", &label))
    }

    #[inline]
    fn usual_row(&self, row: Usual) -> Row<'_> {
        let Source::Lines(lines) = &self.source else {
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
        let is_misplaced = match &mut self.source {
            Source::Quoted(quoted) => quoted.take_misplaced(),
            Source::Lines(_) | Source::Neither => false,
        };
        let Self { path, record, faults, last_at, .. } = self;
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

fn cannot_read_on(path: &Path, place: RowStart, error: &dyn std::fmt::Display) -> Box<Diagnostic> {
    let message = format!("the trace cannot be read on: {error}");
    Diagnostic::of_row(path, place, (Fault::Unreadable, None), message, "here")
}

/// Puts the line that is next into a record, as the csv crate does without quotes.
fn take_line(lines: &mut Lines<File>, record: &mut ByteRecord) -> RowStart {
    let place = lines.place();
    let line = lines.rest().as_bytes();
    let end = memchr::memchr2(b'\r', b'\n', line);
    record.clear();
    line[..end.unwrap_or(line.len())]
        .split(|&byte| byte == b',')
        .for_each(|f| record.push_field(f));
    lines.pass(end.map_or(line.len(), |end| end + 1));
    place
}
