//! Playing a plan: time moves on, events are applied, expectations held against the world.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::facts::Facts;
use super::fault::Fault;
use super::judge::{Moment, judge};
use super::meter::Meter;
use super::parse::parse;
use super::picture::Recorder;
use super::plan::{Expectation, Plan, Step, StepKind, plan};
use super::roster::Roster;
use super::span::{Source, Span};
use super::traces::{Feed, Feeds};
use super::verdict::{Anomalies, Anomaly, Failure, Outcome, Totals, Verdict};
use crate::hours::Zones;
use crate::model::{AgentId, Event, Impossible, Instant, Names, WidgetId};
use crate::world::{Connection, Row, Timeline, World};

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
pub type TimelineSink<'a> = &'a mut dyn FnMut(Row, &Names<WidgetId>);

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
    let parsed = parse(bytes);
    let mut faults = parsed.faults;
    let plan = plan(&parsed.document, zones, &mut faults);
    let header = &parsed.document.header;
    let mut verdict = Verdict {
        path: path.to_owned(),
        source: parsed.source,
        title: header.title.as_ref().map(|title| title.node.clone()).unwrap_or_default(),
        sources: header.sources.iter().map(|source| source.node.clone()).collect(),
        roster: Roster::default(),
        zone: Arc::clone(&plan.zone),
        faults,
        trace_faults: Vec::new(),
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
    // What is kept may live longer than the flag: from here on both are taken to live as long.
    let timeline = keep.timeline.map(|sink| -> TimelineSink<'_> { sink });
    play(plan, zones, Keep { timeline, ..keep }, stop, &mut verdict);
    verdict.faults.sort_by_key(|fault| fault.span);
    verdict.faults.dedup();
    verdict.failures.sort_by_key(|failure| failure.statement);
    verdict
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
    if !verdict.faults.is_empty() || !verdict.trace_faults.is_empty() {
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

struct Player<'a> {
    /// Set from outside to end the run where it is.
    stop: &'a AtomicBool,
    world: World,
    roster: Roster,
    zone: Arc<crate::hours::Zone>,
    steps: std::iter::Peekable<std::vec::IntoIter<Step>>,
    feeds: Feeds,
    until: Option<super::span::Spanned<Instant>>,
    start: Instant,
    watches: Vec<Watch>,
    timeline: Option<(Timeline, TimelineSink<'a>)>,
    /// Rows of the timeline on their way there.
    timeline_rows: Vec<Row>,
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
}

/// An expectation that must hold over a span of time.
struct Watch {
    expectation: Box<Expectation>,
    since: Instant,
    until: Instant,
}

impl<'a> Player<'a> {
    /// At the first instant of the plan; where it has none, its names come back.
    fn start(
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
            rehearsal: !verdict.faults.is_empty(),
            uncertain: BTreeSet::new(),
            meter: keep.meter,
            metered: (0, start),
            rows_until,
        })
    }

    fn play_to_the_end(mut self, verdict: &mut Verdict) -> (World, Roster) {
        let mut end = self.start;
        while let Some(at) = self.next_instant() {
            if self.is_stopped() {
                break;
            }
            self.move_to(at, verdict);
            while let Some(step) = self.steps.next_if(|step| step.at == at) {
                self.step(step, verdict);
            }
            while let Some(row) = self.feeds.next_at(at) {
                self.row(row, verdict);
                self.feeds.pass(row, &self.roster, &mut verdict.trace_faults);
                if !verdict.trace_faults.is_empty() {
                    self.timeline = None;
                }
            }
            self.settle(verdict);
            end = at;
            if self.feeds.rows_read() != self.metered.0 {
                self.tell_meter(at);
            }
        }
        if let Some(until) = self.until {
            if until.node < end {
                let last = super::time::write(end, &self.zone);
                verdict.faults.push(Fault::new(
                    until.span,
                    "the run goes on after its `until`",
                    format!("the last row of its traces is at {last}"),
                ));
            } else {
                end = until.node;
                self.move_to(end, verdict);
                self.settle(verdict);
            }
        }
        self.tell_meter(end);
        verdict.run = Some((self.start, end));
        if let Some((mut timeline, sink)) = self.timeline.take() {
            timeline.finish(&mut |row| sink(row, &self.roster.widgets));
        }
        verdict.at_the_end = Some(Totals::of(&self.world));
        verdict.trace_rows = self.feeds.rows_read();
        self.watch_beyond_the_end(verdict);
        verdict.picture = self.recorder.take().map(|r| r.finish(&self.world));
        verdict.stopped = self.is_stopped();
        (self.world, self.roster)
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

    /// What lies between is looked at where somebody asks: by watches, and for pictures.
    fn move_to(&mut self, to: Instant, verdict: &mut Verdict) {
        while (!self.watches.is_empty() || self.recorder.is_some()) && !self.is_stopped() {
            match self.world.next_clock_instant().filter(|&at| at < to) {
                None => break,
                Some(at) => {
                    self.advance(at);
                    self.settle(verdict);
                }
            }
        }
        if !self.is_stopped() {
            self.advance(to);
        }
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
    fn settle(&mut self, verdict: &mut Verdict) {
        self.look_at_watches(verdict);
        if let Some(recorder) = &mut self.recorder {
            recorder.look(&self.world);
        }
    }

    fn look_at_watches(&mut self, verdict: &mut Verdict) {
        let mut watches = std::mem::take(&mut self.watches);
        watches.retain(|watch| {
            if watch.until <= self.world.now() {
                return false;
            }
            let moment = Moment::InSpan { since: watch.since };
            let failure = self.judge(&watch.expectation, &verdict.source, moment);
            let holds = failure.is_none();
            verdict.failures.extend(failure);
            holds
        });
        self.watches = watches;
    }

    /// Spans that reach beyond the end of the run are watched by the clock alone.
    fn watch_beyond_the_end(&mut self, verdict: &mut Verdict) {
        while !self.watches.is_empty() && !self.is_stopped() {
            match self.world.next_clock_instant() {
                Some(at) if self.watches.iter().any(|watch| at < watch.until) => {
                    self.world.advance(at, &mut |_| {});
                    self.settle(verdict);
                }
                _ => return,
            }
        }
    }

    fn step(&mut self, step: Step, verdict: &mut Verdict) {
        match step.kind {
            StepKind::At => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.step(step.at, step.span);
                }
            }
            StepKind::Event(event, agent) => {
                let uncertain = agent.is_some_and(|agent| self.uncertain.contains(&agent));
                match self.apply(&event) {
                    Ok(()) => verdict.events += 1,
                    Err(_) if uncertain => {}
                    Err(impossible) => {
                        let fault = self.impossible(&event, agent, impossible, step.span);
                        verdict.faults.push(fault);
                    }
                }
            }
            StepKind::Expect(expectation) => self.expect(expectation, verdict),
            StepKind::Unknown(Some(agent)) => drop(self.uncertain.insert(agent)),
            StepKind::Unknown(None) => self.clock_is_uncertain(),
        }
    }

    /// After a time that is unknown, so is whether a grace has run out.
    fn clock_is_uncertain(&mut self) {
        for device in self.roster.devices() {
            if self.world.connection(device) != Connection::Up {
                self.uncertain.insert(device.agent());
            }
        }
    }

    fn expect(&mut self, expectation: Box<Expectation>, verdict: &mut Verdict) {
        if self.rehearsal {
            return;
        }
        verdict.expectations += 1;
        match self.judge(&expectation, &verdict.source, Moment::Now) {
            Some(failure) => verdict.failures.push(failure),
            None => {
                if let Some(until) = expectation.until {
                    let since = self.world.now();
                    self.watches.push(Watch { expectation, since, until: until.node });
                }
            }
        }
    }

    fn judge(&self, expectation: &Expectation, source: &Source, moment: Moment) -> Option<Failure> {
        let facts = Facts { roster: &self.roster, zone: &self.zone, world: &self.world };
        judge(expectation, facts, source, moment)
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
    ) -> Fault {
        let facts = Facts { roster: &self.roster, zone: &self.zone, world: &self.world };
        super::impossible::fault(event, agent, impossible, span, facts)
    }
}
