//! The pieces of work, the same in every run: everything is drawn from places, nothing from chance.
//! What prepares them is not counted.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::{LastAnswer, Schedule, Zones};
use lamplighter_core::model::products::Product;
use lamplighter_core::model::{DeviceId, Instant, WidgetStatus};
use lamplighter_core::rules::Statuses128;
use lamplighter_scenario::language::parse;
use lamplighter_scenario::language::plan::plan;
use lamplighter_scenario::play::{Options, Reading, replay, run as play};
use lamplighter_scenario::simulate::play_seed;
use lamplighter_scenario::synth::{write_trace_by, write_world};

use super::callgrind::work;
use super::fleet::{self, Mix, Rotation, Schedules, synthetic};

const WIDGETS: usize = 10_000;
const SMALL: usize = 1_000;
const ASKS: usize = 10_000;

pub fn run() {
    let zones = Arc::new(Zones::bundled());
    of_fleets(&zones);
    of_events(&zones);
    of_other_rules(&zones);
    of_hours(&zones);
    of_texts(&zones);
    of_seeds(&zones);
}

fn of_fleets(zones: &Arc<Zones>) {
    let world = fleet::world(WIDGETS, Schedules::Shared, zones);
    let mut out = vec![Statuses128::default(); WIDGETS.div_ceil(128)];
    work("sweep 10000 widgets", || fleet::sweep(&world, &mut out));
    let widgets = fleet::widgets(&world, ASKS);
    work("10000 answers", || {
        widgets
            .iter()
            .filter(|&&widget| world.answer(widget).status == WidgetStatus::Online)
            .count()
    });
    let builder = fleet::builder(SMALL, Schedules::Different);
    work("build 1000 widgets", || builder.clone().build(fleet::now(), Arc::clone(zones)));
    let mut world = fleet::populate(builder.clone(), zones);
    work("advance 1000 widgets by a week", || {
        let mut edges = 0;
        world.advance(fleet::next_week(fleet::now()), &mut |_| edges += 1);
        edges
    });
}

/// Events each of which changes a device's status, in worlds that keep since when.
fn of_events(zones: &Arc<Zones>) {
    for (mix, name) in [(Mix::Everyone, "a status"), (Mix::OneDecides, "a presence")] {
        let mut rotation = Rotation::new(mix, WIDGETS);
        let builder = fleet::builder(WIDGETS, Schedules::Shared);
        let mut world = fleet::populate_by(builder, zones, |place| rotation.first_status(place));
        let events = fleet::events(&mut rotation, &world, ASKS);
        work(&format!("10000 events that change {name}"), || fleet::apply(&mut world, &events));
        let plain = |(id, status): (DeviceId, _)| (DeviceId::new(id.agent(), id.slot()), status);
        let events = fleet::events(&mut rotation, &world, ASKS);
        let events: Vec<_> = events.into_iter().map(plain).collect();
        let work_name = format!("10000 events that change {name} by plain ids");
        work(&work_name, || fleet::apply(&mut world, &events));
    }
}

/// The same fleet by rules of which nearly all are not the rule book's.
fn of_other_rules(zones: &Arc<Zones>) {
    let product = Product::of("livehelperchat").expect("it is built in");
    let mut builder = fleet::builder(WIDGETS, Schedules::Shared).without_since();
    builder.put_rules(product.rules());
    let mut rotation = Rotation::new(Mix::Everyone, WIDGETS);
    let mut world = fleet::populate_by(builder, zones, |place| rotation.first_status(place));
    let mut out = vec![Statuses128::default(); WIDGETS.div_ceil(128)];
    work("sweep 10000 widgets by other rules", || fleet::sweep(&world, &mut out));
    let events = fleet::events(&mut rotation, &world, ASKS);
    work("10000 events by other rules", || fleet::apply(&mut world, &events));
}

fn of_hours(zones: &Zones) {
    let schedules: Vec<Schedule> = (0..SMALL).map(|index| fleet::schedule(index, zones)).collect();
    let instant = |ms| Instant::from_millis(ms).expect("in range");
    let asks = fleet::asks(SMALL, ASKS, instant);
    work("10000 times open at an instant", || {
        asks.iter().filter(|(schedule, at)| schedules[*schedule].is_open(*at)).count()
    });
    work("10000 next edges", || {
        asks.iter().filter_map(|(schedule, at)| schedules[*schedule].next_edge(*at)).max()
    });
    let mut last = vec![LastAnswer::default(); SMALL];
    work("1000 schedules for an hour of minutes", || {
        let mut open = 0;
        for minute in 0..60 {
            let at = instant(fleet::now().as_millis() + minute * 60_000);
            let asks = last.iter_mut().zip(&schedules);
            open += asks.map(|(last, schedule)| u32::from(last.is_open(schedule, at))).sum::<u32>();
        }
        open
    });
}

fn of_texts(zones: &Arc<Zones>) {
    let text = include_str!("../../scenarios/presence/offline-only-when-everyone-is-gone.scenario");
    work("parse a scenario of 1.1 kB", || parse(text.as_bytes()));
    let population = synthetic::population(20, zones);
    let (mut world, mut trace) = (Vec::with_capacity(1 << 20), Vec::with_capacity(1 << 22));
    work("generate a week of 20 properties", || {
        write_world(&population, &mut world).expect("memory takes everything");
        write_trace_by(&population, 1, &mut trace, &mut |_, _| {})
            .expect("memory takes everything");
    });
    let files = synthetic::write(&population, "instructions").expect("room for the files");
    let stop = AtomicBool::new(false);
    work("play a week of 20 properties", || {
        play(&files.scenario, &world, zones, Options::default(), &stop)
    });
    of_rows(zones);
}

/// The rows of a trace, into a world that is there already.
fn of_rows(zones: &Arc<Zones>) {
    let population = synthetic::population(500, zones);
    let start = population.knobs().start;
    let files = synthetic::write(&population, "instructions-rows").expect("room for the files");
    let scenario = std::fs::read(&files.scenario).expect("the scenario");
    let document = parse(&scenario).document;
    let plan = plan(&document, zones, &|_| Err(String::new()), &mut Vec::new());
    let world = plan.world.without_since().build(start, Arc::clone(zones)).expect("known zones");
    let (mut world, mut roster, reading) = (world, plan.roster, Reading::default());
    work(&format!("replay {} rows", files.rows), || {
        let replayed = replay(&files.trace, &mut roster, &mut world, reading, &mut |_| {});
        replayed.expect("the trace").events
    });
}

/// Seeds of the simulator, drawn and played through engine and oracle.
fn of_seeds(zones: &Arc<Zones>) {
    work("simulate 20 seeds", || {
        for seed in 0..20 {
            let (_, played) = play_seed(seed, None, zones).expect("known zones");
            assert_eq!(played.difference, None);
        }
    });
}
