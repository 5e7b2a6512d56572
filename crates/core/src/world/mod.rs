//! THE engine: the state of a whole fleet of properties, and how it changes.
//!
//! ```text
//! Event ──▶ apply ──┐
//!                   ├──▶ devices ▶ agents ▶ properties ▶ widgets ──▶ Change
//! Instant ▶ advance ┘    4 bits    a byte   a word        bits
//! ```
//!
//! State is kept in arrays by dense id, packed so that one event touches a cache line or two of the
//! property and a few bits of its widget, and hardly anything else:
//!
//! | file | what it keeps |
//! | --- | --- |
//! | `people`, `device` | agents and their devices, those of a property in one word |
//! | `stamp` | an instant in eight bytes |
//! | `planes` | what the rules need of 128 widgets in a cache line; the sweep |
//! | `edges`, `wheel` | schedules shared by equal ones, their weeks on one wheel for each zone |
//! | `deadlines` | rules P7 and P8: rings of buckets |
//! | `timed` | statuses for a time, rule P9 |
//! | `few`, `shared` | one id or several in a word; equal values kept once |
//! | `touched` | what several things at one instant did, reported once |
//! | `growth` | what comes and goes while the world runs: properties, widgets, agents, members |
//! | `copies` | a copy into another one, with the room that it has |
//! | `snapshot` | everything that is so of a device, to be put back |
//!
//! And what goes by them:
//!
//! | file | what it does |
//! | --- | --- |
//! | `build`, `members` | declares a world: who is a member where, and what is set |
//! | `apply`, `clock` | what an event does, and what the clock does by itself |
//! | `action` | what an event does to its device, as a table |
//! | `everywhere` | what an event does to all devices of an agent |
//! | `times` | what begins and ends statuses for a time, rule P9 |
//! | `report` | what was touched at one instant, told once |
//! | `other_people` | what either does to devices by other rules than the rule book's |
//! | `device_event` | what an event does by these to its device and to the agent's others, as a table |
//! | `next`, `explain` | what the clock will change next, and why a widget is as it is |
//! | `timeline` | changes as rows, an instant at a time |
//!
//! Nothing here reads a clock (rule T1).

mod action;
mod apply;
mod build;
mod clock;
mod copies;
mod deadlines;
mod device;
mod device_event;
mod edges;
mod everywhere;
mod explain;
mod few;
mod growth;
mod members;
mod next;
mod other_people;
mod people;
mod planes;
mod report;
mod shared;
mod snapshot;
mod stamp;
mod timed;
mod timeline;
mod times;
mod touched;
mod wheel;

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashMap;

pub use build::{Populated, WorldBuilder};
pub use explain::{DeviceFacts, Explanation, MemberFacts, SchedulerFacts};
pub use next::{Cause, NextChange};
pub use people::Membership;
pub use snapshot::DeviceState;
pub use timed::GoesBack;
pub use timeline::{Timeline, TimelineRow};

use crate::hours::{Schedule, UnknownZone, Zones};
use crate::model::{
    AgentId, AgentStatus, Answer, Chat, DeviceId, DeviceStatus, Form, Instant, Millis, Presence,
    PropertyId, RuleSet, SchedulerState, Settings, Visibility, Visitor, WidgetId, WidgetStatus,
};
use crate::mutations::{Mutation, is_on};
use crate::rules::{self, Statuses128, VisibilityRules};
use copies::clone_by_field;
use deadlines::Deadlines;
use edges::Edges;
use few::Lists;
use people::People;
use planes::{Planes, WidgetStep};
use shared::Interner;
use timed::TimedStatuses;
use touched::Touched;

/// What holds for all devices of a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// How long a lost connection keeps its status (rule P7).
    pub grace: Millis,
    /// How long an online device may be idle before it goes away; `None` for "off" (rule P8).
    pub auto_away: Option<Millis>,
}

impl Default for Timing {
    fn default() -> Self {
        Self { grace: Millis::DEFAULT_GRACE, auto_away: None }
    }
}

/// Something that team-mates or visitors see has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// An agent's status, as team-mates see it (rule P4).
    Agent {
        /// The instant at which it changed, or was found changed by the clock.
        at: Instant,
        /// The agent whose status it is.
        agent: AgentId,
        /// The status from this instant on.
        now: AgentStatus,
    },
    /// A widget's answer, be it only the reason.
    Widget {
        /// The instant at which it changed.
        at: Instant,
        /// The widget whose answer it is.
        widget: WidgetId,
        /// The answer before, so that nobody who is told has to remember it.
        before: Answer,
        /// The answer from this instant on.
        now: Answer,
    },
}

/// A device's connection (rule P7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connection {
    /// Connected, or not logged in.
    Up,
    /// Lost; the grace runs until that instant (`None`: beyond the year 9999).
    Lost {
        /// The instant from which the device counts as logged out.
        until: Option<Instant>,
    },
    /// Lost so long ago that the device was logged out.
    RanOut,
}

