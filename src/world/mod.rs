//! THE engine: the state of a whole fleet of properties, and how it changes.
//!
//! ```text
//! Event ──▶ apply ──┐
//!                   ├──▶ devices ▶ agents ▶ properties ▶ widgets ──▶ Change
//! Instant ▶ advance ┘         counts at every step, no scan
//! ```
//!
//! State is kept in arrays by dense id. Each level keeps counts of the level below, so that one
//! event touches the device, its agent, the agent's properties and their widgets, and nothing else.
//! What the clock will do stands in two queues: deadlines of devices (rules P7, P8) and edges of
//! schedules; equal schedules are one. Nothing here reads a clock (rule T1).

mod apply;
mod build;
mod clock;
mod explain;
mod next;
mod timeline;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

pub use build::{Membership, WorldBuilder};
pub use explain::{DeviceFacts, Explanation, MemberFacts, SchedulerFacts};
pub use next::{Cause, NextChange};
pub use timeline::{Row, Timeline};

use crate::hours::{Schedule, Zones};
use crate::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Form, Instant, Millis, Presence,
    PropertyId, Scheduler, SchedulerState, Settings, Visibility, Visitor, WidgetId,
};
use crate::rules::{self, VisibilityRules};

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
        /// When.
        at: Instant,
        /// Whose.
        agent: AgentId,
        /// What it is now.
        now: AgentStatus,
    },
    /// A widget's answer, be it only the reason.
    Widget {
        /// When.
        at: Instant,
        /// Whose.
        widget: WidgetId,
        /// What it was.
        before: Answer,
        /// What it is now.
        now: Answer,
    },
}

/// A fleet at one instant. Made by [`WorldBuilder`], moved on by [`advance`](Self::advance) and
/// [`apply`](Self::apply).
#[derive(Debug)]
pub struct World {
    now: Instant,
    timing: Timing,
    zones: Arc<Zones>,
    devices: Vec<Device>,
    agents: Vec<Agent>,
    properties: Vec<Property>,
    widgets: Vec<Widget>,
    /// Each agent's properties, agent after agent; `Agent::memberships` says where.
    memberships: Vec<MemberOf>,
    schedules: Vec<SharedSchedule>,
    schedule_ids: HashMap<Scheduler, usize>,
    deadlines: BinaryHeap<Reverse<(Instant, Deadline)>>,
    edges: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Agents and widgets that the present step has touched, with what they were before.
    touched_agents: Vec<(AgentId, AgentStatus)>,
    touched_widgets: Vec<(WidgetId, Answer)>,
}

