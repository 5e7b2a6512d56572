//! What one event touches of a property, in one place: the devices of its seats, its widgets, and since
//! when each device has its status. With since when that is two cache lines a property, without it a
//! quarter of one.

use std::ops::{Index, IndexMut};

use crate::model::{AgentStatus, Presence, RuleSet};
use crate::mutations::{Mutation, is_on};
use crate::world::copies::clone_by_field;
use crate::world::device::Device;
use crate::world::few::Few;
use crate::world::stamp::Stamp;

/// Seats in a house, and devices to a seat.
pub const SEATS: u32 = 7;
pub const SEAT_DEVICES: usize = 2;
const SEAT_BITS: u32 = Device::BITS * SEAT_DEVICES as u32;

/// The devices of the agents who are seated at one property, four bits each, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seats(u64);

/// The lowest bit of every device of a house.
const EVERY_DEVICE: u64 = 0x0011_1111_1111_1111;
/// The lowest bit of every seat of a house.
const EVERY_SEAT: u64 = 0x0001_0101_0101_0101;
/// Set where a property also has standing members.
const HAS_STANDING: u64 = 1 << 63;
/// Where it stands how many seats of a house were ever given.
const TAKEN_SHIFT: u32 = SEATS * SEAT_BITS;
const TAKEN: u64 = 0b111 << TAKEN_SHIFT;

impl Seats {
    /// The highest over all devices, which is the highest over their agents (rules P4, P5).
    #[inline]
    pub fn presence(self) -> Presence {
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

    /// The highest over the agents, each of whom counts for what a product's rules make of the highest of the
    /// devices (rules P4, P5).
    #[inline]
    pub fn presence_by(self, weights: &Weights) -> Presence {
        let (upper, lower) = (self.0 >> 1, self.0);
        let of_seats = |bits: u64| {
            let bits = bits & EVERY_DEVICE;
            (bits | bits >> Device::BITS) & EVERY_SEAT
        };
        let online = of_seats(upper & lower);
        let away = of_seats(upper & !lower) & !online;
        let invisible = of_seats(!upper & lower) & !online & !away;
        let counts = |[by_away, by_invisible]: [u64; 2]| away & by_away | invisible & by_invisible;
        match (online | counts(weights.online), counts(weights.away)) {
            (1.., _) => Presence::Online,
            (0, 1..) => Presence::Away,
            (0, 0) => Presence::Nobody,
        }
    }

    /// The devices of one seat.
    #[inline]
    pub fn devices(self, seat: u32) -> [Device; SEAT_DEVICES] {
        let bits = self.0 >> (seat * SEAT_BITS);
        [Device::from_bits(bits), Device::from_bits(bits >> Device::BITS)]
    }

    /// One device of a seat.
    #[inline]
    pub fn device(self, seat: u32, slot: usize) -> Device {
        Device::from_bits(self.0 >> (seat * SEAT_BITS + slot as u32 * Device::BITS))
    }

    /// Puts the state of a device.
    #[inline]
    pub fn put(&mut self, seat: u32, slot: usize, device: Device) {
        let shift = seat * SEAT_BITS + slot as u32 * Device::BITS;
        self.0 = self.0 & !(0b1111 << shift) | device.bits() << shift;
    }

    /// The devices of one seat, packed as they are.
    #[inline]
    pub fn pair(self, seat: u32) -> Pair {
        Pair((self.0 >> (seat * SEAT_BITS)) as u8)
    }

    /// Puts the states of both devices of a seat.
    #[inline]
    pub fn put_pair(&mut self, seat: u32, Pair(bits): Pair) {
        let shift = seat * SEAT_BITS;
        self.0 = self.0 & !(0xFF << shift) | u64::from(bits) << shift;
    }

    /// Puts the states of both devices of a seat in place of what they are.
    #[inline]
    pub fn change_pair(&mut self, seat: u32, Pair(from): Pair, Pair(to): Pair) {
        self.0 ^= u64::from(from ^ to) << (seat * SEAT_BITS);
    }

    /// Gives a seat that nobody ever had, if there is one.
    pub fn take(&mut self) -> Option<u32> {
        let taken = ((self.0 & TAKEN) >> TAKEN_SHIFT) as u32;
        (taken < SEATS).then(|| {
            self.0 += 1 << TAKEN_SHIFT;
            taken
        })
    }

    /// The highest over the devices of a seat (rule P4).
    #[inline]
    pub fn status(self, seat: u32) -> AgentStatus {
        self.pair(seat).seen_status()
    }

    /// Whether the property also has standing members.
    #[inline]
    pub fn has_standing(self) -> bool {
        self.0 & HAS_STANDING != 0
    }

    /// Says whether it has.
    pub fn put_standing(&mut self, any: bool) {
        self.0 = self.0 & !HAS_STANDING | if any { HAS_STANDING } else { 0 };
    }
}

/// The devices of one seat, four bits each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pair(pub u8);

impl Pair {
    /// The device in a slot of the seat, 0 or 1.
    #[inline]
    pub fn device(self, slot: usize) -> Device {
        Device::from_bits(u64::from(self.0) >> (slot as u32 * Device::BITS))
    }

