//! Lengths of time, counted in a histogram that keeps three digits and adds up exactly.

use std::sync::LazyLock;

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Three significant digits: what is told is off by a thousandth at most.
const DIGITS: u8 = 3;
/// So many bits of a length are kept, which gives those digits.
const BITS: u32 = 11;
/// So many bits of a length are kept by [`Latencies::record_coarsely`]: it is off by a hundredth at most.
const COARSE_BITS: u32 = 8;
/// The longest that is told apart, in microseconds: two hours.
pub const LONGEST_US: u64 = 2 * 3_600 * 1_000_000;

/// More different lengths than these are kept in a histogram: to find the place of another one among
/// more would take longer than the room is worth.
const FEW_MAX: usize = 8_192;

/// The places of every histogram here, in which nothing is counted.
static PLACES: LazyLock<Histogram<u64>> = LazyLock::new(empty);

/// A histogram of lengths of time in microseconds. As JSON it is the list of its `[value, count]`
/// pairs, so that parts of a run can be added up without loss.
///
/// A run has one for each of its stretches of time, hundreds of them: one in which little was counted
/// takes little room.
#[derive(Clone, Debug)]
pub struct Latencies(KeptCounts);

/// How counts are kept; what is told of them is the same.
#[derive(Clone, Debug)]
enum KeptCounts {
    /// Each [place](place_of) in which something was counted, with how often; in order.
    Few(Vec<(u32, u32)>),
    /// The counts of all places, 195 kB of them.
    Many(Histogram<u64>),
}

fn empty() -> Histogram<u64> {
    let histogram = Histogram::new_with_bounds(1, LONGEST_US, DIGITS);
    histogram.expect("bounds and digits that the crate allows")
}

/// By how many bits a length is shifted so that so many of its bits are left.
fn shift(us: u64, bits: u32) -> u32 {
    (u64::BITS - us.leading_zeros()).saturating_sub(bits)
}

/// A number for the place of a length in the histogram, higher for longer ones: its leading bits, and
/// behind how many others they stand.
fn place_of(us: u64) -> u32 {
    let shift = shift(us, BITS);
    // Eleven bits, and a length has at most 33.
    shift << BITS | (us >> shift) as u32
}

/// The longest length of a place.
fn longest_of(place: u32) -> u64 {
    let (shift, leading) = (place >> BITS, u64::from(place & ((1 << BITS) - 1)));
    ((leading + 1) << shift) - 1
}

impl Default for Latencies {
    fn default() -> Self {
        Self(KeptCounts::Few(Vec::new()))
    }
}

impl PartialEq for Latencies {
    fn eq(&self, other: &Self) -> bool {
        self.pairs().eq(other.pairs())
    }
}

impl Latencies {
    /// RunCounts a length of time in microseconds; what is longer than two hours counts as two hours.
    pub fn record(&mut self, us: u64) {
        self.record_many(us, 1);
    }

    /// Counts a length of time to two digits: as the longest that has the same, which is longer by a
    /// hundredth at most. So a thousand stretches of a run take a few megabytes, however long each is.
    pub fn record_coarsely(&mut self, us: u64) {
        let us = us.min(LONGEST_US);
        let shift = shift(us, COARSE_BITS);
        self.record((((us >> shift) + 1) << shift) - 1);
    }

    /// Lets go of room that nothing was counted in so far.
    pub fn shrink(&mut self) {
        if let KeptCounts::Few(counts) = &mut self.0 {
            counts.shrink_to_fit();
        }
    }

    fn record_many(&mut self, us: u64, times: u64) {
        let us = us.clamp(1, LONGEST_US);
        match &mut self.0 {
            KeptCounts::Many(histogram) => histogram.saturating_record_n(us, times),
            KeptCounts::Few(counts) => {
                let place = place_of(us);
                let known = counts.binary_search_by_key(&place, |(place, _)| *place);
                let before = known.map_or(0, |at| counts[at].1);
                match (u32::try_from(u64::from(before).saturating_add(times)), known) {
                    (Ok(count), Ok(at)) => counts[at].1 = count,
                    (Ok(count), Err(at)) if counts.len() < FEW_MAX => {
                        counts.insert(at, (place, count));
                    }
                    _ => {
                        self.be_many();
                        self.record_many(us, times);
                    }
                }
            }
        }
    }

    /// Keeps what was counted in a histogram from now on.
    fn be_many(&mut self) {
        let mut histogram = empty();
        self.pairs().for_each(|(value, count)| histogram.saturating_record_n(value, count));
        self.0 = KeptCounts::Many(histogram);
    }

    /// How many lengths of time were counted.
    pub fn count(&self) -> u64 {
        match &self.0 {
            KeptCounts::Few(counts) => counts.iter().map(|(_, count)| u64::from(*count)).sum(),
            KeptCounts::Many(histogram) => histogram.len(),
        }
    }

