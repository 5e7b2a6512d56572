//! Other rules than the rule book's, set by set: the sweep, and events that each change the status of a device.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::RuleSet;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::rules::{Facts128, Statuses128};
use lamplighter_core::world::World;

use crate::fleet::{self, Mix, Rotation, Schedules};
use crate::fleets::{facts, stream};
use crate::rounds::{Turn, measure, timed, turn};
use crate::sizes::WIDGETS;
use crate::table::{Goal, Row};

const EVENTS: usize = 1 << 19;
const SWEEPS: usize = 200;
const BOOK: &str = "the rule book";

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let mut rows = Vec::new();
    for product in PRODUCTS.iter().filter(|product| product.rules() != RuleSet::BOOK) {
        eprintln!("  {}", product.name);
        rows.extend(of(product.name, &product.rules(), zones));
    }
    rows
}

/// The rows of a set: an event against one by the rule book, the sweep against the same bytes streamed.
fn of(name: &str, rules: &RuleSet, zones: &Arc<Zones>) -> Vec<Row> {
    let by_book = RefCell::new(Fleet::new(&RuleSet::BOOK, zones));
    let by_set = RefCell::new(Fleet::new(rules, zones));
    let facts = facts();
    let mut out = vec![Statuses128::default(); facts.len()];
    let mut streamed = out.clone();
    let turns = vec![
        events(BOOK, &by_book),
        events(name, &by_set),
        turn("sweep", SWEEPS * WIDGETS, || {
            for _ in 0..SWEEPS {
                fleet::sweep(black_box(&by_set.borrow().world), &mut out);
            }
        }),
        turn("stream", SWEEPS * WIDGETS, || stream_often(&facts, &mut streamed)),
    ];
    let rounds = measure(turns);
    let row = |what: &str, turn: &str, other: &str, than: &str, most| {
        let what = format!("{what} by {name}");
        let ratio = rounds.ratio(turn, than);
        Row::faster(&what, rounds.ns(turn), other, rounds.ns(than), ratio, Goal::AtMost(most))
    };
    vec![
        row("one event", name, BOOK, BOOK, 1.5),
        row("sweep, a widget", "sweep", "the same bytes streamed", "stream", 1.3),
    ]
}

/// A fleet that goes by some rules, and the events of it.
struct Fleet {
    world: World,
    rotation: Rotation,
}

impl Fleet {
    fn new(rules: &RuleSet, zones: &Arc<Zones>) -> Self {
        let rotation = Rotation::new(Mix::Everyone, WIDGETS);
        let mut builder = fleet::builder(WIDGETS, Schedules::Shared);
        builder.put_rules(*rules);
        let world = fleet::populate_by(builder, zones, |place| rotation.first_status(place));
        Self { world, rotation }
    }
}

fn events<'a>(name: &str, fleet: &'a RefCell<Fleet>) -> Turn<'a> {
    timed(name, move || {
        let Fleet { world, rotation } = &mut *fleet.borrow_mut();
        let events = fleet::events(rotation, world, EVENTS);
        let start = Stopwatch::now();
        black_box(fleet::apply(world, &events));
        start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
    })
}

fn stream_often(facts: &[Facts128], streamed: &mut [Statuses128]) {
    for _ in 0..SWEEPS {
        stream(black_box(facts), streamed);
    }
}
