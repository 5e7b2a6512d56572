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
//! | `location` | where an agent is, in a word |
//! | `house` | what one event touches of a property, in one place |
//! | `standing`, `seated` | agents who stand; devices of seated agents, to be given other states |
//! | `seating`, `membership` | who sits and who stands; who is a member where |
//! | `recount` | devices of agents who stand, given other states |
//! | `by_rules`, `go_by_rules` | what other rules than the rule book's need to know; agents by these |

mod by_rules;
mod go_by_rules;
mod house;
mod location;
mod membership;
mod recount;
mod seated;
mod seating;
mod standing;

use smallvec::SmallVec;

use super::copies::clone_by_field;
use super::device::Device;
use super::few::{Few, Lists};
use super::stamp::Stamp;
use crate::model::{AgentId, AgentStatus, DeviceId, DeviceStatus, Presence, PropertyId, RuleSet};
use crate::mutations::{Mutation, is_on};
use by_rules::ByRules;
pub use by_rules::SeatActed;
pub use house::Pair;
use house::{Houses, SEAT_DEVICES};
use location::{Location, PROPERTIES_MAX, TOO_MANY_PROPERTIES, Where};
pub use seated::SeatStep;
use seated::{SeatedDevice, SeatedPair};
use standing::{Counts, Standing};
pub use standing::{DeviceEffect, Membership};

/// All agents of a fleet, and what they add up to in each property.
#[derive(Debug)]
pub struct People {
    places: Vec<Location>,
    houses: Houses,
    standing: Vec<Standing>,
    /// Places in `standing` that were left.
    free: Vec<usize>,
    /// For each property with standing members, as its house says; behind the first, which is of none.
    counts: Vec<Counts>,
    /// Set where agents and devices do not go by the rule book.
    by_rules: Option<Box<ByRules>>,
}

clone_by_field! { People { places, houses, standing, free, counts, by_rules } }