    /// The length that `percent` of all are not longer than, in microseconds, within a thousandth.
    /// Zero where nothing was counted.
    pub fn percentile(&self, percent: f64) -> u64 {
        match &self.0 {
            KeptCounts::Many(histogram) => {
                histogram.value_at_quantile(percent / 100.0).min(histogram.max())
            }
            KeptCounts::Few(counts) => {
                // The shortest that so many of all are not longer than, as the histogram has it.
                let part = (percent / 100.0).min(1.0);
                let rank = ((part * self.count() as f64).ceil() as u64).max(1);
                let mut count = 0;
                let reaches = |(_, more): &&(u32, u32)| {
                    count += u64::from(*more);
                    count >= rank
                };
                match counts.iter().find(reaches).map(|(place, _)| longest_of(*place)) {
                    None => 0,
                    Some(value) if part == 0.0 => PLACES.lowest_equivalent(value),
                    Some(value) => value,
                }
            }
        }
    }

    /// The longest, in microseconds.
    pub fn max(&self) -> u64 {
        match &self.0 {
            KeptCounts::Few(counts) => counts.last().map_or(0, |(place, _)| longest_of(*place)),
            KeptCounts::Many(histogram) => histogram.max(),
        }
    }

    /// The mean, in microseconds.
    pub fn mean(&self) -> f64 {
        let all = self.count() as f64;
        let parts = self
            .pairs()
            .map(|(value, count)| PLACES.median_equivalent(value) as f64 * count as f64);
        parts.fold(0.0, |sum, part| sum + part / all)
    }

    /// All of them together, in microseconds: whatever is counted besides, it never becomes less.
    pub fn sum(&self) -> u64 {
        let parts = self
            .pairs()
            .map(|(value, count)| PLACES.median_equivalent(value).saturating_mul(count));
        parts.fold(0, u64::saturating_add)
    }