    /// The same with another state in one slot.
    #[inline]
    pub fn with(self, slot: usize, device: Device) -> Self {
        let shift = slot as u32 * Device::BITS;
        Self(self.0 & !(0b1111 << shift) | (device.bits() as u8) << shift)
    }

    /// Both, each as something becomes of it.
    #[inline]
    pub fn map(self, to: impl Fn(Device) -> Device) -> Self {
        [self.device(0), self.device(1)].map(to).into()
    }

    /// The highest over both (rule P4).
    #[inline]
    pub fn status(self) -> AgentStatus {
        HIGHEST[usize::from(self.0)]
    }

    /// The same as whoever programs it might get it wrong.
    #[inline]
    pub fn seen_status(self) -> AgentStatus {
        if is_on(Mutation::LastDeviceDecides) {
            let [first, second] = [self.device(0), self.device(1)];
            let last = if second.is_logged_in() { second } else { first };
            return last.status().into();
        }
        self.status()
    }

    /// Whether the connection of one may be lost; if not, it surely is not.
    #[inline]
    pub fn may_be_lost(self) -> bool {
        const LOST: u64 =
            Device::LOGGED_IN.with_connection(true).bits() & !Device::LOGGED_IN.bits();
        u64::from(self.0) & (LOST | LOST << Device::BITS) != 0
    }
}

impl From<[Device; SEAT_DEVICES]> for Pair {
    fn from([first, second]: [Device; SEAT_DEVICES]) -> Self {
        Self((first.bits() | second.bits() << Device::BITS) as u8)
    }
}

/// What agents who are away and who are invisible count for (rule P5), as words to mask every seat with: all
/// ones, or none.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    online: [u64; 2],
    away: [u64; 2],
}

impl Weights {
    /// Those of a product's rules.
    pub fn of(rules: &RuleSet) -> Self {
        let by = |presence| {
            [AgentStatus::Away, AgentStatus::Invisible].map(|status| {
                match rules.counts_as(status) == presence {
                    true => u64::MAX,
                    false => 0,
                }
            })
        };
        Self { online: by(Presence::Online), away: by(Presence::Away) }
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

/// What is kept of a property.
#[derive(Clone, Copy, Debug)]
pub struct House {
    /// The devices of whoever is seated.
    pub seats: Seats,
    /// The property's widgets, to which a change of its presence goes on.
    pub widgets: Few,
    /// Where it stands what the standing members add up to; at zero, nobody stands.
    pub standing: u32,
}

impl House {
    /// Nobody and no widget.
    const EMPTY: Self = Self { seats: Seats(0), widgets: Few::NONE, standing: 0 };
}

/// The same with since when each device has its status; it never had one where there is nothing.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct DatedHouse {
    house: House,
    since: [[Option<Stamp>; SEAT_DEVICES]; SEATS as usize],
}

impl DatedHouse {
    const EMPTY: Self = Self { house: House::EMPTY, since: [[None; SEAT_DEVICES]; SEATS as usize] };
}

/// All properties, by their ids.
#[derive(Debug)]
pub struct Houses(Kept);

clone_by_field! { Houses(_) }

#[derive(Debug)]
enum Kept {
    /// Nobody will ask since when.
    Undated(Vec<House>),
    Dated(Vec<DatedHouse>),
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        match self {
            Self::Undated(houses) => Self::Undated(houses.clone()),
            Self::Dated(houses) => Self::Dated(houses.clone()),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        match (self, source) {
            (Self::Undated(houses), Self::Undated(source)) => houses.clone_from(source),
            (Self::Dated(houses), Self::Dated(source)) => houses.clone_from(source),
            (kept, source) => *kept = source.clone(),
        }
    }
}

impl Houses {
    /// So many properties with nobody and no widget, with since when or without.
    pub fn new(count: usize, is_dated: bool) -> Self {
        Self(match is_dated {
            false => Kept::Undated(vec![House::EMPTY; count]),
            true => Kept::Dated(vec![DatedHouse::EMPTY; count]),
        })
    }

