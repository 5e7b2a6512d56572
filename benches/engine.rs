//! Fleets of a thousand to a million widgets, traces and scenarios: the engine and the naive way
//! side by side, in one run. See README.md beside this file.

mod fleet;
mod naive;

use std::cell::{LazyCell, RefCell};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant as Stopwatch};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use lamplighter_core::hours::Zones;
use lamplighter_core::rules::Statuses128;
use lamplighter_scenario::language::parse;
use lamplighter_scenario::play::{Options, run};

use fleet::{Mix, Rotation, Schedules};

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// So many draws are prepared: what they touch in a large fleet must not stay in the caches.
const ENGINE_DRAWS: usize = 1 << 20;
const NAIVE_DRAWS: usize = 1 << 18;

fn main() {
    let zones = Arc::new(Zones::bundled());
    naive::agree::on_widgets(&zones);
    naive::agree::on_edges(&zones);
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700))
        .configure_from_args();
    for properties in SIZES {
        of_fleet(&mut criterion, properties, &zones);
        of_events(&mut criterion, properties, &zones);
        advance(&mut criterion, properties, &zones);
    }
    for properties in [100, 1_000, 10_000] {
        replay(&mut criterion, properties, &zones);
    }
    parsing(&mut criterion);
    criterion.final_summary();
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group
}

/// The sweep and single answers. A fleet is made when the first bench asks for it: which
/// ones run is a matter of the arguments.
fn of_fleet(criterion: &mut Criterion, properties: usize, zones: &Arc<Zones>) {
    let world = LazyCell::new(|| fleet::world(properties, Schedules::Shared, zones));
    let naive = LazyCell::new(|| naive::Fleet::new(properties, Schedules::Shared));

    let mut sweeps = group(criterion, "sweep");
    sweeps.throughput(Throughput::Elements(properties as u64));
    sweeps.bench_function(BenchmarkId::new("engine", properties), |bencher| {
        let world = &*world;
        let mut out = vec![Statuses128::default(); properties.div_ceil(128)];
        bencher.iter(|| fleet::sweep(world, &mut out));
    });
    // One property, the next each time: a million of them take seconds.
    sweeps.throughput(Throughput::Elements(1));
    let names = LazyCell::new(|| (0..properties).map(naive::property_name).collect::<Vec<_>>());
    let mut next = (0..properties).cycle();
    sweeps.bench_function(BenchmarkId::new("naive, one", properties), |bencher| {
        let (naive, names) = (&*naive, &*names);
        bencher.iter(|| naive.answer(&names[next.next().expect("a cycle")], naive::now()));
    });
    sweeps.finish();

    let mut answers = group(criterion, "answer");
    let widgets = LazyCell::new(|| fleet::widgets(&world, ENGINE_DRAWS));
    let mut next = (0..ENGINE_DRAWS).cycle();
    answers.bench_function(BenchmarkId::new("engine", properties), |bencher| {
        let (world, widgets) = (&*world, &*widgets);
        bencher.iter(|| world.answer(widgets[next.next().expect("a cycle")]));
    });
    let names = LazyCell::new(|| naive::properties(properties, NAIVE_DRAWS));
    let mut next = (0..NAIVE_DRAWS).cycle();
    answers.bench_function(BenchmarkId::new("naive", properties), |bencher| {
        let (naive, names) = (&*naive, &*names);
        bencher.iter(|| naive.answer(&names[next.next().expect("a cycle")], naive::now()));
    });
    answers.finish();
}

