//! What a service really said, held against the rules: the recordings that `observed` lines name. A row is
//! right if all of it was so at some instant within its tolerance; what is wrong is told by the nearest
//! instant at which it was right ([`window`](crate::window), by which the judge of a load test goes, too).
//!
//! ```text
//! world ─ Change ─▶ histories ─┐
//! file ─▶ recording ───────────┴▶ right, or waiting ─▶ tally ─▶ witness ─▶ FalseRow
//! ```
//!
//! Nothing of a run is kept for longer than rows that come may ask for it, and of what they ask for
//! afterwards the last moment of each state. Only what is told is looked at once more, by a second run.
//!
//! | file | what it does |
//! | --- | --- |
//! | `histories` | what everybody and everything was, as far back as one may ask |
//! | `recording` | the rows of one file, and whether each is right |
//! | `waiting` | rows that may be nearer to what is still to come |
//! | `tally` | how many are wrong, by kinds, and which of them are told |
//! | `witness` | goes along in a second run with what is told: facts, and what was so around it |
//! | `story` | a small scenario that shows a wrong row |
//! | `settled` | what devices are when it begins, as lines that bring them there |

mod histories;
mod recording;
mod settled;
mod story;
mod tally;
mod waiting;
mod witness;

use std::path::Path;

use super::observations::Observations;
use super::record::Record;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::plan::Subject;
use crate::language::{Roster, ast};
use histories::{Histories, State, UnixMs};
use lamplighter_core::model::{Event, Instant, WidgetId};
use lamplighter_core::trace;
use lamplighter_core::world::{Change, World};
use recording::Recording;

pub use witness::Witness;

/// The recordings of a scenario, and all that must be remembered for them.
pub struct Observed {
    recordings: Vec<Recording>,
    histories: Histories,
    /// What has changed at the instant that is being put together (rule T3).
    fresh: Vec<(Subject, State)>,
    fresh_at: UnixMs,
}

impl Observed {
    /// Opens the recordings of a plan, which lie relative to the folder of its scenario; the world stands
    /// at the first instant of the run. `None` where the plan has none.
    pub fn open(
        folder: &Path,
        planned: &[ast::Observed],
        roster: &Roster,
        world: &World,
        record: &mut Record,
    ) -> Option<Self> {
        let mut recordings = Vec::new();
        for observed in planned {
            let path = folder.join(&observed.path.node);
            let within = observed.within.map_or(0, |within| within.node.0);
            let within = i64::try_from(within).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
            let place = observed.place.span;
            let diagnostics = &mut record.trace_diagnostics;
            match Recording::open(path, place, within, world.now(), roster, diagnostics) {
                Ok(recording) => recordings.push(recording),
                Err(error) => record.diagnostics.push(
                    Diagnostic::new(
                        observed.path.span,
                        error.to_string().replace("the trace ", ""),
                        "expected a CSV file of what was seen",
                    )
                    .code(Code::UnreadableFile)
                    .help("the path is relative to the scenario's file"),
                ),
            }
        }
        if planned.is_empty() {
            return None;
        }
        let of = |wanted: fn(Subject) -> bool| {
            recordings.iter().filter_map(Recording::subject).any(wanted)
        };
        let agents = of(|subject| matches!(subject, Subject::Agent(_)));
        let widgets = of(|subject| matches!(subject, Subject::Widget(_)));
        let is_of = |subject| match subject {
            Subject::Agent(_) => agents,
            Subject::Widget(_) => widgets,
        };
        let histories = Histories::new(world, roster.agents.len(), is_of);
        let fresh_at = world.now().as_millis();
        Some(Self { recordings, histories, fresh: Vec::new(), fresh_at })
    }

    /// There is no run against which it could be held.
    pub fn of_nothing(observed: &ast::Observed) -> Diagnostic {
        let label = "the scenario has no `at` and no row of a trace, and so no run";
        Diagnostic::new(observed.place.span, "what was seen is held against nothing", label)
            .code(Code::ObservedOfNothing)
            .help("begin with a line such as `at 2026-03-09 09:00`: from then on it is judged")
    }

    /// Takes a change, in the order of time.
    #[inline]
    pub fn take(&mut self, change: &Change) {
        let (at, subject, state) = match *change {
            Change::Agent { at, agent, now } => (at, Subject::Agent(agent), State::Agent(now)),
            Change::Widget { at, widget, now, .. } => {
                (at, Subject::Widget(widget), self.histories.widget(widget, now))
            }
        };
        self.put(at, subject, state);
    }

    fn put(&mut self, at: Instant, subject: Subject, state: State) {
        let at = at.as_millis();
        if at > self.fresh_at {
            self.flush();
            self.fresh_at = at;
        }
        self.fresh.push((subject, state));
    }

    /// The instant that was put together is over.
    fn flush(&mut self) {
        let at = self.fresh_at;
        self.fresh.retain(|(subject, state)| self.histories.put(*subject, at, *state));
        for (subject, _) in self.fresh.drain(..) {
            for recording in &mut self.recordings {
                recording.is_so_from(at, subject, &self.histories);
            }
        }
    }

    /// Something is about to happen: of a widget that is set otherwise, what holds until then must be
    /// known.
    pub fn before(&mut self, event: &Event, world: &World) {
        if let Event::Configure(widget, _) = event {
            self.histories.note_look(*widget, world);
        }
    }

    /// An event has happened: a widget that it configures has another look from now on.
    pub fn after(&mut self, event: &Event, world: &World) {
        if let Event::Configure(widget, _) = event {
            self.set(*widget, world);
        }
    }

    fn set(&mut self, widget: WidgetId, world: &World) {
        self.histories.new_look(widget, world);
        let state = self.histories.widget(widget, world.answer(widget));
        self.put(world.now(), Subject::Widget(widget), state);
    }

    /// All that happens up to the world's instant has happened, that included: rows are judged of which
    /// everything is known.
    pub fn catch_up(
        &mut self,
        world: &World,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) {
        self.flush();
        let now = world.now().as_millis();
        let Self { recordings, histories, .. } = self;
        for recording in recordings.iter_mut() {
            recording.judge_until(now, histories, world, roster, diagnostics);
        }
        let asks_from = recordings.iter().map(Recording::asks_from).min();
        histories.keep_from = asks_from.unwrap_or(UnixMs::MAX);
    }

    /// The run is over, and the clock alone goes on until everything is decided.
    pub fn finish(
        &mut self,
        world: &mut World,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) {
        loop {
            self.catch_up(world, roster, diagnostics);
            let next = self.recordings.iter().filter_map(Recording::known_until).min();
            let Some(next) = next else { break };
            // Behind the year 9999 nothing happens.
            match Instant::from_millis(next) {
                Some(at) => world.advance(at, &mut |change| self.take(&change)),
                None => {
                    world.advance(Instant::MAX, &mut |change| self.take(&change));
                    self.flush();
                    let Self { recordings, histories, .. } = self;
                    for recording in recordings.iter_mut() {
                        let end = UnixMs::MAX;
                        recording.judge_until(end, histories, world, roster, diagnostics);
                    }
                }
            }
        }
        for recording in &mut self.recordings {
            recording.finish(&self.histories, world);
        }
    }

    /// What the recordings came to, in the order of their lines and rows.
    pub fn into_observations(self) -> Observations {
        let mut all = Observations::default();
        for recording in self.recordings {
            recording.tell(&mut all);
        }
        all.false_rows.sort_by_key(|row| (row.statement, row.line));
        all
    }
}
