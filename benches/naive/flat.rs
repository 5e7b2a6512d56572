//! The engine's own layout written plainly: a record a property, found by its number, with the states of
//! its devices in a word, since when they have them, and what its widget needs; one event after the
//! other, nothing looked ahead, and no rules but those that an event of a logged-in device needs.

use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Chosen, Instant, WidgetId};

use crate::fleet::{self, Changed, DEVICES, PROPERTY_DEVICES, Schedules};

/// Four bits a device, of which the lower two are its status.
const DEVICE_BITS: usize = 4;
const AGENT_BITS: usize = DEVICE_BITS * DEVICES.len();
/// The lowest bit of every device.
const EVERY_DEVICE: u64 = 0x0011_1111_1111_1111;

/// What one property has.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Property {
    devices: u64,
    closed: bool,
    stays_up: bool,
    /// In milliseconds.
    since: [i64; PROPERTY_DEVICES],
}

/// All of them, by their numbers.
pub struct Flat(Vec<Property>);

impl Flat {
    /// The fleet that `fleet::world` makes, with such statuses.
    pub fn new(
        properties: usize,
        schedules: Schedules,
        zones: &Arc<Zones>,
        status: impl Fn(usize) -> Chosen,
    ) -> Self {
        let world = fleet::builder(properties, schedules).build(fleet::now(), Arc::clone(zones));
        let world = world.expect("known zones");
        let property = |index| {
            let schedule = world.schedule(WidgetId::new(index));
            let strict = fleet::offline_when_all_agents_offline(index);
            Property {
                devices: 0,
                closed: schedule.is_some_and(|schedule| !schedule.is_open(fleet::now())),
                stays_up: schedule.is_some() && !strict,
                since: [0; PROPERTY_DEVICES],
            }
        };
        let mut flat = Self((0..properties).map(property).collect());
        for place in 0..properties * PROPERTY_DEVICES {
            flat.apply(place, status(place), fleet::now());
        }
        flat
    }

    /// Sets a device's status; gives whether that changed its agent's status, and what the widget shows.
    #[inline]
    pub fn apply(&mut self, place: usize, status: Chosen, at: Instant) -> (bool, bool) {
        let (index, device) = (place / PROPERTY_DEVICES, place % PROPERTY_DEVICES);
        let property = &mut self.0[index];
        let before = property.devices;
        let shift = device * DEVICE_BITS;
        let code = match status {
            Chosen::Invisible => 1,
            Chosen::Away => 2,
            Chosen::Online => 3,
        };
        property.devices = before & !(0b1111 << shift) | code << shift;
        if property.devices != before {
            property.since[device] = at.as_millis();
        }
        let agent = device / DEVICES.len();
        let is_other = agent_status(before, agent) != agent_status(property.devices, agent);
        let differs = presence(before) != presence(property.devices);
        (is_other, differs && !property.closed)
    }

    /// What a property's widget shows.
    pub fn answer(&self, index: usize) -> &'static str {
        let property = &self.0[index];
        match (property.closed, presence(property.devices)) {
            (true, _) => "offline",
            (false, 3) => "online",
            (false, 2) => "away",
            (false, _) if property.stays_up => "online",
            (false, _) => "offline",
        }
    }
}

/// The highest of an agent's devices.
fn agent_status(devices: u64, agent: usize) -> u64 {
    let bits = devices >> (agent * AGENT_BITS);
    (bits & 0b11).max(bits >> DEVICE_BITS & 0b11)
}

/// The highest of all devices, if visitors see it.
fn presence(devices: u64) -> u64 {
    let away_or_online = devices >> 1 & EVERY_DEVICE;
    match (away_or_online & devices, away_or_online) {
        (1.., _) => 3,
        (0, 1..) => 2,
        (0, 0) => 0,
    }
}

/// Applies events one after the other; gives what they changed.
#[inline]
pub fn apply(flat: &mut Flat, events: &[(usize, Chosen)], at: Instant) -> Changed {
    let mut changed = Changed::default();
    for &(place, status) in events {
        let (agent, widget) = flat.apply(place, status, at);
        changed.agents += u64::from(agent);
        changed.widgets += u64::from(widget);
    }
    changed
}
