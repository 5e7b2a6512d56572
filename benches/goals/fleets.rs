//! Fleets: the sweep, and single answers.

use std::hint::black_box;
use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_core::rules::{Facts128, Statuses128};
use lamplighter_core::world::World;

use crate::fleet::{self, Schedules, scattered};
use crate::naive::{self, Fleet};
use crate::rounds::{counted, measure, turn};
use crate::sizes::WIDGETS;
use crate::table::{Goal, Row};

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let world = fleet::world(WIDGETS, Schedules::Shared, zones);
    let naive = Fleet::new(WIDGETS, Schedules::Shared);
    let mut rows = sweep(&world, &naive);
    rows.extend(answer(&world, &naive));
    rows
}

fn sweep(world: &World, naive: &Fleet) -> Vec<Row> {
    const SWEEPS: usize = 500;
    const NAIVE_ANSWERS: usize = 50_000;
    let words = WIDGETS.div_ceil(128);
    let mut out = vec![Statuses128::default(); words];
    let mut streamed = out.clone();
    let facts = facts();
    // In the order in which they were made, which is as kind to the naive form as it gets.
    let names: Vec<String> = (0..WIDGETS).map(naive::property_name).collect();
    let mut parts = names.chunks(NAIVE_ANSWERS).cycle();
    let rounds = measure(vec![
        turn("sweep", SWEEPS * WIDGETS, || {
            for _ in 0..SWEEPS {
                fleet::sweep(black_box(world), &mut out);
            }
        }),
        turn("stream", SWEEPS * WIDGETS, || {
            for _ in 0..SWEEPS {
                stream(black_box(&facts), &mut streamed);
            }
        }),
        turn("naive", NAIVE_ANSWERS, || {
            for name in parts.next().expect("a cycle") {
                black_box(naive.answer(name, naive::now()));
            }
        }),
    ]);
    let (ns, stream_ns, naive_ns) = (rounds.ns("sweep"), rounds.ns("stream"), rounds.ns("naive"));
    let bytes = (size_of::<Facts128>() + size_of::<Statuses128>()) as f64 / 128.0;
    vec![
        Row::faster(
            "sweep, a widget",
            ns,
            "the same bytes streamed",
            stream_ns,
            rounds.ratio("sweep", "stream"),
            Goal::AtMost(1.3),
        ),
        Row::faster(
            "sweep, a widget",
            ns,
            "naive evaluation",
            naive_ns,
            rounds.ratio("naive", "sweep"),
            Goal::AtLeast(20_000.0),
        ),
        Row {
            what: "sweep, read and written".into(),
            figure: format!("{bytes} bytes a widget"),
            compared_with: "one byte".into(),
            value: bytes,
            goal: Goal::AtMost(1.0),
        },
    ]
}

/// As many bytes as a sweep reads.
pub fn facts() -> Vec<Facts128> {
    let fact =
        |word| Facts128 { closed: [scattered(word, usize::MAX) as u64; 2], ..Facts128::default() };
    (0..WIDGETS.div_ceil(128)).map(fact).collect()
}

/// The bytes of a sweep, and no rules.
pub fn stream(facts: &[Facts128], out: &mut [Statuses128]) {
    for (out, Facts128 { closed, online, away, stays_up }) in out.iter_mut().zip(facts) {
        *out = Statuses128 {
            online: [closed[0] ^ online[0], closed[1] ^ online[1]],
            away: [away[0] ^ stays_up[0], away[1] ^ stays_up[1]],
        };
    }
    black_box(out);
}

fn answer(world: &World, naive: &Fleet) -> Vec<Row> {
    const NAIVE_ANSWERS: usize = 50_000;
    let widgets = fleet::widgets(world, 1 << 20);
    let names = naive::properties(WIDGETS, 1 << 19);
    let mut parts = names.chunks(NAIVE_ANSWERS).cycle();
    let rounds = measure(vec![
        turn("engine", widgets.len(), || {
            for &widget in &widgets {
                black_box(world.answer(widget));
            }
        }),
        counted("naive", || {
            let part = parts.next().expect("a cycle");
            for name in part {
                black_box(naive.answer(name, naive::now()));
            }
            part.len() as u64
        }),
    ]);
    let (ns, naive_ns) = (rounds.ns("engine"), rounds.ns("naive"));
    let ratio = rounds.ratio("naive", "engine");
    vec![Row::faster("answer of a random widget", ns, "naive", naive_ns, ratio, Goal::None)]
}
