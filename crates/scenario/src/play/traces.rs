//! The traces of a scenario as one stream of rows in the order of time.
//!
//! Rows are read some hundreds at a time, their names looked up together, and then handed out one by
//! one: a fleet of millions is not in the processor's caches, and what is asked together waits for
//! memory together.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::record::Record;
use super::row_faults::RowFaults;
use super::verdict::Failure;
use crate::language::Roster;
use crate::language::ast::Name;
use crate::language::code::Code;
use crate::language::diagnostic::{Diagnostic, nearest};
use crate::language::lex::write_name;
use crate::language::phrase;
use crate::language::span::Span;
use lamplighter_core::model::{Action, AgentId, DeviceId, Event, Impossible, Instant, NameList};
use lamplighter_core::trace::{self, Fault, OpenTraceError, Reader, RowStart};
use lamplighter_core::world::{Change, World};

/// So many faults are read at a time.
const BATCH_FAULTS: usize = 50;

/// So many rows are read at a time: enough to wait together, few enough to be still at hand when
/// they are played.
const BATCH_ROWS: usize = 256;

/// The traces of a scenario, each with the rows that are next.
#[derive(Default)]
pub struct Feeds {
    traces: Vec<Trace>,
    rows_read: u64,
}

/// A row that is next in its trace.
#[derive(Clone, Copy)]
pub struct Feed {
    trace: usize,
    row: usize,
}

/// What came of playing a row.
pub struct PlayedRow {
    /// The device that the row was the first to name; `None` where it was known.
    pub met: Option<DeviceId>,
    /// Whether the event could happen; the error says why it is an anomaly.
    pub result: Result<(), Impossible>,
}

struct Trace {
    path: PathBuf,
    reader: Reader,
    batch: Batch,
    /// When the next row is; `None` at the end.
    next_at: Option<Instant>,
    /// Where the scenario names it.
    statement: Span,
    faults: RowFaults,
    /// How many of its rows cannot happen.
    anomalies: u64,
    /// The first of them, and why it cannot.
    first_anomaly: Option<(RowStart, Impossible)>,
    /// Whether any row has happened.
    happened: bool,
}

/// A trace that has rows, none of which could happen.
pub struct NothingHappened {
    /// Where the scenario names it.
    pub statement: Span,
    /// How many rows it has.
    pub rows: u64,
    /// The line of the first of them.
    pub line: u64,
    /// The reason why that one cannot happen.
    pub why: Impossible,
}

impl NothingHappened {
    /// Such a trace makes its scenario fail: it tests nothing.
    pub fn failure(&self, at: Instant) -> Failure {
        let Self { statement, rows, line, why } = self;
        let rows = match rows {
            1 => "its one row cannot".to_owned(),
            rows => format!("none of its {rows} rows can"),
        };
        Failure {
            statement: *statement,
            at,
            words: *statement,
            expected: "a trace with rows that can happen".to_owned(),
            found: format!("{rows}; line {line}: {why}"),
            facts: Vec::new(),
            edits: None,
        }
    }
}

/// Some rows of a trace, and where the next one of them is.
#[derive(Default)]
struct Batch {
    rows: Vec<BatchRow>,
    next: usize,
    /// The world has been asked to look ahead up to here.
    ahead: usize,
    agents: NameList,
    agent_ids: Vec<Option<AgentId>>,
    /// Empty for "on all devices".
    devices: NameList,
    device_ids: Vec<Option<DeviceId>>,
    /// What is wrong with rows in between: each with the place in `rows` before which it stands.
    diagnostics: VecDeque<(usize, Box<trace::Diagnostic>)>,
}

/// What of a row is no name.
#[derive(Clone, Copy)]
struct BatchRow {
    at: Instant,
    action: Action,
    is_on_one_device: bool,
    place: RowStart,
}

impl Feeds {
    /// Opens the traces that lie relative to the folder of a scenario, and reads up to their first
    /// rows.
    pub fn open(folder: &Path, names: &[Name], roster: &Roster, record: &mut Record) -> Self {
        let mut feeds = Self::default();
        for name in names {
            let path = folder.join(&name.node);
            if let Err(error) = feeds.add(&path, name.span, roster, &mut record.trace_diagnostics) {
                record.diagnostics.push(
                    Diagnostic::new(name.span, error.to_string(), "expected a CSV trace")
                        .code(Code::UnreadableFile)
                        .help("the path is relative to the scenario's file"),
                );
            }
        }
        feeds
    }

    /// Opens one more trace, which is named at a place of the scenario, and reads up to its first row.
    pub fn add(
        &mut self,
        path: &Path,
        statement: Span,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) -> Result<(), OpenTraceError> {
        let mut trace = Trace {
            path: path.to_owned(),
            reader: Reader::open(path)?,
            batch: Batch::default(),
            next_at: None,
            statement,
            faults: RowFaults::default(),
            anomalies: 0,
            first_anomaly: None,
            happened: false,
        };
        self.rows_read += trace.go_to_row(roster, diagnostics);
        self.traces.push(trace);
        Ok(())
    }

