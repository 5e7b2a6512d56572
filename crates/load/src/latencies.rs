//! Lengths of time, counted in a histogram that keeps three digits and adds up exactly.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Three significant digits: what is told is off by a thousandth at most.
const DIGITS: u8 = 3;
/// The longest that is told apart, in microseconds: two hours.
pub const LONGEST_US: u64 = 2 * 3_600 * 1_000_000;

/// A histogram of lengths of time in microseconds. As JSON it is the list of its `[value, count]`
/// pairs, so that parts of a run can be added up without loss.
#[derive(Clone, PartialEq, Debug)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST_US, DIGITS);
        Self(histogram.expect("bounds and digits that the crate allows"))
    }
}

impl Latencies {
    /// Counts a length of time in microseconds; what is longer than two hours counts as two hours.
    pub fn record(&mut self, us: u64) {
        self.0.saturating_record(us.max(1));
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The length that `percent` of all are not longer than, in microseconds: the middle of its place
    /// in the histogram, and so within a thousandth. Zero where nothing was counted.
    pub fn percentile(&self, percent: f64) -> u64 {
        match self.0.is_empty() {
            true => 0,
            false => self.0.value_at_quantile(percent / 100.0).min(self.max()),
        }
    }

    /// The longest, in microseconds.
    pub fn max(&self) -> u64 {
        self.0.max()
    }

    /// The mean, in microseconds.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// Adds another one's.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("both have the same bounds");
    }

    /// Each value that was counted, with how often, from the shortest on.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value()))
    }

    /// How many were longer than so many microseconds.
    pub fn longer_than(&self, us: u64) -> u64 {
        self.pairs().filter(|(value, _)| *value > us).map(|(_, count)| count).sum()
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
            latencies.0.saturating_record_n(value.max(1), count);
        }
        Ok(latencies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_is_too_long_counts_as_the_longest() {
        let mut latencies = Latencies::default();
        latencies.record(u64::MAX);
        assert!(latencies.percentile(50.0) >= LONGEST_US);
        assert_eq!(latencies.longer_than(1), 1);
    }
}
