//! Playing a plan: time moves on, events are applied, expectations held against the world.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::agenda::Agenda;
use super::anomalies;
use super::anomaly::Anomaly;
use super::changes::Counting;
use super::facts::{Discrepancy, Fact, Facts};
use super::impossible;
use super::judge::{Judge, JudgedWhen};
use super::observed::{Observed, Witness};
use super::observer::{ObservedPart, Observer, ObserverAnswer, SeenWidget, Unobserved};
use super::outputs::{Options, Outputs};
use super::prepared::Prepared;
use super::record::Record;
use super::rules_answer::RulesAnswer;
use super::tested::Capability;
use super::traces::{Feed, Feeds, PlayedRow};
use super::unchanged;
use super::verdict::{Failure, RunSpan, ScenarioFile, Totals, Verdict};
use crate::language::Roster;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::plan::{Expectation, Step, StepKind, Subject};
use crate::language::span::Span;
use crate::language::time;
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::{AgentId, AgentStatus, Event, Impossible, Instant};
use lamplighter_core::world::{Connection, World, WorldBuilder};

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

/// What an expectation was held against.
enum Judged {
    /// The rules alone: it is false by them; whether it is of an agent.
    ByTheRules(bool),
    /// What was seen of an agent.
    Agent(ObserverAnswer<ObservedPart<Vec<AgentStatus>>>),
    /// What was seen of a widget.
    Widget(ObserverAnswer<SeenWidget>),
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

    fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        let Self { outputs, roster, zone, world, .. } = self;
        if !outputs.take_changes() {
            return world.apply(event, &mut |_| {});
        }
        outputs.before(event, Facts { roster, zone, world });
        let happened = world.apply(event, &mut |change| outputs.take(&change, &roster.widgets));
        if happened.is_ok() {
            outputs.after(event, Facts { roster, zone, world });
        }
        happened
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

    fn look_at_watches<O: Observer>(&mut self, observer: &mut O) -> Result<(), O::Error> {
        for watch in std::mem::take(&mut self.watches) {
            if watch.until <= self.world.now() {
                continue;
            }
            let moment = JudgedWhen::InSpan { since: watch.since };
            if self.judge(&watch.expectation, moment, observer)? {
                self.watches.push(watch);
            }
        }
        Ok(())
    }

    fn take<O: Observer>(&mut self, step: Step, observer: &mut O) -> Result<(), O::Error> {
        match step.kind {
            StepKind::At => {
                self.progress.block = step.span;
                if let Some(recorder) = &mut self.outputs.recorder {
                    recorder.step(step.at, step.span);
                }
            }
            StepKind::Event(event, agent) => {
                observer.before(&event, self.facts())?;
                self.note_disagreements(step.span, observer);
                let notice = unchanged::notice(&event, &self.world, step.span);
                match self.apply(&event) {
                    Ok(()) => {
                        self.record.counts.events += 1;
                        self.record.notices.extend(notice);
                    }
                    Err(_) if agent.is_some_and(|agent| self.is_uncertain(agent)) => {}
                    Err(why) => {
                        let facts = self.facts();
                        let found = impossible::diagnostic(&event, agent, why, step.span, facts);
                        self.record.diagnostics.push(found);
                    }
                }
            }
            StepKind::Expect(expectation) => self.expect(expectation, observer)?,
            StepKind::NoAnomalies => self.expect_no_anomalies(step.span, observer),
            StepKind::Unknown(agent) => self.become_uncertain(agent),
        }
        Ok(())
    }

    fn is_uncertain(&self, agent: AgentId) -> bool {
        self.rehearsal.as_ref().is_some_and(|rehearsal| rehearsal.uncertain.contains(&agent))
    }

    /// A faulty line may have changed anything of an agent. After a time that is unknown, so is whether
    /// a grace has run out.
    fn become_uncertain(&mut self, agent: Option<AgentId>) {
        let Some(Rehearsal { uncertain }) = &mut self.rehearsal else { return };
        match agent {
            Some(agent) => drop(uncertain.insert(agent)),
            None => {
                let lost = self.roster.devices();
                let lost = lost.filter(|&device| self.world.connection(device) != Connection::Up);
                uncertain.extend(lost.map(|device| device.agent()));
            }
        }
    }