    /// The instant of the row that is next.
    #[inline]
    pub fn next_instant(&self) -> Option<Instant> {
        self.traces.iter().filter_map(|trace| trace.next_at).min()
    }

    /// The next row of an instant: of the first trace that has one.
    #[inline]
    pub fn next_at(&self, at: Instant) -> Option<Feed> {
        let trace = self.traces.iter().position(|trace| trace.next_at == Some(at))?;
        Some(Feed { trace, row: self.traces[trace].batch.next })
    }

    /// Passes a row that is next, and reads on to the one behind it.
    #[inline]
    pub fn pass(&mut self, feed: Feed, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) {
        let trace = &mut self.traces[feed.trace];
        trace.batch.next += 1;
        self.rows_read += trace.go_to_row(roster, diagnostics);
    }

    /// Plays a row that is next: what its agent does on a device, which may be a new one.
    #[inline]
    pub fn play(
        &mut self,
        feed: Feed,
        roster: &mut Roster,
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> PlayedRow {
        let (event, met) = self.event(feed, roster, world);
        let result = self.apply(feed, &event, world, changes);
        PlayedRow { met, result }
    }

    /// Lets happen what a row that is next says.
    ///
    /// # Errors
    /// When it cannot happen: it is an anomaly.
    #[inline]
    pub fn apply(
        &mut self,
        feed: Feed,
        event: &Event,
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let result = world.apply(event, changes);
        let trace = &mut self.traces[feed.trace];
        match result {
            Ok(()) => trace.happened = true,
            Err(why) => {
                trace.anomalies += 1;
                let place = trace.batch.rows[feed.row].place;
                trace.first_anomaly.get_or_insert((place, why));
            }
        }
        result
    }

    /// What a row that is next says; and the device that it is the first to name, which the world has
    /// from then on.
    #[inline]
    pub fn event(
        &mut self,
        feed: Feed,
        roster: &mut Roster,
        world: &mut World,
    ) -> (Event, Option<DeviceId>) {
        let batch = &mut self.traces[feed.trace].batch;
        if feed.row >= batch.ahead {
            batch.look_ahead(world);
        }
        let row = &batch.rows[feed.row];
        let agent = batch.agent_ids[feed.row].expect("a row of nobody is a fault and not next");
        let mut met = None;
        let device = row.is_on_one_device.then(|| {
            batch.device_ids[feed.row].unwrap_or_else(|| {
                let device = roster.intern_device(agent, batch.devices.get(feed.row));
                if device.slot() == world.device_count(agent) {
                    met = Some(world.add_device(agent));
                }
                device
            })
        });
        let event = Event::of(row.action, agent, device);
        (event.expect("the reader of traces wants a device where one must be"), met)
    }

    /// What a row that is next says, for worlds that know their devices themselves: one that is named
    /// for the first time gets its id here alone.
    #[inline]
    pub fn said(&self, feed: Feed, roster: &mut Roster) -> Event {
        let batch = &self.traces[feed.trace].batch;
        let row = &batch.rows[feed.row];
        let agent = batch.agent_ids[feed.row].expect("a row of nobody is a fault and not next");
        let device = row.is_on_one_device.then(|| {
            let known = batch.device_ids[feed.row];
            known.unwrap_or_else(|| roster.intern_device(agent, batch.devices.get(feed.row)))
        });
        let event = Event::of(row.action, agent, device);
        event.expect("the reader of traces wants a device where one must be")
    }

    /// Where the scenario names the trace of a row.
    pub fn statement(&self, feed: Feed) -> Span {
        self.traces[feed.trace].statement
    }

    /// The traces that had rows, none of which could happen.
    pub fn nothing_happened(&self) -> impl Iterator<Item = NothingHappened> {
        self.traces.iter().filter(|trace| !trace.happened).filter_map(|trace| {
            let (place, why) = trace.first_anomaly?;
            let (statement, rows) = (trace.statement, trace.anomalies);
            Some(NothingHappened { statement, rows, line: trace.reader.line(place), why })
        })
    }

    /// The rows of an instant that are still to come, as far as they are read: where each stands, and
    /// what it says.
    pub fn rows_at(&self, at: Instant) -> Vec<String> {
        let mut rows = Vec::new();
        for trace in &self.traces {
            let batch = &trace.batch;
            let path = trace.path.display();
            for place in batch.next..batch.rows.len() {
                let row = &batch.rows[place];
                if row.at != at || batch.agent_ids[place].is_none() {
                    break;
                }
                let line = trace.reader.line(row.place);
                let kind = row.action.kind();
                let chosen = match row.action {
                    Action::SetStatus(chosen) => Some((chosen, None)),
                    Action::SetStatusFor(chosen, length) => Some((chosen, Some(length))),
                    _ => None,
                };
                let device = row.is_on_one_device.then(|| batch.devices.get(place));
                let said = phrase(batch.agents.get(place), kind, chosen, device, None);
                rows.push(format!("{path}:{line}: {said}"));
            }
        }
        rows
    }

    /// The trace and the line of a row that is next.
    pub fn line(&self, feed: Feed) -> (&Path, u64) {
        let trace = &self.traces[feed.trace];
        (&trace.path, trace.reader.line(trace.batch.rows[feed.row].place))
    }

    /// How many rows were read so far.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }
}

impl Trace {
    /// Goes on to the next sound row, if it is not there, and says how many rows it read.
    #[inline]
    fn go_to_row(&mut self, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) -> u64 {
        let batch = &self.batch;
        if let Some(row) = batch.rows.get(batch.next)
            && batch.agent_ids[batch.next].is_some()
            && batch.diagnostics.is_empty()
        {
            self.next_at = Some(row.at);
            return 0;
        }
        self.find_row(roster, diagnostics)
    }