/// Events that each change the status of a device, in worlds that keep since when.
fn of_events(criterion: &mut Criterion, properties: usize, zones: &Arc<Zones>) {
    let rotation = Rotation::new(Mix::Everyone, properties);
    let status = |place| rotation.first_status(place);
    let mut group = group(criterion, "apply");
    let world = LazyCell::new(|| {
        let builder = fleet::builder(properties, Schedules::Shared);
        RefCell::new((fleet::populate_by(builder, zones, status), rotation.clone()))
    });
    group.bench_function(BenchmarkId::new("engine", properties), |bencher| {
        let (world, rotation) = &mut *world.borrow_mut();
        bencher.iter_custom(|iterations| {
            in_parts(iterations, |count| {
                let events = fleet::events(rotation, world, count);
                let start = Stopwatch::now();
                black_box(fleet::apply(world, &events));
                start.elapsed()
            })
        });
    });
    let naive = LazyCell::new(|| {
        RefCell::new((naive::Fleet::by(properties, Schedules::Shared, status), rotation.clone()))
    });
    group.bench_function(BenchmarkId::new("naive", properties), |bencher| {
        let (naive, rotation) = &mut *naive.borrow_mut();
        bencher.iter_custom(|iterations| {
            in_parts(iterations, |count| {
                let events = naive::events(rotation, count);
                let start = Stopwatch::now();
                black_box(naive::apply(naive, &events));
                start.elapsed()
            })
        });
    });
    group.finish();
}

/// So many, in parts that are drawn before they are timed; gives the time of all.
fn in_parts(iterations: u64, mut part: impl FnMut(usize) -> Duration) -> Duration {
    let (mut rest, mut took) = (iterations as usize, Duration::ZERO);
    while rest > 0 {
        let count = rest.min(ENGINE_DRAWS);
        took += part(count);
        rest -= count;
    }
    took
}

/// The edges of week after week, of schedules that are all different; an iteration is one edge.
fn advance(criterion: &mut Criterion, properties: usize, zones: &Arc<Zones>) {
    let mut group = group(criterion, "advance");
    let world =
        LazyCell::new(|| RefCell::new(fleet::world(properties, Schedules::Different, zones)));
    group.bench_function(BenchmarkId::new("engine", properties), |bencher| {
        let mut world = world.borrow_mut();
        bencher.iter_custom(|iterations| {
            let (mut edges, start) = (0, Stopwatch::now());
            while edges < iterations {
                let to = fleet::next_week(world.now());
                world.advance(to, &mut |_| edges += 1);
            }
            start.elapsed().mul_f64(iterations as f64 / edges as f64)
        });
    });
    drop(world);
    let heap = LazyCell::new(|| RefCell::new(naive::Heap::new(properties, zones)));
    group.bench_function(BenchmarkId::new("heap", properties), |bencher| {
        let mut heap = heap.borrow_mut();
        bencher.iter_custom(|iterations| {
            let start = Stopwatch::now();
            heap.pass(iterations);
            start.elapsed()
        });
    });
    group.finish();
}

/// A synthetic week from its files to the final state, against reading the rows alone.
fn replay(criterion: &mut Criterion, properties: u32, zones: &Arc<Zones>) {
    let files = LazyCell::new(|| {
        let name = format!("engine-{properties}");
        fleet::synthetic::write(&fleet::synthetic::population(properties, zones), &name)
            .expect("room for the files")
    });
    let mut group = group(criterion, "replay");
    group.bench_function(BenchmarkId::new("engine", properties), |bencher| {
        let files = &*files;
        bencher.iter(|| {
            let bytes = std::fs::read(&files.scenario).expect("the scenario");
            let stop = AtomicBool::new(false);
            let verdict = run(&files.scenario, &bytes, zones, Options::default(), &stop);
            assert!(verdict.counts.events > 0 && verdict.diagnostics.is_empty());
            verdict
        });
    });
    group.bench_function(BenchmarkId::new("rows alone", properties), |bencher| {
        let files = &*files;
        bencher.iter(|| {
            let rows = fleet::synthetic::read_rows(&files.trace).expect("the trace");
            assert_eq!(rows, files.rows);
        });
    });
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    let text = include_str!("../scenarios/presence/offline-only-when-everyone-is-gone.scenario");
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("engine", |bencher| {
        bencher.iter(|| parse(black_box(text.as_bytes())));
    });
    // Not a parser: what splitting into words alone costs, with nothing understood.
    group.bench_function("words alone", |bencher| {
        bencher.iter(|| {
            let words = black_box(text).lines().map(|line| {
                let line = line.split('#').next().unwrap_or_default();
                line.split_whitespace().map(String::from).collect::<Vec<String>>()
            });
            words.collect::<Vec<_>>()
        });
    });
    group.finish();
}
