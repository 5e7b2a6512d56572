//! Events that each change the status of a device, in worlds that keep since when.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use lamplighter_core::hours::Zones;

use crate::fleet::{self, Changed, Mix, Rotation, Schedules, scattered};
use crate::naive::flat::{self, Flat};
use crate::naive::{self, Fleet};
use crate::rounds::{Rounds, Turn, measure, timed, turn};
use crate::sizes::{SIZES, WIDGETS};
use crate::table::{Goal, Row, nanoseconds};

const EVENTS: usize = 1 << 20;
const NAIVE_EVENTS: usize = 50_000;
/// By how much the share of events that change something may differ between sizes.
const SHARES_DIFFER: f64 = 0.02;

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let (mut rows, status) = of(Mix::Everyone, "one event", 30.0, zones);
    let what = "one event that changes presence";
    let (others, presence) = of(Mix::OneDecides, what, 30.0 * 1.3, zones);
    rows.extend(others);
    rows.push(Row::faster(
        what,
        presence,
        "one event",
        status,
        presence / status,
        Goal::AtMost(1.3),
    ));
    rows
}

/// The rows of a mix, and how many nanoseconds an event among the most widgets takes.
fn of(mix: Mix, what: &str, ns_max: f64, zones: &Arc<Zones>) -> (Vec<Row>, f64) {
    let rotation = Rotation::new(mix, WIDGETS);
    let changed: Vec<Cell<Changed>> = SIZES.iter().map(|_| Cell::default()).collect();
    let memory = Memory::new();
    let mut turns = vec![naively(&rotation), plainly(&rotation, zones)];
    turns.push(turn("dependent", EVENTS, || memory.read_one_by_one()));
    turns.push(turn("independent", EVENTS, || memory.read_together()));
    for (size, changed) in SIZES.into_iter().zip(&changed) {
        turns.push(by_the_engine(Rotation::new(mix, size), size, changed, zones));
    }
    let rounds = measure(turns);
    let changed: Vec<Changed> = changed.iter().map(Cell::get).collect();
    (table(what, ns_max, &rounds, &changed), rounds.ns(&WIDGETS.to_string()))
}

fn by_the_engine<'a>(
    mut rotation: Rotation,
    size: usize,
    changed: &'a Cell<Changed>,
    zones: &Arc<Zones>,
) -> Turn<'a> {
    let builder = fleet::builder(size, Schedules::Shared);
    let mut world = fleet::populate_by(builder, zones, |place| rotation.first_status(place));
    timed(size.to_string(), move || {
        let events = fleet::events(&mut rotation, &world, EVENTS);
        let start = Stopwatch::now();
        changed.set(fleet::apply(&mut world, &events));
        start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
    })
}

fn plainly(rotation: &Rotation, zones: &Arc<Zones>) -> Turn<'static> {
    let status = |place| rotation.first_status(place);
    let mut flat = Flat::new(WIDGETS, Schedules::Shared, zones, status);
    let mut rotation = rotation.clone();
    timed("flat", move || {
        let events: Vec<_> = rotation.by_ref().take(EVENTS).collect();
        let start = Stopwatch::now();
        black_box(flat::apply(&mut flat, &events, fleet::now()));
        start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
    })
}

fn naively(rotation: &Rotation) -> Turn<'static> {
    let status = |place| rotation.first_status(place);
    let naive = RefCell::new(Fleet::by(WIDGETS, Schedules::Shared, status));
    let mut rotation = rotation.clone();
    timed("naive", move || {
        let events = naive::events(&mut rotation, NAIVE_EVENTS);
        let start = Stopwatch::now();
        black_box(naive::apply(&mut naive.borrow_mut(), &events));
        start.elapsed().as_secs_f64() * 1e9 / NAIVE_EVENTS as f64
    })
}

fn table(what: &str, ns_max: f64, rounds: &Rounds, changed: &[Changed]) -> Vec<Row> {
    let all = WIDGETS.to_string();
    let ns = rounds.ns(&all);
    let against = |other: &str, than: &str, goal| {
        Row::faster(what, ns, other, rounds.ns(than), rounds.ratio(than, &all), goal)
    };
    let grown = |than: usize, most| {
        let (other, than) = (format!("among {than}"), than.to_string());
        let ratio = rounds.ratio(&all, &than);
        Row::faster(what, ns, &other, rounds.ns(&than), ratio, Goal::AtMost(most))
    };
    let [agents, widgets] =
        [|changed: &Changed| changed.agents, |changed: &Changed| changed.widgets].map(|of| {
            let shares = changed.iter().map(|changed| of(changed) as f64 / EVENTS as f64);
            let shares: Vec<f64> = shares.collect();
            let least = shares.iter().copied().fold(1.0, f64::min);
            let most = shares.iter().copied().fold(0.0, f64::max);
            assert!(most - least < SHARES_DIFFER, "unlike work is compared: {shares:?}");
            (shares[shares.len() - 1], shares[0])
        });
    let shares = |what: &str, (of_all, of_few): (f64, f64)| Row {
        what: what.into(),
        figure: format!("{:.1} %", of_all * 100.0),
        compared_with: format!("among {}: {:.1} %", SIZES[0], of_few * 100.0),
        value: of_all / of_few,
        goal: Goal::None,
    };
    vec![
        shares(&format!("{what}: changes an agent"), agents),
        shares(&format!("{what}: changes a widget"), widgets),
        Row {
            what: what.into(),
            figure: nanoseconds(ns),
            compared_with: "one nanosecond".into(),
            value: ns,
            goal: Goal::AtMost(ns_max),
        },
        against("flat tables, plainly", "flat", Goal::AtLeast(1.0)),
        against("a read of as much memory, after the one before", "dependent", Goal::None),
        against("a read of as much memory, whichever comes first", "independent", Goal::None),
        against("naive", "naive", Goal::AtLeast(200.0)),
        grown(100_000, 2.5),
        grown(10_000, 3.0),
        grown(1_000, 3.0),
    ]
}

/// As much memory as events reach among the most widgets, two cache lines to each: what reading it at
/// random takes is what no engine of this size gets below.
struct Memory {
    lines: Vec<[u64; 16]>,
    places: Vec<u32>,
}

impl Memory {
    fn new() -> Self {
        let line = |index| [scattered(index, WIDGETS) as u64; 16];
        let places = (0..EVENTS).map(|step| scattered(step, WIDGETS) as u32).collect();
        Self { lines: (0..WIDGETS).map(line).collect(), places }
    }

    /// Each read says where the next one is.
    fn read_one_by_one(&self) {
        let mut place = 0;
        for step in 0..EVENTS {
            place = (self.lines[place][0] as usize + step) % WIDGETS;
        }
        black_box(place);
    }

    /// All places are known before.
    fn read_together(&self) {
        let read = |sum: u64, place: &u32| sum ^ self.lines[*place as usize][0];
        black_box(self.places.iter().fold(0, read));
    }
}