/// A fleet at one instant. Made by [`WorldBuilder`], moved on by [`advance`](Self::advance) and
/// [`apply`](Self::apply), and extended or cut back where a service needs that
/// ([`add_property`](Self::add_property) and those after it).
#[derive(Debug)]
pub struct World {
    now: Instant,
    /// Before this instant the clock surely has nothing to do.
    busy_from: Instant,
    timing: Timing,
    rules: RuleSet,
    zones: Arc<Zones>,
    people: People,
    /// What rule P8 needs of each device: of all first devices, of all second ones, and so on. Without
    /// auto-away nobody asks.
    idle: Vec<Vec<Idle>>,
    /// Until when the grace of each lost connection runs (rule P7).
    graces: HashMap<DeviceId, Option<Instant>>,
    /// The devices with a status for a time (rule P9).
    timed: TimedStatuses,
    grace_deadlines: Deadlines,
    idle_deadlines: Deadlines,
    /// Each property's members, property after property; `first_member` says where. Shared with copies.
    members: Arc<[AgentId]>,
    first_member: Arc<[u32]>,
    /// The members of properties that got others since, instead.
    later_members: HashMap<PropertyId, Vec<AgentId>>,
    /// Ids of what was removed, to be given again.
    free_properties: BTreeSet<PropertyId>,
    free_widgets: BTreeSet<WidgetId>,
    planes: Planes,
    widgets: Vec<WidgetRecord>,
    /// Shared with copies, until one of them gets other settings.
    looks: Arc<Interner<Settings, VisibilityRules>>,
    edges: Edges,
    /// The widgets of properties that have several.
    lists: Lists,
    /// What the step under way has touched; empty between steps.
    touched: Touched,
}

clone_by_field! {
    World {
        now, busy_from, timing, rules, zones, people, idle, graces, timed, grace_deadlines,
        idle_deadlines, members, first_member, later_members, free_properties, free_widgets,
        planes, widgets, looks, edges, lists, touched,
    }
}

/// What rule P8 needs of a device.
#[derive(Clone, Copy, Debug)]
struct Idle {
    /// The last sign of life.
    active_at: Instant,
    /// Whether a deadline is queued. One is enough: it moves on when it falls due.
    is_queued: bool,
}

impl Idle {
    const NEVER: Self = Self { active_at: Instant::MIN, is_queued: false };
}

/// What of a widget is needed less often than its bits.
#[derive(Clone, Copy, Debug)]
struct WidgetRecord {
    property: PropertyId,
    /// Its settings, among the distinct ones of the fleet.
    look: u32,
    /// Its schedule and its place there; [`WidgetRecord::NO_SCHEDULE`] where the scheduler is off.
    schedule: u32,
    place: u32,
}

impl WidgetRecord {
    const NO_SCHEDULE: u32 = u32::MAX;

    /// One under no schedule.
    fn new(property: PropertyId, look: u32) -> Self {
        Self { property, look, schedule: Self::NO_SCHEDULE, place: 0 }
    }

    /// Puts it under a schedule, at a place among the widgets there.
    fn put_schedule(&mut self, schedule: usize, place: usize) {
        self.schedule = u32::try_from(schedule).expect("fewer schedules than widgets");
        self.place = u32::try_from(place).expect("fewer places than widgets");
    }

    fn schedule(self) -> Option<usize> {
        (self.schedule != Self::NO_SCHEDULE).then_some(self.schedule as usize)
    }
}

impl World {
    /// The instant that the world has reached.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Grace and auto-away, for all devices.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The rules of the product, of which the grace alone does not count: that of
    /// [`timing`](Self::timing) does.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// What a widget shows now, whether a chat can start, and why (rules W1 to W6).
    #[inline]
    pub fn answer(&self, widget: WidgetId) -> Answer {
        self.planes.answer(widget)
    }

    /// The statuses of all widgets in the order of their ids, 128 at a time (rules W1 to W6). Of the
    /// last ones the bits beyond [`widget_count`](Self::widget_count) mean nothing.
    pub fn statuses(&self) -> impl ExactSizeIterator<Item = Statuses128> {
        self.planes.sweep()
    }

    /// What team-mates see of an agent (rule P4).
    pub fn agent_status(&self, agent: AgentId) -> AgentStatus {
        self.people.status(agent)
    }

    /// A device's own status.
    pub fn device_status(&self, device: DeviceId) -> DeviceStatus {
        self.people.device(device).status()
    }

    /// A device's connection (rule P7).
    pub fn connection(&self, id: DeviceId) -> Connection {
        let device = self.people.device(id);
        match (device.is_lost(), device.has_run_out()) {
            (true, _) => Connection::Lost { until: self.graces.get(&id).copied().flatten() },
            (false, true) => Connection::RanOut,
            (false, false) => Connection::Up,
        }
    }

    /// What the members of a property add up to (rule P5).
    pub fn presence(&self, property: PropertyId) -> Presence {
        self.people.presence(property)
    }

