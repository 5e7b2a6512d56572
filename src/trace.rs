//! Traces: recorded events as CSV (RFC 4180), one row after the other, never the whole file.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use thiserror::Error;

use crate::model::{Chosen, Instant, is_name};

/// The columns of a trace, in their order.
pub const COLUMNS: [&str; 4] = ["at", "agent", "device", "action"];

/// One row: what an agent did when, and on which device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// When.
    pub at: Instant,
    /// Who.
    pub agent: String,
    /// Where; `None` for "on all devices".
    pub device: Option<String>,
    /// What.
    pub action: Action,
    /// Where the row stands, for messages.
    pub place: Place,
}

/// What can stand in the column `action`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Rule P1.
    Login,
    /// Rule P3.
    Logout,
    /// Rule P2.
    Status(Chosen),
    /// Rule P7.
    Disconnect,
    /// Rule P7.
    Reconnect,
    /// Rule P8.
    Active,
}

impl Action {
    /// Every action with its word.
    pub const WORDS: [(&str, Self); 8] = [
        ("login", Self::Login),
        ("logout", Self::Logout),
        ("online", Self::Status(Chosen::Online)),
        ("away", Self::Status(Chosen::Away)),
        ("invisible", Self::Status(Chosen::Invisible)),
        ("disconnect", Self::Disconnect),
        ("reconnect", Self::Reconnect),
        ("active", Self::Active),
    ];

    fn can_be_for_all_devices(self) -> bool {
        matches!(self, Self::Logout | Self::Status(_))
    }
}

/// Where a row begins in its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    byte: u64,
    /// The line, from 1.
    pub line: u64,
}

/// A fault in a trace, with the line that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The trace.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters are at fault.
    pub width: usize,
    /// The line itself.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub label: String,
}

/// Why a trace cannot be opened.
#[derive(Debug, Error)]
#[error("cannot read the trace {}: {source}", path.display())]
pub struct OpenError {
    /// The trace.
    pub path: PathBuf,
    /// What the machine said.
    pub source: std::io::Error,
}

/// Reads a trace.
pub struct Reader {
    path: PathBuf,
    csv: csv::Reader<BufReader<Quotes<File>>>,
    record: csv::ByteRecord,
    last_at: Option<Instant>,
    header_read: bool,
}