    /// Whether since when is kept.
    pub fn are_dated(&self) -> bool {
        matches!(self.0, Kept::Dated(_))
    }

    /// How many properties there are.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Undated(houses) => houses.len(),
            Kept::Dated(houses) => houses.len(),
        }
    }

    /// One more property, with nobody and no widget.
    pub fn push(&mut self) {
        match &mut self.0 {
            Kept::Undated(houses) => houses.push(House::EMPTY),
            Kept::Dated(houses) => houses.push(DatedHouse::EMPTY),
        }
    }

    /// What is kept of a property, if there is one.
    #[inline]
    pub fn get(&self, property: usize) -> Option<&House> {
        match &self.0 {
            Kept::Undated(houses) => houses.get(property),
            Kept::Dated(houses) => houses.get(property).map(|dated| &dated.house),
        }
    }

    /// The same of a property that there is, to be changed, and since when a device has its status, where
    /// that is kept.
    #[inline]
    pub fn at_seat(
        &mut self,
        property: usize,
        seat: u32,
        slot: usize,
    ) -> (&mut House, Option<&mut Option<Stamp>>) {
        match &mut self.0 {
            Kept::Undated(houses) => (&mut houses[property], None),
            Kept::Dated(houses) => {
                let DatedHouse { house, since } = &mut houses[property];
                (house, Some(&mut since[seat as usize][slot % SEAT_DEVICES]))
            }
        }
    }

    /// The same, and since when each device of a seat has its status.
    #[inline]
    pub fn at_whole_seat(
        &mut self,
        property: usize,
        seat: u32,
    ) -> (&mut House, Option<&mut [Option<Stamp>; SEAT_DEVICES]>) {
        match &mut self.0 {
            Kept::Undated(houses) => (&mut houses[property], None),
            Kept::Dated(houses) => {
                let DatedHouse { house, since } = &mut houses[property];
                (house, Some(&mut since[seat as usize]))
            }
        }
    }

    /// Since when a device has its status.
    #[inline]
    pub fn since(&self, property: usize, seat: u32, slot: usize) -> Option<Stamp> {
        match &self.0 {
            Kept::Undated(_) => None,
            Kept::Dated(houses) => houses[property].since[seat as usize][slot % SEAT_DEVICES],
        }
    }

    /// Reads all that an event of a device touches, for nothing but that the caches have it; `None`
    /// where there is no such property.
    #[inline]
    pub fn touch(&self, property: usize, seat: u32, slot: usize) -> Option<u64> {
        let number = |house: &House| house.seats.0 ^ u64::from(house.standing);
        match &self.0 {
            Kept::Undated(houses) => houses.get(property).map(number),
            Kept::Dated(houses) => {
                let dated = houses.get(property)?;
                let since = dated.since.get(seat as usize)?[slot % SEAT_DEVICES];
                Some(number(&dated.house) ^ since.map_or(0, Stamp::number))
            }
        }
    }
}

impl Index<usize> for Houses {
    type Output = House;

    #[inline]
    fn index(&self, property: usize) -> &House {
        match &self.0 {
            Kept::Undated(houses) => &houses[property],
            Kept::Dated(houses) => &houses[property].house,
        }
    }
}

impl IndexMut<usize> for Houses {
    #[inline]
    fn index_mut(&mut self, property: usize) -> &mut House {
        match &mut self.0 {
            Kept::Undated(houses) => &mut houses[property],
            Kept::Dated(houses) => &mut houses[property].house,
        }
    }
}
