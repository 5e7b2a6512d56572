//! One recording: its rows, one after the other, and those that are wrong by now.

use std::path::PathBuf;

use super::histories::{Histories, UnixMs};
use super::tally::{Row, Tally, WrongRow};
use super::waiting::Waiting;
use crate::language::Roster;
use crate::language::diagnostic::nearest;
use crate::language::plan::Subject;
use crate::language::span::Span;
use crate::play::observations::{FalseRow, Observations};
use crate::play::row_faults::RowFaults;
use crate::window::{Miss, Window};
use lamplighter_core::model::{Instant, Millis, Visitor};
use lamplighter_core::trace::{
    self, Fault, ObservedReader, ObservedRow, OpenTraceError, RowStart, SeenState,
};
use lamplighter_core::world::World;

/// A recording on its way.
pub struct Recording {
    /// The file, as it was opened.
    path: PathBuf,
    /// Where the scenario names it.
    statement: Span,
    reader: ObservedReader,
    /// How far a row may be from an instant at which it is right.
    within: i64,
    /// The first instant that counts: rows before it are not judged.
    start: Instant,
    /// The row that is judged next; `None` at the end.
    next: Option<Row>,
    faults: RowFaults,
    waiting: Waiting,
    /// What it came to so far.
    tally: Tally,
}

impl Recording {
    /// Opens a recording, and reads up to its first sound row.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(
        path: PathBuf,
        statement: Span,
        within: i64,
        start: Instant,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) -> Result<Self, OpenTraceError> {
        let mut recording = Self {
            reader: ObservedReader::open(&path)?,
            path,
            statement,
            within,
            start,
            next: None,
            faults: RowFaults::default(),
            waiting: Waiting::default(),
            tally: Tally::default(),
        };
        recording.read_on(roster, diagnostics);
        Ok(recording)
    }

    /// Of whom its rows are; `None` where it has none.
    pub fn subject(&self) -> Option<Subject> {
        self.next.as_ref().map(|row| row.subject)
    }

    /// The moment from which on it may ask what was; behind all time at its end.
    pub fn asks_from(&self) -> UnixMs {
        self.next.as_ref().map_or(UnixMs::MAX, |row| row.at.as_millis().saturating_sub(self.within))
    }

    /// The moment up to which all must be known for the row that is next; `None` at the end.
    pub fn known_until(&self) -> Option<UnixMs> {
        self.next.as_ref().map(|row| row.at.as_millis().saturating_add(self.within))
    }

    /// Judges all rows that can be judged where everything up to a moment is known, that included.
    pub fn judge_until(
        &mut self,
        now: UnixMs,
        histories: &mut Histories,
        world: &World,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) {
        while self.known_until().is_some_and(|until| until <= now)
            && let Some(row) = self.next.take()
        {
            self.judge(row, now, histories, world);
            self.read_on(roster, diagnostics);
        }
    }

    /// Whether it was so at some moment of the window: then it is right. Else the nearest one is looked
    /// for, before and afterwards, which may be still to come.
    fn judge(&mut self, row: Row, now: UnixMs, histories: &mut Histories, world: &World) {
        self.tally.rows += 1;
        if let (Subject::Widget(widget), SeenState::Widget { shown: Some(_), .. }) =
            (row.subject, row.seen)
        {
            histories.note_look(widget, world);
        }
        let histories = &*histories;
        let Some(history) = histories.of(row.subject) else { return };
        let is_so = |state| histories.is_so(row.subject, state, (row.seen, &row.visitor));
        let at = row.at.as_millis();
        let window = Window { from: at - self.within, to: at.saturating_add(self.within) };
        let changes = |tell: &mut dyn FnMut(UnixMs)| history.each_change(window, tell);
        if window.some(changes, |at| history.at(at).is_some_and(is_so)) {
            return;
        }
        let before = history.last_before(window.from, is_so);
        let after = history.first_after(window.to, is_so);
        let should = history.at(at);
        let ago = before.map(|before| at.abs_diff(before));
        let is_decided = after.is_some() || ago.is_some_and(|ago| now.abs_diff(at) >= ago);
        match is_decided {
            true => {
                let miss = Miss::nearest(ago, after.map(|after| after.abs_diff(at)));
                self.tally.miss(row, should, miss);
            }
            false => self.waiting.add(row, should, (before, now), &mut self.tally),
        }
    }

    /// Something is so from a moment on: rows that wait for it are told by it.
    pub fn is_so_from(&mut self, at: UnixMs, subject: Subject, histories: &Histories) {
        if self.waiting.is_any() {
            self.waiting.is_so_from(at, subject, histories, &mut self.tally);
        }
    }

    /// Nothing happens any more but what the clock does: whatever waits is decided by it.
    pub fn finish(&mut self, histories: &Histories, world: &World) {
        self.waiting.finish(histories, world, &mut self.tally);
    }

    /// Adds what it came to.
    pub fn tell(self, all: &mut Observations) {
        let Self { tally, reader, path, statement, within, .. } = self;
        all.rows += tally.rows;
        all.untold += tally.untold;
        for (word, count) in tally.wrong {
            *all.wrong.entry(word).or_default() += count;
        }
        for WrongRow { row: Row { at, subject, seen, visitor, place }, miss, more, is_first } in
            tally.told
        {
            let (line, text) = reader.line(place);
            all.false_rows.push(FalseRow {
                statement,
                path: path.clone(),
                line,
                text,
                at,
                subject,
                seen,
                visitor,
                within: Millis(within.unsigned_abs()),
                miss,
                more,
                is_first,
                around: Vec::new(),
                facts: Vec::new(),
                scenario: None,
            });
        }
    }

    /// Reads on to the next sound row of somebody known.
    fn read_on(&mut self, roster: &Roster, diagnostics: &mut Vec<trace::Diagnostic>) {
        self.next = None;
        loop {
            let row = match self.reader.next_row() {
                None => return,
                Some(Err(found)) => {
                    self.faults.note(found, diagnostics);
                    continue;
                }
                Some(Ok(row)) => row,
            };
            if row.at < self.start {
                let (at, place) = (row.at, row.place);
                self.faults.note(before_the_run(&self.reader, place, at, self.start), diagnostics);
                continue;
            }
            match known(&row, roster) {
                Ok(row) => {
                    self.next = Some(row);
                    return;
                }
                Err((name, is_agent)) => {
                    let (place, reader) = (row.place, &self.reader);
                    let tell = || of_nobody(reader, place, (&name, is_agent), roster);
                    self.faults.stranger(&name, tell, diagnostics);
                }
            }
        }
    }
}