    fn expect<O: Observer>(
        &mut self,
        expectation: Box<Expectation>,
        observer: &mut O,
    ) -> Result<(), O::Error> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        self.record.counts.expectations += 1;
        if self.outputs.answers.is_some() {
            let said = RulesAnswer::of(&expectation, self.facts());
            self.outputs.answers.iter_mut().for_each(|answers| answers.extend(said.clone()));
        }
        if let Some(counting) = Counting::of(&expectation) {
            self.countings.push((counting, observer.is_observing()));
            return Ok(());
        }
        if self.judge(&expectation, JudgedWhen::Now, observer)?
            && let Some(until) = expectation.until
        {
            let since = self.world.now();
            self.watches.push(Watch { expectation, since, until: until.node });
        }
        Ok(())
    }

    /// Says what counted changes came to, of those that are counted up to an instant; of all without one.
    fn finish_countings(&mut self, now: Option<Instant>) {
        for (counting, is_observed) in std::mem::take(&mut self.countings) {
            if now.is_some_and(|now| now < counting.until) {
                self.countings.push((counting, is_observed));
                continue;
            }
            let failure = counting.failure(&self.file.source);
            match (&failure, is_observed) {
                (_, false) => {}
                (None, true) => self.record.tested.counted(&counting.expectation),
                (Some(_), true) => {
                    self.record.tested.false_by_the_rules(&counting.expectation, false);
                }
            }
            self.record.failures.extend(failure);
        }
    }

    fn expect_no_anomalies(&mut self, statement: Span, observer: &impl Observer) {
        if self.rehearsal.is_some() {
            return;
        }
        self.record.counts.expectations += 1;
        let failure = anomalies::failure(&self.record.anomalies, statement, self.world.now());
        if observer.is_observing() {
            let tested = &mut self.record.tested;
            tested.by_the_rules_alone(statement, Capability::Anomalies, failure.is_none());
        }
        self.record.failures.extend(failure);
    }

    /// Whether an expectation holds of what is seen.
    fn judge<O: Observer>(
        &mut self,
        expectation: &Expectation,
        moment: JudgedWhen,
        observer: &mut O,
    ) -> Result<bool, O::Error> {
        let facts = self.facts();
        let judge = Judge {
            expectation,
            moment,
            facts,
            source: &self.file.source,
            put_in: &self.file.put_in,
        };
        let is_first = moment == JudgedWhen::Now;
        // What is false by the rules is false, whatever a service shows.
        let (failure, tested) = match expectation.subject {
            Subject::Agent(agent) => match judge.agent(agent, facts.world.agent_status(agent)) {
                Some(failure) => (Some(failure), Judged::ByTheRules(true)),
                None => {
                    let seen = observer.agent(agent, expectation, facts)?;
                    (judge.seen_agent(agent, &seen), Judged::Agent(seen))
                }
            },
            Subject::Widget(widget) => match judge.widget(widget, &(facts.world, widget)) {
                Some(failure) => (Some(failure), Judged::ByTheRules(false)),
                None => {
                    let seen = observer.widget(widget, expectation, facts)?;
                    (judge.seen_widget(widget, &seen), Judged::Widget(seen))
                }
            },
        };
        let mut failure = failure;
        if let Some(failure) = &mut failure
            && is_first
        {
            let rows = self.agenda.feeds.rows_at(facts.world.now());
            failure.facts.extend((!rows.is_empty()).then_some(Fact::RowsToCome(rows)));
        }
        let holds = failure.is_none();
        if observer.is_observing() && (is_first || !holds) {
            let record = &mut self.record.tested;
            match tested {
                Judged::ByTheRules(is_of_agent) => {
                    record.false_by_the_rules(expectation, is_of_agent);
                }
                Judged::Agent(seen) => record.agent(expectation, &seen, holds),
                Judged::Widget(seen) => record.widget(expectation, &seen, holds),
            }
        }
        self.record.failures.extend(failure);
        self.note_disagreements(expectation.span, observer);
        Ok(holds)
    }

    /// Takes down what an observer has seen that is not as the rules say.
    #[inline]
    fn note_disagreements(&mut self, statement: Span, observer: &mut impl Observer) {
        let at = self.world.now();
        for disagreement in observer.disagreements() {
            let Discrepancy { seen, rules } = disagreement.discrepancy;
            self.record.failures.push(Failure {
                statement,
                at,
                words: statement,
                expected: format!("what the rules say: {rules}"),
                found: format!("what the service says: {seen}"),
                facts: disagreement.facts,
                edits: None,
            });
        }
    }

    /// Tells an observer of a row that is about to happen, if it can.
    fn before_row<O: Observer>(&mut self, row: Feed, observer: &mut O) -> Result<(), O::Error> {
        let Self { agenda: Agenda { feeds, .. }, roster, world, outputs, .. } = self;
        let (event, met) = feeds.event(row, roster, world);
        if let (Some(device), Some(recorder)) = (met, &mut outputs.recorder) {
            recorder.meet(device);
        }
        // An anomaly is passed over: nobody is to do what cannot happen.
        if self.world.clone().apply(&event, &mut |_| {}).is_ok() {
            observer.before(&event, self.facts())?;
            self.note_disagreements(self.agenda.feeds.statement(row), observer);
        }
        Ok(())
    }

    #[inline]
    fn row(&mut self, row: Feed) {
        let Self { agenda: Agenda { feeds, .. }, roster, zone, world, outputs, record, .. } = self;
        let played = match outputs.take_changes() {
            false => feeds.play(row, roster, world, &mut |_| {}),
            true => {
                let (event, met) = feeds.event(row, roster, world);
                if outputs.witness.is_some() {
                    outputs.before(&event, Facts { roster, zone, world });
                }
                let mut changes = std::mem::take(&mut outputs.changes);
                let result = feeds.apply(row, &event, world, &mut |change| changes.push(change));
                changes.drain(..).for_each(|change| outputs.take(&change, &roster.widgets));
                outputs.changes = changes;
                PlayedRow { met, result }
            }
        };
        let recorder = &mut outputs.recorder;
        if let Some(device) = played.met
            && let Some(recorder) = recorder
        {
            recorder.meet(device);
        }
        match played.result {
            Ok(()) => record.counts.events += 1,
            Err(why) => {
                record.anomalies.add(|| {
                    let (path, line) = feeds.line(row);
                    Anomaly { path: path.to_owned(), line, why }
                });
            }
        }
    }
}
