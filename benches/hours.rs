//! Whether hours are open: compiled, by the wall clock through chrono-tz, and by the crate
//! `opening-hours`. See README.md beside this file.

mod fleet;
mod naive;

use std::cell::LazyCell;
use std::hint::black_box;
use std::time::{Duration, Instant as Stopwatch};

use chrono_tz::Tz;
use criterion::{BenchmarkId, Criterion, SamplingMode};
use lamplighter_core::hours::{LastAnswer, Schedule, Zones};
use lamplighter_core::model::Instant;

use fleet::Schedules;

/// Schedules, each different.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const DRAWS: usize = 1 << 20;
/// A peer takes kilobytes.
const PEERS_MAX: usize = 10_000;

fn main() {
    let zones = Zones::bundled();
    naive::agree::on_hours(&zones);
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700))
        .configure_from_args();
    for count in SIZES {
        is_open(&mut criterion, count, &zones);
    }
    criterion.final_summary();
}

fn is_open(criterion: &mut Criterion, count: usize, zones: &Zones) {
    let schedules =
        LazyCell::new(|| (0..count).map(|i| fleet::schedule(i, zones)).collect::<Vec<Schedule>>());
    let naive = LazyCell::new(|| {
        let of = |index| naive::Hours::of(index, Schedules::Different);
        (0..count).map(of).collect::<Vec<_>>()
    });
    let mut group = criterion.benchmark_group("open at an arbitrary instant");
    group.sampling_mode(SamplingMode::Flat);
    let mut next = (0..DRAWS).cycle();
    let mut next = move || next.next().expect("a cycle");

    let asks = LazyCell::new(|| fleet::asks(count, DRAWS, instant));
    group.bench_function(BenchmarkId::new("engine", count), |bencher| {
        let (asks, schedules) = (&*asks, &*schedules);
        bencher.iter(|| {
            let (schedule, at) = asks[next()];
            schedules[schedule].is_open(at)
        });
    });
    let asks = LazyCell::new(|| fleet::asks(count, DRAWS, naive::at));
    group.bench_function(BenchmarkId::new("chrono-tz", count), |bencher| {
        let (asks, naive) = (&*asks, &*naive);
        bencher.iter(|| {
            let (schedule, at) = asks[next()];
            naive[schedule].is_open(at)
        });
    });
    if count <= PEERS_MAX {
        let peers = LazyCell::new(|| (0..count).map(naive::peer).collect::<Vec<_>>());
        let asks =
            LazyCell::new(|| fleet::asks(count, DRAWS, |ms| naive::at(ms).with_timezone(&Tz::UTC)));
        group.bench_function(BenchmarkId::new("opening-hours", count), |bencher| {
            let (asks, peers) = (&*asks, &*peers);
            bencher.iter(|| {
                let (schedule, at) = &asks[next()];
                peers[*schedule].is_open(*at)
            });
        });
    }
    group.finish();

    advancing(criterion, count, || &schedules, || &naive);
}

/// All schedules at one minute, then all at the next one, and so on; an iteration is one of them.
fn advancing<'a>(
    criterion: &mut Criterion,
    count: usize,
    schedules: impl Fn() -> &'a [Schedule],
    naive: impl Fn() -> &'a [naive::Hours],
) {
    let mut group = criterion.benchmark_group("open as time advances");
    group.sampling_mode(SamplingMode::Flat);
    let mut last = vec![LastAnswer::default(); count];
    let mut minute = minutes();
    group.bench_function(BenchmarkId::new("last answer", count), |bencher| {
        let schedules = schedules();
        bencher.iter_custom(|iterations| {
            rounds(count, iterations, || {
                let at = instant(minute.next().expect("time never ends"));
                let asked = last.iter_mut().zip(schedules);
                black_box(
                    asked
                        .filter_map(|(last, schedule)| last.is_open(schedule, at).then_some(()))
                        .count(),
                );
            })
        });
    });
    let mut minute = minutes();
    group.bench_function(BenchmarkId::new("chrono-tz", count), |bencher| {
        let naive = naive();
        bencher.iter_custom(|iterations| {
            rounds(count, iterations, || {
                let at = naive::at(minute.next().expect("time never ends"));
                black_box(naive.iter().filter(|hours| hours.is_open(at)).count());
            })
        });
    });
    group.finish();
}

/// Milliseconds since 1970, minute by minute.
fn minutes() -> impl Iterator<Item = i64> {
    (0..).map(|minute| fleet::now().as_millis() + minute * 60_000)
}

/// How long so many iterations take, of which a round has `count`.
fn rounds(count: usize, iterations: u64, mut round: impl FnMut()) -> Duration {
    let rounds = iterations.div_ceil(count as u64);
    let start = Stopwatch::now();
    (0..rounds).for_each(|_| round());
    start.elapsed().mul_f64(iterations as f64 / (rounds * count as u64) as f64)
}

fn instant(ms: i64) -> Instant {
    Instant::from_millis(ms).expect("in range")
}