/// A row with its name as an id, or the name that nobody knows, and whether it is an agent's.
fn known(row: &ObservedRow<'_>, roster: &Roster) -> Result<Row, (String, bool)> {
    let subject = match row.seen {
        SeenState::Agent(_) => roster.agents.get(row.name).map(Subject::Agent),
        SeenState::Widget { .. } => roster.widgets.get(row.name).map(Subject::Widget),
    };
    let is_agent = matches!(row.seen, SeenState::Agent(_));
    let subject = subject.ok_or_else(|| (row.name.to_owned(), is_agent))?;
    // Who looked matters only for whether it is shown.
    let visitor = match row.seen {
        SeenState::Widget { shown: Some(_), .. } => Visitor {
            page: row.visitor.page.map(str::to_owned),
            country: row.visitor.country,
            device: row.visitor.device,
        },
        _ => Visitor::default(),
    };
    Ok(Row { at: row.at, subject, seen: row.seen, visitor, place: row.place })
}

fn before_the_run(
    reader: &ObservedReader,
    place: RowStart,
    at: Instant,
    start: Instant,
) -> Box<trace::Diagnostic> {
    let label = format!("the run begins at {start}");
    let message = format!("{at} is before the run begins");
    let help = "begin the scenario earlier: `at` says since when it is known who is there";
    reader.diagnostic(place, (Fault::BeforeRun, Some(0)), message, &label).help(help)
}

/// A row of somebody or something that is not in the scenario.
fn of_nobody(
    reader: &ObservedReader,
    place: RowStart,
    (name, is_agent): (&str, bool),
    roster: &Roster,
) -> Box<trace::Diagnostic> {
    /// Among more names than these nobody looks for a like one: it would take seconds.
    const NAMES_MAX: usize = 50_000;
    let (what, label, other) = match is_agent {
        true => ("an agent", "expected a member of a declared property", "widget"),
        false => ("a widget", "expected a property, or a widget `PROPERTY/NAME`", "agent"),
    };
    let near = match is_agent {
        true => nearest(name, roster.agents.iter().take(NAMES_MAX)),
        false => nearest(name, roster.widgets.iter().take(NAMES_MAX)),
    };
    let is_other = match is_agent {
        true => roster.widgets.get(name).is_some(),
        false => roster.agents.get(name).is_some(),
    };
    let message = format!("`{name}` is not {what} of the scenario");
    let found = reader.diagnostic(place, (Fault::Stranger, Some(1)), message, label);
    match near {
        _ if is_other => found
            .help(format!("what was seen of it stands in a file of its own: `at,{other},status`")),
        Some(near) => found.did_you_mean(near),
        None => found,
    }
}
