//! The buckets in which lengths of time are told to those who add them up over generators and times: fixed
//! ones, each boundary at which falls between two places of our own histograms, so that nothing is counted in
//! the wrong one.

use crate::latencies::Latencies;

/// So many boundaries a power of two has, evenly apart: a bucket is an eighth of its lower end wide at most.
pub const BOUNDS_A_POWER: u64 = 8;
/// The first boundary is this times [`BOUNDS_A_POWER`] microseconds: 128 µs.
const FIRST_POWER: u32 = 4;
/// The last one so: 67 s.
const LAST_POWER: u32 = 23;

/// The boundaries in microseconds, from the lowest on; what is longer than the last is in a bucket of its own.
pub fn bounds_us() -> impl Iterator<Item = u64> {
    let between = |power: u32| (BOUNDS_A_POWER..2 * BOUNDS_A_POWER).map(move |at| at << power);
    (FIRST_POWER..LAST_POWER).flat_map(between).chain([BOUNDS_A_POWER << LAST_POWER])
}

/// How many lengths there are up to each boundary from the one before, and behind them how many are longer
/// than all. A length is told in whole microseconds, those begun not counted: what reads as a boundary is
/// longer than it.
pub fn counts_between(lengths: &Latencies) -> Vec<(Option<u64>, u64)> {
    let mut counted: Vec<(Option<u64>, u64)> = bounds_us().map(|bound| (Some(bound), 0)).collect();
    counted.push((None, 0));
    let mut at = 0;
    for (us, count) in lengths.pairs() {
        while counted[at].0.is_some_and(|bound| us >= bound) {
            at += 1;
        }
        counted[at].1 += count;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latencies::LONGEST_US;

    #[test]
    fn boundaries_rise_by_an_eighth_at_most() {
        let bounds: Vec<u64> = bounds_us().collect();
        assert_eq!((bounds[0], bounds[1], *bounds.last().expect("one")), (128, 144, 67_108_864));
        let step = |pair: &[u64]| pair[1] > pair[0] && (pair[1] - pair[0]) * 8 <= pair[0];
        assert!(bounds.windows(2).all(step), "{bounds:?}");
    }

    proptest::proptest! {
        /// Told by its longest, a place of the histogram is on the side of a boundary on which all of it is.
        #[test]
        fn each_length_is_in_its_own_bucket(
            lengths in proptest::collection::vec(1..2 * LONGEST_US, 0..50),
            short in proptest::collection::vec(1..200_000_u64, 0..200),
        ) {
            let all: Vec<u64> = lengths.into_iter().chain(short).collect();
            let mut counted = Latencies::default();
            all.iter().for_each(|us| counted.record(*us));
            let mut from = 0;
            for (bound, count) in counts_between(&counted) {
                let is_in = |us: &&u64| **us >= from && bound.is_none_or(|bound| **us < bound);
                assert_eq!(count, all.iter().filter(is_in).count() as u64, "{from} to {bound:?}");
                from = bound.unwrap_or(from);
            }
        }
    }
}
