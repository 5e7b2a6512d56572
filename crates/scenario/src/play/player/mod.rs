//! Playing a plan: time moves on, events are applied, expectations held against the world.
//!
//! Here a run goes from instant to instant; beside stands what comes at each: what happens, and what is
//! expected of it.

mod events;
mod expectations;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::language::Roster;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::plan::Expectation;
use crate::language::span::Span;
use crate::language::time;
use crate::play::agenda::Agenda;
use crate::play::changes::Counting;
use crate::play::facts::Facts;
use crate::play::observed::{Observed, Witness};
use crate::play::observer::{Observer, Unobserved};
use crate::play::outputs::{Options, Outputs};
use crate::play::prepared::Prepared;
use crate::play::record::Record;
use crate::play::traces::Feeds;
use crate::play::verdict::{RunSpan, ScenarioFile, Totals, Verdict};
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::{AgentId, Instant};
use lamplighter_core::world::{World, WorldBuilder};

/// Plays one scenario, from one instant at which something happens or somebody looks to the next.
pub struct Player<'a> {
    /// Set from outside to end the run where it is.
    stop: &'a AtomicBool,
    file: ScenarioFile,
    roster: Roster,
    zone: Arc<Zone>,
    world: World,
    agenda: Agenda,
    watches: Vec<Watch>,
    /// Whose changes are counted, and whether somebody else is looked at in the engine's place.
    countings: Vec<(Counting, bool)>,
    outputs: Outputs<'a>,
    record: Record,
    /// Of a faulty file, whose expectations mean nothing: only further faults are looked for.
    rehearsal: Option<Rehearsal>,
    progress: Progress,
}

/// Does one thing on a thread of its own while another is done here, in the room that was let go of here.
fn beside<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

/// An expectation that must hold over a span of time.
struct Watch {
    expectation: Box<Expectation>,
    since: Instant,
    until: Instant,
}

/// What a player that looks for faults alone must not take for one.
#[derive(Default)]
struct Rehearsal {
    /// Agents of whom a faulty line may have changed anything.
    uncertain: BTreeSet<AgentId>,
}

/// How far a run has come.
struct Progress {
    start: Instant,
    /// The last instant at which something happened.
    end: Instant,
    /// Whether the run has ended, and only spans that reach beyond it are watched.
    is_beyond: bool,
    /// The last `at` line.
    block: Span,
}

impl<'a> Player<'a> {
    /// At the first instant of a plan.
    ///
    /// # Errors
    /// When the plan has no instant to begin at; the verdict then is that of a scenario that was read.
    pub fn start(
        prepared: Prepared,
        zones: &Arc<Zones>,
        options: Options<'a>,
        stop: &'a AtomicBool,
    ) -> Result<Self, Box<Verdict>> {
        let Prepared { file, plan, diagnostics, .. } = prepared;
        let mut record = Record::new(diagnostics);
        let folder = file.path.parent().unwrap_or(Path::new(""));
        let observed = plan.observed;
        let populate = |world: WorldBuilder| world.populate(Arc::clone(zones));
        let mut open =
            || Feeds::open(folder, &plan.traces, &plan.roster, options.reading, &mut record);
        // Neither needs anything of the other.
        let (feeds, world) = match options.reading.threads > 1 && plan.world.is_big() {
            true => beside(open, || populate(plan.world)),
            false => (open(), populate(plan.world)),
        };
        let mut agenda = Agenda::new(plan.steps, feeds, plan.until);
        // An unknown zone is a fault of the plan, and its scheduler is left out of the world.
        let begun = agenda.next_instant().zip(world.ok());
        let Some((start, world)) = begun else {
            for observed in &observed {
                record.diagnostics.push(Observed::of_nothing(observed));
            }
            return Err(Box::new(record.into_verdict(file, plan.roster, plan.zone)));
        };
        let mut world = world.begin(start);
        for device in plan.roster.devices() {
            world.add_device(device.agent());
        }
        agenda.feeds.learn_places(&world);
        let observed = Observed::open(folder, &observed, &plan.roster, &world, &mut record);
        let is_faulty = record.is_faulty();
        let mut outputs = Outputs::new(options, is_faulty, &world, &plan.roster);
        outputs.observed = observed.map(Box::new);
        Ok(Self {
            stop,
            outputs,
            rehearsal: (!record.diagnostics.is_empty()).then(Rehearsal::default),
            file,
            roster: plan.roster,
            zone: plan.zone,
            world,
            agenda,
            watches: Vec::new(),
            countings: Vec::new(),
            record,
            progress: Progress { start, end: start, is_beyond: false, block: Span::default() },
        })
    }

