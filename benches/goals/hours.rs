//! Whether hours are open: a thousand different schedules that a fleet shares, and a million.

use std::hint::black_box;
use std::sync::Arc;

use chrono_tz::Tz;
use lamplighter_core::hours::{LastAnswer, Schedule, Zones};
use lamplighter_core::model::Instant;

use crate::fleet::{self, Schedules};
use crate::naive::{self, Hours};
use crate::rounds::{Rounds, counted, measure, turn};
use crate::sizes::WIDGETS;
use crate::table::{Goal, Row};

const ASKS: usize = 1 << 20;
const NAIVE_ASKS: usize = 1 << 18;
const PEER_ASKS: usize = 5_000;
const SHARED: usize = 1_000;
const MINUTE_MS: i64 = 60_000;

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let mut rows = of(SHARED, "1,000 schedules", zones);
    rows.extend(of(WIDGETS, "1,000,000 schedules", zones));
    rows
}

fn of(count: usize, name: &str, zones: &Zones) -> Vec<Row> {
    let schedules: Vec<Schedule> = (0..count).map(|index| fleet::schedule(index, zones)).collect();
    let naive: Vec<Hours> =
        (0..count).map(|index| Hours::of(index, Schedules::Different)).collect();
    let mut rows = arbitrary(name, &schedules, &naive);
    rows.extend(advancing(name, &schedules, &naive));
    rows
}

/// Random schedules at random instants of a year.
fn arbitrary(name: &str, schedules: &[Schedule], naive: &[Hours]) -> Vec<Row> {
    let count = schedules.len();
    let asks = fleet::asks(count, ASKS, instant);
    let naive_asks = fleet::asks(count, ASKS, naive::at);
    let mut parts = naive_asks.chunks(NAIVE_ASKS).cycle();
    // A peer takes kilobytes: a million of them would be about memory more than about hours.
    let with_peers = count <= SHARED;
    let peers: Vec<_> = (0..count.min(SHARED)).map(naive::peer).collect();
    let peer_asks = fleet::asks(peers.len(), PEER_ASKS, |ms| naive::at(ms).with_timezone(&Tz::UTC));
    let mut turns = vec![
        turn("engine", ASKS, || {
            black_box(
                asks.iter().filter(|(schedule, at)| schedules[*schedule].is_open(*at)).count(),
            );
        }),
        counted("chrono-tz", || {
            let part = parts.next().expect("a cycle");
            black_box(part.iter().filter(|(schedule, at)| naive[*schedule].is_open(*at)).count());
            part.len() as u64
        }),
    ];
    if with_peers {
        turns.push(turn("opening-hours", PEER_ASKS, || {
            let is_open = |(peer, at): &&(usize, _)| peers[*peer].is_open(*at);
            black_box(peer_asks.iter().filter(is_open).count());
        }));
    }
    let rounds = measure(turns);
    let what = format!("open at an arbitrary instant, {name}");
    let mut rows = vec![faster(&what, &rounds, "engine", "chrono-tz", 5.0)];
    if with_peers {
        rows.push(faster(&what, &rounds, "engine", "opening-hours", 200.0));
    }
    rows
}

/// All of them at one minute, then all at the next one.
fn advancing(name: &str, schedules: &[Schedule], naive: &[Hours]) -> Vec<Row> {
    let count = schedules.len();
    let (minutes, naive_minutes) = ((2 * ASKS).div_ceil(count), NAIVE_ASKS.div_ceil(count));
    let mut last = vec![LastAnswer::default(); count];
    let mut now_ms = fleet::now().as_millis();
    let mut naive_now_ms = now_ms;
    let rounds = measure(vec![
        turn("last answer", minutes * count, || {
            for _ in 0..minutes {
                now_ms += MINUTE_MS;
                let at = instant(now_ms);
                let asks = last.iter_mut().zip(schedules);
                black_box(asks.map(|(last, of)| u32::from(last.is_open(of, at))).sum::<u32>());
            }
        }),
        turn("chrono-tz", naive_minutes * count, || {
            for _ in 0..naive_minutes {
                naive_now_ms += MINUTE_MS;
                let at = naive::at(naive_now_ms);
                black_box(naive.iter().filter(|hours| hours.is_open(at)).count());
            }
        }),
    ]);
    let what = format!("open as time advances, {name}");
    vec![faster(&what, &rounds, "last answer", "chrono-tz", 25.0)]
}

fn faster(what: &str, rounds: &Rounds, turn: &str, other: &str, goal: f64) -> Row {
    let (ns, other_ns) = (rounds.ns(turn), rounds.ns(other));
    Row::faster(what, ns, other, other_ns, rounds.ratio(other, turn), Goal::AtLeast(goal))
}

fn instant(ms: i64) -> Instant {
    Instant::from_millis(ms).expect("in range")
}
