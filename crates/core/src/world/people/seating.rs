//! Who sits and who stands: agents on their way from one to the other.

use smallvec::{SmallVec, smallvec};

use super::People;
use super::house::SEAT_DEVICES;
use super::location::{Location, Where};
use super::standing::{Membership, Standing};
use crate::model::{AgentId, Presence, PropertyId};
use crate::world::device::Device;

impl People {
    /// Takes a standing agent in, and counts it; gives the place among those who stand.
    pub(super) fn stand(&mut self, standing: Standing) -> usize {
        let presence = self.counts_for(standing.highest());
        for &(property, membership) in &standing.memberships {
            self.houses[property.index()].seats.put_standing(true);
            if membership == Membership::Active {
                self.counts_mut(property).count(Presence::Nobody, presence);
            }
        }
        match self.free.pop() {
            Some(index) => {
                self.standing[index] = standing;
                index
            }
            None => {
                self.standing.push(standing);
                self.standing.len() - 1
            }
        }
    }

    /// Lets an agent stand from now on; gives the place among those who do.
    pub(super) fn stand_up(&mut self, agent: AgentId) -> usize {
        let (property, seat) = match self.places[agent.index()].get() {
            Where::Standing(index) => return index,
            Where::Seated(property, seat) => (property, seat),
        };
        let seats = &mut self.houses[property].seats;
        let devices: SmallVec<[Device; 16]> =
            seats.devices(seat).into_iter().filter(|device| device.exists()).collect();
        (0..SEAT_DEVICES).for_each(|slot| seats.put(seat, slot, Device::default()));
        let since = match self.houses.are_dated() {
            true => {
                (0..devices.len()).map(|slot| self.houses.since(property, seat, slot)).collect()
            }
            false => Vec::new(),
        };
        let mut by_status = [0; 4];
        devices.iter().for_each(|device| by_status[device.status() as usize] += 1);
        let memberships = smallvec![(PropertyId::new(property), Membership::Active)];
        let index = self.stand(Standing { devices, since, by_status, memberships });
        self.places[agent.index()] = Location::standing(index);
        index
    }

    /// Gives a standing agent a seat at a property, if that is their only one, counts them, and has
    /// a seat left.
    pub(super) fn sit_down(&mut self, agent: AgentId, property: PropertyId) {
        let Where::Standing(index) = self.places[agent.index()].get() else { return };
        let standing = &self.standing[index];
        let fits = !self.must_stand()
            && standing.devices.len() <= SEAT_DEVICES
            && standing.memberships[..] == [(property, Membership::Active)];
        let seats = &mut self.houses[property.index()].seats;
        let Some(seat) = fits.then(|| seats.take()).flatten() else { return };
        for (slot, &device) in standing.devices.iter().enumerate() {
            let (house, since) = self.houses.at_seat(property.index(), seat, slot);
            house.seats.put(seat, slot, device);
            if let Some(since) = since {
                *since = standing.since[slot];
            }
        }
        let status = self.counts_for(standing.highest());
        self.counts_mut(property).count(status, Presence::Nobody);
        self.standing[index] = Standing::default();
        self.free.push(index);
        self.places[agent.index()] = Location::seated(property, seat);
    }
}
