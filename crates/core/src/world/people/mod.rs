//! Agents and their devices, laid out for the ordinary case. Most agents belong to one property and
//! have one or two devices: they are *seated*, which means that the states of their devices stand in
//! one word with those of their colleagues, the *house* of the property, and so what one event needs
//! is one word. Whoever has more devices, belongs to no or several properties, is suspended or finds
//! no seat any more is *standing*: kept aside in lists, and counted.
//!
//! A seat is given once. Whoever leaves it leaves it empty for ever, so that an old hint of theirs
//! finds nobody there.
//!
//! | file | what it does |
//! | --- | --- |
//! | `by_rules` | agents by other rules than the rule book's: there all of them stand |

mod by_rules;

use std::collections::HashSet;

use super::device::Device;
use crate::model::{AgentId, AgentStatus, DeviceId, DeviceStatus, Presence, PropertyId, RuleSet};
use crate::mutations::{Mutation, is_on};
use by_rules::ByRules;

/// Whether a member counts in a property (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// The member counts towards the presence (rule P5).
    Active,
    /// Counts nowhere in the property until reinstated.
    Suspended,
}

/// Seats in a house, and devices to a seat.
const SEATS: u32 = 7;
const SEAT_DEVICES: usize = 2;
const SEAT_BITS: u32 = Device::BITS * SEAT_DEVICES as u32;

/// So that a property and a seat fit into a [`Location`].
const PROPERTIES_MAX: usize = (1 << 28) - 1;
const TOO_MANY_PROPERTIES: &str = "a fleet has fewer than 2^28 properties";

/// The devices of the agents who are seated at one property, four bits each, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct House(u64);

/// The lowest bit of every device of a house.
const EVERY_DEVICE: u64 = 0x0011_1111_1111_1111;
/// Set where a property also has standing members.
const HAS_STANDING: u64 = 1 << 63;
/// Where it stands how many seats of a house were ever given.
const TAKEN_SHIFT: u32 = SEATS * SEAT_BITS;
const TAKEN: u64 = 0b111 << TAKEN_SHIFT;

impl House {
    /// The highest over all devices, which is the highest over their agents (rules P4, P5).
    #[inline]
    fn presence(self) -> Presence {
        // Online is 3, away 2: away has the upper bit, online both.
        let invisible_or_online = if is_on(Mutation::InvisibleCounts) { self.0 } else { 0 };
        let away_or_online = (self.0 >> 1 | invisible_or_online) & EVERY_DEVICE;
        if is_on(Mutation::AwayBeatsOnline) && away_or_online & !self.0 != 0 {
            return Presence::Away;
        }
        match (away_or_online & self.0, away_or_online) {
            (1.., _) => Presence::Online,
            (0, 1..) => Presence::Away,
            (0, 0) => Presence::Nobody,
        }
    }

    /// The devices of one seat.
    #[inline]
    fn devices(self, seat: u32) -> [Device; SEAT_DEVICES] {
        let bits = self.0 >> (seat * SEAT_BITS);
        [Device::from_bits(bits), Device::from_bits(bits >> Device::BITS)]
    }

    /// One device of a seat.
    #[inline]
    fn device(self, seat: u32, slot: usize) -> Device {
        Device::from_bits(self.0 >> (seat * SEAT_BITS + slot as u32 * Device::BITS))
    }

    #[inline]
    fn put(&mut self, seat: u32, slot: usize, device: Device) {
        let shift = seat * SEAT_BITS + slot as u32 * Device::BITS;
        self.0 = self.0 & !(0b1111 << shift) | device.bits() << shift;
    }

    /// Gives a seat that nobody ever had, if there is one.
    fn take_seat(&mut self) -> Option<u32> {
        let taken = ((self.0 & TAKEN) >> TAKEN_SHIFT) as u32;
        (taken < SEATS).then(|| {
            self.0 += 1 << TAKEN_SHIFT;
            taken
        })
    }

    /// The highest over the devices of a seat (rule P4).
    #[inline]
    fn status(self, seat: u32) -> AgentStatus {
        if is_on(Mutation::LastDeviceDecides) {
            let [first, second] = self.devices(seat);
            let last = if second.is_logged_in() { second } else { first };
            return last.status().into();
        }
        HIGHEST[(self.0 >> (seat * SEAT_BITS)) as usize & 0xFF]
    }
}

