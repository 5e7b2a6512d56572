//! Playing a plan: time moves on, events are applied, expectations held against the world.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::facts::Facts;
use super::judge::{Moment, Seen, judge};
use super::meter::Meter;
use super::observer::{InProcess, Target};
use super::picture::Recorder;
use super::traces::{Feed, Feeds};
use super::verdict::{Anomalies, Anomaly, Failure, Outcome, Totals, Verdict};
use crate::language::Roster;
use crate::language::diagnostic::Diagnostic;
use crate::language::parse;
use crate::language::plan::{Expectation, Plan, Step, StepKind, Subject, plan};
use crate::language::span::Span;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, Event, Impossible, Instant, Names, WidgetId};
use lamplighter_core::world::{Connection, Timeline, TimelineRow, World};

/// What of a run is wanted besides its verdict.
#[derive(Default)]
pub struct Keep<'a> {
    /// Takes the rows of the timeline as they come about (rule T3), with the names of the widgets:
    /// ordered by instant, then by widget. A faulty scenario has none; after a fault in a trace no
    /// more come.
    pub timeline: Option<TimelineSink<'a>>,
    /// What to draw.
    pub picture: bool,
    /// Is told how far the run has come.
    pub meter: Option<&'a Meter>,
}

/// Takes rows of a timeline.
pub type TimelineSink<'a> = &'a mut dyn FnMut(TimelineRow, &Names<WidgetId>);

