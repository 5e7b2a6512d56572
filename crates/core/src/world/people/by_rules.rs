//! Agents by other rules than the rule book's (rules P1, P4, P5): who has which status, what
//! team-mates see of it, what it counts for, and which status a login gives back.

use super::{DeviceEffect, Membership, People, Where};
use crate::model::knobs::{Devices, Merge};
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, Instant, Presence, PropertyId, RuleSet,
};
use crate::mutations::{Mutation, is_on};
use crate::world::device::Device;

/// What the rules are, and what they need to know of devices beside their states.
#[derive(Clone, Debug)]
pub(super) struct ByRules {
    rules: RuleSet,
    /// The status that was last given to each device without a time, of all first devices, of all
    /// second ones, and so on; with one status for all devices, that of the agent stands at the first.
    kept: Vec<Vec<Option<Chosen>>>,
    /// A number that grows with each login and each status that a device is given, of the last one.
    given: Vec<Vec<u64>>,
    last_given: u64,
    /// The status of each standing agent, where it is that of the newest device.
    newest: Vec<AgentStatus>,
}

impl ByRules {
    pub fn new(rules: &RuleSet) -> Self {
        Self {
            rules: *rules,
            kept: Vec::new(),
            given: Vec::new(),
            last_given: 0,
            newest: Vec::new(),
        }
    }

    /// Whether an agent's status is that of the newest device (rule P4).
    fn goes_by_newest(&self) -> bool {
        self.rules.merge == Merge::Newest && !is_on(Mutation::NewestAsHighest)
    }

    /// Where what is kept of a device stands.
    fn keeper(&self, id: DeviceId) -> DeviceId {
        match self.rules.devices {
            Devices::Each => id,
            Devices::OneStatus => DeviceId::new(id.agent(), 0),
        }
    }
}

/// What is noted of a device, if anything ever was.
fn noted<T: Copy + Default>(table: &[Vec<T>], id: DeviceId) -> T {
    let slot = table.get(id.slot());
    slot.and_then(|agents| agents.get(id.agent().index())).copied().unwrap_or_default()
}

/// Notes something of a device.
fn note<T: Copy + Default>(table: &mut Vec<Vec<T>>, id: DeviceId, value: T) {
    let (slot, agent) = (id.slot(), id.agent().index());
    if table.len() <= slot {
        table.resize_with(slot + 1, Vec::new);
    }
    let agents = &mut table[slot];
    if agents.len() <= agent {
        agents.resize(agent + 1, T::default());
    }
    agents[agent] = value;
}

impl People {
    /// Whether agents and devices go by other rules than the rule book's.
    #[inline]
    pub fn go_by_other_rules(&self) -> bool {
        self.by_rules.is_some()
    }

    /// What an agent of a status counts for (rule P5).
    pub(super) fn counts_for(&self, status: AgentStatus) -> Presence {
        match &self.by_rules {
            None => status.into(),
            Some(by_rules) => by_rules.rules.counts_as(status),
        }
    }

    /// What team-mates see of an agent of a status (rule P4).
    pub fn seen_as(&self, status: AgentStatus) -> AgentStatus {
        match &self.by_rules {
            None => status,
            Some(by_rules) => by_rules.rules.seen_as(status),
        }
    }

    /// What the active ones among a property's members would add up to by other rules (rule P5).
    pub fn presence_by(
        &self,
        rules: &RuleSet,
        members: &[AgentId],
        property: PropertyId,
    ) -> Presence {
        let active = members
            .iter()
            .filter(|agent| self.membership(**agent, property) == Some(Membership::Active));
        let counted = active.map(|agent| match self.places[agent.index()].get() {
            Where::Seated(..) => rules.counts_as(self.status(*agent)),
            Where::Standing(index) => rules.counts_as(self.status_at(index)),
        });
        counted.max().unwrap_or(Presence::Nobody)
    }

    /// The status that was last given to a device without a time (rule P1, `login = "keeps"`).
    pub fn kept(&self, id: DeviceId) -> Option<Chosen> {
        let by_rules = self.by_rules.as_ref()?;
        noted(&by_rules.kept, by_rules.keeper(id))
    }

    /// Keeps a status that is given to a device without a time.
    pub fn keep(&mut self, id: DeviceId, status: Chosen) {
        if let Some(by_rules) = &mut self.by_rules {
            let keeper = by_rules.keeper(id);
            note(&mut by_rules.kept, keeper, Some(status));
        }
    }

