//! What a fleet takes of memory, as the system sees it: each form is built in a process of its own,
//! whose resident size is looked at before and after.

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;

use lamplighter_core::hours::Zones;

use crate::fleet::{self, Schedules};
use crate::naive::Fleet;
use crate::sizes::WIDGETS;
use crate::table::{Goal, Row};

/// With it and a form the program builds that form and prints what it takes.
pub const FLAG: &str = "--resident";
const LEAN: &str = "engine";
const FULL: &str = "engine-with-since";
const NAIVE: &str = "naive";

pub fn rows() -> Vec<Row> {
    let Some(naive) = in_a_process(NAIVE) else {
        eprintln!("  /proc/self/statm cannot be read here: memory is not measured");
        return Vec::new();
    };
    let forms = [(LEAN, "memory, a widget"), (FULL, "memory with since when, a widget")];
    let row = |(form, what): (&str, &str)| {
        let bytes = in_a_process(form)?;
        Some(Row {
            what: what.into(),
            figure: format!("{bytes:.0} bytes"),
            compared_with: format!("naive: {naive:.0} bytes, {:.1} times as many", naive / bytes),
            value: bytes,
            goal: Goal::AtMost(200.0),
        })
    };
    forms.into_iter().filter_map(row).collect()
}

/// Bytes a widget.
fn in_a_process(form: &str) -> Option<f64> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args([FLAG, form]).output().expect("this program runs");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// What the other process does.
pub fn measure(form: &str, zones: &Arc<Zones>) {
    // Zones are read once, however many widgets there are.
    fleet::ZONES.iter().for_each(|name| drop(zones.get(name)));
    let Some(before) = resident_bytes() else { return };
    let shared = Schedules::Shared;
    match form {
        NAIVE => print(before, &Fleet::new(WIDGETS, shared)),
        FULL => print(before, &fleet::populate(fleet::builder(WIDGETS, shared), zones)),
        _ => print(before, &fleet::world(WIDGETS, shared, zones)),
    }
}

fn print<T>(before: u64, fleet: &T) {
    black_box(fleet);
    if let Some(after) = resident_bytes() {
        println!("{:.1}", (after - before) as f64 / WIDGETS as f64);
    }
}

/// The second number of the file, in pages.
fn resident_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<u64>().ok()? * PAGE_BYTES)
}
