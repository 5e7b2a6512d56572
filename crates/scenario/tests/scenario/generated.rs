//! Two hundred generated worlds, each with its days: the engine's timeline is the oracle's, row by
//! row, and every agent's status with it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Action;
use lamplighter_core::model::{AgentId, DeviceId, Event, Instant, Millis, PropertyId};
use lamplighter_core::oracle::{Member, OffsetAt, Oracle, Witness};
use lamplighter_core::world::{Membership, Timeline, Timing, World, WorldBuilder};
use lamplighter_scenario::synth::{self, Knobs, Population};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// Starts at which clocks change, years end and leap days come in some zone that plans know.
const STARTS: [&str; 8] = [
    "2026-03-02",
    "2026-03-07T20:00:00Z",
    "2026-03-28T12:00:00Z",
    "2026-10-03T12:00:00Z",
    "2026-10-31T18:00:00Z",
    "2026-12-24",
    "2027-12-31T06:00:00Z",
    "2028-02-28T22:30:00Z",
];

/// A small world of its own kind for each seed.
fn knobs(seed: u64) -> Knobs {
    let draw = |part: u64, count: u64| (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> part) % count;
    Knobs {
        seed,
        start: Knobs::start_from(STARTS[draw(8, 8) as usize]).expect("a start"),
        grace: Millis([0, 30_000, 120_000, 900_000][draw(12, 4) as usize]),
        auto_away: [None, Some(Millis(600_000))][draw(16, 2) as usize],
        properties: 2 + draw(20, 3) as u32,
        agents: 1 + draw(24, 9) as u32,
        devices: 1 + draw(28, 4) as u32,
        days: 1,
        scheduled: 80,
        different_schedules: draw(32, 2) as u32 * 100,
        odd_hours: 40,
        holidays: 80,
        more_widgets: 50,
        shared_agents: 30,
        suspended: 10,
        flakiness: 200,
        anomalies: 50,
        ..Knobs::default()
    }
}

fn offset_at(zone: &str, at: Instant) -> Option<i32> {
    ZONES.get(zone).ok().map(|zone| zone.offset_s(at))
}

/// The same plan for the engine and for the oracle.
fn worlds(population: &Population) -> (World, Oracle) {
    let Knobs { start, grace, auto_away, .. } = *population.knobs();
    let mut builder = WorldBuilder::new(Timing { grace, auto_away });
    let offsets: Arc<OffsetAt> = Arc::new(offset_at);
    let mut oracle = Oracle::new(start, grace, auto_away, offsets);
    for _ in 0..population.agent_count() {
        builder.add_agent();
    }
    for property in population.properties() {
        let id = builder.add_property();
        for &agent in &property.members {
            let agent_id = AgentId::from(agent);
            let (membership, member) = match property.suspended.contains(&agent) {
                true => (Membership::Suspended, Member::Suspended),
                false => (Membership::Active, Member::Active),
            };
            builder.add_member(agent_id, id, membership);
            oracle.add_member(agent_id, id, member);
        }
        let further = property.widgets.into_iter().map(|(_, settings)| settings);
        for settings in std::iter::once(property.settings).chain(further) {
            let widget = builder.add_widget(id, settings.clone());
            oracle.add_widget(widget, id, settings);
        }
    }
    (builder.build(start, Arc::clone(&ZONES)).expect("known zones"), oracle)
}

/// The devices of a run by agent and by their place in the plan, each with its id.
#[derive(Default)]
struct Devices(BTreeMap<(u32, u8), DeviceId>);

impl Devices {
    fn event(&mut self, event: synth::TraceEvent, world: &mut World) -> Event {
        let agent = AgentId::from(event.agent);
        let Some(place) = event.device else {
            return match event.action {
                Action::Logout => Event::LogoutEverywhere(agent),
                Action::SetStatus(chosen) => Event::SetStatusEverywhere(agent, chosen),
                action => panic!("{action:?} is not for all devices of a generated world"),
            };
        };
        let known = self.0.entry((event.agent, place));
        // As an engine may be given it: with a hint that was right when it was made.
        let device = *known.or_insert_with(|| {
            let device = world.add_device(agent);
            world.hinted(device)
        });
        match event.action {
            Action::Login => Event::Login(device),
            Action::Logout => Event::Logout(device),
            Action::SetStatus(chosen) => Event::SetStatus(device, chosen),
            Action::SetStatusFor(chosen, length) => Event::SetStatusFor(device, chosen, length),
            Action::Disconnect => Event::Disconnect(device),
            Action::Reconnect => Event::Reconnect(device),
            Action::Activity => Event::Activity(device),
        }
    }
}

/// Plays a plan through both; how many rows, events and anomalies there were.
fn compare(seed: u64) -> (usize, usize, usize) {
    let population = Population::new(knobs(seed), &ZONES).expect("knobs in their ranges");
    let (mut world, mut oracle) = worlds(&population);
    let mut devices = Devices::default();
    let mut timeline = Timeline::new(&world);
    let mut rows = Vec::new();
    let mut witness = Witness::default();
    witness.look(&oracle);
    let (mut events, mut anomalies) = (0, 0);
    for happens in population.events() {
        let event = devices.event(happens, &mut world);
        world.advance(happens.at, &mut |change| timeline.take(&change, &mut |row| rows.push(row)));
        witness.watch(&mut oracle, happens.at);
        let found =
            world.apply(&event, &mut |change| timeline.take(&change, &mut |row| rows.push(row)));
        assert_eq!(found, oracle.apply(&event), "seed {seed}: {event:?} at {}", happens.at);
        witness.look(&oracle);
        events += 1;
        anomalies += usize::from(found.is_err());
        let agent = AgentId::from(happens.agent);
        assert_eq!(world.agent_status(agent), oracle.agent_status(agent), "seed {seed}: {event:?}");
    }
    let end = population.knobs().end();
    world.advance(end, &mut |change| timeline.take(&change, &mut |row| rows.push(row)));
    witness.watch(&mut oracle, end);
    timeline.finish(&mut |row| rows.push(row));
    let found: Vec<_> = rows.iter().map(|row| (row.at, row.widget, row.answer)).collect();
    let expected = witness.timeline();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "seed {seed}");
    }
    assert_eq!(found.len(), expected.len(), "seed {seed}");
    for property in (0..population.knobs().properties).map(PropertyId::from) {
        assert_eq!(world.presence(property), oracle.presence(property), "seed {seed}");
    }
    (rows.len(), events, anomalies)
}

#[test]
fn two_hundred_generated_worlds_have_the_oracles_timelines() {
    let shards: Vec<(usize, usize, usize)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || (half..200).step_by(2).map(compare).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().expect("the timelines agree")).collect()
    });
    let sum = |part: fn(&(usize, usize, usize)) -> usize| shards.iter().map(part).sum::<usize>();
    // Not two hundred empty worlds.
    assert!(sum(|s| s.0) > 2_000 && sum(|s| s.1) > 10_000 && sum(|s| s.2) > 100, "{shards:?}");
}
