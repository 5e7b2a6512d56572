//! Fleets of any size for the benches: every property has one widget and 5 agents with 2 devices
//! each; nine in ten have a scheduler, in one of 24 zones.
#![allow(dead_code, reason = "each bench uses a part of it")]

use std::sync::Arc;

use lamplighter::hours::{Schedule, Zones};
use lamplighter::model::{
    AgentId, DeviceId, Event, Instant, Interval, Scheduler, Setting, Settings, WeekHours,
};
use lamplighter::world::{Membership, Timing, World, WorldBuilder};

pub const AGENTS: usize = 5;
pub const DEVICES: [&str; 2] = ["laptop", "phone"];

pub const ZONES: [&str; 24] = [
    "America/New_York",
    "Europe/London",
    "America/Chicago",
    "Asia/Kolkata",
    "America/Los_Angeles",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Europe/Paris",
    "Asia/Manila",
    "Australia/Sydney",
    "America/Toronto",
    "Asia/Jakarta",
    "Europe/Madrid",
    "Asia/Dubai",
    "America/Mexico_City",
    "Africa/Lagos",
    "Europe/Istanbul",
    "Asia/Singapore",
    "Africa/Johannesburg",
    "America/Denver",
    "Europe/Warsaw",
    "Asia/Karachi",
    "Asia/Tokyo",
    "Pacific/Auckland",
];

/// A Monday; at 15:00 UTC some of the zones are open and some closed.
pub const NOW: &str = "2026-03-09T15:00:00Z";

/// [`NOW`] as the engine has it.
pub fn now() -> Instant {
    instant(NOW)
}

pub fn instant(text: &str) -> Instant {
    let at: chrono::DateTime<chrono::Utc> = text.parse().expect("an instant");
    Instant::from_millis(at.timestamp_millis()).expect("in range")
}

/// Multiplied and masked, a step becomes a place that the processor cannot foresee.
pub fn scattered(step: usize, count: usize) -> usize {
    let mut mixed = (step as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ mixed >> 31) % count as u64) as usize
}

/// Whether properties have a handful of schedules in common, or each its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Schedules {
    Shared,
    Different,
}

/// The zone of a property.
pub fn zone(index: usize) -> &'static str {
    ZONES[scattered(index, ZONES.len())]
}

/// The hours of a property for each weekday, as `[start, end)` in minutes.
pub fn weekdays(index: usize, schedules: Schedules) -> [Vec<(u16, u16)>; 7] {
    let (early, late, saturday) = match schedules {
        Schedules::Shared => (60 * (index % 3), 60 * (index % 2), 0),
        Schedules::Different => (index % 200, index / 200 % 200, index / 40_000 % 200),
    };
    let day = (7 * 60 + early as u16, 16 * 60 + late as u16);
    let mut weekdays: [Vec<(u16, u16)>; 7] = std::array::from_fn(|_| vec![day]);
    weekdays[5] = vec![(9 * 60, 12 * 60 + saturday as u16)];
    weekdays[6].clear();
    weekdays
}

/// The same as the engine has it.
pub fn hours(index: usize, schedules: Schedules) -> WeekHours {
    let interval = |(start, end)| Interval::new(start, end).expect("an interval");
    let weekdays = weekdays(index, schedules).map(|day| day.into_iter().map(interval).collect());
    WeekHours { weekdays, ..WeekHours::default() }
}

/// One property in ten has no scheduler.
pub fn has_scheduler(index: usize) -> bool {
    index % 10 != 9
}

/// One in four is offline when all agents are.
pub fn offline_when_all_agents_offline(index: usize) -> bool {
    index % 4 == 0
}

/// The engine's form, with nobody logged in.
pub fn world(properties: usize, schedules: Schedules, zones: &Arc<Zones>) -> World {
    let mut builder = WorldBuilder::new(Timing::default());
    for index in 0..properties {
        let mut settings = Settings::default();
        if has_scheduler(index) {
            let (zone, hours) = (zone(index).to_owned(), hours(index, schedules));
            settings.set(Setting::Scheduler(Some(Scheduler { zone, hours })));
        }
        let strict = offline_when_all_agents_offline(index);
        settings.set(Setting::OfflineWhenAllAgentsOffline(strict));
        let property = builder.add_property();
        builder.add_widget(property, settings);
        for _ in 0..AGENTS {
            let agent = builder.add_agent();
            builder.add_member(agent, property, Membership::Active);
        }
    }
    let mut world = builder.build(now(), Arc::clone(zones)).expect("known zones");
    for agent in 0..properties * AGENTS {
        for _ in DEVICES {
            world.add_device(AgentId::new(agent));
        }
    }
    world
}

/// A device by its place among all devices of a fleet.
pub fn device(place: usize) -> DeviceId {
    DeviceId::new(AgentId::new(place / DEVICES.len()), place % DEVICES.len())
}

/// Logs everyone in everywhere.
pub fn log_in_all(world: &mut World, properties: usize) {
    for place in 0..properties * AGENTS * DEVICES.len() {
        world.apply(&Event::Login(device(place)), &mut |_| {}).expect("anyone can log in");
    }
}

/// The schedules of so many properties, each its own.
pub fn schedules(count: usize, zones: &Zones) -> Vec<Schedule> {
    let schedule = |index| {
        let zone = zones.get(zone(index)).expect("a zone");
        Schedule::new(zone, &hours(index, Schedules::Different))
    };
    (0..count).map(schedule).collect()
}