/// The status of an agent, by the bits of both devices.
const HIGHEST: [AgentStatus; 256] = {
    let statuses =
        [AgentStatus::Offline, AgentStatus::Invisible, AgentStatus::Away, AgentStatus::Online];
    let mut highest = [AgentStatus::Offline; 256];
    let mut bits = 0;
    while bits < 256 {
        let (first, second) = (bits & 0b11, bits >> Device::BITS & 0b11);
        highest[bits] = statuses[if first > second { first } else { second }];
        bits += 1;
    }
    highest
};

/// Where an agent is: the property and the seat there, or the place among those who stand.
#[derive(Clone, Copy, Debug)]
struct Location(u32);

impl Location {
    const STANDING: u32 = 1 << 31;

    fn seated(property: PropertyId, seat: u32) -> Self {
        Self(u32::from(property) << 3 | seat)
    }

    fn standing(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than there are agents") | Self::STANDING)
    }

    #[inline]
    fn get(self) -> Where {
        match self.0 & Self::STANDING {
            0 => Where::Seated((self.0 >> 3) as usize, self.0 & 0b111),
            _ => Where::Standing((self.0 & !Self::STANDING) as usize),
        }
    }
}

/// Where an agent is, taken apart.
enum Where {
    Seated(usize, u32),
    Standing(usize),
}

/// A standing agent.
#[derive(Clone, Debug, Default)]
struct Standing {
    devices: Vec<Device>,
    /// How many devices have each status, so that nobody counts them again.
    by_status: [u32; 4],
    memberships: Vec<(PropertyId, Membership)>,
}

impl Standing {
    /// The highest over the devices (rule P4).
    fn highest(&self) -> AgentStatus {
        let [_, invisible, away, online] = self.by_status;
        match (online, away, invisible) {
            (1.., _, _) => AgentStatus::Online,
            (0, 1.., _) => AgentStatus::Away,
            (0, 0, 1..) => AgentStatus::Invisible,
            (0, 0, 0) => AgentStatus::Offline,
        }
    }
}

/// What the standing members of one property add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    online: u32,
    away: u32,
}

impl Counts {
    fn presence(self) -> Presence {
        match (self.online, self.away) {
            (1.., _) => Presence::Online,
            (0, 1..) => Presence::Away,
            (0, 0) => Presence::Nobody,
        }
    }

    fn count(&mut self, from: Presence, to: Presence) {
        self.online -= u32::from(from == Presence::Online);
        self.away -= u32::from(from == Presence::Away);
        self.online += u32::from(to == Presence::Online);
        self.away += u32::from(to == Presence::Away);
    }
}

/// All agents of a fleet, and what they add up to in each property.
#[derive(Clone, Debug)]
pub struct People {
    places: Vec<Location>,
    houses: Vec<House>,
    standing: Vec<Standing>,
    /// Places in `standing` that were left.
    free: Vec<usize>,
    /// For each property; looked at only where its house says so.
    counts: Vec<Counts>,
    /// Set where agents and devices do not go by the rule book: then all agents stand.
    by_rules: Option<Box<ByRules>>,
}

/// What a change of one device does further up.
#[derive(Clone, Copy, Debug)]
pub enum DeviceEffect {
    /// The agent's status was, and is (rule P4).
    Agent(AgentStatus, AgentStatus),
    /// A property adds up to something else (rule P5).
    Presence(PropertyId, Presence),
}

impl People {
    /// Agents without devices, with their memberships in the order of their ids.
    pub fn new(
        property_count: usize,
        memberships: impl Iterator<Item = Vec<(PropertyId, Membership)>>,
        rules: &RuleSet,
    ) -> Self {
        assert!(property_count <= PROPERTIES_MAX, "{TOO_MANY_PROPERTIES}");
        let mut people = Self {
            places: Vec::new(),
            houses: vec![House::default(); property_count],
            standing: Vec::new(),
            free: Vec::new(),
            counts: vec![Counts::default(); property_count],
            by_rules: rules.concern_people().then(|| Box::new(ByRules::new(rules))),
        };
        let all_stand = people.by_rules.is_some();
        for memberships in memberships {
            let seat = match memberships[..] {
                [(property, Membership::Active)] if !all_stand => {
                    let seat = people.houses[property.index()].take_seat();
                    seat.map(|seat| Location::seated(property, seat))
                }
                _ => None,
            };
            let place = seat.unwrap_or_else(|| {
                Location::standing(people.stand(Standing { memberships, ..Standing::default() }))
            });
            people.places.push(place);
        }
        people
    }