impl Reader {
    /// Opens a trace. Its header is looked at with the first row.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path)
            .and_then(|file| match file.metadata()?.is_dir() {
                true => Err(std::io::Error::other("it is a folder")),
                false => Ok(file),
            })
            .map_err(|source| OpenError { path: path.into(), source })?;
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::with_capacity(1 << 16, Quotes::new(file)));
        Ok(Self {
            path: path.into(),
            csv,
            record: csv::ByteRecord::new(),
            last_at: None,
            header_read: false,
        })
    }

    /// The next row; `None` at the end. After a fault the reader goes on with the next row, but for
    /// a fault of the header.
    pub fn next_row(&mut self) -> Option<Result<Row, Box<Fault>>> {
        if !self.header_read {
            self.header_read = true;
            if let Err(fault) = self.header() {
                // Without its header nothing in the file means anything.
                while matches!(self.csv.read_byte_record(&mut self.record), Ok(true)) {}
                return Some(Err(fault));
            }
        }
        match self.csv.read_byte_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => Some(self.row()),
            Err(error) => {
                let message = format!("the trace cannot be read on: {error}");
                Some(Err(self.fault(self.place(), None, message, "here")))
            }
        }
    }

    fn header(&mut self) -> Result<(), Box<Fault>> {
        let found = self.csv.read_byte_record(&mut self.record).unwrap_or(false);
        let bom = b"\xef\xbb\xbf";
        let mut fields = self.record.iter().map(|f| f.strip_prefix(bom).unwrap_or(f));
        if found
            && COLUMNS.iter().all(|c| fields.next() == Some(c.as_bytes()))
            && fields.next().is_none()
        {
            return Ok(());
        }
        let label = format!("expected `{}`", COLUMNS.join(","));
        Err(self.fault(Place { byte: 0, line: 1 }, None, "a trace begins with its header", &label))
    }

    fn row(&mut self) -> Result<Row, Box<Fault>> {
        let place = self.place();
        if let Some(at) = self.csv.get_ref().get_ref().bad_quote
            && at < self.csv.position().byte()
        {
            return Err(self.misplaced_quote(place));
        }
        let Ok(record) = StringRecord::from_byte_record(self.record.clone()) else {
            return Err(self.fault(place, None, "the row is not UTF-8", "save the trace as UTF-8"));
        };
        if record.len() != COLUMNS.len() {
            if let Some(fault) = self.unclosed_quote(place) {
                return Err(fault);
            }
            let s = if record.len() == 1 { "" } else { "s" };
            let message = format!("the row has {} field{s}", record.len());
            let label = format!("expected {}: {}", COLUMNS.len(), COLUMNS.join(","));
            return Err(self.fault(place, None, message, &label));
        }
        let (at, agent, device, action) = (&record[0], &record[1], &record[2], &record[3]);
        let Some(at) = rfc_3339(at) else {
            let message = format!("`{at}` is not an instant");
            let label = "expected RFC 3339 in the years 0001 to 9999, e.g. `2026-03-09T13:55:00Z`";
            return Err(self.fault(place, Some(0), message, label));
        };
        if let Some(last) = self.last_at.filter(|&last| last > at) {
            let label = format!("the row before is at {last}");
            return Err(self.fault(place, Some(0), "the rows are not in time order", &label));
        }
        self.last_at = Some(at);
        if !is_name(agent) {
            let message = format!("`{agent}` cannot be the name of an agent");
            return Err(self.fault(place, Some(1), message, "expected a member of a property"));
        }
        let found = Action::WORDS.iter().find(|(word, _)| *word == action);
        let Some(&(_, known)) = found else {
            let words: Vec<&str> = Action::WORDS.iter().map(|(word, _)| *word).collect();
            let message = format!("`{action}` is not an action");
            let label = format!("expected one of {}", words.join(" "));
            return Err(self.fault(place, Some(3), message, &label));
        };
        if device.is_empty() && !known.can_be_for_all_devices() {
            let message = format!("`{action}` needs a device");
            let label = "only logout, online, away and invisible can be for all devices";
            return Err(self.fault(place, Some(2), message, label));
        }
        if !device.is_empty() && !is_name(device) {
            let message = format!("`{device}` cannot be the name of a device");
            let label = "names are 1 to 64 letters, marks and digits, `.`, `_`, `-`";
            return Err(self.fault(place, Some(2), message, label));
        }
        Ok(Row {
            at,
            agent: agent.to_owned(),
            device: (!device.is_empty()).then(|| device.to_owned()),
            action: known,
            place,
        })
    }

    /// A quote that swallows the rest of the file.
    fn unclosed_quote(&self, place: Place) -> Option<Box<Fault>> {
        let (line, text) = self.line_at(place);
        let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
        let opening = *quotes.last().filter(|_| quotes.len() % 2 == 1)?;
        Some(self.quote_fault((line, text), opening, "a quote is not closed", "it begins here"))
    }

    /// A quote where RFC 4180 has none: inside a plain field, or with text behind it.
    fn misplaced_quote(&mut self, place: Place) -> Box<Fault> {
        self.csv.get_mut().get_mut().bad_quote = None;
        let (line, text) = self.line_at(place);
        let mut quotes = Quotes::new(std::io::empty());
        quotes.watch(text.as_bytes());
        let at = quotes.bad_quote.map_or(0, |at| at as usize).min(text.len());
        let label = "quotes begin and end a whole field; inside one write `\"\"`";
        self.quote_fault((line, text), at, "a quote is misplaced", label)
    }

    fn quote_fault(
        &self,
        (line, text): (u64, String),
        at: usize,
        message: &str,
        label: &str,
    ) -> Box<Fault> {
        Box::new(Fault {
            path: self.path.clone(),
            line,
            column: text.get(..at).unwrap_or(&text).chars().count() + 1,
            width: 1,
            text,
            message: message.to_owned(),
            label: label.to_owned(),
        })
    }

    fn place(&self) -> Place {
        let position = self.record.position().cloned().unwrap_or_else(csv::Position::new);
        Place { byte: position.byte(), line: position.line() }
    }

    /// A fault of a row, at one of its fields or as a whole.
    pub fn fault(
        &self,
        place: Place,
        field: Option<usize>,
        message: impl Into<String>,
        label: &str,
    ) -> Box<Fault> {
        let (line, text) = self.line_at(place);
        let fields = raw_fields(&text);
        let (start, end) =
            field.and_then(|field| fields.get(field).copied()).unwrap_or((0, text.len()));
        Box::new(Fault {
            path: self.path.clone(),
            line,
            column: text[..start].chars().count() + 1,
            width: text[start..end].chars().count(),
            text,
            message: message.into(),
            label: label.to_owned(),
        })
    }

    /// The text of the line at a place. Read anew: only faults need it.
    fn line_at(&self, place: Place) -> (u64, String) {
        /// More of a line than this helps nobody.
        const LONGEST_BYTES: u64 = 4_096;
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(place.byte))?;
            file.take(LONGEST_BYTES).read_to_end(&mut bytes)
        });
        let mut line = place.line;
        if read.is_err() {
            return (line, String::new());
        }
        // The csv crate counts blank lines to the row behind them.
        let mut rest = &bytes[..];
        while let [first @ (b'\r' | b'\n'), after @ ..] = rest {
            line += u64::from(*first == b'\n');
            rest = after;
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        (line, String::from_utf8_lossy(&rest[..end]).into_owned())
    }
}