    /// The property that a widget belongs to.
    pub fn property_of(&self, widget: WidgetId) -> PropertyId {
        self.widgets[widget.index()].property
    }

    /// The members of a property, suspended ones too, in the order of declaration.
    pub fn members(&self, property: PropertyId) -> &[AgentId] {
        if let Some(members) = self.later_members.get(&property) {
            return members;
        }
        match self.first_member.get(property.index()..property.index() + 2) {
            Some(&[first, end]) => &self.members[first as usize..end as usize],
            // It came after the world was built, and has had no members yet.
            _ => &[],
        }
    }

    /// Whether an agent is an active or a suspended member; `None` where neither.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Membership> {
        self.people.membership(agent, property)
    }

    /// The devices of an agent that this world knows, in the order of declaration.
    pub fn devices_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceId> + use<> {
        (0..self.device_count(agent)).map(move |slot| DeviceId::new(agent, slot))
    }

    /// How many devices an agent has; the next one has that slot.
    pub fn device_count(&self, agent: AgentId) -> usize {
        self.people.device_count(agent)
    }

    /// How many ids of widgets there are, those of removed ones included; they count from zero.
    pub fn widget_count(&self) -> usize {
        self.widgets.len()
    }

    /// Everything that is set on a widget.
    pub fn settings(&self, widget: WidgetId) -> &Settings {
        self.looks.key(self.widgets[widget.index()].look as usize)
    }

    /// Whether a widget's hours are open (rules S1, S2).
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        self.planes.scheduler_state(widget)
    }

    /// The hours that a widget goes by, if its scheduler is on.
    pub fn schedule(&self, widget: WidgetId) -> Option<&Schedule> {
        self.widgets[widget.index()].schedule().map(|id| self.edges.schedule(id))
    }

    /// Whether a visitor sees a widget (rules V1 to V4).
    pub fn visibility(&self, widget: WidgetId, visitor: &Visitor) -> Visibility {
        let rules = self.looks.get(self.widgets[widget.index()].look as usize);
        rules.visibility(visitor, self.answer(widget).status)
    }

    /// The greeting that visitors get now (rule C1).
    pub fn greeting(&self, widget: WidgetId) -> &str {
        let status = match self.answer(widget).status {
            WidgetStatus::Away if is_on(Mutation::AwayGreetedAsOnline) => WidgetStatus::Online,
            status => status,
        };
        self.settings(widget).greeting(status)
    }

    /// The form that visitors get now (rules C2, C3).
    pub fn form(&self, widget: WidgetId) -> Form {
        let answer = self.answer(widget);
        if is_on(Mutation::FormFollowsChat) && answer.chat == Chat::No {
            return Form::Offline;
        }
        rules::form(answer.status, self.settings(widget).pre_chat_form)
    }

    /// The same device, with what this world needs to find it at once.
    pub fn hinted(&self, device: DeviceId) -> DeviceId {
        self.people.hinted(device)
    }

    /// Looks up devices of which events are about to come. Changes nothing, but many of them at
    /// once come to the processor in the time of a few.
    #[inline]
    pub fn look_ahead(&self, devices: impl Iterator<Item = DeviceId>) {
        self.people.look_ahead(devices);
    }

    /// Makes room for one more device of an agent, not logged in.
    pub fn add_device(&mut self, agent: AgentId) -> DeviceId {
        let device = self.people.add_device(agent);
        if self.timing.auto_away.is_some() && device.slot() == self.idle.len() {
            self.idle.push(vec![Idle::NEVER; self.people.len()]);
        }
        device
    }

    /// Puts a widget under the schedule that its settings name.
    fn attach_schedule(&mut self, id: WidgetId, settings: &Settings) -> Result<(), UnknownZone> {
        if let Some(scheduler) = &settings.scheduler {
            let schedule = self.edges.intern(scheduler, &self.zones, &self.rules)?;
            self.attach(id, schedule);
        }
        Ok(())
    }

    /// Puts a widget under a schedule, which counts it already.
    fn attach(&mut self, id: WidgetId, schedule: usize) {
        self.busy_from = Instant::MIN;
        let place = self.edges.attach(schedule, id, self.now);
        self.widgets[id.index()].put_schedule(schedule, place);
    }

    /// What a schedule says now.
    fn state_now(&self, schedule: &Schedule) -> SchedulerState {
        match is_on(Mutation::NewScheduleOpen) || schedule.is_open(self.now) {
            true => SchedulerState::Open,
            false => SchedulerState::Closed,
        }
    }

    /// Puts what the rules need of a widget's settings and schedule.
    fn put_settings(&mut self, id: WidgetId, settings: &Settings) -> WidgetStep {
        let schedule = self.schedule(id);
        let scheduler = schedule.map_or(SchedulerState::Off, |schedule| self.state_now(schedule));
        self.planes.put_settings(id, scheduler, settings.offline_when_all_agents_offline)
    }
}
