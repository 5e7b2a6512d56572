//! What the clock alone will change next: the deadlines of devices and the edges of a schedule
//! played forward on a small copy.

use std::collections::BTreeMap;

use super::{Connection, Membership, World};
use crate::model::knobs::{IdleMeans, Merge};
use crate::model::{
    AgentId, AgentStatus, Answer, Chosen, DeviceId, DeviceStatus, Instant, Presence, RuleSet,
    SchedulerState, WidgetId,
};
use crate::mutations::{Mutation, is_on};
use crate::rules;

/// The next change by the clock alone, to `now`: of a widget's answer or an agent's status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextChange<T = Answer> {
    /// The instant of the change, later than now.
    pub at: Instant,
    /// What is shown from then on.
    pub answer: T,
    /// What brings it about; at one instant it can be several things.
    pub causes: Vec<Cause>,
}

/// Something that the clock does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// A device's grace runs out (rule P7).
    GraceRunsOut(DeviceId),
    /// The time of a device's status is over, and it goes back to this one (rule P9).
    GoesBack(DeviceId, Chosen),
    /// A device goes away by itself (rule P8).
    GoesAway(DeviceId),
    /// A device is logged out for being idle (rule P8, by the knob `idle`).
    IdleLogsOut(DeviceId),
    /// The hours begin (rule S2).
    SchedulerOpens,
    /// The hours end (rule S2).
    SchedulerCloses,
}

/// Some agents' devices as the clock alone changes them.
struct Forward<'r> {
    rules: &'r RuleSet,
    agents: Vec<Vec<ForwardDevice>>,
    deadlines: BTreeMap<Instant, Vec<Cause>>,
    /// How often the clock has given a status, and from where it counts.
    last_given: u64,
}

/// A device as it will be.
struct ForwardDevice {
    id: DeviceId,
    status: DeviceStatus,
    /// How lately it was logged in or given a status (rule P4, `merge = "newest"`).
    given: u64,
}

impl<'r> Forward<'r> {
    fn new(world: &'r World, agents: impl Iterator<Item = AgentId>) -> Self {
        let device = |id| ForwardDevice {
            id,
            status: world.device_status(id),
            given: world.people.given(id),
        };
        let agents: Vec<Vec<_>> =
            agents.map(|agent| world.devices_of(agent).map(device).collect()).collect();
        let mut deadlines: BTreeMap<Instant, Vec<Cause>> = BTreeMap::new();
        for device in agents.iter().flatten() {
            for (at, cause) in world.deadlines_of(device.id, device.status) {
                deadlines.entry(at).or_default().push(cause);
            }
        }
        let last_given = agents.iter().flatten().map(|device| device.given).max().unwrap_or(0);
        Self { rules: &world.rules, agents, deadlines, last_given }
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.keys().next().copied()
    }

    /// Lets the deadlines of an instant fall due.
    fn pass(&mut self, at: Instant) -> Vec<Cause> {
        let mut causes = self.deadlines.remove(&at).unwrap_or_default();
        causes.sort_unstable();
        for cause in &causes {
            let (due, status) = match *cause {
                Cause::GraceRunsOut(device) | Cause::IdleLogsOut(device) => {
                    (device, DeviceStatus::LoggedOut)
                }
                Cause::GoesBack(device, to) => (device, to.into()),
                Cause::GoesAway(device) => (device, DeviceStatus::Away),
                Cause::SchedulerOpens | Cause::SchedulerCloses => continue,
            };
            let found = self.agents.iter_mut().flatten().find(|device| device.id == due);
            if let Some(device) = found
                && device.status != DeviceStatus::LoggedOut
            {
                device.status = status;
                if status != DeviceStatus::LoggedOut {
                    self.last_given += 1;
                    device.given = self.last_given;
                }
            }
        }
        causes
    }

    /// What the agents' devices come to (rule P4).
    fn statuses(&self) -> impl Iterator<Item = AgentStatus> {
        self.agents.iter().map(|devices| {
            let status = match self.rules.merge {
                Merge::Highest => devices.iter().map(|device| device.status).max(),
                Merge::Newest => {
                    let logged_in =
                        |device: &&ForwardDevice| device.status != DeviceStatus::LoggedOut;
                    let newest = devices.iter().filter(logged_in).max_by_key(|device| device.given);
                    newest.map(|device| device.status)
                }
            };
            status.map_or(AgentStatus::Offline, AgentStatus::from)
        })
    }

    fn presence(&self) -> Presence {
        let counted = self.statuses().map(|status| self.rules.counts_as(status));
        counted.max().unwrap_or(Presence::Nobody)
    }
}

