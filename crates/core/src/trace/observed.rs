//! Reads what was seen of widgets or of agents, row by row: what a service really said, and when.

use std::path::Path;
use std::str::FromStr;

use super::counts::FaultCounts;
use super::diagnostic::line_at;
use super::hint::{self, Hint};
use super::instant::{UsualInstants, rfc_3339};
use super::records::Records;
use super::row_fault::{NOT_UTF_8, fields_found, no_instant, out_of_order};
use super::texts::PIECE_BYTES;
use super::{Diagnostic, Fault, OpenTraceError, RowStart};
use crate::model::text::Country;
use crate::model::{AgentStatus, Chat, DeviceKind, Instant, Reason, WidgetStatus};

/// The first columns of what was seen of widgets.
const OF_WIDGETS: [&str; 3] = ["at", "widget", "status"];
/// All columns of what was seen of agents.
const OF_AGENTS: [&str; 3] = ["at", "agent", "status"];
/// The columns that can stand behind those of widgets, each once, in any order.
const MORE: [&str; 6] = ["chat", "reason", "shown", "page", "device", "country"];

/// One row: what somebody was shown, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObservedRow<'a> {
    /// The instant at which it was seen; rows are in the order of time.
    pub at: Instant,
    /// The name of the widget or the agent that it was seen of.
    pub name: &'a str,
    /// What was seen of it.
    pub seen: SeenState,
    /// Who looked; only whether a widget is shown depends on it.
    pub visitor: SeenVisitor<'a>,
    /// The row's place in its file, by which a message finds the line again.
    pub place: RowStart,
}

/// What was seen of a widget or an agent at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SeenState {
    /// What team-mates see of an agent (rule P4).
    Agent(AgentStatus),
    /// What visitors see of a widget, as far as it was noted.
    Widget {
        /// Its status (rules W1 to W6).
        status: WidgetStatus,
        /// Whether a chat could start; `None` where that was not seen.
        chat: Option<Chat>,
        /// The reason of its status; `None` where that was not seen.
        reason: Option<Reason>,
        /// Whether its visitor saw it (rules V1 to V4); `None` where that was not seen.
        shown: Option<bool>,
    },
}

/// Who looked at a widget; what was left empty is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SeenVisitor<'a> {
    /// The URL of the page (rule V1).
    pub page: Option<&'a str>,
    /// The country (rule V2).
    pub country: Option<Country>,
    /// The kind of device (rule V3).
    pub device: Option<DeviceKind>,
}

/// Reads what was seen.
pub struct ObservedReader {
    records: Records,
    columns: Columns,
    instants: UsualInstants,
    last_at: Instant,
    header_read: bool,
    faults: FaultCounts,
}

/// What the columns of a file are.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    count: usize,
    is_of_agents: bool,
    /// The place of each of [`MORE`] among the fields.
    more: [Option<usize>; MORE.len()],
}

/// What is wrong with a row: the kind of fault, the field that has it, and the message, the label and
/// what to do.
struct ObservedRowFault(Fault, Option<usize>, String, String, Option<Hint>);

impl ObservedReader {
    /// Opens a file. Its header is looked at with the first row.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenTraceError> {
        Ok(Self {
            records: Records::open(path, PIECE_BYTES)?,
            columns: Columns::default(),
            instants: UsualInstants::new(),
            last_at: Instant::MIN,
            header_read: false,
            faults: FaultCounts::default(),
        })
    }

    /// The next row; `None` at the end. After a fault the reader goes on with the next row, but for a
    /// fault of the header. Of a kind of faults the first ten are told, as with a trace.
    pub fn next_row(&mut self) -> Option<Result<ObservedRow<'_>, Box<Diagnostic>>> {
        if !std::mem::replace(&mut self.header_read, true) {
            match self.records.header(columns) {
                Some(columns) => self.columns = columns,
                None => return Some(Err(self.no_header())),
            }
        }
        let place = match self.records.read() {
            Ok(place) => place?,
            Err(diagnostic) => return Some(Err(diagnostic)),
        };
        let is_misplaced = self.records.take_misplaced();
        let Self { records: Records { path, record, .. }, faults, last_at, .. } = self;
        let row = match is_misplaced {
            true => Err(ObservedRowFault(Fault::Quote, None, String::new(), String::new(), None)),
            false => row_of(record, &self.columns, place, (last_at, &mut self.instants)),
        };
        Some(row.map_err(|wrong| {
            let fault = wrong.0;
            let word = wrong.1.filter(|_| fault == Fault::Word).and_then(|field| record.get(field));
            let word = word.and_then(|word| str::from_utf8(word).ok());
            match faults.is_of_the_first(fault, word) {
                true => wrong.tell(path, place).of_word(word),
                false => Diagnostic::counted(path, fault, word),
            }
        }))
    }

    /// The line in which a row stands. Read anew: only what is reported needs it.
    pub fn line(&self, place: RowStart) -> (u64, String) {
        line_at(&self.records.path, place)
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

    fn no_header(&self) -> Box<Diagnostic> {
        let label = format!("expected `{}` or `{}`", OF_WIDGETS.join(","), OF_AGENTS.join(","));
        let message = "what was seen begins with its header";
        let whole = (Fault::Header, None);
        let more = MORE.map(|column| format!("`{column}`")).join(", ");
        let help =
            format!("behind the columns of widgets {more} can stand, each once, in any order");
        self.diagnostic(RowStart::START, whole, message, &label).help(help)
    }
}

