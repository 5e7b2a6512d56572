//! Events that always change something: each gives a random device another status than it has.
//! Statuses are as evenly spread in the beginning as they stay, so that as many events change an agent
//! or a widget among a thousand properties as among a million, and in the first round as in the last.

use lamplighter_core::model::Chosen;

use super::PROPERTY_DEVICES;
use super::scatter::scattered;

/// What a fleet's devices do, and so how far up an event reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    /// All devices take part: a bit more than half of the events change an agent, and hardly any what
    /// the property adds up to, for somebody else is online nearly always.
    Everyone,
    /// One device of each property takes part, and all others are invisible: every event changes an
    /// agent and what the property adds up to.
    OneDecides,
}

const STATUSES: [Chosen; 3] = [Chosen::Invisible, Chosen::Away, Chosen::Online];

/// Where the devices of a fleet stand in it, and how many events there were.
#[derive(Clone)]
pub struct Rotation {
    mix: Mix,
    /// What each device that takes part has now, as a place among the statuses.
    statuses: Vec<u8>,
    step: usize,
}

impl Rotation {
    pub fn new(mix: Mix, properties: usize) -> Self {
        let count = match mix {
            Mix::Everyone => properties * PROPERTY_DEVICES,
            Mix::OneDecides => properties,
        };
        let statuses = (0..count).map(|index| scattered(index, STATUSES.len()) as u8).collect();
        Self { mix, statuses, step: 0 }
    }

    /// What a device is set to in the beginning.
    pub fn first_status(&self, place: usize) -> Chosen {
        let index = match self.mix {
            Mix::Everyone => place,
            Mix::OneDecides if place.is_multiple_of(PROPERTY_DEVICES) => place / PROPERTY_DEVICES,
            Mix::OneDecides => return Chosen::Invisible,
        };
        STATUSES[usize::from(self.statuses[index])]
    }
}

/// Goes on for ever: the place of a device among all of the fleet, and the status that it gets.
impl Iterator for Rotation {
    type Item = (usize, Chosen);

    fn next(&mut self) -> Option<Self::Item> {
        self.step += 1;
        let index = scattered(self.step, self.statuses.len());
        let status = &mut self.statuses[index];
        let on = 1 + scattered(!self.step, STATUSES.len() - 1) as u8;
        *status = (*status + on) % STATUSES.len() as u8;
        let place = match self.mix {
            Mix::Everyone => index,
            Mix::OneDecides => index * PROPERTY_DEVICES,
        };
        Some((place, STATUSES[usize::from(*status)]))
    }
}
