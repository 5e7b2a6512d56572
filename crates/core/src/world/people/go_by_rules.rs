//! Agents by other rules than the rule book's (rules P1, P4, P5): who has which status, what
//! team-mates see of it, what it counts for, and which status a login gives back.

use super::People;
use super::by_rules::{SeatActed, SeatedAgent, note, noted};
use super::house::{Pair, SEAT_DEVICES, Seats};
use super::location::Where;
use super::seated::SeatStep;
use super::standing::{DeviceEffect, Membership};
use crate::model::knobs::Merge;
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, Instant, Presence, PropertyId, RuleSet,
};
use crate::mutations::{Mutation, is_on};
use crate::world::device::Device;
use crate::world::device_event::IMPOSSIBLE;

impl People {
    /// Whether agents and devices go by other rules than the rule book's.
    #[inline]
    pub fn go_by_other_rules(&self) -> bool {
        self.by_rules.is_some()
    }

    /// Whether all agents stand: where the newest device decides, more is noted of each than a seat takes.
    pub(super) fn must_stand(&self) -> bool {
        self.by_rules.as_ref().is_some_and(|by_rules| by_rules.goes_by_newest())
    }

    /// What the seated members of a property add up to (rule P5).
    #[inline]
    pub(super) fn seated_presence(&self, seats: Seats) -> Presence {
        match &self.by_rules {
            None => seats.presence(),
            Some(by_rules) => seats.presence_by(&by_rules.weights),
        }
    }

    /// What an agent of a status counts for (rule P5).
    pub(super) fn counts_for(&self, status: AgentStatus) -> Presence {
        match &self.by_rules {
            None => status.into(),
            Some(by_rules) => by_rules.counts_as[status as usize],
        }
    }

    /// What team-mates see of an agent of a status (rule P4).
    pub fn seen_as(&self, status: AgentStatus) -> AgentStatus {
        match &self.by_rules {
            None => status,
            Some(by_rules) => by_rules.seen_as[status as usize],
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
            Where::Seated(property, seat) => {
                rules.counts_as(self.houses[property].seats.status(seat))
            }
            Where::Standing(index) => rules.counts_as(self.status_at(index)),
        });
        counted.max().unwrap_or(Presence::Nobody)
    }

    /// The status that a device had at its last logout (rule P1, `login = "keeps"`).
    pub fn kept(&self, id: DeviceId) -> Option<Chosen> {
        let by_rules = self.by_rules.as_ref()?;
        noted(&by_rules.kept, by_rules.keeper(id))
    }

    /// Keeps the status of a device that is about to be logged out.
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

    /// A seated agent, to be given other states of the devices where agents go by other rules than the rule
    /// book's; `None` where the agent stands.
    #[inline(always)]
    pub fn seated_agent(&mut self, id: DeviceId) -> Option<SeatedAgent<'_>> {
        let Where::Seated(property, seat) = self.find(id) else { return None };
        let by_rules = self.by_rules.as_deref().expect("asked where other rules hold");
        let (house, since) = self.houses.at_whole_seat(property, seat);
        Some(SeatedAgent { seat, house, since, counts: &self.counts, by_rules })
    }

    /// Does what is said of a device whose agent is seated, by the row of it in a table of seats, from an instant
    /// on; `None` where the agent stands, and where it cannot happen: then nothing has changed.
    #[inline(always)]
    pub fn act_seated(&mut self, id: DeviceId, row: usize, at: Instant) -> Option<SeatActed> {
        let seated = self.seated_agent(id)?;
        let from = seated.pair();
        let to = seated.by_rules.table[row][id.slot() % SEAT_DEVICES][usize::from(from.0)];
        (to != IMPOSSIBLE).then(|| {
            let to = Pair(to);
            SeatActed { from, to, step: seated.put(to, at) }
        })
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
        let index = match self.seated_agent(DeviceId::new(agent, 0)) {
            None => self.stand_up(agent),
            Some(seated) => {
                let before = seated.pair();
                let devices = [0, 1].map(|slot| match before.device(slot) {
                    device if device.exists() => to(slot, device),
                    none => none,
                });
                let SeatStep { agent: (before, now), presence, widgets } =
                    seated.put(devices.into(), at);
                if before != now {
                    effects(DeviceEffect::Agent(before, now));
                }
                if presence.0 != presence.1 {
                    effects(DeviceEffect::Presence(widgets, presence.1));
                }
                return;
            }
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
    use super::super::house::Weights;
    use super::*;
    use crate::model::DeviceStatus;

    #[test]
    fn by_other_rules_agents_count_for_what_the_knobs_say_seated_and_standing() {
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
        assert!(people.standing.is_empty());
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
        // With a third device there is no seat any more.
        for _ in 0..2 {
            people.add_device(ann);
        }
        assert_eq!((people.standing.len(), people.presence(acme)), (1, Presence::Online));
        for (status, presence) in
            [(DeviceStatus::Away, Presence::Nobody), (DeviceStatus::Invisible, Presence::Online)]
        {
            people.change_all(ann, at, |_, _| Device::LOGGED_IN.with_status(status), &mut |_| {});
            assert_eq!(people.presence(acme), presence, "{status}");
        }
    }

    #[test]
    fn where_the_newest_device_decides_nobody_sits() {
        let mut rules = RuleSet::BOOK;
        let knob = crate::model::Knob::of("merge").expect("a knob");
        rules.put(knob, "newest").expect("a position");
        let acme = PropertyId::new(0);
        let members = [(acme, Membership::Active)];
        let mut people = People::new(1, std::iter::once(&members[..]), &rules, true);
        let ann = AgentId::new(0);
        people.put_members(acme, &[ann], &[(ann, Membership::Active)]);
        assert!(matches!(people.places[0].get(), Where::Standing(_)));
    }

    #[test]
    fn a_house_adds_up_to_what_its_agents_count_for_one_by_one() {
        let statuses = [
            DeviceStatus::LoggedOut,
            DeviceStatus::Invisible,
            DeviceStatus::Away,
            DeviceStatus::Online,
        ];
        let device = |code: usize| match statuses[code % 4] {
            DeviceStatus::LoggedOut => Device::LOGGED_OUT,
            status => Device::LOGGED_IN.with_status(status),
        };
        for (away_is, invisible_is) in ["away", "online", "offline"]
            .into_iter()
            .flat_map(|away| ["offline", "away", "online"].map(|invisible| (away, invisible)))
        {
            let mut rules = RuleSet::BOOK;
            for (knob, position) in [("away_is", away_is), ("invisible_is", invisible_is)] {
                let knob = crate::model::Knob::of(knob).expect("a knob");
                rules.put(knob, position).expect("a position");
            }
            let weights = Weights::of(&rules);
            // All pairs of devices on the first seat, beside all on the last.
            for code in 0..256 {
                let mut seats = Seats::default();
                let agents =
                    [[device(code), device(code / 4)], [device(code / 16), device(code / 64)]];
                seats.put_pair(0, agents[0].into());
                seats.put_pair(6, agents[1].into());
                let highest = agents.map(|[first, second]| first.status().max(second.status()));
                let counts = highest.map(|status| rules.counts_as(status.into()));
                assert_eq!(
                    seats.presence_by(&weights),
                    counts[0].max(counts[1]),
                    "{away_is} {invisible_is} {agents:?}"
                );
            }
        }
    }
}
