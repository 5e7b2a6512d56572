//! Devices of seated agents, to be given other states by the rule book, and what that does further up.

use super::house::{House, Pair, SEAT_DEVICES};
use super::standing::Counts;
use crate::model::{AgentStatus, Instant, Presence};
use crate::mutations::{Mutation, is_on};
use crate::world::device::Device;
use crate::world::few::Few;
use crate::world::stamp::Stamp;

/// A device of a seated agent, with all that an event of it touches.
pub struct SeatedDevice<'a> {
    pub(super) seat: u32,
    pub(super) slot: usize,
    /// All devices of the seat.
    pub(super) pair: Pair,
    pub(super) house: &'a mut House,
    pub(super) since: Option<&'a mut Option<Stamp>>,
    pub(super) counts: &'a [Counts],
}

/// What a change of a seated device does further up: what was, and is.
#[derive(Clone, Copy, Debug)]
pub struct SeatStep {
    /// The agent's status (rule P4).
    pub agent: (AgentStatus, AgentStatus),
    /// What the property adds up to (rule P5); the same twice means that it is what it was, whatever that is.
    pub presence: (Presence, Presence),
    /// The property's widgets, whose answers the change may touch.
    pub widgets: Few,
}

impl SeatedDevice<'_> {
    /// The state of the device.
    #[inline]
    pub fn get(&self) -> Device {
        self.pair.device(self.slot)
    }

    /// Gives it another state by the rule book, from an instant on.
    #[inline(always)]
    pub fn put(self, device: Device, at: Instant) -> SeatStep {
        let Self { seat, slot, pair, house, since, counts } = self;
        if let Some(since) = since
            && !pair.device(slot).is_as(device)
        {
            *since = Some(at.into());
        }
        step(seat, (pair, pair.with(slot, device)), house, counts)
    }
}

/// All devices of a seated agent, likewise.
pub struct SeatedPair<'a> {
    pub(super) seat: u32,
    pub(super) house: &'a mut House,
    pub(super) since: Option<&'a mut [Option<Stamp>; SEAT_DEVICES]>,
    pub(super) counts: &'a [Counts],
}

impl SeatedPair<'_> {
    /// The states of the devices.
    #[inline]
    pub fn get(&self) -> Pair {
        self.house.seats.pair(self.seat)
    }

    /// What team-mates see of the agent (rule P4).
    #[inline]
    pub fn status(&self) -> AgentStatus {
        self.get().seen_status()
    }

    /// Gives them other states by the rule book, from an instant on.
    #[inline(always)]
    pub fn put(self, pair: Pair, at: Instant) -> SeatStep {
        let Self { seat, house, since, counts } = self;
        let before = house.seats.pair(seat);
        for (slot, since) in since.into_iter().flatten().enumerate() {
            if !before.device(slot).is_as(pair.device(slot)) {
                *since = Some(at.into());
            }
        }
        step(seat, (before, pair), house, counts)
    }
}

/// Puts the devices of a seat, and says what that comes to.
#[inline(always)]
fn step(seat: u32, (from, to): (Pair, Pair), house: &mut House, counts: &[Counts]) -> SeatStep {
    let before = house.seats;
    house.seats.change_pair(seat, from, to);
    let now = house.seats;
    let agent = (from.seen_status(), to.seen_status());
    // As long as the agent counts for the same, so does everybody together.
    let mut presence = (Presence::Nobody, Presence::Nobody);
    if agent.0 != agent.1 || is_on(Mutation::LastDeviceDecides) {
        presence = (before.presence(), now.presence());
    }
    if presence.0 != presence.1 && now.has_standing() && !is_on(Mutation::StandingForgotten) {
        let standing = counts[house.standing as usize].presence();
        presence = (presence.0.max(standing), presence.1.max(standing));
    }
    SeatStep { agent, presence, widgets: house.widgets }
}
