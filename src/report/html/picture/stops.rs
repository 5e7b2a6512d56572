//! Where a cursor in time can stop: at every instant at which something is to be seen.

use serde::Serialize;

use crate::report::drawing::Scene;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::time::write;
use lamplighter_scenario::play::Verdict;

/// Of more instants than these only those that have a place of their own on the axis are stops.
const STOPS_MAX: usize = 1_000;

/// An instant at which something changes or is expected. Between two stops time passes evenly.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Stop {
    /// The instant, in milliseconds since 1970.
    pub at_ms: i64,
    /// How far from the left it is drawn, in pixels.
    pub x: f64,
    /// The time in the zone of the file: `2026-03-09 09:00`.
    pub local: String,
}

/// The stops of a scene, in the order of time.
pub fn stops(scene: &Scene, verdict: &Verdict) -> Vec<Stop> {
    let devices = scene.picture.devices.iter().flat_map(|(_, row)| row.iter().map(|(at, _)| *at));
    let widgets = scene.picture.widgets.iter().flat_map(|(_, row)| row.iter().map(|(at, _)| *at));
    let ends = [scene.axis.first(), scene.run_end, scene.axis.last()];
    let marks = scene.marks.iter().copied();
    let mut all: Vec<Instant> = marks.chain(devices).chain(widgets).chain(ends).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() > STOPS_MAX {
        all = scene.axis.knots().collect();
    }
    let stop = |at: Instant| Stop {
        at_ms: at.as_millis(),
        x: (scene.axis.place(at) * 10.0).round() / 10.0,
        local: write(at, &verdict.zone),
    };
    all.into_iter().map(stop).collect()
}