impl People {
    /// Agents without devices, with their memberships in the order of their ids; with since when each
    /// device has its status, or without.
    pub fn new<'a>(
        property_count: usize,
        memberships: impl Iterator<Item = &'a [(PropertyId, Membership)]> + Clone,
        rules: &RuleSet,
        is_dated: bool,
    ) -> Self {
        assert!(property_count <= PROPERTIES_MAX, "{TOO_MANY_PROPERTIES}");
        // Who stands for this alone is known: a list that grows moves, and is there twice while it does.
        let stands = |of: &&[_]| !matches!(of, [(_, Membership::Active)]);
        let standing_count = memberships.clone().filter(stands).count();
        let mut people = Self {
            places: Vec::with_capacity(memberships.size_hint().0),
            houses: Houses::new(property_count, is_dated),
            standing: Vec::with_capacity(standing_count),
            free: Vec::new(),
            counts: vec![Counts::default()],
            by_rules: rules.concern_people().then(|| Box::new(ByRules::new(rules))),
        };
        let all_stand = people.must_stand();
        for memberships in memberships {
            let seat = match *memberships {
                [(property, Membership::Active)] if !all_stand => {
                    let seat = people.houses[property.index()].seats.take();
                    seat.map(|seat| Location::seated(property, seat))
                }
                _ => None,
            };
            let place = seat.unwrap_or_else(|| {
                let memberships = SmallVec::from_slice(memberships);
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

    /// One more property, with nobody and no widget in it.
    pub fn add_property(&mut self) -> PropertyId {
        assert!(self.houses.len() < PROPERTIES_MAX, "{TOO_MANY_PROPERTIES}");
        self.houses.push();
        PropertyId::new(self.houses.len() - 1)
    }

    /// The widgets of a property.
    #[inline]
    pub fn widgets(&self, property: PropertyId) -> Few {
        self.houses[property.index()].widgets
    }

    /// The same as a slice.
    pub fn widgets_of<'a>(&'a self, property: PropertyId, lists: &'a Lists) -> &'a [u32] {
        self.houses[property.index()].widgets.ids(lists)
    }

    /// Puts the widgets of a property.
    pub fn put_widgets(&mut self, property: PropertyId, widgets: Few) {
        self.houses[property.index()].widgets = widgets;
    }

    /// What the standing members of a property add up to, to be changed.
    fn counts_mut(&mut self, property: PropertyId) -> &mut Counts {
        let standing = &mut self.houses[property.index()].standing;
        if *standing == 0 {
            *standing =
                u32::try_from(self.counts.len()).expect("no more than there are properties");
            self.counts.push(Counts::default());
        }
        &mut self.counts[*standing as usize]
    }

    /// One more agent, without devices and a member of nothing.
    pub fn add_agent(&mut self) -> AgentId {
        let place = Location::standing(self.stand(Standing::default()));
        self.places.push(place);
        AgentId::new(self.places.len() - 1)
    }

    /// What team-mates see: by the rule book, the highest over the devices (rule P4).
    #[inline]
    pub fn status(&self, agent: AgentId) -> AgentStatus {
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) => self.seen_as(self.houses[property].seats.status(seat)),
            Where::Standing(index) => self.seen_as(self.status_at(index)),
        }
    }

    /// What the active members of a property add up to (rule P5).
    #[inline]
    pub fn presence(&self, property: PropertyId) -> Presence {
        let house = self.houses[property.index()];
        let seated = self.seated_presence(house.seats);
        if !house.seats.has_standing() || is_on(Mutation::StandingNotCounted) {
            return seated;
        }
        seated.max(self.counts[house.standing as usize].presence())
    }

    /// How many devices an agent has had so far.
    pub fn device_count(&self, agent: AgentId) -> usize {
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) => {
                let devices = self.houses[property].seats.devices(seat);
                devices.iter().filter(|device| device.exists()).count()
            }
            Where::Standing(index) => self.standing[index].devices.len(),
        }
    }

    /// Gives an agent one more device, not logged in.
    pub fn add_device(&mut self, agent: AgentId) -> DeviceId {
        let id = DeviceId::new(agent, self.device_count(agent));
        let is_dated = self.houses.are_dated();
        match self.places[agent.index()].get() {
            Where::Seated(property, seat) if id.slot() < SEAT_DEVICES => {
                self.houses[property].seats.put(seat, id.slot(), Device::LOGGED_OUT);
            }
            _ => {
                let index = self.stand_up(agent);
                let standing = &mut self.standing[index];
                standing.devices.push(Device::LOGGED_OUT);
                standing.since.extend(is_dated.then_some(None));
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

    /// Reads all that events of devices touch, for nothing but that the caches have it.
    #[inline]
    pub fn look_ahead(&self, ids: impl Iterator<Item = DeviceId>) {
        let touch = |read, id: DeviceId| {
            let (property, seat) = Location(id.hint()).seat();
            let touched = self.houses.touch(property, seat, id.slot());
            read ^ touched.unwrap_or_else(|| self.touch_elsewhere(id))
        };
        std::hint::black_box(ids.fold(0, touch));
    }

    /// The same of a device that its hint does not lead to.
    #[inline]
    fn touch_elsewhere(&self, id: DeviceId) -> u64 {
        let touched = match self.places[id.agent().index()].get() {
            Where::Seated(property, seat) => self.houses.touch(property, seat, id.slot()),
            Where::Standing(index) => self.touch_standing(index),
        };
        touched.unwrap_or(0)
    }

    /// The same of the properties of an agent who stands.
    #[inline(never)]
    fn touch_standing(&self, index: usize) -> Option<u64> {
        let memberships = self.standing[index].memberships.iter();
        let touched =
            memberships.filter_map(|(property, _)| self.houses.touch(property.index(), 0, 0));
        touched.reduce(|read, touched| read ^ touched)
    }

    /// Where a device's agent is. Who has stood up has left nothing behind in the seat.
    #[inline]
    fn find(&self, id: DeviceId) -> Where {
        if let Where::Seated(property, seat) = Location(id.hint()).get()
            && let Some(house) = self.houses.get(property)
            && house.seats.device(seat, id.slot() % SEAT_DEVICES).exists()
        {
            return Where::Seated(property, seat);
        }
        self.places[id.agent().index()].get()
    }

    /// A device whose agent is seated, to be given another state; `None` where the agent stands.
    #[inline(always)]
    pub fn seated(&mut self, id: DeviceId) -> Option<SeatedDevice<'_>> {
        let Where::Seated(property, seat) = self.find(id) else { return None };
        let slot = id.slot();
        let (house, since) = self.houses.at_seat(property, seat, slot);
        let pair = house.seats.pair(seat);
        Some(SeatedDevice { seat, slot, pair, house, since, counts: &self.counts })
    }

    /// The devices of an agent who is seated, of whom any is named; `None` where the agent stands.
    #[inline]
    pub fn seated_pair(&mut self, any: DeviceId) -> Option<SeatedPair<'_>> {
        let Where::Seated(property, seat) = self.find(any) else { return None };
        let (house, since) = self.houses.at_whole_seat(property, seat);
        Some(SeatedPair { seat, house, since, counts: &self.counts })
    }

    /// The packed status and connection of a device.
    #[inline]
    pub fn device(&self, id: DeviceId) -> Device {
        match self.find(id) {
            Where::Seated(property, seat) => self.houses[property].seats.device(seat, id.slot()),
            Where::Standing(index) => self.standing[index].devices[id.slot()],
        }
    }

    /// Whether since when devices have their statuses is kept.
    pub fn are_dated(&self) -> bool {
        self.houses.are_dated()
    }

    /// Since when a device has its status, where that is kept; `None` where it never had one.
    pub fn since(&self, id: DeviceId) -> Option<Stamp> {
        match self.places[id.agent().index()].get() {
            Where::Seated(property, seat) => self.houses.since(property, seat, id.slot()),
            Where::Standing(index) => self.standing[index].since.get(id.slot()).copied().flatten(),
        }
    }

    /// Puts since when a device has its status, where that is kept.
    pub fn put_since(&mut self, id: DeviceId, stamp: Option<Stamp>) {
        let kept = match self.places[id.agent().index()].get() {
            Where::Seated(property, seat) => self.houses.at_seat(property, seat, id.slot()).1,
            Where::Standing(index) => self.standing[index].since.get_mut(id.slot()),
        };
        if let Some(since) = kept {
            *since = stamp;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;

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
        let at = Instant::MIN;
        match people.seated(id) {
            Some(seated) => {
                let SeatStep { agent: seen, presence: sum, .. } = seated.put(to, at);
                agent = (seen.0 != seen.1).then_some(seen);
                presence = (sum.0 != sum.1).then_some(sum.1);
            }
            None => people.put_standing(id, to, at, &mut |effect| match effect {
                DeviceEffect::Agent(was, now) => agent = Some((was, now)),
                DeviceEffect::Presence(_, now) => presence = Some(now),
            }),
        }
        assert_eq!(people.device(id), to);
        let now = people.status(id.agent());
        assert_eq!(agent, (before != now).then_some((before, now)));
        assert!(presence.is_none_or(|presence| presence == people.presence(acme())));
        (people.status(id.agent()), presence)
    }

    #[test]
    fn the_highest_of_an_agents_devices_counts_seated_and_standing() {
        let mut people = People::new(
            1,
            std::iter::once(&[(acme(), Membership::Active)][..]),
            &RuleSet::BOOK,
            true,
        );
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
        let membership = [(acme(), Membership::Active)];
        let members = [&membership[..]; 8].into_iter();
        let mut people = People::new(1, members, &RuleSet::BOOK, true);
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
        let membership = [(acme(), Membership::Active)];
        let members = [&membership[..]; 9].into_iter();
        let mut people = People::new(1, members, &RuleSet::BOOK, true);
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