/// Watches the bytes on their way to the csv crate, which takes any quotes, for ones that RFC 4180
/// does not know.
struct Quotes<R> {
    inner: R,
    read_bytes: u64,
    state: QuoteState,
    /// The byte of the first misplaced quote.
    bad_quote: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum QuoteState {
    FieldBegins,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end, or the first of two.
    QuoteInQuoted,
}

impl<R> Quotes<R> {
    fn new(inner: R) -> Self {
        Self { inner, read_bytes: 0, state: QuoteState::FieldBegins, bad_quote: None }
    }

    fn watch(&mut self, bytes: &[u8]) {
        use QuoteState::{FieldBegins, Plain, QuoteInQuoted, Quoted};
        for (&byte, at) in bytes.iter().zip(self.read_bytes..) {
            self.state = match (self.state, byte) {
                (Quoted, b'"') => QuoteInQuoted,
                (Quoted, _) => Quoted,
                (FieldBegins | QuoteInQuoted, b'"') => Quoted,
                (_, b',' | b'\r' | b'\n') => FieldBegins,
                (Plain, b'"') | (QuoteInQuoted, _) => {
                    self.bad_quote.get_or_insert(at);
                    Plain
                }
                _ => Plain,
            };
        }
        self.read_bytes += bytes.len() as u64;
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.watch(&buffer[..count]);
        Ok(count)
    }
}

/// Where the fields of a line stand, quotes included.
fn raw_fields(text: &str) -> Vec<(usize, usize)> {
    let mut fields = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                fields.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push((start, text.len()));
    fields
}

/// An instant as RFC 3339 writes it; what is finer than a millisecond is cut off (rule T4).
fn rfc_3339(text: &str) -> Option<Instant> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    // There is no second 60.
    if chrono::Timelike::nanosecond(&parsed) >= 1_000_000_000 {
        return None;
    }
    Instant::from_millis(parsed.timestamp_millis())
}
