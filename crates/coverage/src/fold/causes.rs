//! What people did at an instant, and who of them made a property other than it was. Several people may do
//! something at one instant, as logs tell that are kept by the minute: who only did something is no cause.

use lamplighter_core::model::{
    AgentId, AgentStatus, DeviceId, Event, EventKind, Presence, PropertyId,
};

use super::people::AgentChange;
use crate::figures::{Cause, Doing};

/// What people did at the instant that is going on, and what came of it.
#[derive(Default)]
pub struct Causes {
    /// What agents did on devices, in the order in which they did it.
    doings: Vec<AgentDoing>,
    /// Who was taken out of a property, or put back, each with its turn among all that happened.
    memberships: Vec<(usize, Membership)>,
    /// Who counts for more or for less in a property than before, property by property once all are known.
    changes: Vec<PropertyChange>,
    /// How much has happened.
    count: usize,
}

/// An agent counts in a property from now on, or no longer does (rule P6).
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    /// The agent who is a member.
    pub agent: AgentId,
    /// The property whose member that is.
    pub property: PropertyId,
    /// Whether the agent counts there from now on.
    pub is_active: bool,
}

#[derive(Clone, Copy)]
struct AgentDoing {
    turn: usize,
    agent: AgentId,
    /// The one device that it was done on; `None` of all.
    device: Option<DeviceId>,
    doing: Doing,
    /// Whether team-mates saw another status by it.
    is_seen: bool,
}

/// What an agent counts for in a property, before and after.
#[derive(Clone, Copy)]
struct PropertyChange {
    property: PropertyId,
    before: Presence,
    now: Presence,
    /// What was done later decides, of two who are alike.
    turn: usize,
    cause: Cause,
}

impl Causes {
    /// An agent did something, by an event that is none of membership.
    pub fn does(&mut self, agent: AgentId, event: &Event, is_seen: bool) {
        let doing = Doing::Event(event.kind(), event.chosen());
        let turn = self.take_turn();
        self.doings.push(AgentDoing { turn, agent, device: event.device(), doing, is_seen });
    }

    /// An agent was taken out of a property, or put back.
    pub fn membership(&mut self, membership: Membership) {
        let turn = self.take_turn();
        self.memberships.push((turn, membership));
    }

    fn take_turn(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    /// Takes what has become of an agent, who counts in these properties.
    pub fn look(&mut self, agent: AgentId, looked: &AgentChange, properties: &[PropertyId]) {
        let [before, now] = [looked.before, looked.now].map(counts_for);
        for (turn, membership) in self.memberships.iter().filter(|(_, of)| of.agent == agent) {
            let Membership { property, is_active, .. } = *membership;
            let (kind, before, now) = match is_active {
                true => (EventKind::Reinstate, Presence::Nobody, now),
                false => (EventKind::Suspend, before, Presence::Nobody),
            };
            let cause = Cause::Member { agent, device: None, doing: Doing::Event(kind, None) };
            self.changes.push(PropertyChange { property, before, now, turn: *turn, cause });
        }
        if looked.before == looked.now {
            return;
        }
        let mut did = self.doings.iter().rev();
        let (turn, device, doing) = match did.find(|did| did.agent == agent && did.is_seen) {
            Some(did) => (did.turn, did.device, did.doing),
            // What the clock does comes before all events of its instant.
            None => (0, looked.device, looked.by_the_clock),
        };
        let cause = Cause::Member { agent, device, doing };
        let of = |&property| PropertyChange { property, before, now, turn, cause };
        self.changes.extend(properties.iter().map(of));
    }

    /// Everybody was looked at: from now on it can be asked for causes.
    pub fn sort(&mut self) {
        self.changes.sort_by_key(|change| change.property);
    }

    /// What made a property's presence another one: who brought it up to what it is now, or took away
    /// what it was before. Of several the last one.
    pub fn of(&self, property: PropertyId, before: Presence, now: Presence) -> Option<Cause> {
        let decides = |change: &PropertyChange| match now > before {
            true => change.now == now && change.before < now,
            false => change.before == before && change.now < before,
        };
        let first = self.changes.partition_point(|change| change.property < property);
        let of_property =
            self.changes[first..].iter().take_while(|change| change.property == property);
        let cause = of_property.max_by_key(|change| (decides(change), change.turn))?;
        Some(cause.cause)
    }

    /// Whether a device had an event of its own, or its agent one on all devices.
    pub fn had_event(&self, device: DeviceId) -> bool {
        self.doings.iter().any(|did| match did.device {
            Some(other) => other == device,
            None => did.agent == device.agent(),
        })
    }

    /// The instant is over.
    pub fn clear(&mut self) {
        self.doings.clear();
        self.memberships.clear();
        self.changes.clear();
        self.count = 0;
    }
}

/// What a member counts for (rule P5).
fn counts_for(status: AgentStatus) -> Presence {
    match status {
        AgentStatus::Online => Presence::Online,
        AgentStatus::Away => Presence::Away,
        AgentStatus::Invisible | AgentStatus::Offline => Presence::Nobody,
    }
}
