//! What a property shows, an event, and reading a scenario: the engine and the naive way side by
//! side, in one run. See README.md beside this file.

mod naive;

use std::hint::black_box;
use std::sync::Arc;

use chrono::DateTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lamplighter::hours::Zones;
use lamplighter::model::{
    AgentId, Chosen, DeviceId, Event, Instant, Interval, Scheduler, Setting, Settings, WeekHours,
    WidgetId,
};
use lamplighter::scenario::parse;
use lamplighter::world::{Membership, Timing, World, WorldBuilder};

const ZONES: [&str; 5] =
    ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"];
const AGENTS: usize = 5;
const DEVICES: [&str; 2] = ["laptop", "phone"];
/// 2026-03-09 is a Monday; at 15:00 UTC some of the zones are open and some closed.
const NOW: &str = "2026-03-09T15:00:00Z";

fn now() -> DateTime<chrono::Utc> {
    NOW.parse().expect("an instant")
}

fn instant() -> Instant {
    Instant::from_millis(now().timestamp_millis()).expect("in range")
}

/// Multiplied and masked, an index becomes a place that the processor cannot foresee.
fn scattered(step: usize, count: usize) -> usize {
    (step.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17) % count
}

fn engine(properties: usize) -> World {
    let mut builder = WorldBuilder::new(Timing::default());
    for index in 0..properties {
        let mut hours = WeekHours::default();
        for day in 0..5 {
            hours.weekdays[day] = vec![Interval::new(9 * 60, 17 * 60).expect("an interval")];
        }
        let zone = ZONES[index % ZONES.len()].to_owned();
        let mut settings = Settings::default();
        settings.set(Setting::Scheduler(Some(Scheduler { zone, hours })));
        let property = builder.add_property();
        builder.add_widget(property, settings);
        for _ in 0..AGENTS {
            let agent = builder.add_agent();
            builder.add_member(agent, property, Membership::Active);
        }
    }
    let mut world = builder.build(instant(), Arc::new(Zones::bundled())).expect("known zones");
    for agent in 0..properties * AGENTS {
        for _ in DEVICES {
            world.add_device(AgentId::new(agent));
        }
    }
    world
}

fn device_id(place: usize) -> DeviceId {
    DeviceId::new(AgentId::new(place / DEVICES.len()), place % DEVICES.len())
}

fn naive(properties: usize) -> naive::Fleet {
    let mut fleet = naive::Fleet::default();
    for index in 0..properties {
        let members: Vec<String> =
            (0..AGENTS).map(|agent| format!("agent-{}", index * AGENTS + agent)).collect();
        for agent in &members {
            fleet.properties_of.insert(agent.clone(), vec![format!("property-{index}")]);
        }
        let mut hours: [Vec<(u32, u32)>; 7] = Default::default();
        for day in &mut hours[..5] {
            day.push((9 * 60, 17 * 60));
        }
        let zone = ZONES[index % ZONES.len()].parse().expect("a zone");
        let property =
            naive::Property { members, zone, hours, offline_when_all_agents_offline: false };
        fleet.properties.insert(format!("property-{index}"), property);
    }
    fleet
}

fn answers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("answer of a property");
    for properties in [1_000, 10_000] {
        let world = engine(properties);
        let mut step = 0;
        group.bench_function(BenchmarkId::new("engine", properties), |bencher| {
            bencher.iter(|| {
                step += 1;
                black_box(world.answer(WidgetId::new(scattered(step, properties))))
            });
        });
        let fleet = naive(properties);
        let names: Vec<String> = (0..properties).map(|index| format!("property-{index}")).collect();
        group.bench_function(BenchmarkId::new("naive", properties), |bencher| {
            bencher.iter(|| {
                step += 1;
                black_box(fleet.answer(&names[scattered(step, properties)], now()))
            });
        });
    }
    group.finish();
}

fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one event");
    for properties in [1_000, 10_000] {
        let devices = properties * AGENTS * DEVICES.len();
        let mut world = engine(properties);
        for device in 0..devices {
            let login = Event::Login(device_id(device));
            world.apply(&login, &mut |_| {}).expect("anyone can log in");
        }
        let mut step = 0;
        group.bench_function(BenchmarkId::new("engine", properties), |bencher| {
            bencher.iter(|| {
                step += 1;
                let chosen = [Chosen::Away, Chosen::Online, Chosen::Invisible][step % 3];
                let event = Event::SetStatus(device_id(scattered(step, devices)), chosen);
                let mut changes = 0;
                world.apply(&event, &mut |_| changes += 1).expect("logged in");
                black_box(changes)
            });
        });
        let mut fleet = naive(properties);
        let agents: Vec<String> =
            (0..properties * AGENTS).map(|agent| format!("agent-{agent}")).collect();
        for agent in &agents {
            for device in DEVICES {
                fleet.set(agent, device, "online");
            }
        }
        group.bench_function(BenchmarkId::new("naive", properties), |bencher| {
            bencher.iter(|| {
                step += 1;
                let status = ["away", "online", "invisible"][step % 3];
                let place = scattered(step, devices);
                let agent = &agents[place / DEVICES.len()];
                black_box(fleet.apply(agent, DEVICES[place % DEVICES.len()], status, now()))
            });
        });
    }
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    let text = include_str!("../scenarios/presence/offline-only-when-everyone-is-gone.scenario");
    let mut group = criterion.benchmark_group("reading a scenario");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| black_box(parse(black_box(text.as_bytes()))));
    });
    // Not a parser: what splitting into words alone costs, with nothing understood.
    group.bench_function("words alone", |bencher| {
        bencher.iter(|| {
            let words = black_box(text).lines().map(|line| {
                let line = line.split('#').next().unwrap_or_default();
                line.split_whitespace().map(String::from).collect::<Vec<String>>()
            });
            black_box(words.collect::<Vec<_>>())
        });
    });
    group.finish();
}

criterion_group!(benches, answers, events, parsing);
criterion_main!(benches);
