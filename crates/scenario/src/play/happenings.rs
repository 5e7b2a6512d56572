//! What happens in a scenario, as events in the order of time, for those who play it into worlds of
//! their own: one reading for any number of them.

use std::path::Path;

use super::agenda::Agenda;
use super::ahead::Reading;
use super::record::Record;
use super::traces::Feeds;
use crate::language::Roster;
use crate::language::plan::{Plan, Step, StepKind};
use lamplighter_core::model::{Event, Instant};

/// Something that happens, or an instant that the run merely reaches.
#[derive(Clone, PartialEq, Debug)]
pub struct Happening {
    /// The instant at which it happens; none is earlier than the one before it.
    pub at: Instant,
    /// What happens; `None` at an `at` line, an expectation and the end that `until` says.
    pub event: Option<Event>,
    /// Whether a row of a trace says so: one that cannot happen is an anomaly there, and a fault of the
    /// scenario where one of its own lines says it.
    pub is_row: bool,
}

/// The steps of a scenario and the rows of its traces. What it needs of memory is the same for any
/// number of rows.
pub struct Happenings {
    agenda: Agenda,
    roster: Roster,
    record: Record,
    /// The instant of the last one that was handed out.
    last: Instant,
}

impl Happenings {
    /// Opens the traces of a plan, which lie relative to the folder of the scenario at `path`, and goes
    /// to the first thing that happens.
    pub fn open(path: &Path, plan: &Plan) -> Self {
        let mut record = Record::default();
        let folder = path.parent().unwrap_or(Path::new(""));
        let feeds =
            Feeds::open(folder, &plan.traces, &plan.roster, Reading::default(), &mut record);
        let is_told = |step: &&Step| !step.kind.is_expected();
        let steps = plan.steps.iter().filter(is_told).cloned().collect();
        let agenda = Agenda::new(steps, feeds, plan.until);
        Self { agenda, roster: plan.roster.clone(), record, last: Instant::MIN }
    }

    /// The instant at which the next thing happens; `None` at the end.
    pub fn next_instant(&mut self) -> Option<Instant> {
        self.agenda.next_goal(self.last)
    }

    /// The next thing that happens: at one instant steps of the file come before rows.
    pub fn take_next(&mut self) -> Option<Happening> {
        let at = self.next_instant()?;
        self.last = at;
        if let Some(step) = self.agenda.next_step(at) {
            let event = match step.kind {
                StepKind::Event(event, _) => Some(event),
                _ => None,
            };
            return Some(Happening { at, event, is_row: false });
        }
        let event = self.agenda.next_row(at).map(|row| {
            let event = self.agenda.feeds.said(row, &mut self.roster);
            self.agenda.feeds.pass(row, &self.roster, &mut self.record.trace_diagnostics);
            event
        });
        Some(Happening { at, is_row: event.is_some(), event })
    }

    /// Whether anything is wrong with the traces, or the run went on behind its `until`, as far as it
    /// was read: then what happened means nothing, and playing the scenario says what is wrong.
    pub fn is_faulty(&self) -> bool {
        self.record.is_faulty() || self.agenda.until.is_some_and(|until| until.node < self.last)
    }

    /// How many rows were read so far.
    pub fn rows_read(&self) -> u64 {
        self.agenda.feeds.rows_read()
    }

    /// The names of the scenario, and of the devices that were met so far.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The same, once everything has happened.
    pub fn into_roster(self) -> Roster {
        self.roster
    }
}
