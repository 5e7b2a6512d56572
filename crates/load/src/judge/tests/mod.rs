//! A small property, and runs that are told to the judge.

mod bounds;
mod by_the_engine;
mod evidence;
mod losses;
mod memory;
mod pushes;
mod reads;
mod rules;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::history::Completion;
use crate::observation::{Delivery, Observed, ShownState, WidgetSeen, pushed_since};
use crate::plan::{
    AgentIndex, DeviceSlot, PlannedAgent, PlannedProperty, PlannedWidget, RequestId,
};
use crate::result::Class;
use lamplighter_core::model::{
    AgentStatus, Chat, Chosen, Instant, Interval, Millis, Scheduler, Settings, Visitor, WeekHours,
    WidgetStatus,
};
use lamplighter_scenario::play;
use lamplighter_target::file::possible::PossibleStatuses;

const MS: Micros = 1_000;
const MINUTE: Micros = 60 * SECOND_US;

/// Monday 2026-03-09, 12:00:00 UTC.
fn noon() -> Instant {
    Instant::from_millis(1_773_057_600_000).expect("in range")
}

/// PlannedProperty `acme` with ann (laptop, phone) and bob (desk), its widget without a scheduler and a
/// further one that is open from 12:01 to 12:03 UTC.
fn plan() -> Arc<RunPlan> {
    let hours = Interval::new(12 * 60 + 1, 12 * 60 + 3).expect("an interval");
    let hours =
        WeekHours { weekdays: std::array::from_fn(|_| vec![hours]), ..WeekHours::default() };
    let scheduler = Some(Arc::new(Scheduler { zone: "UTC".to_owned(), hours }));
    let in_hours = Settings { scheduler, ..Settings::default() };
    let widget = |name: &str, settings| PlannedWidget {
        name: name.to_owned(),
        property: 0,
        settings: Arc::new(settings),
    };
    let agent = |name: &str, devices: &[&'static str]| PlannedAgent {
        name: name.to_owned(),
        properties: vec![0],
        devices: devices.to_vec(),
        steps: Vec::new(),
        is_own: true,
    };
    Arc::new(RunPlan {
        start: noon(),
        duration: Millis(300_000),
        grace: Millis(10_000),
        prefix: "t".to_owned(),
        properties: vec![PlannedProperty {
            name: "acme".to_owned(),
            members: vec![0, 1],
            suspended: Vec::new(),
            widgets: 0..2,
            is_own: true,
        }],
        widgets: vec![widget("acme", Settings::default()), widget("acme/sales", in_hours)],
        agents: vec![agent("ann", &["laptop", "phone"]), agent("bob", &["desk"])],
        visitors: vec![Visitor::default()],
        requests: "t-1".to_owned(),
        goals: Default::default(),
    })
}

/// A run as it is told to the judge.
struct Run {
    records: Vec<Record>,
    writes: u64,
    version: u64,
    /// Of each open stream the widget, and when the last event came on it.
    streams: BTreeMap<SessionId, (WidgetIndex, Micros)>,
}

const ACME: WidgetIndex = 0;
const SALES: WidgetIndex = 1;
const LAPTOP: (AgentIndex, DeviceSlot) = (0, 0);
const PHONE: (AgentIndex, DeviceSlot) = (0, 1);
const DESK: (AgentIndex, DeviceSlot) = (1, 0);

const OFFLINE: ShownState = (WidgetStatus::Offline, Chat::No);
const AWAY: ShownState = (WidgetStatus::Away, Chat::Possible);
const ONLINE: ShownState = (WidgetStatus::Online, Chat::Possible);
const ALONE: ShownState = (WidgetStatus::Online, Chat::No);

impl Run {
    fn new() -> Self {
        Self { records: Vec::new(), writes: 0, version: 0, streams: BTreeMap::new() }
    }

    /// A write from one moment to another; it is done at the next version, which is given.
    fn write(
        &mut self,
        device: (AgentIndex, DeviceSlot),
        effect: Effect,
        from: Micros,
        to: Micros,
    ) -> u64 {
        self.version += 1;
        let version = self.version;
        self.ends(device, effect, from, to, Completion::Done(vec![(0, version)]));
        version
    }

    fn ends(
        &mut self,
        (agent, slot): (AgentIndex, DeviceSlot),
        effect: Effect,
        from: Micros,
        to: Micros,
        completion: Completion,
    ) {
        self.writes += 1;
        let write = self.writes;
        self.records.push(Record::Invoked { write, at: from, agent, slot, effect });
        self.records.push(Record::Returned { write, at: to, completion });
    }

    fn lose(&mut self, (agent, slot): (AgentIndex, DeviceSlot), at: Micros) {
        self.records.push(Record::ConnectionLost { at, since: at, agent, slot });
    }

    fn observe(
        &mut self,
        session: SessionId,
        (invoked, returned): (Micros, Micros),
        version: Option<u64>,
        seen: Observed,
    ) {
        let observation = Observation {
            property: 0,
            session,
            invoked,
            returned,
            version,
            seen,
            request: Some(RequestId::Visit(self.records.len() as u64)),
            exchange: None,
        };
        self.records.push(Record::Observed(observation));
    }

    fn read(&mut self, widget: WidgetIndex, at: Micros, shown: ShownState, version: Option<u64>) {
        let seen = widget_seen(widget, Delivery::Polled, shown);
        self.observe(1, (at, at + MS), version, seen);
    }

    fn opens(&mut self, widget: WidgetIndex, session: SessionId, at: Micros) {
        self.streams.insert(session, (widget, at));
        let is_slow = false;
        self.records.push(Record::StreamOpened { widget, visitor: 0, session, at, is_slow });
    }

    fn push(&mut self, session: SessionId, at: Micros, shown: ShownState, version: u64) {
        let (widget, last) = self.streams[&session];
        self.streams.insert(session, (widget, at));
        let seen = widget_seen(widget, Delivery::Pushed, shown);
        self.observe(session, (pushed_since(last, at, false), at), Some(version), seen);
    }

    fn report(self) -> JudgeReport {
        self.report_by(judge())
    }

    fn report_by(self, mut judge: Judge) -> JudgeReport {
        let last = self.records.iter().map(Record::at).max().unwrap_or(0);
        judge.take(self.records, last + 1);
        judge.finish(last + SECOND_US)
    }

    /// The classes of what is wrong, each with how often.
    fn wrong(self) -> Vec<(Class, u64)> {
        self.report().judged.wrong.into_iter().collect()
    }
}

fn widget_seen(widget: WidgetIndex, delivery: Delivery, shown: ShownState) -> Observed {
    let shown = shown.into();
    Observed::Widget(WidgetSeen { widget, visitor: 0, delivery, shown, mismatch: None })
}

fn judge() -> Judge {
    judge_of(StalenessBounds::exact(plan().grace))
}

/// A judge of a target that promises this.
fn judge_of(bounds: StalenessBounds) -> Judge {
    let bound = StalenessBound { within: 250 * MS, bounds, clock_ahead: 0, clock_uncertain: 0 };
    let judge = Judge::new(plan(), bound, &Zones::bundled(), Arc::new(Tally::new(1_000)));
    judge.expect("zones that there are")
}

/// ann is online on her laptop from 100 ms on, at version 1.
fn ann_is_online() -> Run {
    let mut run = Run::new();
    run.write(LAPTOP, Effect::Login, 90 * MS, 100 * MS);
    run
}