impl World {
    /// The next instant, later than now, at which the widget's status or *chat possible* will
    /// change if nothing happens but the passing of time; `None` for never.
    pub fn next_change(&self, widget: WidgetId) -> Option<NextChange> {
        let before = self.answer(widget);
        let is_other = |answer: Answer| {
            !answer.shows_as(before) || is_on(Mutation::NextNamesReasons) && answer != before
        };
        self.next_answer(widget, is_other)
    }

    /// The next instant, later than now, at which the clock has something to do for the widget and its
    /// answer is one of those that are looked for, if nothing happens but the passing of time; `None`
    /// for never.
    pub fn next_answer(
        &self,
        widget: WidgetId,
        is_looked_for: impl Fn(Answer) -> bool,
    ) -> Option<NextChange> {
        let property = self.property_of(widget);
        let active =
            |agent: &AgentId| self.membership(*agent, property) == Some(Membership::Active);
        let members = self.members(property).iter().copied().filter(active);
        let mut forward = Forward::new(self, members);
        let schedule = self.schedule(widget);
        let mut state = self.scheduler_state(widget);
        let mut edge = schedule.and_then(|schedule| schedule.next_edge(self.now));
        let setting = self.settings(widget).offline_when_all_agents_offline;
        loop {
            let at = forward.next_deadline().into_iter().chain(edge).min()?;
            let mut causes = forward.pass(at);
            if edge == Some(at) {
                let cause;
                (state, cause) = match state {
                    SchedulerState::Open => (SchedulerState::Closed, Cause::SchedulerCloses),
                    _ => (SchedulerState::Open, Cause::SchedulerOpens),
                };
                causes.push(cause);
                edge = schedule.and_then(|schedule| schedule.next_edge(at));
            }
            let presence = forward.presence();
            let answer = rules::answer(&self.rules, state, presence, setting);
            if is_looked_for(answer) {
                return Some(NextChange { at, answer, causes });
            }
            // With all deadlines passed, open and closed are all there is to come.
            let comes = |state| is_looked_for(rules::answer(&self.rules, state, presence, setting));
            if forward.deadlines.is_empty()
                && !comes(SchedulerState::Open)
                && !comes(SchedulerState::Closed)
            {
                return None;
            }
        }
    }

    /// The next instant, later than now, at which an agent's status will change if nothing happens
    /// but the passing of time; `None` for never.
    pub fn next_agent_change(&self, agent: AgentId) -> Option<NextChange<AgentStatus>> {
        let before = self.agent_status(agent);
        self.next_status(agent, |status| status != before)
    }

    /// The next instant, later than now, at which the clock has something to do for the agent and its
    /// status is one of those that are looked for, likewise.
    pub fn next_status(
        &self,
        agent: AgentId,
        is_looked_for: impl Fn(AgentStatus) -> bool,
    ) -> Option<NextChange<AgentStatus>> {
        let mut forward = Forward::new(self, std::iter::once(agent));
        while let Some(at) = forward.next_deadline() {
            let causes = forward.pass(at);
            let mut seen = forward.statuses().map(|status| self.rules.seen_as(status));
            if let Some(answer) = seen.find(|status| is_looked_for(*status)) {
                return Some(NextChange { at, answer, causes });
            }
        }
        None
    }

    /// The deadlines of one device that lie ahead: its grace, the end of a status for a time, and its
    /// idle time, which begins anew with that end.
    fn deadlines_of(
        &self,
        id: DeviceId,
        status: DeviceStatus,
    ) -> impl Iterator<Item = (Instant, Cause)> + use<> {
        let grace = match self.connection(id) {
            Connection::Lost { .. } if is_on(Mutation::NextForgetsGrace) => None,
            Connection::Lost { until: Some(until) } => Some((until, Cause::GraceRunsOut(id))),
            _ => None,
        };
        let idle = (status == DeviceStatus::Online).then(|| self.idle_due(id)).flatten();
        let cause = match self.rules.idle {
            IdleMeans::Away => Cause::GoesAway(id),
            IdleMeans::LoggedOut => Cause::IdleLogsOut(id),
        };
        let back = self.goes_back(id).filter(|_| !is_on(Mutation::NextForgetsTimes));
        let over = back.and_then(|back| Some((back.at?, back.to)));
        // At one instant the time is over first, and going back counts as activity.
        let idle = idle.filter(|idle| over.is_none_or(|(at, _)| *idle < at));
        let auto_away = self.timing.auto_away;
        let idle_again = over.filter(|(_, to)| *to == Chosen::Online);
        let idle_again = idle_again.and_then(|(at, _)| at.checked_add(auto_away?));
        let idles = idle.into_iter().chain(idle_again).map(move |due| (due, cause));
        let over = over.map(|(at, to)| (at, Cause::GoesBack(id, to)));
        grace.into_iter().chain(over).chain(idles)
    }
}
