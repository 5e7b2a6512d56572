//! Week after week of edges, every schedule different, against a heap of the next ones.

use std::sync::Arc;

use lamplighter_core::hours::Zones;

use crate::fleet::{self, Schedules};
use crate::naive::Heap;
use crate::rounds::{counted, measure, turn};
use crate::sizes::{SIZES, WIDGETS};
use crate::table::{Goal, Row};

/// A small fleet goes through several weeks in one turn, so that it takes long enough to be timed.
const EDGES_MIN: u64 = 2_000_000;
const HEAP_EDGES: u64 = 200_000;

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let mut heap = Heap::new(WIDGETS, zones);
    let mut turns = vec![turn("heap", HEAP_EDGES as usize, || heap.pass(HEAP_EDGES))];
    for size in SIZES {
        let mut world = fleet::world(size, Schedules::Different, zones);
        turns.push(counted(size.to_string(), move || {
            let mut edges = 0;
            while edges < EDGES_MIN {
                let to = fleet::next_week(world.now());
                world.advance(to, &mut |_| edges += 1);
            }
            edges
        }));
    }
    let rounds = measure(turns);
    let ns = rounds.ns("1000000");
    let grown = |than: &str| {
        let (other, ratio) = (format!("among {than}"), rounds.ratio("1000000", than));
        Row::faster("one edge of a week", ns, &other, rounds.ns(than), ratio, Goal::AtMost(3.0))
    };
    vec![
        Row::faster(
            "one edge of a week",
            ns,
            "heap of next edges",
            rounds.ns("heap"),
            rounds.ratio("heap", "1000000"),
            Goal::AtLeast(40.0),
        ),
        grown("100000"),
        grown("10000"),
        grown("1000"),
    ]
}
