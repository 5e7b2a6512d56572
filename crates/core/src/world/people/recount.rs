//! Devices of standing agents in other states, and what that does to all properties of theirs.

use super::People;
use super::location::Where;
use super::standing::{DeviceEffect, Membership};
use crate::model::{DeviceId, Instant, Presence};
use crate::mutations::{Mutation, is_on};
use crate::world::device::Device;

impl People {
    /// Gives a device of a standing agent another state by the rule book, from an instant on, and tells
    /// what that does further up: the agent first.
    #[cold]
    pub fn put_standing(
        &mut self,
        id: DeviceId,
        to: Device,
        at: Instant,
        effects: &mut dyn FnMut(DeviceEffect),
    ) {
        let Where::Standing(index) = self.places[id.agent().index()].get() else {
            unreachable!("who is seated was found to be so")
        };
        let slot = id.slot();
        let standing = &mut self.standing[index];
        let before = standing.highest();
        if !is_on(Mutation::ThirdDeviceNotCounted) || slot < 2 {
            standing.by_status[standing.devices[slot].status() as usize] -= 1;
            standing.by_status[to.status() as usize] += 1;
        }
        if let Some(since) = standing.since.get_mut(slot)
            && !standing.devices[slot].is_as(to)
        {
            *since = Some(at.into());
        }
        standing.devices[slot] = to;
        let now = standing.highest();
        if before != now {
            effects(DeviceEffect::Agent(before, now));
        }
        self.recount(index, before.into(), now.into(), effects);
    }

    /// Counts a standing agent for something else in every property of which the agent is an active
    /// member (rules P5, P6).
    pub(super) fn recount(
        &mut self,
        index: usize,
        before: Presence,
        now: Presence,
        effects: &mut dyn FnMut(DeviceEffect),
    ) {
        if before == now {
            return;
        }
        for place in 0..self.standing[index].memberships.len() {
            let (property, membership) = self.standing[index].memberships[place];
            if membership == Membership::Active {
                let counts = self.counts_mut(property);
                let was = counts.presence();
                counts.count(before, now);
                let is = counts.presence();
                // As long as all who stand come to the same, so does everybody together.
                if was == is || is_on(Mutation::StandingNotCounted) {
                    continue;
                }
                let seated = self.seated_presence(self.houses[property.index()].seats);
                let (before_all, now_all) = (seated.max(was), seated.max(is));
                let told = place == 0 || !is_on(Mutation::SecondPropertyNotTold);
                if now_all != before_all && told {
                    effects(DeviceEffect::Presence(self.widgets(property), now_all));
                }
            }
        }
    }
}