    /// How many agents there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// One more property, with nobody in it.
    pub fn add_property(&mut self) {
        assert!(self.houses.len() < PROPERTIES_MAX, "{TOO_MANY_PROPERTIES}");
        self.houses.push(House::default());
        self.counts.push(Counts::default());
    }

    /// One more agent, without devices and a member of nothing.
    pub fn add_agent(&mut self) -> AgentId {
        let place = Location::standing(self.stand(Standing::default()));
        self.places.push(place);
        AgentId::new(self.places.len() - 1)
    }

    /// Takes a standing agent in, and counts it; gives the place among those who stand.
    fn stand(&mut self, standing: Standing) -> usize {
        let presence = self.counts_for(standing.highest());
        for &(property, membership) in &standing.memberships {
            self.houses[property.index()].0 |= HAS_STANDING;
            if membership == Membership::Active {
                let counts = &mut self.counts[property.index()];
                counts.count(Presence::Nobody, presence);
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
    fn stand_up(&mut self, agent: AgentId) -> usize {
        let (property, seat) = match self.places[agent.index()].get() {
            Where::Standing(index) => return index,
            Where::Seated(property, seat) => (property, seat),
        };
        let house = &mut self.houses[property];
        let devices: Vec<Device> =
            house.devices(seat).into_iter().filter(|device| device.exists()).collect();
        (0..SEAT_DEVICES).for_each(|slot| house.put(seat, slot, Device::default()));
        let mut by_status = [0; 4];
        devices.iter().for_each(|device| by_status[device.status() as usize] += 1);
        let memberships = vec![(PropertyId::new(property), Membership::Active)];
        let index = self.stand(Standing { devices, by_status, memberships });
        self.places[agent.index()] = Location::standing(index);
        index
    }

    /// Gives a standing agent a seat at a property, if that is their only one, counts them, and has
    /// a seat left.
    fn sit_down(&mut self, agent: AgentId, property: PropertyId) {
        let Where::Standing(index) = self.places[agent.index()].get() else { return };
        let standing = &self.standing[index];
        let fits = self.by_rules.is_none()
            && standing.devices.len() <= SEAT_DEVICES
            && standing.memberships == [(property, Membership::Active)];
        let house = &mut self.houses[property.index()];
        let Some(seat) = fits.then(|| house.take_seat()).flatten() else { return };
        for (slot, &device) in standing.devices.iter().enumerate() {
            house.put(seat, slot, device);
        }
        let status = Presence::from(standing.highest());
        self.counts[property.index()].count(status, Presence::Nobody);
        self.standing[index] = Standing::default();
        self.free.push(index);
        self.places[agent.index()] = Location::seated(property, seat);
    }

    /// What team-mates see: by the rule book, the highest over the devices (rule P4).
    #[inline]
    pub fn status(&self, agent: AgentId) -> AgentStatus {
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) => self.houses[property].status(seat),
            Where::Standing(index) => self.seen_as(self.status_at(index)),
        }
    }

    /// What the active members of a property add up to (rule P5).
    #[inline]
    pub fn presence(&self, property: PropertyId) -> Presence {
        let house = self.houses[property.index()];
        let seated = house.presence();
        if house.0 & HAS_STANDING == 0 || is_on(Mutation::StandingNotCounted) {
            return seated;
        }
        seated.max(self.counts[property.index()].presence())
    }

    /// Whether an agent is an active or a suspended member of a property.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Membership> {
        match self.places[agent.index()].get() {
            Where::Seated(index, _) => (index == property.index()).then_some(Membership::Active),
            Where::Standing(index) => {
                let mut memberships = self.standing[index].memberships.iter();
                memberships.find(|(other, _)| *other == property).map(|(_, found)| *found)
            }
        }
    }

