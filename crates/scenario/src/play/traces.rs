//! The traces of a scenario as one stream of rows in the order of time.
//!
//! Rows are read a text at a time, those whom they are about looked up together, and then handed out one by
//! one: a fleet of millions is not in the processor's caches, and what is asked together waits for
//! memory together.

use std::path::Path;
use std::sync::Arc;

use super::ahead::Reading;
use super::directory::{Directory, Whom};
use super::record::Record;
use super::rows::{NothingHappened, Trace};
use crate::language::Roster;
use crate::language::ast::Name;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::phrase;
use crate::language::span::Span;
use lamplighter_core::model::{Action, AgentId, DeviceId, Event, Impossible, Instant};
use lamplighter_core::trace::{self, OpenTraceError};
use lamplighter_core::world::{Change, World};

/// The traces of a scenario, each with the rows that are next.
#[derive(Default)]
pub struct Feeds {
    traces: Vec<Trace>,
    /// The first instant at which one of them has a row, and the first of those that have.
    next_at: Option<Instant>,
    next_trace: usize,
    /// Whom their rows can be about; `None` without traces.
    directory: Option<Arc<Directory>>,
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

impl Feeds {
    /// Opens the traces that lie relative to the folder of a scenario, and reads up to their first
    /// rows.
    pub fn open(
        folder: &Path,
        names: &[Name],
        roster: &Roster,
        reading: Reading,
        record: &mut Record,
    ) -> Self {
        let mut feeds = Self::default();
        for (index, name) in names.iter().enumerate() {
            let path = folder.join(&name.node);
            let reading = reading.share(index, names.len());
            let diagnostics = &mut record.trace_diagnostics;
            if let Err(error) = feeds.add(&path, name.span, roster, reading, diagnostics) {
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
    ///
    /// # Errors
    /// When the file cannot be opened; what is wrong in it goes to `diagnostics`.
    pub fn add(
        &mut self,
        path: &Path,
        statement: Span,
        roster: &Roster,
        reading: Reading,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) -> Result<(), OpenTraceError> {
        let mut trace = Trace::open(path, statement, reading)?;
        let directory = self.directory.get_or_insert_with(|| Arc::new(Directory::new(roster)));
        self.rows_read += trace.go_to_row(directory, roster, diagnostics);
        self.traces.push(trace);
        self.find_next();
        Ok(())
    }

    /// Learns where a world keeps its agents, so that rows are played into it faster.
    pub fn learn_places(&self, world: &World) {
        if let Some(directory) = &self.directory {
            directory.learn_places(world);
        }
    }

    /// The instant of the row that is next.
    #[inline]
    pub fn next_instant(&self) -> Option<Instant> {
        self.next_at
    }

    /// The next row, if it is of an instant: of the first trace that has one.
    #[inline]
    pub fn next_at(&self, at: Instant) -> Option<Feed> {
        let trace = self.next_trace;
        (self.next_at == Some(at)).then(|| Feed { trace, row: self.traces[trace].batch.next })
    }

    /// Finds which trace is next, after one of them has gone on.
    #[inline]
    fn find_next(&mut self) {
        if let [only] = self.traces.as_slice() {
            self.next_at = only.next_at;
            return;
        }
        let traces = self.traces.iter().zip(0..);
        let next = traces.filter_map(|(trace, index)| Some((trace.next_at?, index))).min();
        self.next_at = next.map(|(at, _)| at);
        self.next_trace = next.map_or(0, |(_, index)| index);
    }

    /// Passes a row that is next, and reads on to the one behind it.
    #[inline]
    pub fn pass(&mut self, feed: Feed, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) {
        self.traces[feed.trace].batch.next += 1;
        self.go_on(feed.trace, roster, diagnostics);
    }

    /// Goes on to the next row of a trace, of which some were passed.
    #[inline]
    fn go_on(&mut self, trace: usize, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) {
        let trace = &mut self.traces[trace];
        if !trace.is_at_row()
            && let Some(directory) = &self.directory
        {
            self.rows_read += trace.go_to_row(directory, roster, diagnostics);
        }
        self.find_next();
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
        let trace = &mut self.traces[feed.trace];
        trace.batch.look_ahead(feed.row, world);
        let row = &trace.batch.rows[feed.row];
        if row.whom.is_known() {
            let result = row.play_by_itself(world, changes);
            trace.note(feed.row, result);
            return PlayedRow { met: None, result };
        }
        let (event, met) = self.event(feed, roster, world);
        let result = self.apply(feed, &event, world, changes);
        PlayedRow { met, result }
    }

    /// Plays rows that are next one after the other, those of known devices, as long as they happen and are
    /// not behind an instant; and reads on to the one behind them. Gives how many.
    #[inline]
    pub fn play_many(
        &mut self,
        until: Instant,
        (roster, diagnostics): (&Roster, &mut Vec<trace::Diagnostic>),
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> u64 {
        // Of several traces any may be next.
        let [trace] = self.traces.as_mut_slice() else { return 0 };
        let count = trace.batch.play_many(until, world, changes);
        if count > 0 {
            trace.note_happened();
            self.go_on(0, roster, diagnostics);
        }
        count
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
        self.traces[feed.trace].note(feed.row, result);
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
        batch.look_ahead(feed.row, world);
        let event = self.said(feed, roster);
        let Some(device) = event.device().filter(|_| self.whom(feed) == Whom::Other) else {
            return (event, None);
        };
        let is_new = device.slot() == world.device_count(device.agent());
        let met = is_new.then(|| world.add_device(device.agent()));
        (event, met)
    }

    /// Of whom a row is.
    fn whom(&self, feed: Feed) -> Whom {
        self.traces[feed.trace].batch.rows[feed.row].whom
    }

    /// What a row that is next says, for worlds that know their devices themselves: one that is named
    /// for the first time gets its id here alone.
    #[inline]
    pub fn said(&self, feed: Feed, roster: &mut Roster) -> Event {
        let trace = &self.traces[feed.trace];
        let row = &trace.batch.rows[feed.row];
        let (action, device) = (trace.batch.action(row), row.device);
        match row.whom {
            Whom::Other => match self.name_device(feed, device.agent(), roster) {
                Some(device) => event_of(action, Whom::One, device),
                None => event_of(action, Whom::All, device),
            },
            whom => event_of(action, whom, device),
        }
    }

    /// The device of an agent that a row names, perhaps as the first; `None` for "on all devices".
    #[inline(never)]
    fn name_device(&self, feed: Feed, agent: AgentId, roster: &mut Roster) -> Option<DeviceId> {
        let trace = &self.traces[feed.trace];
        let (agent_name, name) = trace.names(&trace.batch.rows[feed.row]);
        if name.is_empty() {
            return None;
        }
        let device = roster.intern_device(agent, name);
        if let Some(directory) = &self.directory {
            directory.meet(agent_name, name, device);
        }
        Some(device)
    }

    /// Where the scenario names the trace of a row.
    pub fn statement(&self, feed: Feed) -> Span {
        self.traces[feed.trace].statement
    }

    /// The traces that had rows, none of which could happen.
    pub fn nothing_happened(&self) -> impl Iterator<Item = NothingHappened> {
        self.traces.iter().filter_map(Trace::nothing_happened)
    }

    /// The rows of an instant that are still to come, as far as they are read: where each stands, and
    /// what it says.
    pub fn rows_at(&self, at: Instant) -> Vec<String> {
        let mut rows = Vec::new();
        let Some(directory) = &self.directory else { return rows };
        for trace in &self.traces {
            let batch = &trace.batch;
            let path = trace.path.display();
            for row in &trace.to_come(directory) {
                if row.at != at || row.whom == Whom::Stranger {
                    break;
                }
                let line = trace.line(row);
                let action = batch.action(row);
                let kind = action.kind();
                let chosen = match action {
                    Action::SetStatus(chosen) => Some((chosen, None)),
                    Action::SetStatusFor(chosen, length) => Some((chosen, Some(length))),
                    _ => None,
                };
                let (agent, device) = trace.names(row);
                let device = Some(device).filter(|device| !device.is_empty());
                let said = phrase(agent, kind, chosen, device, None);
                rows.push(format!("{path}:{line}: {said}"));
            }
        }
        rows
    }

    /// The trace and the line of a row that is next.
    pub fn line(&self, feed: Feed) -> (&Path, u64) {
        let trace = &self.traces[feed.trace];
        (&trace.path, trace.line(&trace.batch.rows[feed.row]))
    }

    /// How many rows were read so far.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }
}

/// What a row says of somebody who is known.
#[inline]
fn event_of(action: Action, whom: Whom, device: DeviceId) -> Event {
    let event = match whom {
        Whom::One => Event::of(action, device.agent(), Some(device)),
        Whom::All => Event::of(action, device.agent(), None),
        Whom::Stranger | Whom::Other => None,
    };
    event
        .expect("the reader of traces wants a device where one must be, and strangers are not next")
}
