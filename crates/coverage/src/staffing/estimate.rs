//! Several repetitions into a mean and its interval; lengths of waits into a histogram that holds any
//! number of them.

use std::collections::BTreeMap;

use crate::figures::Estimate;

/// What Student's distribution with so many degrees of freedom exceeds, to either side, in 5 of 100 cases.
fn t_975(degrees: usize) -> f64 {
    const FIRST: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    // Behind the table it comes near to the normal distribution: two terms of Cornish and Fisher.
    let normal = 1.959_964_f64;
    let n = degrees as f64;
    let first = (normal.powi(3) + normal) / (4.0 * n);
    let second = (5.0 * normal.powi(5) + 16.0 * normal.powi(3) + 3.0 * normal) / (96.0 * n * n);
    FIRST.get(degrees - 1).copied().unwrap_or(normal + first + second)
}

/// The mean of some values and its 95 % interval; `None` of none.
pub fn estimate(values: &[f64]) -> Option<Estimate> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let plus_minus = (values.len() > 1).then(|| {
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        t_975(values.len() - 1) * (squares / (count - 1.0) / count).sqrt()
    });
    Some(Estimate { mean, plus_minus })
}

/// What the parts of several repetitions are of their wholes, taken together, and its 95 % interval; `None`
/// of nothing. A repetition may have nothing of its own: an hour in which nobody came has no share, but
/// it is one.
pub fn ratio(parts: &[(f64, f64)]) -> Option<Estimate> {
    let whole: f64 = parts.iter().map(|(_, whole)| whole).sum();
    if whole <= 0.0 {
        return None;
    }
    let mean = parts.iter().map(|(part, _)| part).sum::<f64>() / whole;
    let each = whole / parts.len() as f64;
    // How far each repetition moves it, to the first order.
    let moves: Vec<f64> = parts.iter().map(|(part, whole)| (part - mean * whole) / each).collect();
    Some(Estimate { mean, plus_minus: estimate(&moves)?.plus_minus })
}

/// Lengths of time, each kept to less than a hundredth of itself.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    buckets: BTreeMap<u32, u64>,
    count: u64,
    sum_ms: u64,
}

/// Lengths below this are kept exactly; above it, each doubling has half as many buckets.
const EXACT_MS: u64 = 256;

impl Lengths {
    /// Counts one more length, in milliseconds.
    pub fn take(&mut self, ms: u64) {
        *self.buckets.entry(bucket(ms)).or_default() += 1;
        self.count += 1;
        self.sum_ms += ms;
    }

    /// How many lengths were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean, exactly, in milliseconds; `None` of none.
    pub fn mean_ms(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_ms as f64 / self.count as f64)
    }

    /// What a share of them does not exceed, in milliseconds; `None` of none.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let found = self.buckets.iter().find(|(_, count)| {
            below += **count;
            below >= rank
        });
        found.map(|(bucket, _)| middle_ms(*bucket))
    }
}

fn bucket(ms: u64) -> u32 {
    if ms < EXACT_MS {
        return ms as u32;
    }
    let doublings = ms.ilog2() - EXACT_MS.ilog2() + 1;
    // The first eight bits of it, of which the very first is always set.
    doublings * (EXACT_MS / 2) as u32 + (ms >> doublings) as u32
}

fn middle_ms(bucket: u32) -> f64 {
    let half = (EXACT_MS / 2) as u32;
    if u64::from(bucket) < EXACT_MS {
        return f64::from(bucket);
    }
    let doublings = bucket / half - 1;
    let first = u64::from(bucket - doublings * half) << doublings;
    first as f64 + ((1_u64 << doublings) - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_kept_to_a_hundredth_of_itself() {
        let mut last = 0;
        for ms in (0..5_000).chain((5_000..100_000_000).step_by(9_973)) {
            let bucket = bucket(ms);
            assert!(bucket >= last, "{ms}");
            last = bucket;
            assert!((middle_ms(bucket) - ms as f64).abs() <= ms as f64 * 0.004, "{ms}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_lengths() {
        let mut lengths = Lengths::default();
        (1..=200).for_each(|ms| lengths.take(ms));
        assert_eq!(lengths.quantile_ms(0.5), Some(100.0));
        assert_eq!(lengths.quantile_ms(0.9), Some(180.0));
        assert_eq!(lengths.mean_ms(), Some(100.5));
        assert_eq!(Lengths::default().quantile_ms(0.5), None);
    }

    #[test]
    fn the_interval_of_two_is_that_of_student() {
        let found = estimate(&[1.0, 3.0]).expect("of two");
        assert_eq!(found.mean, 2.0);
        assert!((found.plus_minus.expect("of two") - 12.706).abs() < 1e-9);
        assert_eq!(estimate(&[4.0]), Some(Estimate { mean: 4.0, plus_minus: None }));
        // Of wholes that are alike, a ratio is a mean; one repetition without anything takes part.
        let alike = ratio(&[(2.0, 2.0), (6.0, 2.0)]).expect("of four");
        assert_eq!(alike.mean, 2.0);
        assert!((alike.plus_minus.expect("of two") - 12.706).abs() < 1e-9);
        assert_eq!(ratio(&[(0.0, 0.0), (1.0, 2.0)]).expect("of two").mean, 0.5);
        assert_eq!(ratio(&[(0.0, 0.0), (0.0, 0.0)]), None);
        // Published: t(0.975) with 40 and 100 degrees of freedom.
        assert!((t_975(40) - 2.021).abs() < 5e-4 && (t_975(100) - 1.984).abs() < 5e-4);
    }
}