    fn find_row(&mut self, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) -> u64 {
        let mut rows_read = 0;
        self.next_at = None;
        loop {
            let batch = &mut self.batch;
            if let Some(diagnostic) = batch.take_diagnostic() {
                self.faults.note(diagnostic, diagnostics);
            } else if let Some(row) = batch.rows.get(batch.next).copied() {
                if batch.agent_ids[batch.next].is_some() {
                    self.next_at = Some(row.at);
                    break;
                }
                let mut faults = std::mem::take(&mut self.faults);
                let stranger = self.batch.agents.get(self.batch.next);
                faults.stranger(stranger, || self.of_nobody(row.place, roster), diagnostics);
                self.faults = faults;
                self.batch.next += 1;
            } else if batch.read(&mut self.reader, roster) {
                rows_read += batch.rows.len() as u64;
            } else {
                break;
            }
        }
        rows_read
    }

    /// The row that is next names somebody who is not in the scenario.
    fn of_nobody(&self, place: RowStart, roster: &Roster) -> Box<trace::Diagnostic> {
        /// Among more names than these nobody looks for a like one: it would take seconds.
        const NAMES_MAX: usize = 50_000;
        let name = self.batch.agents.get(self.batch.next);
        let message = format!("`{name}` is not an agent of the scenario");
        let known = roster.agents.iter().take(NAMES_MAX);
        let at = (Fault::Stranger, Some(1));
        let label = "expected a member of a declared property";
        let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        // `ann@example.com` where the scenario calls her `ann`.
        let account = name.split_once('@').map(|(account, _)| account);
        let account = account.filter(|account| roster.agents.get(account).is_some());
        let help = match (near, account) {
            (Some(near), _) => near,
            (None, Some(account)) => format!(
                "the scenario has `{account}`: name the member {} there, as the trace does",
                write_name(name)
            ),
            (None, None) => format!("declare the agent: `members {}`", write_name(name)),
        };
        let found = self.reader.diagnostic(place, at, message, label);
        Box::new(trace::Diagnostic { help: Some(help), ..*found })
    }
}

impl Batch {
    /// Lets the world look ahead at those of whom the next rows are.
    fn look_ahead(&mut self, world: &World) {
        const ROWS: usize = 64;
        let from = self.ahead;
        let to = self.rows.len().min(from + ROWS);
        let hints = self.agent_ids[from..to].iter().flatten();
        let mut hinted = [DeviceId::new(AgentId::new(0), 0); ROWS];
        let mut count = 0;
        for (hint, &agent) in hinted.iter_mut().zip(hints) {
            *hint = world.hinted(DeviceId::new(agent, 0));
            count += 1;
        }
        world.look_ahead(hinted[..count].iter().copied());
        for device in self.device_ids[from..to].iter_mut().flatten() {
            *device = world.hinted(*device);
        }
        self.ahead = to;
    }

    /// The next fault before the row that is next.
    fn take_diagnostic(&mut self) -> Option<Box<trace::Diagnostic>> {
        let (row, _) = self.diagnostics.front()?;
        if *row != self.next {
            return None;
        }
        self.diagnostics.pop_front().map(|(_, diagnostic)| diagnostic)
    }

    /// Reads the next rows; false where there are none.
    fn read(&mut self, reader: &mut Reader, roster: &Roster) -> bool {
        self.rows.clear();
        self.agents.clear();
        self.devices.clear();
        self.next = 0;
        self.ahead = 0;
        while self.rows.len() < BATCH_ROWS && self.diagnostics.len() < BATCH_FAULTS {
            match reader.next_row() {
                None => break,
                Some(Err(diagnostic)) => self.diagnostics.push_back((self.rows.len(), diagnostic)),
                Some(Ok(row)) => {
                    self.agents.push(row.agent);
                    self.devices.push(row.device.unwrap_or_default());
                    self.rows.push(BatchRow {
                        at: row.at,
                        action: row.action,
                        is_on_one_device: row.device.is_some(),
                        place: row.place,
                    });
                }
            }
        }
        roster.agents.find_each(&self.agents, &mut self.agent_ids);
        roster.find_devices(&self.agent_ids, &self.devices, &mut self.device_ids);
        !(self.rows.is_empty() && self.diagnostics.is_empty())
    }
}
