//! Fleets of any size for the benches: every property has one widget and 5 agents with 2 devices
//! each; nine in ten have a scheduler, in one of 24 zones. The naive forms beside this folder are
//! made from the same.
#![allow(dead_code, unused_imports, reason = "each bench uses a part of it")]

mod draws;
mod rotation;
mod scatter;
pub mod synthetic;

use std::sync::Arc;

use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, Event, Instant, Interval, Scheduler, Setting, Settings, WeekHours,
};
use lamplighter_core::world::{Membership, Timing, World, WorldBuilder};

pub use draws::{Changed, apply, asks, events, sweep, widgets};
pub use rotation::{Mix, Rotation};
pub use scatter::scattered;

pub const AGENTS: usize = 5;
pub const DEVICES: [&str; 2] = ["laptop", "phone"];
/// Devices of a property.
pub const PROPERTY_DEVICES: usize = AGENTS * DEVICES.len();

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
const WEEK_MS: i64 = 7 * 86_400_000;

/// [`NOW`] as the engine has it.
pub fn now() -> Instant {
    instant(NOW)
}

pub fn instant(text: &str) -> Instant {
    let at: chrono::DateTime<chrono::Utc> = text.parse().expect("an instant");
    Instant::from_millis(at.timestamp_millis()).expect("in range")
}

/// A week later.
pub fn next_week(at: Instant) -> Instant {
    Instant::from_millis(at.as_millis() + WEEK_MS).expect("in range")
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

/// The compiled hours of a property, each of which has its own.
pub fn schedule(index: usize, zones: &Zones) -> Schedule {
    let zone = zones.get(zone(index)).expect("a zone");
    Schedule::new(zone, &hours(index, Schedules::Different))
}

/// One property in ten has no scheduler.
pub fn has_scheduler(index: usize) -> bool {
    index % 10 != 9
}

/// One in four is offline when all agents are.
pub fn offline_when_all_agents_offline(index: usize) -> bool {
    index.is_multiple_of(4)
}

/// What each device is set to in the beginning: a third of the properties have some of everything,
/// a third nobody online, a third nobody whom visitors see.
pub fn first_status(place: usize) -> Chosen {
    let kind = scattered(place / PROPERTY_DEVICES, 3);
    [Chosen::Invisible, Chosen::Away, Chosen::Online][scattered(place, kind + 1)]
}

/// A device by its place among all devices of a fleet.
pub fn device(place: usize) -> DeviceId {
    DeviceId::new(AgentId::new(place / DEVICES.len()), place % DEVICES.len())
}

/// The engine's form, as fast and small as it gets.
pub fn world(properties: usize, schedules: Schedules, zones: &Arc<Zones>) -> World {
    populate(builder(properties, schedules).without_since(), zones)
}

/// Everything declared.
pub fn builder(properties: usize, schedules: Schedules) -> WorldBuilder {
    let mut builder = WorldBuilder::new(Timing::default());
    for index in 0..properties {
        let mut settings = Settings::default();
        if has_scheduler(index) {
            let (zone, hours) = (zone(index).to_owned(), hours(index, schedules));
            settings.set(Setting::Scheduler(Some(Scheduler { zone, hours }.into())));
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
    builder
}

/// The world at [`now`], with every device logged in and set to its first status.
pub fn populate(builder: WorldBuilder, zones: &Arc<Zones>) -> World {
    populate_by(builder, zones, first_status)
}

/// The same with other statuses, by the places of devices.
pub fn populate_by(
    builder: WorldBuilder,
    zones: &Arc<Zones>,
    status: impl Fn(usize) -> Chosen,
) -> World {
    let mut world = builder.build(now(), Arc::clone(zones)).expect("known zones");
    for place in 0..world.widget_count() * PROPERTY_DEVICES {
        let device = world.add_device(device(place).agent());
        world.apply(&Event::Login(device), &mut |_| {}).expect("anyone can log in");
        let set = Event::SetStatus(device, status(place));
        world.apply(&set, &mut |_| {}).expect("logged in");
    }
    world
}
