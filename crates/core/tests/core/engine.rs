//! What the engine's layout must not change: schedules that come and go, ids with old hints, and
//! the sweep over all widgets.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use chrono::Days;
use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::{
    AgentId, AgentStatus, Chosen, DeviceId, Event, Instant, Interval, Millis, Scheduler,
    SchedulerState, Setting, Settings, WeekHours, WidgetId, WidgetStatus,
};
use lamplighter_core::world::{Change, Membership, Timing, World, WorldBuilder};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

fn instant(text: &str) -> Instant {
    let at = chrono::DateTime::parse_from_rfc3339(text).expect("an instant");
    Instant::from_millis(at.timestamp_millis()).expect("in range")
}

fn later(at: Instant, minutes: u64) -> Instant {
    at.checked_add(Millis(minutes * 60_000)).expect("in range")
}

/// Numbers that look drawn, the same ones each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Hours that few others have, some with a dated entry in the next days.
    fn scheduler(&mut self, now: Instant) -> Scheduler {
        let zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"];
        let mut hours = WeekHours::default();
        for day in &mut hours.weekdays {
            // To the half hour, so that some edges fall where clocks jump to.
            let (start, end) = (self.below(48) as u16 * 30, self.below(48) as u16 * 30);
            day.extend(Interval::new(start, end));
        }
        if self.below(3) == 0 {
            let date = now.to_local(0).date() + Days::new(self.below(6));
            let start = self.below(720) as u16;
            hours.dates.insert(date, Interval::new(start, start + 600).into_iter().collect());
        }
        Scheduler { zone: zones[self.below(4) as usize].to_owned(), hours }
    }
}

#[test]
fn schedules_that_come_and_go_while_the_world_runs_open_and_close_in_time() {
    const WIDGETS: usize = 200;
    let mut draw = Draw(0x2026_0309);
    // Clocks change in each of the zones within the month.
    let mut now = instant("2026-03-05T11:17:30Z");
    let mut builder = WorldBuilder::new(Timing::default());
    let property = builder.add_property();
    for widget in 0..WIDGETS {
        let mut settings = Settings::default();
        if widget % 4 == 0 {
            settings.set(Setting::Scheduler(Some(draw.scheduler(now).into())));
        }
        builder.add_widget(property, settings);
    }
    let mut world = builder.build(now, Arc::clone(&ZONES)).expect("known zones");
    let mut flips = 0;
    for _ in 0..1_500 {
        let widget = WidgetId::new(draw.below(WIDGETS as u64) as usize);
        let scheduler = match draw.below(4) {
            0 => None,
            // The same as another widget has.
            1 => {
                let other = WidgetId::new(draw.below(WIDGETS as u64) as usize);
                world.settings(other).scheduler.as_deref().cloned()
            }
            _ => Some(draw.scheduler(now)),
        };
        let event =
            Event::Configure(widget, Box::new(Setting::Scheduler(scheduler.map(Into::into))));
        world.apply(&event, &mut |_| {}).expect("a known zone");
        now = later(now, draw.below(45));
        let mut told = BTreeSet::new();
        world.advance(now, &mut |change| {
            flips += 1;
            if let Change::Widget { at, widget, .. } = change {
                assert!(told.insert((at, widget)), "{widget:?} changes twice at {at}");
            }
        });
        for widget in (0..WIDGETS).map(WidgetId::new) {
            let expected = match &world.settings(widget).scheduler {
                None => SchedulerState::Off,
                Some(scheduler) => {
                    let zone = ZONES.get(&scheduler.zone).expect("a zone");
                    match Schedule::new(zone, &scheduler.hours).is_open(now) {
                        true => SchedulerState::Open,
                        false => SchedulerState::Closed,
                    }
                }
            };
            assert_eq!(world.scheduler_state(widget), expected, "{widget:?} at {now}");
        }
    }
    assert!(flips > 3_000, "{flips}");
}

/// A property of three agents with two devices each, logged in.
fn three_agents() -> (World, Vec<DeviceId>) {
    let mut builder = WorldBuilder::new(Timing::default());
    let property = builder.add_property();
    builder.add_widget(property, Settings::default());
    for _ in 0..3 {
        let agent = builder.add_agent();
        builder.add_member(agent, property, Membership::Active);
    }
    let start = instant("2026-03-09T12:00:00Z");
    let mut world = builder.build(start, Arc::clone(&ZONES)).expect("no zones");
    let mut devices = Vec::new();
    for agent in (0..3).map(AgentId::new) {
        for _ in 0..2 {
            let device = world.add_device(agent);
            world.apply(&Event::Login(device), &mut |_| {}).expect("anyone can log in");
            devices.push(world.hinted(device));
        }
    }
    (world, devices)
}

#[test]
fn a_hint_may_be_old_or_missing() {
    let (mut world, devices) = three_agents();
    let ann = AgentId::new(0);
    // With a third device there is no room for her beside the others any more.
    world.add_device(ann);
    world.look_ahead(devices.iter().copied());
    let set = |world: &mut World, device, chosen| {
        world.apply(&Event::SetStatus(device, chosen), &mut |_| {}).expect("logged in");
        world.agent_status(ann)
    };
    assert_eq!(set(&mut world, devices[0], Chosen::Away), AgentStatus::Online);
    assert_eq!(set(&mut world, devices[1], Chosen::Invisible), AgentStatus::Away);
    let plain = DeviceId::new(ann, 0);
    assert_eq!(set(&mut world, plain, Chosen::Invisible), AgentStatus::Invisible);
    assert_eq!(world.answer(WidgetId::new(0)).status, WidgetStatus::Online);
}

#[test]
fn the_sweep_says_of_every_widget_what_its_answer_says() {
    for widgets in [1, 127, 128, 129, 1_000] {
        let mut draw = Draw(widgets);
        let start = instant("2026-03-09T12:00:00Z");
        let mut builder = WorldBuilder::new(Timing::default());
        for _ in 0..widgets {
            let mut settings = Settings::default();
            if draw.below(2) == 0 {
                settings.set(Setting::Scheduler(Some(draw.scheduler(start).into())));
            }
            settings.set(Setting::OfflineWhenAllAgentsOffline(draw.below(2) == 0));
            let property = builder.add_property();
            builder.add_widget(property, settings);
            let agent = builder.add_agent();
            builder.add_member(agent, property, Membership::Active);
        }
        let mut world = builder.build(start, Arc::clone(&ZONES)).expect("known zones");
        for agent in (0..widgets as usize).map(AgentId::new) {
            let device = world.add_device(agent);
            let chosen = [Chosen::Online, Chosen::Away, Chosen::Invisible];
            let chosen = chosen[draw.below(3) as usize];
            for event in [Event::Login(device), Event::SetStatus(device, chosen)] {
                world.apply(&event, &mut |_| {}).expect("anyone can log in");
            }
        }
        let mut swept = Vec::new();
        for statuses in world.statuses() {
            for (online, away) in std::iter::zip(statuses.online, statuses.away) {
                swept.extend((0..64).map(|bit| match (online >> bit & 1, away >> bit & 1) {
                    (1, 0) => WidgetStatus::Online,
                    (0, 1) => WidgetStatus::Away,
                    (0, 0) => WidgetStatus::Offline,
                    _ => panic!("both online and away"),
                }));
            }
        }
        let answers = (0..widgets as usize).map(WidgetId::new).map(|w| world.answer(w).status);
        assert!(swept.len() >= widgets as usize);
        assert!(answers.zip(swept).all(|(answer, swept)| answer == swept), "{widgets} widgets");
    }
}