    /// Suspends or reinstates a member (rule P6); what the property adds up to then.
    pub fn put_membership(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        membership: Membership,
    ) -> Presence {
        let index = self.stand_up(agent);
        let status = self.counts_for(self.status_at(index));
        let standing = &mut self.standing[index];
        for (other, now) in &mut standing.memberships {
            if *other == property && *now != membership {
                *now = membership;
                if is_on(Mutation::SuspendedCounts) && membership == Membership::Suspended {
                    continue;
                }
                let (from, to) = match membership {
                    Membership::Active => (Presence::Nobody, status),
                    Membership::Suspended => (status, Presence::Nobody),
                };
                self.counts[property.index()].count(from, to);
            }
        }
        self.presence(property)
    }

    /// Puts other members into a property than it had before, each named once (rule P6); what the
    /// property adds up to then.
    pub fn put_members(
        &mut self,
        property: PropertyId,
        before: &[AgentId],
        members: &[(AgentId, Membership)],
    ) -> Presence {
        let staying: HashSet<AgentId> = members.iter().map(|&(agent, _)| agent).collect();
        for &agent in before.iter().filter(|agent| !staying.contains(agent)) {
            self.leave(agent, property);
        }
        for &(agent, membership) in members {
            match self.membership(agent, property) {
                None => self.join(agent, property, membership),
                Some(now) if now == membership => {}
                Some(_) => {
                    self.put_membership(agent, property, membership);
                }
            }
        }
        let mut any_standing = false;
        for &(agent, _) in members {
            self.sit_down(agent, property);
            any_standing |= matches!(self.places[agent.index()].get(), Where::Standing(_));
        }
        if !any_standing {
            self.houses[property.index()].0 &= !HAS_STANDING;
        }
        self.presence(property)
    }

    fn join(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        let index = self.stand_up(agent);
        let standing = &mut self.standing[index];
        standing.memberships.push((property, membership));
        if membership == Membership::Active {
            let status = self.counts_for(self.status_at(index));
            self.counts[property.index()].count(Presence::Nobody, status);
        }
        self.houses[property.index()].0 |= HAS_STANDING;
    }

    fn leave(&mut self, agent: AgentId, property: PropertyId) {
        let index = self.stand_up(agent);
        let standing = &mut self.standing[index];
        let Some(place) = standing.memberships.iter().position(|(other, _)| *other == property)
        else {
            return;
        };
        let (_, membership) = standing.memberships.remove(place);
        if membership == Membership::Active {
            let status = self.counts_for(self.status_at(index));
            self.counts[property.index()].count(status, Presence::Nobody);
        }
    }

    /// The properties of which an agent is an active or a suspended member, in the order of their
    /// ids.
    pub fn properties_of(&self, agent: AgentId) -> Vec<PropertyId> {
        match self.places[agent.index()].get() {
            Where::Seated(property, _) => vec![PropertyId::new(property)],
            Where::Standing(index) => {
                let memberships = self.standing[index].memberships.iter();
                let mut properties: Vec<PropertyId> =
                    memberships.map(|&(property, _)| property).collect();
                properties.sort_unstable();
                properties
            }
        }
    }

