//! A case through engine and oracle side by side. The oracle looks at every minute of every clock; the
//! engine leaps from event to event, and a copy of it walks from change to change. Whatever can be
//! asked of them must be the same at every instant at which anything happens, and whatever the engine
//! reports must be what the oracle saw.

mod clock;
mod compare;
mod events;
mod foretold;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::simulate::case::Case;
use crate::simulate::checks::{Extent, Trial};
use crate::simulate::coverage::Coverage;
use crate::simulate::difference::{Difference, DifferenceKind};
use crate::simulate::digest::Digest;
use crate::simulate::explained;
use crate::simulate::invariants::{Broken, Checked};
use crate::simulate::probe::{ClockEffects, CoverageProbe};
use crate::simulate::question::{Question, Reply};
use lamplighter_core::hours::{LastAnswer, UnknownZone, Zones};
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Instant, Millis, SchedulerState, WidgetId,
};
use lamplighter_core::oracle::{self, Oracle};
use lamplighter_core::world::{Change, NextChange, Timeline, TimelineRow, World};

/// What the engine says that the clock will do next to a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Foretold {
    /// Nobody has asked, or it has come.
    Nothing,
    /// It will never do anything.
    Never,
    /// The clock will change the widget so.
    Change(NextChange),
}

/// What came of playing a case.
#[derive(Clone, Debug, Default)]
pub struct PlayedCase {
    /// The first difference, if there is one: one that a scenario can show, if there is one.
    pub difference: Option<Difference>,
    /// How many events were played, those that cannot happen included.
    pub events: u64,
    /// How many changes of widgets and agents the engine reported.
    pub changes: u64,
    /// At how many instants engine and oracle were compared in everything.
    pub instants: u64,
    /// At how many instants the oracle looked: every minute of every clock and every deadline.
    pub looks: u64,
    /// How much simulated time the run took, from its start to its end.
    pub simulated: Millis,
    /// How often each coverage point was met.
    pub coverage: Coverage,
    /// How often each invariant was checked.
    pub checked: Checked,
    /// The digest of everything that the engine reported and answered: equal for equal runs.
    pub digest: Digest,
}

/// Plays a case. A panic is a difference like any other.
///
/// # Errors
/// When a scheduler names a zone that is not in the database.
pub fn play(case: &Case, zones: &Arc<Zones>) -> Result<PlayedCase, UnknownZone> {
    // What was half done is gone with it.
    catch_unwind(AssertUnwindSafe(|| play_through(case, zones))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let kind = DifferenceKind::Panicked(text.unwrap_or("without a word").to_owned());
        let difference = Difference { at: case.end, after: case.steps.len(), kind };
        Ok(PlayedCase { difference: Some(difference), ..PlayedCase::default() })
    })
}

fn play_through(case: &Case, zones: &Arc<Zones>) -> Result<PlayedCase, UnknownZone> {
    let oracle = case.oracle(zones)?;
    let world = case.engine(zones)?;
    let mut player = SideBySide::new(case, zones, world, oracle);
    player.play();
    let SideBySide { mut played, probe, .. } = player;
    played.coverage = probe.coverage;
    played.simulated = case.end.since(case.start);
    Ok(played)
}

struct SideBySide<'a> {
    case: &'a Case,
    zones: &'a Arc<Zones>,
    world: World,
    oracle: Oracle,
    extent: Extent,
    devices: Vec<DeviceId>,
    /// How many events were played so far.
    after: usize,
    seen: LastSeen,
    /// What the clock did at the last instant at which it did anything.
    moment: ClockEffects,
    /// What the engine says that the clock will do next to each widget, until it has happened.
    next: Vec<Foretold>,
    probe: CoverageProbe<'a>,
    last_answers: Vec<LastAnswer>,
    timeline: Timeline,
    rows: Vec<TimelineRow>,
    /// What the oracle was seen to show, in the order of time.
    shown: Vec<TimelineRow>,
    /// On which it is tried what devices would do.
    trial: Trial,
    played: PlayedCase,
}

/// What the oracle showed when it was last looked at.
struct LastSeen {
    widgets: Vec<(Answer, SchedulerState)>,
    agents: Vec<AgentStatus>,
    devices: Vec<(DeviceStatus, oracle::Connection)>,
    /// When the status of each device last changed.
    since: Vec<Option<Instant>>,
}

