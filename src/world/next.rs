//! What the clock alone will change next for one widget: its members' deadlines and its
//! schedule's edges played forward on a small copy.

use std::collections::BTreeMap;

use super::{Connection, Membership, World};
use crate::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Instant, Presence, SchedulerState,
    WidgetId,
};
use crate::rules;

/// The next change of a widget's status or *chat possible* by the clock alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextChange {
    /// When.
    pub at: Instant,
    /// What the widget shows from then on.
    pub answer: Answer,
    /// What brings it about; at one instant it can be several things.
    pub causes: Vec<Cause>,
}

/// Something that the clock does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// A device's grace runs out (rule P7).
    GraceRunsOut(DeviceId),
    /// A device goes away by itself (rule P8).
    GoesAway(DeviceId),
    /// The hours begin (rule S2).
    SchedulerOpens,
    /// The hours end (rule S2).
    SchedulerCloses,
}

impl World {
    /// The next instant, later than now, at which the widget's status or *chat possible* will
    /// change if nothing happens but the passing of time; `None` for never.
    pub fn next_change(&self, widget: WidgetId) -> Option<NextChange> {
        let property = self.property_of(widget);
        let before = self.answer(widget);
        let mut members: Vec<(AgentId, Vec<(DeviceId, DeviceStatus)>)> = self
            .members(property)
            .iter()
            .filter(|&&agent| self.membership(agent, property) == Some(Membership::Active))
            .map(|&agent| {
                (agent, self.devices_of(agent).map(|d| (d, self.device_status(d))).collect())
            })
            .collect();
        let mut deadlines: BTreeMap<Instant, Vec<Cause>> = BTreeMap::new();
        for (device, status) in members.iter().flat_map(|(_, devices)| devices) {
            for (at, cause) in self.deadlines_of(*device, *status) {
                deadlines.entry(at).or_default().push(cause);
            }
        }
        let schedule = self.schedule(widget);
        let mut open = self.scheduler_state(widget);
        let mut edge = schedule.and_then(|schedule| schedule.next_edge(self.now));
        let setting = self.settings(widget).offline_when_all_agents_offline;
        loop {
            let deadline = deadlines.keys().next().copied();
            let at = deadline.into_iter().chain(edge).min()?;
            let mut causes = deadlines.remove(&at).unwrap_or_default();
            causes.sort_unstable();
            for cause in &causes {
                let (device, status) = match *cause {
                    Cause::GraceRunsOut(device) => (device, DeviceStatus::LoggedOut),
                    Cause::GoesAway(device) => (device, DeviceStatus::Away),
                    Cause::SchedulerOpens | Cause::SchedulerCloses => continue,
                };
                let mut devices = members.iter_mut().flat_map(|(_, devices)| devices);
                if let Some((_, now)) = devices.find(|(id, _)| *id == device)
                    && *now != DeviceStatus::LoggedOut
                {
                    *now = status;
                }
            }
            if edge == Some(at) {
                let cause;
                (open, cause) = match open {
                    SchedulerState::Open => (SchedulerState::Closed, Cause::SchedulerCloses),
                    _ => (SchedulerState::Open, Cause::SchedulerOpens),
                };
                causes.push(cause);
                edge = schedule.and_then(|schedule| schedule.next_edge(at));
            }
            let presence = members
                .iter()
                .map(|(_, devices)| {
                    let highest = devices.iter().map(|(_, status)| *status).max();
                    highest.map_or(AgentStatus::Offline, AgentStatus::from).into()
                })
                .max()
                .unwrap_or(Presence::Nobody);
            let answer = rules::answer(open, presence, setting);
            if !answer.shows_as(before) {
                return Some(NextChange { at, answer, causes });
            }
            // With all deadlines passed, one opening and one closing show all there is to come.
            if deadlines.is_empty() && self.edges_change_nothing(presence, setting, before) {
                return None;
            }
        }
    }

    /// Whether a widget would show the same, open and closed.
    fn edges_change_nothing(&self, presence: Presence, setting: bool, before: Answer) -> bool {
        [SchedulerState::Open, SchedulerState::Closed]
            .into_iter()
            .all(|state| rules::answer(state, presence, setting).shows_as(before))
    }

    /// The deadlines of one device that lie ahead: its grace, and its idle time.
    fn deadlines_of(
        &self,
        id: DeviceId,
        status: DeviceStatus,
    ) -> impl Iterator<Item = (Instant, Cause)> {
        let device = &self.devices[id.index()];
        let grace = match device.connection {
            Connection::Lost { until: Some(until) } => Some((until, Cause::GraceRunsOut(id))),
            _ => None,
        };
        let idle = (status == DeviceStatus::Online)
            .then_some(self.timing.auto_away)
            .flatten()
            .and_then(|idle| device.active_at.checked_add(idle))
            .map(|due| (due, Cause::GoesAway(id)));
        grace.into_iter().chain(idle)
    }
}