    /// How many devices an agent has had so far.
    pub fn device_count(&self, agent: AgentId) -> usize {
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) => {
                let devices = self.houses[property].devices(seat);
                devices.iter().filter(|device| device.exists()).count()
            }
            Where::Standing(index) => self.standing[index].devices.len(),
        }
    }

    /// Gives an agent one more device, not logged in.
    pub fn add_device(&mut self, agent: AgentId) -> DeviceId {
        let id = DeviceId::new(agent, self.device_count(agent));
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) if id.slot() < SEAT_DEVICES => {
                self.houses[property].put(seat, id.slot(), Device::LOGGED_OUT);
            }
            _ => {
                let index = self.stand_up(agent);
                let standing = &mut self.standing[index];
                standing.devices.push(Device::LOGGED_OUT);
                standing.by_status[DeviceStatus::LoggedOut as usize] += 1;
            }
        }
        id
    }

    /// The same device, found at once from now on: as long as its agent is seated, its house is
    /// all that is looked at.
    pub fn hinted(&self, id: DeviceId) -> DeviceId {
        id.with_hint(self.places[id.agent().index()].0)
    }

    /// Reads where devices are and how they are, for nothing but that the caches have it.
    #[inline]
    pub fn look_ahead(&self, ids: impl Iterator<Item = DeviceId>) {
        let mut read = 0;
        for id in ids {
            if let Where::Seated(property, _) = Location(id.hint()).get()
                && let Some(house) = self.houses.get(property)
            {
                read ^= house.0;
            } else if let Where::Seated(property, _) = self.places[id.agent().index()].get() {
                read ^= self.houses[property].0;
            }
        }
        std::hint::black_box(read);
    }

    /// Where a device's agent is. Who has stood up has left nothing behind in the seat.
    #[inline]
    fn find(&self, id: DeviceId) -> Where {
        if let Where::Seated(property, seat) = Location(id.hint()).get()
            && let Some(house) = self.houses.get(property)
            && house.device(seat, id.slot() % SEAT_DEVICES).exists()
        {
            return Where::Seated(property, seat);
        }
        self.places[id.agent().index()].get()
    }

    /// The packed status and connection of a device.
    #[inline]
    pub fn device(&self, id: DeviceId) -> Device {
        match self.find(id) {
            Where::Seated(property, seat) => self.houses[property].device(seat, id.slot()),
            Where::Standing(index) => self.standing[index].devices[id.slot()],
        }
    }

    /// Gives a device another state by the rule book, and tells what that does further up: the agent
    /// first. Gives what it was and is.
    ///
    /// # Errors
    /// What `to` fails with; then nothing has changed.
    #[inline]
    pub fn change<E>(
        &mut self,
        id: DeviceId,
        to: impl FnOnce(Device) -> Result<Device, E>,
        effects: &mut impl FnMut(DeviceEffect),
    ) -> Result<(Device, Device), E> {
        let (property, seat) = match self.find(id) {
            Where::Seated(property, seat) => (property, seat),
            Where::Standing(index) => {
                let from = self.standing[index].devices[id.slot()];
                let to = to(from)?;
                self.put_standing_device(index, id.slot(), to, effects);
                return Ok((from, to));
            }
        };
        let house = &mut self.houses[property];
        let before = *house;
        let from = before.device(seat, id.slot());
        let to = to(from)?;
        house.put(seat, id.slot(), to);
        let now = *house;
        let (status_before, status) = (before.status(seat), now.status(seat));
        if status_before != status {
            effects(DeviceEffect::Agent(status_before, status));
        }
        let (mut presence_before, mut presence) = (before.presence(), now.presence());
        if presence_before != presence {
            if now.0 & HAS_STANDING != 0 && !is_on(Mutation::StandingForgotten) {
                let standing = self.counts[property].presence();
                (presence_before, presence) =
                    (presence_before.max(standing), presence.max(standing));
            }
            if presence_before != presence {
                effects(DeviceEffect::Presence(PropertyId::new(property), presence));
            }
        }
        Ok((from, to))
    }

    #[cold]
    fn put_standing_device(
        &mut self,
        index: usize,
        slot: usize,
        to: Device,
        effects: &mut impl FnMut(DeviceEffect),
    ) {
        let standing = &mut self.standing[index];
        let before = standing.highest();
        if !is_on(Mutation::ThirdDeviceNotCounted) || slot < 2 {
            standing.by_status[standing.devices[slot].status() as usize] -= 1;
            standing.by_status[to.status() as usize] += 1;
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
    fn recount(
        &mut self,
        index: usize,
        before: Presence,
        now: Presence,
        effects: &mut impl FnMut(DeviceEffect),
    ) {
        if before == now {
            return;
        }
        for place in 0..self.standing[index].memberships.len() {
            let (property, membership) = self.standing[index].memberships[place];
            if membership == Membership::Active {
                let before_all = self.presence(property);
                self.counts[property.index()].count(before, now);
                let now_all = self.presence(property);
                let told = place == 0 || !is_on(Mutation::SecondPropertyNotTold);
                if now_all != before_all && told {
                    effects(DeviceEffect::Presence(property, now_all));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> PropertyId {
        PropertyId::new(0)
    }

    /// Puts a device's status; what became of the agent and of acme, where it changed.
    fn put(
        people: &mut People,
        id: DeviceId,
        status: DeviceStatus,
    ) -> (AgentStatus, Option<Presence>) {
        let to = match status {
            DeviceStatus::LoggedOut => Device::LOGGED_OUT,
            _ => Device::LOGGED_IN.with_status(status),
        };
        let (mut agent, mut presence) = (None, None);
        let before = people.status(id.agent());
        let changed = people.change(id, |_| Ok::<_, ()>(to), &mut |effect| match effect {
            DeviceEffect::Agent(was, now) => agent = Some((was, now)),
            DeviceEffect::Presence(_, now) => presence = Some(now),
        });
        assert_eq!(changed.map(|(_, now)| now), Ok(to));
        let now = people.status(id.agent());
        assert_eq!(agent, (before != now).then_some((before, now)));
        assert!(presence.is_none_or(|presence| presence == people.presence(acme())));
        (people.status(id.agent()), presence)
    }

    #[test]
    fn the_highest_of_an_agents_devices_counts_seated_and_standing() {
        let mut people =
            People::new(1, std::iter::once(vec![(acme(), Membership::Active)]), &RuleSet::BOOK);
        let ann = AgentId::new(0);
        let devices: Vec<DeviceId> = (0..5).map(|_| people.add_device(ann)).collect();
        assert_eq!(people.device_count(ann), 5);
        use {AgentStatus as A, DeviceStatus as D, Presence as P};
        for (slot, status, agent, presence) in [
            (3, D::Invisible, A::Invisible, None),
            (0, D::Away, A::Away, Some(P::Away)),
            (4, D::Online, A::Online, Some(P::Online)),
            (4, D::LoggedOut, A::Away, Some(P::Away)),
            (0, D::LoggedOut, A::Invisible, Some(P::Nobody)),
            (3, D::LoggedOut, A::Offline, None),
        ] {
            assert_eq!(put(&mut people, devices[slot], status), (agent, presence), "{slot}");
        }
    }

    #[test]
    fn two_devices_fit_on_a_seat_and_seven_agents_into_a_house() {
        let members = (0..8).map(|_| vec![(acme(), Membership::Active)]);
        let mut people = People::new(1, members, &RuleSet::BOOK);
        assert_eq!(people.standing.len(), 1);
        for _ in 0..2 {
            people.add_device(AgentId::new(3));
            people.add_device(AgentId::new(6));
        }
        assert_eq!(people.standing.len(), 1);
        people.add_device(AgentId::new(3));
        assert_eq!(people.standing.len(), 2);
    }

    #[test]
    fn who_stands_up_keeps_everything() {
        let members = (0..9).map(|_| vec![(acme(), Membership::Active)]);
        let mut people = People::new(1, members, &RuleSet::BOOK);
        let phones: Vec<DeviceId> = (0..9).map(|id| people.add_device(AgentId::new(id))).collect();
        // The first seven have a seat; of each the highest counts all the same.
        assert_eq!(put(&mut people, phones[8], DeviceStatus::Away).1, Some(Presence::Away));
        assert_eq!(put(&mut people, phones[2], DeviceStatus::Online).1, Some(Presence::Online));
        people.add_device(AgentId::new(2));
        people.add_device(AgentId::new(2));
        assert_eq!(people.status(AgentId::new(2)), AgentStatus::Online);
        assert_eq!(people.presence(acme()), Presence::Online);
        let suspended = people.put_membership(AgentId::new(2), acme(), Membership::Suspended);
        assert_eq!(suspended, Presence::Away);
        assert_eq!(put(&mut people, phones[2], DeviceStatus::Away).1, None);
        let back = people.put_membership(AgentId::new(2), acme(), Membership::Active);
        assert_eq!(back, Presence::Away);
        assert_eq!(put(&mut people, phones[8], DeviceStatus::LoggedOut).1, None);
        assert_eq!(put(&mut people, phones[2], DeviceStatus::LoggedOut).1, Some(Presence::Nobody));
        assert_eq!(put(&mut people, phones[6], DeviceStatus::Invisible).1, None);
        assert_eq!(put(&mut people, phones[6], DeviceStatus::Online).1, Some(Presence::Online));
    }
}
