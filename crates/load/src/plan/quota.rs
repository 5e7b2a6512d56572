//! What a run must meet at the least, by its size: for each ten properties one edge of a scheduler, one
//! change of shifts and one end of a grace. It is laid cluster by cluster, so that every part of a plan
//! has its share, and the parts' shares add up to the whole's.

use std::collections::BTreeMap;

use super::knobs::RunKnobs;
use super::model::PropertyIndex;
use super::shard::CLUSTER;
use crate::clock::{Micros, SECOND_US};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::synth::random::RandomStream;

/// A run of this length or longer meets what it promises.
pub const PROMISED_FROM: Millis = Millis(20_000);
/// One of each kind for so many properties.
const PROPERTIES_EACH: u32 = 10;
/// An edge lies so far from both ends of the run at least, where the run is long enough.
const MARGIN_US: Micros = 5 * SECOND_US;
/// Hours begin and end at full minutes.
const MINUTE_MS: i64 = 60_000;

/// A cluster of properties, and how many of each kind a run is sure to meet in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quota {
    /// The number of the cluster.
    pub cluster: u32,
    /// The properties of the cluster.
    pub properties: Vec<PropertyIndex>,
    /// How many of each kind.
    pub count: usize,
}

/// The times of a hand-over, in microseconds of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandOverSpan {
    /// When all members leave.
    pub from: Micros,
    /// When the one who takes over comes.
    pub comes_at: Micros,
    /// When that one loses the connection.
    pub loses_at: Micros,
    /// When the grace ends.
    pub ends_at: Micros,
    /// When all members return.
    pub to: Micros,
}

/// The quotas of all clusters of so many properties.
pub fn quotas(knobs: &RunKnobs, properties: u32) -> Vec<Quota> {
    if knobs.duration < PROMISED_FROM {
        return Vec::new();
    }
    let mut clusters: BTreeMap<u32, Vec<PropertyIndex>> = BTreeMap::new();
    for index in 0..properties {
        let cluster = match &knobs.given {
            Some(given) => given.properties[index as usize].cluster,
            None => index / CLUSTER,
        };
        clusters.entry(cluster).or_default().push(index);
    }
    let quota = |(cluster, properties): (u32, Vec<PropertyIndex>)| {
        let size = properties.len() as u32;
        let count = match size < PROPERTIES_EACH && knobs.given.is_some() && cluster > 0 {
            // Of many small ones every so many.
            true => {
                let mut stream =
                    RandomStream::fork(knobs.world.seed, b"quotas..", cluster.into(), 0);
                u32::from(stream.below(PROPERTIES_EACH) < size)
            }
            false => size.div_ceil(PROPERTIES_EACH),
        };
        Quota { cluster, properties, count: count as usize }
    };
    clusters.into_iter().map(quota).collect()
}

/// How far an edge lies from both ends of a run at least.
fn margin_us(duration: Millis) -> Micros {
    let duration_us = (duration.0 * 1_000) as Micros;
    MARGIN_US.min(duration_us / 4)
}

/// The full minutes of a run at which an edge shows, as the first and the last of them in minutes since
/// 1970; `None` where there is none.
pub fn minutes(start: Instant, duration: Millis) -> Option<(i64, i64)> {
    let margin_ms = margin_us(duration) / 1_000;
    let start_ms = start.as_millis();
    let first = (start_ms + margin_ms + MINUTE_MS - 1).div_euclid(MINUTE_MS);
    let last = (start_ms + duration.0 as i64 - margin_ms).div_euclid(MINUTE_MS);
    (first <= last).then_some((first, last))
}

/// The first instant from this one on at which a run can start so that a full minute, at which hours
/// begin and end, lies in it and far enough from its ends. Runs of less than [`PROMISED_FROM`] start at
/// once.
pub fn start_from(earliest: Instant, duration: Millis) -> Instant {
    if duration < PROMISED_FROM || minutes(earliest, duration).is_some() {
        return earliest;
    }
    let (margin_ms, earliest_ms) = (margin_us(duration) / 1_000, earliest.as_millis());
    let minute = (earliest_ms + margin_ms).div_euclid(MINUTE_MS) + 1;
    let latest_edge_ms = duration.0 as i64 - margin_ms;
    Instant::from_millis(minute * MINUTE_MS - latest_edge_ms).unwrap_or(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_twenty_seconds_starts_so_that_a_full_minute_lies_in_it_as_soon_as_can_be() {
        let minute = 1_773_057_600_000;
        for duration in [20_000, 25_000, 40_000, 60_000, 65_000, 70_000, 300_000] {
            for second in 0..60 {
                let earliest = Instant::from_millis(minute + second * 1_000).expect("in range");
                let start = start_from(earliest, Millis(duration));
                let waits = start.as_millis() - earliest.as_millis();
                assert!(minutes(start, Millis(duration)).is_some(), "{duration} from {second}");
                let free = duration as i64 - 10_000;
                assert!((0..=(60_000 - free).max(0)).contains(&waits), "{duration}: {waits}");
                // No sooner.
                if waits > 0 {
                    let sooner = Instant::from_millis(start.as_millis() - 1).expect("in range");
                    assert_eq!(minutes(sooner, Millis(duration)), None);
                }
            }
        }
        let odd = Instant::from_millis(minute + 1_234).expect("in range");
        assert_eq!(start_from(odd, Millis(19_999)), odd);
    }
}
