//! A trace of millions of rows from its file to the final state, against reading the rows alone.

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::parse;
use lamplighter_scenario::language::plan::plan;
use lamplighter_scenario::play::{Reading, replay};

use crate::fleet::synthetic;
use crate::rounds::{counted, measure, timed};
use crate::table::{Goal, Row};

/// A week of so many properties has five million rows, roughly.
const PROPERTIES: u32 = 30_000;

pub fn rows(zones: &Arc<Zones>) -> Vec<Row> {
    let drawn = synthetic::population(PROPERTIES, zones);
    let start = drawn.knobs().start;
    let files = synthetic::write(&drawn, "goals").expect("room for the files");
    let scenario = std::fs::read(&files.scenario).expect("the scenario");
    let mut diagnostics = Vec::new();
    let plan = plan(&parse(&scenario).document, zones, &|_| Err(String::new()), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    // As long as rows are played by several threads, what comes out is the same.
    let turn = |name: &str, threads: usize| {
        let (plan, files) = (&plan, &files);
        timed(name, move || {
            // Names and properties are there before the first row comes; as in a scenario of
            // traces alone, nobody will ask since when.
            let mut roster = plan.roster.clone();
            let world = plan.world.clone().without_since().build(start, Arc::clone(zones));
            let mut world = world.expect("known zones");
            let reading = Reading { threads, ..Reading::default() };
            let (mut changes, start) = (0_u64, Stopwatch::now());
            let changed = &mut |_| changes += 1;
            let replayed = replay(&files.trace, &mut roster, &mut world, reading, changed);
            let ns = start.elapsed().as_secs_f64() * 1e9;
            let replayed = replayed.expect("the trace");
            assert_eq!((replayed.rows, replayed.anomalies), (files.rows, 0));
            assert!(changes > 0);
            ns / replayed.rows as f64
        })
    };
    let rounds = measure(vec![
        turn("replay", 1),
        turn("replay on two", 2),
        counted("rows alone", || synthetic::read_rows(&files.trace).expect("the trace")),
    ]);
    // Hundreds of megabytes.
    drop(std::fs::remove_file(&files.trace));
    let what = format!("replay of {:.1} million rows, a row", files.rows as f64 / 1e6);
    let alone_ns = rounds.ns("rows alone");
    let row = |what: &str, name: &str, at_most: f64| {
        let ratio = rounds.ratio(name, "rows alone");
        let (ns, goal) = (rounds.ns(name), Goal::AtMost(at_most));
        Row::faster(what, ns, "csv::ByteRecord alone", alone_ns, ratio, goal)
    };
    let (one_ns, two_ns) = (rounds.ns("replay"), rounds.ns("replay on two"));
    let gain = rounds.ratio("replay", "replay on two");
    let on_two = format!("{what}, two threads");
    vec![
        row(&what, "replay", 1.2),
        row(&on_two, "replay on two", 0.7),
        Row::faster(&on_two, two_ns, "one thread", one_ns, gain, Goal::AtLeast(1.7)),
    ]
}