/// Reads a scenario and plays it; `path` names it, and its traces lie relative to it. A faulty one
/// is played for the sake of what else is wrong with it. Once `stop` is set, the run ends where it
/// is.
pub fn run(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    keep: Keep<'_>,
    stop: &AtomicBool,
) -> Verdict {
    let (plan, mut verdict) = prepare(path, bytes, zones);
    // What is kept may live longer than the flag: from here on both are taken to live as long.
    let timeline = keep.timeline.map(|sink| -> TimelineSink<'_> { sink });
    play(plan, zones, Keep { timeline, ..keep }, stop, &mut verdict);
    put_in_order(&mut verdict);
    verdict
}

/// The plan of a scenario, and its verdict before anything is played.
pub(super) fn prepare(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> (Plan, Verdict) {
    let parsed = parse(bytes);
    let mut diagnostics = parsed.diagnostics;
    let plan = plan(&parsed.document, zones, &mut diagnostics);
    let header = &parsed.document.header;
    let verdict = Verdict {
        path: path.to_owned(),
        source: parsed.source,
        title: header.title.as_ref().map(|title| title.node.clone()).unwrap_or_default(),
        sources: header.sources.iter().map(|source| source.node.clone()).collect(),
        roster: Roster::default(),
        zone: Arc::clone(&plan.zone),
        diagnostics,
        trace_diagnostics: Vec::new(),
        failures: Vec::new(),
        anomalies: Anomalies::default(),
        expectations: 0,
        events: 0,
        run: None,
        at_the_end: None,
        trace_rows: 0,
        picture: None,
        stopped: false,
    };
    (plan, verdict)
}

/// What was found in the order of time is told in that of the file.
pub(super) fn put_in_order(verdict: &mut Verdict) {
    verdict.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    verdict.diagnostics.dedup();
    verdict.failures.sort_by_key(|failure| failure.statement);
}

/// The world that a scenario describes, before anything has happened in it.
///
/// # Errors
/// When the scenario is faulty; the verdict then tells.
pub fn described(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
) -> Result<(World, Roster), Box<Verdict>> {
    let (plan, mut verdict) = prepare(path, bytes, zones);
    put_in_order(&mut verdict);
    if !verdict.diagnostics.is_empty() {
        return Err(Box::new(verdict));
    }
    // A zone that nobody knows is a fault already.
    match plan.world.build(Instant::MIN, Arc::clone(zones)) {
        Ok(world) => Ok((world, plan.roster)),
        Err(_) => Err(Box::new(verdict)),
    }
}

/// The world of a scenario as it is at an instant, after everything that happens until then.
///
/// # Errors
/// When the scenario is faulty, or the instant is not within its run; the verdict then tells.
pub fn world_at(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    at: impl FnOnce(&Plan, Instant) -> Option<Instant>,
) -> Result<(World, Verdict), Box<Verdict>> {
    let parsed = parse(bytes);
    let stop = AtomicBool::new(false);
    let mut verdict = run(path, bytes, zones, Keep::default(), &stop);
    if !verdict.diagnostics.is_empty() || !verdict.trace_diagnostics.is_empty() {
        return Err(Box::new(verdict));
    }
    let mut plan = plan(&parsed.document, zones, &mut Vec::new());
    let Some((first, _)) = verdict.run else { return Err(Box::new(verdict)) };
    let Some(at) = at(&plan, first).filter(|&at| at >= first) else {
        return Err(Box::new(verdict));
    };
    plan.steps.retain(|step| step.at <= at && !matches!(step.kind, StepKind::Expect(_)));
    plan.until = None;
    let mut again =
        Verdict { failures: Vec::new(), anomalies: Anomalies::default(), ..verdict.clone() };
    let Ok(player) = Player::start(plan, zones, Keep::default(), &stop, &mut again, Some(at))
    else {
        return Err(Box::new(verdict));
    };
    let (mut world, roster) = player.play_to_the_end(&mut again);
    world.advance(at, &mut |_| {});
    verdict.roster = roster;
    Ok((world, verdict))
}

fn play<'a>(
    mut plan: Plan,
    zones: &Arc<Zones>,
    keep: Keep<'a>,
    stop: &'a AtomicBool,
    verdict: &mut Verdict,
) {
    // Where the file has nothing but traces there is nothing to explain.
    if plan.steps.iter().all(|step| matches!(step.kind, StepKind::At)) {
        plan.world = plan.world.without_since();
    }
    verdict.roster = match Player::start(plan, zones, keep, stop, verdict, None) {
        Ok(player) => player.play_to_the_end(verdict).1,
        Err(roster) => *roster,
    };
}

/// Plays one scenario; [`go_on`](Self::go_on) by [`go_on`](Self::go_on), or all of it at once.
pub(super) struct Player<'a> {
    /// Set from outside to end the run where it is.
    stop: &'a AtomicBool,
    world: World,
    roster: Roster,
    zone: Arc<lamplighter_core::hours::Zone>,
    steps: std::iter::Peekable<std::vec::IntoIter<Step>>,
    feeds: Feeds,
    until: Option<crate::language::span::Spanned<Instant>>,
    start: Instant,
    watches: Vec<Watch>,
    timeline: Option<(Timeline, TimelineSink<'a>)>,
    /// Rows of the timeline on their way there.
    timeline_rows: Vec<TimelineRow>,
    recorder: Option<Recorder>,
    /// Whether the file is faulty, and only further faults are looked for.
    rehearsal: bool,
    /// Agents of whom a faulty line may have changed anything.
    uncertain: BTreeSet<AgentId>,
    meter: Option<&'a Meter>,
    /// How far the meter knows that the run has come: rows, and the instant.
    metered: (u64, Instant),
    /// Rows of traces after this instant are left out.
    rows_until: Option<Instant>,
    /// The last instant at which something happened.
    end: Instant,
    /// Whether the run has ended, and only spans that reach beyond it are watched.
    is_beyond: bool,
    /// The last `at` line.
    block: Span,
}

/// An expectation that must hold over a span of time.
struct Watch {
    expectation: Box<Expectation>,
    since: Instant,
    until: Instant,
}

impl<'a> Player<'a> {
    /// At the first instant of the plan; where it has none, its names come back.
    pub(super) fn start(
        plan: Plan,
        zones: &Arc<Zones>,
        keep: Keep<'a>,
        stop: &'a AtomicBool,
        verdict: &mut Verdict,
        rows_until: Option<Instant>,
    ) -> Result<Self, Box<Roster>> {
        let feeds = Feeds::open(&plan.traces, &plan.roster, verdict);
        let first_step = plan.steps.first().map(|step| step.at);
        let Some(start) = first_step.into_iter().chain(feeds.next_instant()).min() else {
            return Err(Box::new(plan.roster));
        };
        // An unknown zone is a fault of the plan, and its scheduler is left out of the world.
        let Ok(mut world) = plan.world.build(start, Arc::clone(zones)) else {
            return Err(Box::new(plan.roster));
        };
        for device in plan.roster.devices() {
            world.add_device(device.agent());
        }
        let sink = keep.timeline.filter(|_| verdict.outcome() != Outcome::Invalid);
        let timeline = sink.map(|sink| (Timeline::new(&world), sink));
        let recorder = keep.picture.then(|| Recorder::new(&plan.roster));
        Ok(Self {
            stop,
            world,
            roster: plan.roster,
            zone: plan.zone,
            steps: plan.steps.into_iter().peekable(),
            feeds,
            until: plan.until,
            start,
            watches: Vec::new(),
            timeline,
            timeline_rows: Vec::new(),
            recorder,
            rehearsal: !verdict.diagnostics.is_empty(),
            uncertain: BTreeSet::new(),
            meter: keep.meter,
            metered: (0, start),
            rows_until,
            end: start,
            is_beyond: false,
            block: Span::new(0, 0),
        })
    }

    fn play_to_the_end(mut self, verdict: &mut Verdict) -> (World, Roster) {
        loop {
            let Ok(went_on) = self.go_on(&mut InProcess, verdict);
            if !went_on {
                return self.finish(verdict);
            }
        }
    }

    /// The instant to which [`go_on`](Self::go_on) goes next; `None` at the end.
    pub(super) fn next_stop<T: Target>(&mut self) -> Option<Instant> {
        match self.next_goal() {
            Some(goal) => Some(self.stop_before::<T>(goal).unwrap_or(goal)),
            None => self.stop_beyond::<T>(),
        }
    }

    /// Goes on to the next instant at which something happens or somebody looks; whether there was
    /// one.
    ///
    /// # Errors
    /// When the target cannot go on.
    pub(super) fn go_on<T: Target>(
        &mut self,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<bool, T::Error> {
        if self.is_stopped() {
            return Ok(false);
        }
        let Some(goal) = self.next_goal() else {
            self.end_run(verdict);
            return self.go_beyond(target, verdict);
        };
        if let Some(between) = self.stop_before::<T>(goal) {
            self.move_to(between, target)?;
            self.settle(target, verdict)?;
            return Ok(true);
        }
        self.move_to(goal, target)?;
        while let Some(step) = self.steps.next_if(|step| step.at == goal) {
            self.step(step, target, verdict)?;
        }
        while let Some(row) = self.feeds.next_at(goal) {
            self.row(row, verdict);
            self.feeds.pass(row, &self.roster, &mut verdict.trace_diagnostics);
            if !verdict.trace_diagnostics.is_empty() {
                self.timeline = None;
            }
        }
        self.settle(target, verdict)?;
        if T::IS_APART {
            target.look_around(self.facts())?;
            self.object(self.block, target, verdict);
        }
        self.end = goal;
        if self.feeds.rows_read() != self.metered.0 {
            self.tell_meter(goal);
        }
        Ok(true)
    }

    /// What is left to be said once there is nothing to go on to.
    pub(super) fn finish(mut self, verdict: &mut Verdict) -> (World, Roster) {
        self.end_run(verdict);
        verdict.picture = self.recorder.take().map(|r| r.finish(&self.world));
        verdict.stopped = self.is_stopped();
        (self.world, self.roster)
    }

    /// The next instant of the file or its traces; behind the last one that of `until`.
    #[inline]
    fn next_goal(&mut self) -> Option<Instant> {
        self.next_instant().or_else(|| {
            let until = self.until?.node;
            (until > self.end).then_some(until)
        })
    }

    /// The next instant before another at which somebody looks: what lies between is looked at by
    /// watches, and for pictures.
    #[inline]
    fn stop_before<T: Target>(&self, goal: Instant) -> Option<Instant> {
        if self.watches.is_empty() && self.recorder.is_none() {
            return None;
        }
        let edge = self.world.next_clock_instant();
        if !T::IS_APART {
            return edge.filter(|&at| at < goal);
        }
        let now = self.world.now();
        let ends = self.watches.iter().map(|watch| watch.until);
        let shortly_before = edge.into_iter().chain(ends).filter_map(just_before);
        edge.into_iter().chain(shortly_before).filter(|&at| now < at && at < goal).min()
    }

    /// Spans that reach beyond the end of the run are watched by the clock alone.
    fn stop_beyond<T: Target>(&self) -> Option<Instant> {
        let last = self.watches.iter().map(|watch| watch.until).max()?;
        self.stop_before::<T>(last)
    }

    fn go_beyond<T: Target>(
        &mut self,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<bool, T::Error> {
        let Some(at) = self.stop_beyond::<T>() else { return Ok(false) };
        self.world.advance(at, &mut |_| {});
        target.advance(at)?;
        self.settle(target, verdict)?;
        Ok(true)
    }

    /// The run itself is over, and its timeline whole.
    fn end_run(&mut self, verdict: &mut Verdict) {
        if std::mem::replace(&mut self.is_beyond, true) {
            return;
        }
        if let Some(until) = self.until
            && until.node < self.end
        {
            let last = crate::language::time::write(self.end, &self.zone);
            verdict.diagnostics.push(Diagnostic::new(
                until.span,
                "the run goes on after its `until`",
                format!("the last row of its traces is at {last}"),
            ));
        }
        self.tell_meter(self.end);
        verdict.run = Some((self.start, self.end));
        if let Some((mut timeline, sink)) = self.timeline.take() {
            timeline.finish(&mut |row| sink(row, &self.roster.widgets));
        }
        verdict.at_the_end = Some(Totals::of(&self.world));
        verdict.trace_rows = self.feeds.rows_read();
    }

    fn tell_meter(&mut self, at: Instant) {
        let (rows, before) = std::mem::replace(&mut self.metered, (self.feeds.rows_read(), at));
        if let Some(meter) = self.meter {
            meter.add(self.metered.0 - rows, at.since(before));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn next_instant(&mut self) -> Option<Instant> {
        let step = self.steps.peek().map(|step| step.at);
        let row = self.feeds.next_instant();
        let row = row.filter(|&at| self.rows_until.is_none_or(|until| at <= until));
        step.into_iter().chain(row).min()
    }

    fn move_to<T: Target>(&mut self, to: Instant, target: &mut T) -> Result<(), T::Error> {
        self.advance(to);
        target.advance(to)
    }

    fn advance(&mut self, to: Instant) {
        match &mut self.timeline {
            None => self.world.advance(to, &mut |_| {}),
            Some((timeline, sink)) => self.world.advance(to, &mut |change| {
                timeline.take(&change, &mut |row| sink(row, &self.roster.widgets));
            }),
        }
    }

    fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        match &mut self.timeline {
            None => self.world.apply(event, &mut |_| {}),
            Some((timeline, sink)) => self.world.apply(event, &mut |change| {
                timeline.take(&change, &mut |row| sink(row, &self.roster.widgets));
            }),
        }
    }

    /// After everything of an instant (rule T3).
    #[inline]
    fn settle<T: Target>(&mut self, target: &mut T, verdict: &mut Verdict) -> Result<(), T::Error> {
        if !self.watches.is_empty() {
            self.look_at_watches(target, verdict)?;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.look(&self.world);
        }
        Ok(())
    }

    fn look_at_watches<T: Target>(
        &mut self,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<(), T::Error> {
        for watch in std::mem::take(&mut self.watches) {
            if watch.until <= self.world.now() {
                continue;
            }
            let moment = Moment::InSpan { since: watch.since };
            if self.judge(&watch.expectation, moment, target, verdict)? {
                self.watches.push(watch);
            }
        }
        Ok(())
    }

    fn step<T: Target>(
        &mut self,
        step: Step,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<(), T::Error> {
        match step.kind {
            StepKind::At => {
                self.block = step.span;
                if let Some(recorder) = &mut self.recorder {
                    recorder.step(step.at, step.span);
                }
            }
            StepKind::Event(event, agent) => {
                let uncertain = agent.is_some_and(|agent| self.uncertain.contains(&agent));
                target.happen(&event, self.facts())?;
                self.object(step.span, target, verdict);
                match self.apply(&event) {
                    Ok(()) => verdict.events += 1,
                    Err(_) if uncertain => {}
                    Err(impossible) => {
                        let diagnostic = self.impossible(&event, agent, impossible, step.span);
                        verdict.diagnostics.push(diagnostic);
                    }
                }
            }
            StepKind::Expect(expectation) => self.expect(expectation, target, verdict)?,
            StepKind::Unknown(Some(agent)) => drop(self.uncertain.insert(agent)),
            StepKind::Unknown(None) => self.clock_is_uncertain(),
        }
        Ok(())
    }

    /// After a time that is unknown, so is whether a grace has run out.
    fn clock_is_uncertain(&mut self) {
        for device in self.roster.devices() {
            if self.world.connection(device) != Connection::Up {
                self.uncertain.insert(device.agent());
            }
        }
    }

    fn expect<T: Target>(
        &mut self,
        expectation: Box<Expectation>,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<(), T::Error> {
        if self.rehearsal {
            return Ok(());
        }
        verdict.expectations += 1;
        if self.judge(&expectation, Moment::Now, target, verdict)?
            && let Some(until) = expectation.until
        {
            let since = self.world.now();
            self.watches.push(Watch { expectation, since, until: until.node });
        }
        Ok(())
    }

    /// Whether an expectation holds of what the target shows.
    fn judge<T: Target>(
        &self,
        expectation: &Expectation,
        moment: Moment,
        target: &mut T,
        verdict: &mut Verdict,
    ) -> Result<bool, T::Error> {
        let facts = self.facts();
        let seen = match expectation.subject {
            Subject::Agent(agent) => Seen::Agent(target.agent(agent, facts)?),
            Subject::Widget(widget) => {
                Seen::Widget(widget, target.widget(widget, &expectation.visitor, facts)?)
            }
        };
        let failure = judge(expectation, &seen, facts, &verdict.source, moment);
        let holds = failure.is_none();
        verdict.failures.extend(failure);
        self.object(expectation.span, target, verdict);
        Ok(holds)
    }

    /// Takes down where the target is not as the rules say.
    fn object<T: Target>(&self, span: Span, target: &mut T, verdict: &mut Verdict) {
        if !T::IS_APART {
            return;
        }
        for disagreement in target.disagreements() {
            let mut notes = vec![format!("at {}", self.facts().instant(self.world.now()))];
            notes.extend(disagreement.notes);
            verdict.failures.push(Failure {
                statement: span,
                at: self.world.now(),
                words: span,
                expected: disagreement.rules,
                found: disagreement.target,
                notes,
                edits: None,
            });
        }
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts { roster: &self.roster, zone: &self.zone, world: &self.world }
    }

    #[inline]
    fn row(&mut self, row: Feed, verdict: &mut Verdict) {
        let Self { feeds, roster, world, timeline_rows, .. } = self;
        let played = match &mut self.timeline {
            None => feeds.play(row, roster, world, &mut |_| {}),
            Some((timeline, sink)) => {
                let played = feeds.play(row, roster, world, &mut |change| {
                    timeline.take(&change, &mut |row| timeline_rows.push(row));
                });
                timeline_rows.drain(..).for_each(|row| sink(row, &roster.widgets));
                played
            }
        };
        if let Some(device) = played.met
            && let Some(recorder) = &mut self.recorder
        {
            recorder.meet(device);
        }
        match played.result {
            Ok(()) => verdict.events += 1,
            Err(why) => {
                verdict.anomalies.add(|| {
                    let (path, line) = feeds.line(row);
                    Anomaly { path: path.to_owned(), line, why }
                });
            }
        }
    }

    fn impossible(
        &self,
        event: &Event,
        agent: Option<AgentId>,
        impossible: Impossible,
        span: Span,
    ) -> Diagnostic {
        super::impossible::diagnostic(event, agent, impossible, span, self.facts())
    }
}

/// A millisecond, the shortest time there is (rule T4), before an instant.
fn just_before(at: Instant) -> Option<Instant> {
    Instant::from_millis(at.as_millis() - 1)
}