    /// Notes that a device is the newest of its agent's: it was logged in or given a status (rule P4,
    /// `merge = "newest"`).
    pub fn note_given(&mut self, id: DeviceId) {
        if let Some(by_rules) = &mut self.by_rules
            && by_rules.rules.merge == Merge::Newest
        {
            by_rules.last_given += 1;
            note(&mut by_rules.given, id, by_rules.last_given);
        }
    }

    /// How lately a device was logged in or given a status: the greater, the later.
    pub fn given(&self, id: DeviceId) -> u64 {
        self.by_rules.as_ref().map_or(0, |by_rules| noted(&by_rules.given, id))
    }

    /// Gives all devices of an agent other states at once, from an instant on, where agents go by other rules than the
    /// rule book's, and tells what that does further up: the agent first.
    pub fn change_all(
        &mut self,
        agent: AgentId,
        at: Instant,
        mut to: impl FnMut(usize, Device) -> Device,
        effects: &mut dyn FnMut(DeviceEffect),
    ) {
        let Where::Standing(index) = self.places[agent.index()].get() else {
            unreachable!("where other rules hold all agents stand")
        };
        let before = self.status_at(index);
        let standing = &mut self.standing[index];
        for (slot, device) in standing.devices.iter_mut().enumerate() {
            let from = *device;
            *device = to(slot, from);
            if *device == from {
                continue;
            }
            standing.by_status[from.status() as usize] -= 1;
            standing.by_status[device.status() as usize] += 1;
            if let Some(since) = standing.since.get_mut(slot)
                && !from.is_as(*device)
            {
                *since = Some(at.into());
            }
        }
        self.look_for_newest(agent, index);
        let now = self.status_at(index);
        if now == before {
            return;
        }
        let (seen_before, seen) = (self.seen_as(before), self.seen_as(now));
        if seen_before != seen {
            effects(DeviceEffect::Agent(seen_before, seen));
        }
        self.recount(index, self.counts_for(before), self.counts_for(now), effects);
    }

    /// What a standing agent's devices come to (rule P4), whatever team-mates see of it.
    pub(super) fn status_at(&self, index: usize) -> AgentStatus {
        match &self.by_rules {
            Some(by_rules) if by_rules.goes_by_newest() => {
                by_rules.newest.get(index).copied().unwrap_or(AgentStatus::Offline)
            }
            _ => self.standing[index].highest(),
        }
    }

    /// Looks for the device that was last given a status, where that counts (rule P4).
    fn look_for_newest(&mut self, agent: AgentId, index: usize) {
        let Some(by_rules) = self.by_rules.as_mut().filter(|by_rules| by_rules.goes_by_newest())
        else {
            return;
        };
        let devices = self.standing[index].devices.iter().enumerate();
        let newest = devices
            .filter(|(_, device)| device.is_logged_in() || is_on(Mutation::NewestThoughLoggedOut))
            .max_by_key(|(slot, _)| noted(&by_rules.given, DeviceId::new(agent, *slot)));
        if by_rules.newest.len() <= index {
            by_rules.newest.resize(index + 1, AgentStatus::Offline);
        }
        by_rules.newest[index] =
            newest.map_or(AgentStatus::Offline, |(_, device)| device.status().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceStatus;

    #[test]
    fn by_other_rules_all_agents_stand_and_count_for_what_the_knobs_say() {
        let mut rules = RuleSet::BOOK;
        for (knob, position) in [("away_is", "offline"), ("invisible_is", "online")] {
            let knob = crate::model::Knob::of(knob).expect("a knob");
            rules.put(knob, position).expect("a position");
        }
        let acme = PropertyId::new(0);
        let members = [(acme, Membership::Active)];
        let mut people = People::new(1, std::iter::once(&members[..]), &rules, true);
        let ann = AgentId::new(0);
        let device = people.add_device(ann);
        let at = Instant::MIN;
        assert_eq!(people.standing.len(), 1);
        for (status, presence) in [
            (DeviceStatus::Online, Presence::Online),
            (DeviceStatus::Away, Presence::Nobody),
            (DeviceStatus::Invisible, Presence::Online),
        ] {
            people.change_all(ann, at, |_, _| Device::LOGGED_IN.with_status(status), &mut |_| {});
            assert_eq!(people.presence(acme), presence, "{status}");
            assert_eq!(people.status(ann), status.into());
        }
        assert!(people.device(device).is_logged_in());
        people.put_members(acme, &[ann], &[(ann, Membership::Active)]);
        assert!(matches!(people.places[0].get(), Where::Standing(_)), "nobody sits down");
    }
}