impl<'a> SideBySide<'a> {
    fn new(case: &'a Case, zones: &'a Arc<Zones>, world: World, oracle: Oracle) -> Self {
        let devices: Vec<DeviceId> = case
            .agents()
            .flat_map(|agent| world.devices_of(agent))
            .map(|id| world.hinted(id))
            .collect();
        let widgets = (0..case.widget_count()).map(WidgetId::new);
        let seen = LastSeen {
            widgets: widgets
                .map(|widget| (oracle.answer(widget), oracle.scheduler_state(widget)))
                .collect(),
            agents: case.agents().map(|agent| oracle.agent_status(agent)).collect(),
            devices: devices.iter().map(|&device| device_state(&oracle, device)).collect(),
            since: vec![None; devices.len()],
        };
        let (timeline, widget_count) = (Timeline::new(&world), seen.widgets.len());
        let first = |(widget, (answer, _)): (usize, &(Answer, SchedulerState))| TimelineRow {
            at: case.start,
            widget: WidgetId::new(widget),
            answer: *answer,
        };
        let shown = seen.widgets.iter().enumerate().map(first).collect();
        Self {
            case,
            zones,
            extent: Extent { agents: case.agent_count, properties: case.properties.len() },
            next: vec![Foretold::Nothing; seen.widgets.len()],
            world,
            oracle,
            devices,
            after: 0,
            seen,
            moment: ClockEffects::default(),
            probe: CoverageProbe::new(case, zones),
            last_answers: vec![LastAnswer::default(); widget_count],
            timeline,
            rows: Vec::new(),
            shown,
            trial: Trial::default(),
            played: PlayedCase::default(),
        }
    }

    fn play(&mut self) {
        let steps = self.case.steps.iter().map(|step| step.at);
        let visits = self.case.visits.iter().map(|visit| visit.at);
        let mut instants: Vec<Instant> =
            steps.chain(visits).chain([self.case.start, self.case.end]).collect();
        instants.sort_unstable();
        instants.dedup();
        let mut steps = self.case.steps.iter().peekable();
        let mut visits = self.case.visits.iter().peekable();
        for at in instants {
            self.advance(at);
            self.compare();
            while let Some(step) = steps.next_if(|step| step.at == at) {
                self.step(&step.event);
                self.compare();
            }
            while let Some(visit) = visits.next_if(|visit| visit.at == at) {
                for widget in self.widgets() {
                    self.probe.visit(&self.oracle, widget, &visit.visitor);
                    self.ask(Question::Visitor(widget, visit.visitor.clone()));
                    self.hidden(explained::widget(&self.world, &self.oracle, widget));
                }
                self.compare_agents();
            }
            self.look_ahead();
            if self.is_found() {
                return;
            }
        }
        self.compare_timelines();
    }

    /// The engine has reported changes.
    fn told(&mut self, changes: &[Change]) {
        self.played.changes += changes.len() as u64;
        for change in changes {
            self.played.digest.change(change);
            self.timeline.take(change, &mut |row| self.rows.push(row));
        }
    }

    fn is_found(&self) -> bool {
        let difference = self.played.difference.as_ref();
        difference.is_some_and(|difference| matches!(difference.kind, DifferenceKind::Finding(_)))
    }

    fn widgets(&self) -> impl Iterator<Item = WidgetId> + use<> {
        (0..self.seen.widgets.len()).map(WidgetId::new)
    }

    /// Keeps the first difference, or the first one that a scenario can show.
    fn differ(&mut self, at: Instant, after: usize, kind: DifferenceKind) {
        if self.played.difference.is_none()
            || matches!(kind, DifferenceKind::Finding(_)) && !self.is_found()
        {
            self.played.difference = Some(Difference { at, after, kind });
        }
    }

    /// Notes something that no scenario can ask for, if it is not as it should be.
    fn hidden(&mut self, unlike: Option<DifferenceKind>) {
        if let Some(kind) = unlike {
            self.differ(self.oracle.now(), self.after, kind);
        }
    }

    fn ask(&mut self, question: Question) {
        let expected = question.to_oracle(&self.oracle);
        self.hold(question, expected);
    }

    fn hold(&mut self, question: Question, expected: Reply) {
        if let Some(finding) = question.hold(expected, &self.world) {
            self.differ(self.oracle.now(), self.after, DifferenceKind::Finding(finding));
        }
    }

    fn broken(&mut self, at: Instant, broken: Option<Broken>) {
        if let Some(broken) = broken {
            self.differ(at, self.after, DifferenceKind::Broken(broken));
        }
    }

    /// Looks at the devices; gives those that are otherwise than before.
    fn see_devices(&mut self) -> Vec<DeviceId> {
        let mut changed = Vec::new();
        for (index, &device) in self.devices.iter().enumerate() {
            let now = device_state(&self.oracle, device);
            let before = std::mem::replace(&mut self.seen.devices[index], now);
            if before.0 != now.0 {
                self.seen.since[index] = Some(self.oracle.now());
            }
            if before != now {
                changed.push(device);
            }
        }
        changed
    }

    fn see_agents(&mut self, changes: &mut Vec<Change>) {
        let at = self.oracle.now();
        for (agent, seen) in self.seen.agents.iter_mut().enumerate() {
            let agent = AgentId::new(agent);
            let now = self.oracle.agent_status(agent);
            if now != *seen {
                *seen = now;
                changes.push(Change::Agent { at, agent, now });
            }
        }
    }
}

/// What can be seen of a device.
fn device_state(oracle: &Oracle, device: DeviceId) -> (DeviceStatus, oracle::Connection) {
    (oracle.device_status(device), oracle.connection(device))
}

/// Where a change stands among others: by instant, agents first, by id.
fn place(change: &Change) -> (Instant, bool, usize) {
    match *change {
        Change::Agent { at, agent, .. } => (at, false, agent.index()),
        Change::Widget { at, widget, .. } => (at, true, widget.index()),
    }
}
