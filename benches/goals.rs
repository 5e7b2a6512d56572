//! The goals at a million widgets as ratios within one run. See README.md beside this file.

mod fleet;
mod naive;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use chrono::{DateTime, Utc};
use lamplighter::hours::{LastAnswer, Zones};
use lamplighter::model::{Chosen, Event, Instant, WidgetId};
use lamplighter::rules::{Facts128, Statuses128};

use fleet::{AGENTS, DEVICES, Schedules, device, scattered};

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| name.contains(o.as_str()));
    let zones = Arc::new(Zones::bundled());
    const N: usize = 1_000_000;
    if wanted("apply") {
        for n in
            std::env::var("GOALS_N").map_or(vec![1_000, 100_000, N], |n| vec![n.parse().unwrap()])
        {
            let mut world = fleet::world(n, Schedules::Shared, &zones);
            fleet::log_in_all(&mut world, n);
            let devices = n * AGENTS * DEVICES.len();
            let mut step = 0;
            let hint =
                |place: usize| device(place).with_hint(((place / 10) << 3 | place % 10 / 2) as u32);
            let mut changes = 0_u64;
            let events = if n == 100 { 20_000 } else { 2_000_000 };
            let mut best = vec![];
            for _ in 0..5 {
                let t = Stopwatch::now();
                for i in 0..events {
                    if i % 32 == 0 {
                        world.look_ahead(
                            (step + 1..step + 33).map(|step| hint(scattered(step, devices))),
                        );
                    }
                    step += 1;
                    let chosen = [Chosen::Away, Chosen::Online, Chosen::Invisible][step % 3];
                    let event = Event::SetStatus(hint(scattered(step, devices)), chosen);
                    world.apply(&event, &mut |_| changes += 1).expect("logged in");
                }
                best.push(t.elapsed().as_secs_f64() / events as f64 * 1e9);
            }
            best.sort_by(f64::total_cmp);
            println!("apply {n}: {:.1} ns  ({changes})", best[2]);
        }
    }
    if wanted("nai-app") {
        let at: DateTime<Utc> = fleet::NOW.parse().unwrap();
        let n = N;
        let mut f = naive::Fleet::new(n, Schedules::Shared);
        let names: Vec<String> = (0..n * AGENTS).map(naive::agent_name).collect();
        let devices = n * AGENTS * DEVICES.len();
        let t = Stopwatch::now();
        let events = 300_000;
        for step in 0..events {
            let status = ["away", "online", "invisible"][step % 3];
            let place = scattered(step, devices);
            black_box(f.apply(&names[place / 2], DEVICES[place % 2], status, at));
        }
        println!("naive apply: {:.1} ns", t.elapsed().as_secs_f64() / events as f64 * 1e9);
    }
    if wanted("week") {
        for n in [1_000, 10_000, 100_000, N] {
            let mut world = fleet::world(n, Schedules::Different, &zones);
            let week_ms = 7 * 86_400_000;
            let mut rates = vec![];
            let mut total = 0;
            for _ in 0..5 {
                let to = Instant::from_millis(world.now().as_millis() + week_ms).unwrap();
                let mut edges = 0_u64;
                let t = Stopwatch::now();
                world.advance(to, &mut |_| edges += 1);
                rates.push(t.elapsed().as_secs_f64() / edges as f64 * 1e9);
                total = edges;
            }
            println!("week {n}: {rates:.1?} ns/edge, {total} edges");
        }
    }
    if wanted("heap") {
        let schedules = fleet::schedules(N, &zones);
        let now = fleet::now();
        let mut heap: BinaryHeap<Reverse<(Instant, u32)>> = schedules
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some(Reverse((s.next_edge(now)?, i as u32))))
            .collect();
        let mut open: Vec<bool> = schedules.iter().map(|s| s.is_open(now)).collect();
        let t = Stopwatch::now();
        let steps = 3_000_000;
        for _ in 0..steps {
            let Reverse((at, id)) = heap.pop().unwrap();
            open[id as usize] = !open[id as usize];
            heap.push(Reverse((schedules[id as usize].next_edge(at).unwrap(), id)));
        }
        println!("heap: {:.1} ns/edge", t.elapsed().as_secs_f64() / steps as f64 * 1e9);
    }
    if wanted("hours") {
        for n in [1_000, N] {
            let schedules = fleet::schedules(n, &zones);
            let naive: Vec<naive::Hours> =
                (0..n).map(|i| naive::Hours::of(i, Schedules::Different)).collect();
            let base = fleet::now().as_millis();
            let year = 365 * 86_400_000_u64;
            let at = |step: usize| base + (scattered(step, year as usize)) as i64;
            let count = 2_000_000;
            for _ in 0..3 {
                let t = Stopwatch::now();
                let mut open = 0;
                for step in 0..count {
                    let i = scattered(step + 7, n);
                    open +=
                        u32::from(schedules[i].is_open(Instant::from_millis(at(step)).unwrap()));
                }
                let ours = t.elapsed().as_secs_f64() / count as f64 * 1e9;
                let t = Stopwatch::now();
                let mut open2 = 0;
                for step in 0..count {
                    let i = scattered(step + 7, n);
                    open2 += u32::from(
                        naive[i].is_open(DateTime::from_timestamp_millis(at(step)).unwrap()),
                    );
                }
                let theirs = t.elapsed().as_secs_f64() / count as f64 * 1e9;
                let t = Stopwatch::now();
                let mut sum = 0;
                for step in 0..count {
                    sum += at(step) as usize + scattered(step + 7, n);
                }
                black_box(sum);
                let drawing = t.elapsed().as_secs_f64() / count as f64 * 1e9;
                println!(
                    "hours {n}: ours {ours:.1} theirs {theirs:.1} drawing {drawing:.1} {open} {open2}"
                );
                let mut last = vec![LastAnswer::default(); n];
                let rounds = 2_000_000 / n * 20;
                let t = Stopwatch::now();
                let mut open = 0;
                for round in 0..rounds {
                    let at =
                        Instant::from_millis(base + round as i64 * (86_400_000 / rounds as i64))
                            .unwrap();
                    for (last, schedule) in last.iter_mut().zip(&schedules) {
                        open += u32::from(last.is_open(schedule, at));
                    }
                }
                println!(
                    "cached: {:.2} ({open})",
                    t.elapsed().as_secs_f64() / (rounds * n) as f64 * 1e9
                );
            }
        }
    }
    if wanted("sweep") {
        let mut world = fleet::world(N, Schedules::Shared, &zones);
        for place in 0..N * 10 {
            if scattered(place, 3) == 0 {
                world.apply(&Event::Login(device(place)), &mut |_| {}).unwrap();
            }
        }
        let words = N.div_ceil(128);
        let mut out = vec![Statuses128::default(); words];
        let facts: Vec<Facts128> = (0..words)
            .map(|i| Facts128 {
                closed: [scattered(i, usize::MAX) as u64; 2],
                ..Facts128::default()
            })
            .collect();
        for _ in 0..5 {
            let t = Stopwatch::now();
            for _ in 0..200 {
                for (out, statuses) in out.iter_mut().zip(world.statuses()) {
                    *out = statuses;
                }
                black_box(&mut out);
            }
            let sweep = t.elapsed().as_secs_f64() / 200.0 / N as f64 * 1e9;
            let t = Stopwatch::now();
            for _ in 0..200 {
                for (out, f) in out.iter_mut().zip(black_box(&facts)) {
                    *out = Statuses128 {
                        online: [f.closed[0] ^ f.online[0], f.closed[1] ^ f.online[1]],
                        away: [f.away[0] ^ f.stays_up[0], f.away[1] ^ f.stays_up[1]],
                    };
                }
                black_box(&mut out);
            }
            let stream = t.elapsed().as_secs_f64() / 200.0 / N as f64 * 1e9;
            println!("sweep {sweep:.4} ns/widget, stream {stream:.4}, ratio {:.2}", sweep / stream);
        }
        black_box(world.answer(WidgetId::new(0)));
    }
}