#[derive(Clone, Copy, Debug)]
struct Device {
    agent: AgentId,
    /// The next device of the same agent.
    sibling: Option<DeviceId>,
    status: DeviceStatus,
    /// Whether `status` is away by rule P8 rather than by hand.
    away_by_rule: bool,
    connection: Connection,
    /// When the status last changed; `None` where the device never logged in.
    since: Option<Instant>,
    /// The last sign of life (rule P8).
    active_at: Instant,
    /// Whether a deadline of rule P8 is queued. One is enough: it moves on when it falls due.
    idle_deadline_queued: bool,
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

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Deadline {
    /// The grace of rule P7.
    Grace(DeviceId),
    /// The idle time of rule P8.
    Idle(DeviceId),
}

#[derive(Clone, Debug, Default)]
struct Agent {
    first_device: Option<DeviceId>,
    /// Logged-in devices by what was chosen: invisible, away, online.
    devices_by_status: [u32; 3],
    memberships: std::ops::Range<usize>,
    touched: bool,
}

impl Agent {
    /// The highest over the devices (rule P4).
    fn status(&self) -> AgentStatus {
        let [invisible, away, online] = self.devices_by_status;
        match (online, away, invisible) {
            (1.., _, _) => AgentStatus::Online,
            (0, 1.., _) => AgentStatus::Away,
            (0, 0, 1..) => AgentStatus::Invisible,
            (0, 0, 0) => AgentStatus::Offline,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct MemberOf {
    property: PropertyId,
    membership: Membership,
}

#[derive(Clone, Debug, Default)]
struct Property {
    /// Active members who are away, and who are online.
    members_away: u32,
    members_online: u32,
    members: Vec<AgentId>,
    widgets: Vec<WidgetId>,
}

impl Property {
    /// The highest over the active members (rule P5).
    fn presence(&self) -> Presence {
        match (self.members_online, self.members_away) {
            (1.., _) => Presence::Online,
            (0, 1..) => Presence::Away,
            (0, 0) => Presence::Nobody,
        }
    }
}

#[derive(Debug)]
struct Widget {
    property: PropertyId,
    settings: Settings,
    visibility: VisibilityRules,
    /// The shared schedule, and this widget's place among its widgets.
    schedule: Option<(usize, usize)>,
    answer: Answer,
    touched: bool,
}

/// One schedule and the widgets that go by it. Without widgets it sleeps.
#[derive(Debug)]
struct SharedSchedule {
    schedule: Arc<Schedule>,
    open: bool,
    next_edge: Option<Instant>,
    widgets: Vec<WidgetId>,
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

    /// What a widget shows now, whether a chat can start, and why (rules W1 to W6).
    pub fn answer(&self, widget: WidgetId) -> Answer {
        self.widgets[widget.index()].answer
    }

    /// What team-mates see of an agent (rule P4).
    pub fn agent_status(&self, agent: AgentId) -> AgentStatus {
        self.agents[agent.index()].status()
    }

    /// A device's own status.
    pub fn device_status(&self, device: DeviceId) -> DeviceStatus {
        self.devices[device.index()].status
    }

    /// A device's connection (rule P7).
    pub fn connection(&self, device: DeviceId) -> Connection {
        self.devices[device.index()].connection
    }

    /// What the members of a property add up to (rule P5).
    pub fn presence(&self, property: PropertyId) -> Presence {
        self.properties[property.index()].presence()
    }

    /// The property that a widget belongs to.
    pub fn property_of(&self, widget: WidgetId) -> PropertyId {
        self.widgets[widget.index()].property
    }

    /// The members of a property, suspended ones too, in the order of declaration.
    pub fn members(&self, property: PropertyId) -> &[AgentId] {
        &self.properties[property.index()].members
    }

    /// Whether an agent is an active or a suspended member; `None` where neither.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Membership> {
        let range = self.agents[agent.index()].memberships.clone();
        self.memberships[range].iter().find(|m| m.property == property).map(|m| m.membership)
    }

    /// The devices of an agent that this world knows, in the order of declaration.
    pub fn devices_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceId> {
        let first = self.agents[agent.index()].first_device;
        std::iter::successors(first, |device| self.devices[device.index()].sibling)
    }

    /// How many devices there are; their ids count from zero.
    pub fn device_count(&self) -> usize {
        self.devices.len()
    }

    /// How many widgets there are; their ids count from zero.
    pub fn widget_count(&self) -> usize {
        self.widgets.len()
    }

    /// Everything that is set on a widget.
    pub fn settings(&self, widget: WidgetId) -> &Settings {
        &self.widgets[widget.index()].settings
    }

    /// Whether a widget's hours are open (rules S1, S2).
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        match self.widgets[widget.index()].schedule {
            None => SchedulerState::Off,
            Some((id, _)) if self.schedules[id].open => SchedulerState::Open,
            Some(_) => SchedulerState::Closed,
        }
    }

    /// The hours that a widget goes by, if its scheduler is on.
    pub fn schedule(&self, widget: WidgetId) -> Option<&Schedule> {
        let (id, _) = self.widgets[widget.index()].schedule?;
        Some(&self.schedules[id].schedule)
    }

    /// Whether a visitor sees a widget (rules V1 to V4).
    pub fn visibility(&self, widget: WidgetId, visitor: &Visitor) -> Visibility {
        let widget = &self.widgets[widget.index()];
        widget.visibility.visibility(visitor, widget.answer.status)
    }

    /// The greeting that visitors get now (rule C1).
    pub fn greeting(&self, widget: WidgetId) -> &str {
        let widget = &self.widgets[widget.index()];
        widget.settings.greeting(widget.answer.status)
    }

    /// The form that visitors get now (rules C2, C3).
    pub fn form(&self, widget: WidgetId) -> Form {
        let widget = &self.widgets[widget.index()];
        rules::form(widget.answer.status, widget.settings.pre_chat_form)
    }

    /// Makes room for one more device of an agent, not logged in. Devices appear while a trace is
    /// read; everything else is declared in the [`WorldBuilder`].
    pub fn add_device(&mut self, agent: AgentId) -> DeviceId {
        let id = DeviceId::new(self.devices.len());
        self.devices.push(Device {
            agent,
            sibling: None,
            status: DeviceStatus::LoggedOut,
            away_by_rule: false,
            connection: Connection::Up,
            since: None,
            active_at: self.now,
            idle_deadline_queued: false,
        });
        match self.devices_of(agent).last() {
            Some(last) => self.devices[last.index()].sibling = Some(id),
            None => self.agents[agent.index()].first_device = Some(id),
        }
        id
    }

    /// Gives a device another status and keeps its agent's counts.
    fn put_status(&mut self, device: DeviceId, status: DeviceStatus) {
        let now = self.now;
        let device = &mut self.devices[device.index()];
        let (agent, before) = (device.agent, device.status);
        device.status = status;
        if before == status {
            return;
        }
        device.since = Some(now);
        device.away_by_rule &= status == DeviceStatus::Away;
        self.touch_agent(agent);
        let counts = &mut self.agents[agent.index()].devices_by_status;
        if let Some(place) = counted_at(before) {
            counts[place] -= 1;
        }
        if let Some(place) = counted_at(status) {
            counts[place] += 1;
        }
    }

    fn touch_agent(&mut self, id: AgentId) {
        let agent = &mut self.agents[id.index()];
        if !agent.touched {
            agent.touched = true;
            self.touched_agents.push((id, agent.status()));
        }
    }

    /// Takes what an agent adds to its active properties from one presence to another (rule P6).
    fn move_member(&mut self, agent: AgentId, from: Presence, to: Presence) {
        if from == to {
            return;
        }
        for place in self.agents[agent.index()].memberships.clone() {
            let MemberOf { property, membership } = self.memberships[place];
            if membership == Membership::Active {
                self.move_presence(property, from, to);
            }
        }
    }

    fn move_presence(&mut self, id: PropertyId, from: Presence, to: Presence) {
        let property = &mut self.properties[id.index()];
        let before = property.presence();
        match from {
            Presence::Online => property.members_online -= 1,
            Presence::Away => property.members_away -= 1,
            Presence::Nobody => {}
        }
        match to {
            Presence::Online => property.members_online += 1,
            Presence::Away => property.members_away += 1,
            Presence::Nobody => {}
        }
        if property.presence() != before {
            for place in 0..self.properties[id.index()].widgets.len() {
                self.refresh(self.properties[id.index()].widgets[place]);
            }
        }
    }

    /// Asks the rules again what a widget shows.
    fn refresh(&mut self, id: WidgetId) {
        let scheduler = self.scheduler_state(id);
        let presence = self.presence(self.property_of(id));
        let widget = &mut self.widgets[id.index()];
        if !widget.touched {
            widget.touched = true;
            self.touched_widgets.push((id, widget.answer));
        }
        widget.answer =
            rules::answer(scheduler, presence, widget.settings.offline_when_all_agents_offline);
    }

    /// Carries what the step has changed through to the widgets, and reports it: one change at
    /// most for each agent and each widget.
    fn finish_step(&mut self, changes: &mut impl FnMut(Change)) {
        let at = self.now;
        let mut touched_agents = std::mem::take(&mut self.touched_agents);
        touched_agents.sort_unstable_by_key(|&(agent, _)| agent);
        for (agent, before) in touched_agents.drain(..) {
            self.agents[agent.index()].touched = false;
            let now = self.agent_status(agent);
            if now != before {
                changes(Change::Agent { at, agent, now });
                self.move_member(agent, before.into(), now.into());
            }
        }
        self.touched_agents = touched_agents;
        self.touched_widgets.sort_unstable_by_key(|&(widget, _)| widget);
        for (id, before) in self.touched_widgets.drain(..) {
            let widget = &mut self.widgets[id.index()];
            widget.touched = false;
            if widget.answer != before {
                changes(Change::Widget { at, widget: id, before, now: widget.answer });
            }
        }
    }

    /// Puts a widget under the schedule that its settings name.
    fn attach_schedule(&mut self, id: WidgetId) -> Result<(), crate::hours::UnknownZone> {
        let Some(scheduler) = self.widgets[id.index()].settings.scheduler.clone() else {
            return Ok(());
        };
        let schedule = match self.schedule_ids.get(&scheduler) {
            Some(&schedule) => schedule,
            None => {
                let zone = self.zones.get(&scheduler.zone)?;
                let schedule = Schedule::new(zone, scheduler.hours.clone());
                let shared = SharedSchedule {
                    schedule: Arc::new(schedule),
                    open: false,
                    next_edge: None,
                    widgets: Vec::new(),
                };
                self.schedules.push(shared);
                self.schedule_ids.insert(scheduler, self.schedules.len() - 1);
                self.schedules.len() - 1
            }
        };
        if self.schedules[schedule].widgets.is_empty() {
            self.wake_schedule(schedule);
        }
        let widgets = &mut self.schedules[schedule].widgets;
        widgets.push(id);
        self.widgets[id.index()].schedule = Some((schedule, widgets.len() - 1));
        Ok(())
    }

    fn detach_schedule(&mut self, id: WidgetId) {
        if let Some((schedule, place)) = self.widgets[id.index()].schedule.take() {
            let widgets = &mut self.schedules[schedule].widgets;
            widgets.swap_remove(place);
            if let Some(&moved) = widgets.get(place) {
                self.widgets[moved.index()].schedule = Some((schedule, place));
            }
        }
    }

    fn wake_schedule(&mut self, id: usize) {
        let shared = &mut self.schedules[id];
        shared.open = shared.schedule.is_open(self.now);
        shared.next_edge = shared.schedule.next_edge(self.now);
        if let Some(edge) = shared.next_edge {
            self.edges.push(Reverse((edge, id)));
        }
    }
}

/// The place of a logged-in status in an agent's counts.
fn counted_at(status: DeviceStatus) -> Option<usize> {
    match status {
        DeviceStatus::LoggedOut => None,
        DeviceStatus::Invisible => Some(0),
        DeviceStatus::Away => Some(1),
        DeviceStatus::Online => Some(2),
    }
}