/// What the columns of a header are; `None` where it is none.
fn columns(fields: &[&[u8]]) -> Option<Columns> {
    let fields: Vec<&str> =
        fields.iter().map(|field| str::from_utf8(field)).collect::<Result<_, _>>().ok()?;
    if fields == OF_AGENTS {
        return Some(Columns { count: fields.len(), is_of_agents: true, ..Columns::default() });
    }
    let more = fields.strip_prefix(&OF_WIDGETS)?;
    let mut columns = Columns { count: fields.len(), ..Columns::default() };
    for (place, name) in (OF_WIDGETS.len()..).zip(more) {
        let known = MORE.iter().position(|column| column == name)?;
        if columns.more[known].replace(place).is_some() {
            return None;
        }
    }
    Some(columns)
}

/// A record as a row.
fn row_of<'a>(
    record: &'a csv::ByteRecord,
    columns: &Columns,
    place: RowStart,
    (last_at, instants): (&mut Instant, &mut UsualInstants),
) -> Result<ObservedRow<'a>, ObservedRowFault> {
    if record.len() != columns.count {
        return Err(fields_fault(record.len(), columns));
    }
    let field = |index: usize| -> Result<&'a str, ObservedRowFault> {
        str::from_utf8(record.get(index).unwrap_or_default()).map_err(|_| {
            let message = NOT_UTF_8.to_owned();
            ObservedRowFault(
                Fault::Encoding,
                None,
                message,
                "save the file as UTF-8".to_owned(),
                None,
            )
        })
    };
    let (at, name, status) = (field(0)?, field(1)?, field(2)?);
    let usual = instants.read(at.as_bytes()).filter(|(_, length)| *length == at.len());
    let at = match usual {
        Some((at, _)) => at,
        None => rfc_3339(at).ok_or_else(|| instant_fault(at))?,
    };
    if *last_at > at {
        let (message, label) = out_of_order(*last_at);
        return Err(ObservedRowFault(Fault::Order, Some(0), message, label, None));
    }
    *last_at = at;
    if columns.is_of_agents {
        let status = word(status, 2, "the status of an agent", AgentStatus::WORDS)?;
        let (seen, visitor) = (SeenState::Agent(status), SeenVisitor::default());
        return Ok(ObservedRow { at, name, seen, visitor, place });
    }
    // An empty field was not seen, or is unknown.
    let more = |known: usize| -> Result<Option<(usize, &'a str)>, ObservedRowFault> {
        let Some(place) = columns.more[known] else { return Ok(None) };
        Ok(Some((place, field(place)?)).filter(|(_, text)| !text.is_empty()))
    };
    const YES_NO: &[(&str, bool)] = &[("yes", true), ("no", false)];
    let yes_no = |known: usize| match more(known)? {
        Some((place, text)) => word(text, place, MORE[known], YES_NO).map(Some),
        None => Ok(None),
    };
    let [reason, page, device, country] = [more(1)?, more(3)?, more(4)?, more(5)?];
    let seen = SeenState::Widget {
        status: word(status, 2, "the status of a widget", WidgetStatus::WORDS)?,
        chat: yes_no(0)?.map(|can| if can { Chat::Possible } else { Chat::No }),
        reason: reason.map(|(at, text)| word(text, at, "a reason", Reason::WORDS)).transpose()?,
        shown: yes_no(2)?,
    };
    let visitor = SeenVisitor {
        page: page.map(|(_, page)| page),
        device: device
            .map(|(at, text)| word(text, at, "a device", DeviceKind::WORDS))
            .transpose()?,
        country: country.map(|(at, text)| country_of(text, at)).transpose()?,
    };
    Ok(ObservedRow { at, name, seen, visitor, place })
}

/// One of a few words.
fn word<T: Copy>(
    text: &str,
    field: usize,
    what: &str,
    words: &[(&'static str, T)],
) -> Result<T, ObservedRowFault> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = match what.contains(' ') {
        true => format!("`{text}` is not {what}"),
        false => format!("`{text}` says nothing in the column `{what}`"),
    };
    let label = format!("expected one of {}", known.join(" "));
    Err(ObservedRowFault(Fault::Word, Some(field), message, label, hint::of_word(text, &known)))
}

fn country_of(text: &str, field: usize) -> Result<Country, ObservedRowFault> {
    Country::from_str(text).map_err(|error| {
        let hint = error.help.map(|help| Hint { help, meant: error.meant });
        ObservedRowFault(Fault::Word, Some(field), error.message, error.expected.to_owned(), hint)
    })
}

fn instant_fault(text: &str) -> ObservedRowFault {
    let (message, label) = no_instant(text);
    ObservedRowFault(Fault::Instant, Some(0), message, label, hint::of_seen_instant(text))
}

fn fields_fault(count: usize, columns: &Columns) -> ObservedRowFault {
    let label = format!("expected {}, as the header has", columns.count);
    ObservedRowFault(Fault::Fields, None, fields_found(count), label, None)
}

impl ObservedRowFault {
    /// The same in words, with the line that has it.
    fn tell(self, path: &Path, place: RowStart) -> Box<Diagnostic> {
        let Self(fault, field, message, label, hint) = self;
        match fault {
            Fault::Quote => return Diagnostic::of_misplaced_quote(path, place),
            Fault::Fields => {
                if let Some(diagnostic) = Diagnostic::of_unclosed_quote(path, place) {
                    return diagnostic;
                }
            }
            _ => {}
        }
        Diagnostic::of_row(path, place, (fault, field), message, &label).hinted(hint)
    }
}
