//! Engine, naive forms and peers must give the same answers before anything is measured: else the
//! comparison would mean nothing.

use std::sync::Arc;

use chrono_tz::Tz;
use lamplighter_core::hours::{LastAnswer, Schedule, Zones};
use lamplighter_core::model::{Instant, SchedulerState, WidgetId, WidgetStatus};
use lamplighter_core::world::World;

use super::flat::{self, Flat};
use super::{Fleet, Heap, Hours, at, now, peer, property_name};
use crate::fleet::{self, Mix, Rotation, Schedules};

const PROPERTIES: usize = 1_000;
const EVENTS: usize = 5_000;

/// What widgets show, before and after many events, and what these change.
pub fn on_widgets(zones: &Arc<Zones>) {
    for schedules in [Schedules::Shared, Schedules::Different] {
        for mix in [Mix::Everyone, Mix::OneDecides] {
            let rotation = Rotation::new(mix, PROPERTIES);
            let status = |place| rotation.first_status(place);
            let builder = fleet::builder(PROPERTIES, schedules);
            let mut world = fleet::populate_by(builder, zones, status);
            let mut naive = Fleet::by(PROPERTIES, schedules, status);
            let mut flat = Flat::new(PROPERTIES, schedules, zones, status);
            on_statuses(&world, &naive, &flat);
            let events = fleet::events(&mut rotation.clone(), &world, EVENTS);
            let changed = fleet::apply(&mut world, &events);
            super::apply(&mut naive, &super::events(&mut rotation.clone(), EVENTS));
            let events: Vec<_> = rotation.clone().take(EVENTS).collect();
            assert_eq!(flat::apply(&mut flat, &events, fleet::now()), changed, "{mix:?}");
            on_statuses(&world, &naive, &flat);
        }
    }
}

/// What widgets show now.
fn on_statuses(world: &World, naive: &Fleet, flat: &Flat) {
    let statuses: Vec<_> = world.statuses().collect();
    for index in 0..PROPERTIES {
        let status = world.answer(WidgetId::new(index)).status;
        let bits = &statuses[index / 128];
        let bit = |bits: [u64; 2]| bits[index / 64 % 2] >> (index % 64) & 1 == 1;
        let swept = match (bit(bits.online), bit(bits.away)) {
            (true, _) => "online",
            (false, true) => "away",
            (false, false) => "offline",
        };
        let one = match status {
            WidgetStatus::Online => "online",
            WidgetStatus::Away => "away",
            WidgetStatus::Offline => "offline",
        };
        let naive = naive.answer(&property_name(index), now());
        assert_eq!((one, swept, flat.answer(index)), (naive, naive, naive), "property {index}");
    }
}

/// How many edges a week and a half of weeks with changes of the clock have, and what is open then.
pub fn on_edges(zones: &Arc<Zones>) {
    let mut world = fleet::world(PROPERTIES, Schedules::Different, zones);
    let mut heap = Heap::new(PROPERTIES, zones);
    let mut to = fleet::now();
    for week in 0..6 {
        to = fleet::next_week(to);
        let mut edges = 0;
        world.advance(to, &mut |_| edges += 1);
        assert_eq!(edges, heap.advance(to), "week {week}");
        let scheduled = (0..PROPERTIES).filter(|&index| fleet::has_scheduler(index));
        for (index, &open) in scheduled.zip(&heap.open) {
            let state = world.scheduler_state(WidgetId::new(index));
            assert_eq!(state == SchedulerState::Open, open, "property {index}, week {week}");
        }
    }
}

/// Whether hours are open, at random instants and as time advances.
pub fn on_hours(zones: &Zones) {
    let schedules: Vec<Schedule> =
        (0..PROPERTIES).map(|index| fleet::schedule(index, zones)).collect();
    for (index, ms) in fleet::asks(PROPERTIES, 5_000, |ms| ms) {
        let instant = Instant::from_millis(ms).expect("in range");
        let open = schedules[index].is_open(instant);
        let naive = Hours::of(index, Schedules::Different).is_open(at(ms));
        let peer = peer(index).is_open(at(ms).with_timezone(&Tz::UTC));
        assert_eq!((naive, peer), (open, open), "schedule {index} at {instant}");
    }
    for (index, schedule) in schedules.iter().enumerate().take(50) {
        let naive = Hours::of(index, Schedules::Different);
        let mut last = LastAnswer::default();
        for minute in 0..10_000 {
            let ms = fleet::now().as_millis() + minute * 60_000;
            let instant = Instant::from_millis(ms).expect("in range");
            let open = last.is_open(schedule, instant);
            assert_eq!(open, naive.is_open(at(ms)), "schedule {index} at {instant}");
        }
    }
}
