//! What other rules than the rule book's need to know of agents and devices, and a seated agent by them.

use super::house::{House, Pair, SEAT_DEVICES, Weights};
use super::seated::SeatStep;
use super::standing::Counts;
use crate::model::knobs::{Devices, Merge};
use crate::model::{AgentStatus, Chosen, DeviceId, Instant, Presence, RuleSet};
use crate::mutations::{Mutation, is_on};
use crate::world::copies::clone_by_field;
use crate::world::device_event::{Reach, SeatTable, seat_table};
use crate::world::stamp::Stamp;

/// What the rules are, and what they need to know of devices beside their states.
#[derive(Debug)]
pub(super) struct ByRules {
    pub(super) rules: RuleSet,
    /// What becomes of the devices of a seat.
    pub(super) table: &'static SeatTable,
    /// What each status of an agent counts for (rule P5), and what team-mates see of it (rule P4).
    pub(super) counts_as: [Presence; 4],
    pub(super) seen_as: [AgentStatus; 4],
    pub(super) weights: Weights,
    /// The status that each device had at its last logout, of all first devices, of all second ones, and so on;
    /// with one status for all devices, that of the agent stands at the first.
    pub(super) kept: Vec<Vec<Option<Chosen>>>,
    /// A number that grows with each login and each status that a device is given, of the last one.
    pub(super) given: Vec<Vec<u64>>,
    pub(super) last_given: u64,
    /// The status of each standing agent, where it is that of the newest device.
    pub(super) newest: Vec<AgentStatus>,
}

clone_by_field! { ByRules { rules, table, counts_as, seen_as, weights, kept, given, last_given, newest } }

/// By their places.
const STATUSES: [AgentStatus; 4] =
    [AgentStatus::Offline, AgentStatus::Invisible, AgentStatus::Away, AgentStatus::Online];

impl ByRules {
    pub fn new(rules: &RuleSet) -> Self {
        Self {
            rules: *rules,
            table: seat_table(Reach::of(rules)),
            counts_as: STATUSES.map(|status| rules.counts_as(status)),
            seen_as: STATUSES.map(|status| rules.seen_as(status)),
            weights: Weights::of(rules),
            kept: Vec::new(),
            given: Vec::new(),
            last_given: 0,
            newest: Vec::new(),
        }
    }

    /// Whether an agent's status is that of the newest device (rule P4).
    pub(super) fn goes_by_newest(&self) -> bool {
        self.rules.merge == Merge::Newest && !is_on(Mutation::NewestAsHighest)
    }

    /// Where what is kept of a device stands.
    pub(super) fn keeper(&self, id: DeviceId) -> DeviceId {
        match self.rules.devices {
            Devices::Each => id,
            Devices::OneStatus => DeviceId::new(id.agent(), 0),
        }
    }
}

/// A seated agent, with all that a change of the devices touches.
pub struct SeatedAgent<'a> {
    pub(super) seat: u32,
    pub(super) house: &'a mut House,
    pub(super) since: Option<&'a mut [Option<Stamp>; SEAT_DEVICES]>,
    pub(super) counts: &'a [Counts],
    pub(super) by_rules: &'a ByRules,
}

impl SeatedAgent<'_> {
    /// The states of the devices.
    #[inline]
    pub fn pair(&self) -> Pair {
        self.house.seats.pair(self.seat)
    }

    /// Gives the devices other states, from an instant on.
    #[inline(always)]
    pub fn put(self, pair: Pair, at: Instant) -> SeatStep {
        let Self { seat, house, since, counts, by_rules } = self;
        let ByRules { counts_as, seen_as, weights, .. } = by_rules;
        let before = house.seats.pair(seat);
        house.seats.put_pair(seat, pair);
        for (slot, since) in since.into_iter().flatten().enumerate() {
            if !before.device(slot).is_as(pair.device(slot)) {
                *since = Some(at.into());
            }
        }
        let (was, is) = (before.status() as usize, pair.status() as usize);
        let mut presence = (counts_as[was], counts_as[is]);
        // As long as the agent counts for the same, so does everybody together.
        if presence.0 != presence.1 {
            let mut seats = house.seats;
            seats.put_pair(seat, Pair::default());
            let mut others = seats.presence_by(weights);
            if seats.has_standing() && !is_on(Mutation::StandingForgotten) {
                others = others.max(counts[house.standing as usize].presence());
            }
            presence = (presence.0.max(others), presence.1.max(others));
        }
        SeatStep { agent: (seen_as[was], seen_as[is]), presence, widgets: house.widgets }
    }
}

/// What was done to the devices of a seated agent.
pub struct SeatActed {
    /// The seat's devices before the action.
    pub from: Pair,
    /// The seat's devices after the action.
    pub to: Pair,
    /// What that does further up.
    pub step: SeatStep,
}

/// What is noted of a device, if anything ever was.
pub(super) fn noted<T: Copy + Default>(table: &[Vec<T>], id: DeviceId) -> T {
    let slot = table.get(id.slot());
    slot.and_then(|agents| agents.get(id.agent().index())).copied().unwrap_or_default()
}

/// Notes something of a device.
pub(super) fn note<T: Copy + Default>(table: &mut Vec<Vec<T>>, id: DeviceId, value: T) {
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