    /// Adds all latencies of another histogram to this one.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (KeptCounts::Many(whole), KeptCounts::Many(part)) => {
                whole.add(part).expect("both have the same bounds");
            }
            _ => other.pairs().for_each(|(value, count)| self.record_many(value, count)),
        }
    }

    /// What was counted since it was `before`; `None` where something of that is not in here.
    pub fn since(&self, before: &Self) -> Option<Self> {
        let mut since = Self::default();
        let mut before = before.pairs().peekable();
        for (value, count) in self.pairs() {
            let known = before.next_if(|(known, _)| *known == value).map_or(0, |(_, count)| count);
            match count.checked_sub(known)? {
                0 => {}
                more => since.record_many(value, more),
            }
        }
        before.next().is_none().then_some(since)
    }

    /// Each value that was counted, with how often, from the shortest on.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let (few, many) = match &self.0 {
            KeptCounts::Few(counts) => (Some(counts.iter()), None),
            KeptCounts::Many(histogram) => (None, Some(histogram.iter_recorded())),
        };
        let few = few.into_iter().flatten();
        let few = few.map(|(place, count)| (longest_of(*place), u64::from(*count)));
        let many = many.into_iter().flatten();
        let many = many.map(|step| (step.value_iterated_to(), step.count_at_value()));
        few.chain(many)
    }
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.pairs().map(|(value, count)| [value, count]))
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let pairs = Vec::<[u64; 2]>::deserialize(from)?;
        let mut latencies = Self::default();
        for [value, count] in pairs {
            latencies.record_many(value, count);
        }
        Ok(latencies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The histogram of the crate itself, which few and many have to be like.
    fn histogram(lengths: &[u64]) -> Histogram<u64> {
        let mut histogram = empty();
        lengths.iter().for_each(|us| histogram.saturating_record((*us).clamp(1, LONGEST_US)));
        histogram
    }

    proptest::proptest! {
        #[test]
        fn few_and_many_tell_the_same(
            lengths in proptest::collection::vec(0..2 * LONGEST_US, 0..200),
            short in proptest::collection::vec(0..9_000_u64, 0..200),
            percent in 0.0..100.0_f64,
        ) {
            let lengths: Vec<u64> = lengths.into_iter().chain(short).collect();
            let mut few = Latencies::default();
            lengths.iter().for_each(|us| few.record(*us));
            let many = Latencies(KeptCounts::Many(histogram(&lengths)));
            let told = |all: &Latencies| {
                let percents = [0.0, 50.0, 99.0, 100.0, percent];
                (all.count(), all.max(), all.mean().to_bits(), percents.map(|p| all.percentile(p)))
            };
            assert!(matches!(few.0, KeptCounts::Few(_)));
            assert_eq!(told(&few), told(&many));
            assert_eq!(many.mean(), histogram(&lengths).mean());
            assert_eq!(few, many);
            let (mut few_twice, mut many_twice) = (few.clone(), many.clone());
            few_twice.add(&many);
            many_twice.add(&few);
            assert_eq!(few_twice, many_twice);
            assert_eq!(told(&few_twice), told(&many_twice));
        }
    }

    #[test]
    fn what_was_counted_survives_when_there_is_more_than_a_few() {
        let lengths: Vec<u64> = (0..FEW_MAX as u64 * 3).map(|at| at * at).collect();
        let mut all = Latencies::default();
        lengths.iter().for_each(|us| all.record(*us));
        assert!(matches!(all.0, KeptCounts::Many(_)));
        assert_eq!(all, Latencies(KeptCounts::Many(histogram(&lengths))));
    }

    proptest::proptest! {
        #[test]
        fn a_place_is_that_of_the_histogram(us in 1..=LONGEST_US, other in 1..=LONGEST_US) {
            assert_eq!(longest_of(place_of(us)), PLACES.highest_equivalent(us));
            assert_eq!(place_of(us).cmp(&place_of(other)), {
                PLACES.highest_equivalent(us).cmp(&PLACES.highest_equivalent(other))
            });
        }

        #[test]
        fn what_is_counted_coarsely_is_longer_by_a_hundredth_at_most(us in 1..=LONGEST_US) {
            let mut latencies = Latencies::default();
            latencies.record_coarsely(us);
            let told = latencies.max();
            assert!(told >= us.min(LONGEST_US) && told as f64 <= us as f64 * 1.01 + 1.0, "{us}: {told}");
        }
    }

    #[test]
    fn a_stretch_in_which_much_was_counted_coarsely_takes_little_room() {
        let mut latencies = Latencies::default();
        // From a tenth of a millisecond to ten seconds, evenly in orders of magnitude.
        (0..200_000).for_each(|n| {
            latencies.record_coarsely((100.0 * 10_f64.powf(f64::from(n) / 40_000.0)) as u64);
        });
        assert!(latencies.pairs().count() < 2_200, "{}", latencies.pairs().count());
        assert!(matches!(latencies.0, KeptCounts::Few(_)));
    }

    #[test]
    fn more_than_four_billion_of_one_length_are_counted() {
        let mut latencies = Latencies::default();
        latencies.record_many(17, u64::from(u32::MAX));
        latencies.record(17);
        assert_eq!(latencies.count(), 1 << 32);
        assert!(matches!(latencies.0, KeptCounts::Many(_)));
    }

    #[test]
    fn percentiles_are_within_a_thousandth_and_survive_json() {
        let mut latencies = Latencies::default();
        (1..=100_000_u64).for_each(|us| latencies.record(us * 17));
        let text = serde_json::to_string(&latencies).expect("writes");
        let back: Latencies = serde_json::from_str(&text).expect("reads");
        assert_eq!(back, latencies);
        for (percent, exact) in [(50.0, 850_000.0), (99.0, 1_683_000.0), (99.99, 1_699_830.0)] {
            let told = back.percentile(percent) as f64;
            assert!((told / exact - 1.0).abs() < 0.001, "p{percent}: {told}");
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let (mut odd, mut even, mut all) = Default::default();
        for us in 1..=10_000_u64 {
            let part: &mut Latencies = if us % 2 == 1 { &mut odd } else { &mut even };
            part.record(us * us);
            Latencies::record(&mut all, us * us);
        }
        odd.add(&even);
        assert_eq!(odd, all);
    }

    proptest::proptest! {
        #[test]
        fn what_was_counted_since_adds_up_to_the_whole(
            before in proptest::collection::vec(0..9_000_u64, 0..100),
            since in proptest::collection::vec(0..2 * LONGEST_US, 0..100),
        ) {
            let mut first = Latencies::default();
            before.iter().for_each(|us| first.record(*us));
            let mut whole = first.clone();
            since.iter().for_each(|us| whole.record(*us));
            let more = whole.since(&first).expect("all of the first is in the whole");
            assert_eq!(more.count(), since.len() as u64);
            let many = Latencies(KeptCounts::Many(histogram(&before)));
            assert_eq!(whole.since(&many), Some(more.clone()));
            let lacks = first.since(&whole);
            assert_eq!(lacks.is_some(), since.is_empty());
            first.add(&more);
            assert_eq!(first, whole);
        }
    }

    #[test]
    fn what_is_too_long_counts_as_the_longest() {
        let mut latencies = Latencies::default();
        latencies.record(u64::MAX);
        assert!(latencies.percentile(50.0) >= LONGEST_US);
        assert_eq!(latencies.count(), 1);
    }
}