    /// Lets somebody go along from here on.
    pub fn accompany(&mut self, witness: &'a mut Witness) {
        self.outputs.witness = Some(witness);
    }

    /// The world, and the names and the zone to tell of it.
    pub fn facts(&self) -> Facts<'_> {
        Facts { roster: &self.roster, zone: &self.zone, world: &self.world }
    }

    /// The instant to which [`go_on`](Self::go_on) goes next; `None` at the end.
    pub fn next_stop(&mut self, observer: &impl Observer) -> Option<Instant> {
        match self.agenda.next_goal(self.progress.end) {
            Some(goal) => Some(self.stop_before(goal, observer).unwrap_or(goal)),
            None => self.stop_beyond(observer),
        }
    }

    /// Goes on over many rows at once that come before the next step of the file and that nobody looks at; whether
    /// there were any. It may stop within an instant.
    pub fn pass_rows(&mut self) -> bool {
        let is_looked_at = !self.watches.is_empty()
            || !self.countings.is_empty()
            || self.outputs.look_at_instants();
        if is_looked_at || self.is_stopped() {
            return false;
        }
        let Self { agenda, roster, world, outputs, record, .. } = self;
        let until = agenda.rows_until();
        let told = (&*roster, &mut record.trace_diagnostics);
        let count = match outputs.take_changes() {
            false => agenda.feeds.play_many(until, told, world, &mut |_| {}),
            true => {
                let changes = &mut |change| outputs.take(&change, &roster.widgets);
                agenda.feeds.play_many(until, told, world, changes)
            }
        };
        if count > 0 {
            if !record.trace_diagnostics.is_empty() {
                outputs.timeline = None;
            }
            record.counts.events += count;
            self.progress.end = world.now();
            outputs.reach(agenda.feeds.rows_read(), world.now());
        }
        count > 0
    }

    /// Goes on to the next instant, observed by nobody; whether there was one.
    #[inline]
    pub fn step(&mut self) -> bool {
        let Ok(went_on) = self.go_on(&mut Unobserved);
        went_on
    }

    /// Goes on to the next instant at which something happens or somebody looks; whether there was
    /// one.
    ///
    /// # Errors
    /// When the observer cannot go on.
    pub fn go_on<O: Observer>(&mut self, observer: &mut O) -> Result<bool, O::Error> {
        if self.is_stopped() {
            return Ok(false);
        }
        let Some(goal) = self.agenda.next_goal(self.progress.end) else {
            self.end_run();
            return self.go_beyond(observer);
        };
        if let Some(between) = self.stop_before(goal, observer) {
            self.move_to(between, observer)?;
            self.settle(observer)?;
            return Ok(true);
        }
        self.move_to(goal, observer)?;
        while let Some(step) = self.agenda.next_step(goal) {
            self.take(step, observer)?;
        }
        while let Some(row) = self.agenda.next_row(goal) {
            if observer.is_observing() {
                self.before_row(row, observer)?;
            }
            self.row(row);
            let trace_diagnostics = &mut self.record.trace_diagnostics;
            self.agenda.feeds.pass(row, &self.roster, trace_diagnostics);
            if !trace_diagnostics.is_empty() {
                self.outputs.timeline = None;
            }
        }
        self.settle(observer)?;
        self.settle_recordings();
        observer.after(self.facts())?;
        self.note_disagreements(self.progress.block, observer);
        self.progress.end = goal;
        self.outputs.reach(self.agenda.feeds.rows_read(), goal);
        Ok(true)
    }

    /// The verdict, once there is nothing to go on to.
    pub fn finish(mut self) -> Verdict {
        self.end_run();
        if !self.is_stopped() {
            self.finish_countings(None);
        }
        self.record.picture = self.outputs.recorder.take().map(|r| r.finish(&self.world));
        self.record.answers = self.outputs.answers.take().unwrap_or_default();
        if let Some(mut observed) = self.outputs.observed.take()
            && !self.is_stopped()
        {
            let diagnostics = &mut self.record.trace_diagnostics;
            observed.finish(&mut self.world, &self.roster, diagnostics);
            self.record.observations = observed.into_observations();
        }
        self.record.stopped = self.is_stopped();
        self.record.into_verdict(self.file, self.roster, self.zone)
    }

    /// The next instant before another at which somebody looks: what lies between is looked at by
    /// watches, and for pictures.
    #[inline]
    fn stop_before(&self, goal: Instant, observer: &impl Observer) -> Option<Instant> {
        if self.watches.is_empty() && self.countings.is_empty() && self.outputs.recorder.is_none() {
            return None;
        }
        let edge = self.world.next_clock_instant();
        let ends = self.watches.iter().map(|watch| watch.until);
        let early = edge.into_iter().chain(ends).filter_map(|at| observer.look_before(at));
        let now = self.world.now();
        edge.into_iter().chain(early).filter(|&at| now < at && at < goal).min()
    }

    /// Spans that reach beyond the end of the run are watched by the clock alone.
    fn stop_beyond(&self, observer: &impl Observer) -> Option<Instant> {
        let ends = self.watches.iter().map(|watch| watch.until);
        let last = ends.chain(self.countings.iter().map(|(counting, _)| counting.until)).max()?;
        self.stop_before(last, observer)
    }

    fn go_beyond<O: Observer>(&mut self, observer: &mut O) -> Result<bool, O::Error> {
        let Some(at) = self.stop_beyond(observer) else { return Ok(false) };
        self.move_to(at, observer)?;
        self.settle(observer)?;
        Ok(true)
    }

    /// The run itself is over, and its timeline whole.
    fn end_run(&mut self) {
        let Progress { start, end, is_beyond, .. } = &mut self.progress;
        if std::mem::replace(is_beyond, true) {
            return;
        }
        let (first, last) = (*start, *end);
        if let Some(until) = self.agenda.until
            && until.node < last
        {
            let row = time::write(last, &self.zone);
            self.record.diagnostics.push(
                Diagnostic::new(
                    until.span,
                    "the run goes on after its `until`",
                    format!("the last row of its traces is at {row}"),
                )
                .code(Code::RunBeyondUntil),
            );
        }
        for trace in self.agenda.feeds.nothing_happened() {
            self.record.failures.push(trace.failure(last));
        }
        let rows_read = self.agenda.feeds.rows_read();
        self.outputs.tell_meter(rows_read, last);
        self.outputs.finish_timeline(&self.roster.widgets);
        self.record.run = Some(RunSpan { first, last, totals: Totals::of(&self.world) });
        self.record.counts.trace_rows = rows_read;
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn move_to<O: Observer>(&mut self, to: Instant, observer: &mut O) -> Result<(), O::Error> {
        let Self { outputs, roster, world, .. } = self;
        match outputs.take_changes() {
            false => world.advance(to, &mut |_| {}),
            true => world.advance(to, &mut |change| outputs.take(&change, &roster.widgets)),
        }
        observer.advance(to)
    }

    /// After everything of an instant: what was recorded of it, and before, is held against it.
    #[inline]
    fn settle_recordings(&mut self) {
        let Self { outputs, roster, zone, world, record, .. } = self;
        if let Some(observed) = &mut outputs.observed {
            observed.catch_up(world, roster, &mut record.trace_diagnostics);
        }
        if let Some(witness) = &mut outputs.witness {
            witness.look(Facts { roster, zone, world });
        }
    }

    /// After everything of an instant (rule T3).
    #[inline]
    fn settle<O: Observer>(&mut self, observer: &mut O) -> Result<(), O::Error> {
        if !self.watches.is_empty() {
            self.look_at_watches(observer)?;
        }
        if !self.countings.is_empty() {
            self.finish_countings(Some(self.world.now()));
            for (counting, _) in &mut self.countings {
                counting.look(&self.world);
            }
        }
        if let Some(recorder) = &mut self.outputs.recorder {
            recorder.look(&self.world);
        }
        Ok(())
    }
}
