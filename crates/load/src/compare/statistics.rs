//! The tests. All p-values are two-sided.

/// The share of a standard normal distribution that is further from its middle than `z`, on both
/// sides (Abramowitz and Stegun 7.1.26: to 1.5e-7).
pub fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    (polynomial * (-x * x).exp()).clamp(0.0, 1.0)
}

/// Mann and Whitney's U of two series of stretches: how far, in standard deviations, the second lies
/// above the first. Neighbouring stretches have much in common; the variance is wider by
/// `(1 + r) / (1 - r)`, where `r` is the correlation of ranks from one stretch to the next.
pub fn mann_whitney(before: &[f64], after: &[f64]) -> f64 {
    let (m, n) = (before.len() as f64, after.len() as f64);
    let ranks = ranks(before, after);
    let (ranks_before, ranks_after) = ranks.split_at(before.len());
    let sum: f64 = ranks_after.iter().sum();
    let u = sum - n * (n + 1.0) / 2.0;
    let all = m + n;
    // With ties the variance of the ranks is smaller than that of 1, 2, ….
    let middle = (all + 1.0) / 2.0;
    let spread: f64 = ranks.iter().map(|rank| (rank - middle).powi(2)).sum();
    let variance = m * n * spread / (all * (all - 1.0));
    let correlation = (m * neighbours(ranks_before) + n * neighbours(ranks_after)) / all;
    let correlation = correlation.clamp(0.0, 0.95);
    let variance = variance * (1.0 + correlation) / (1.0 - correlation);
    if variance > 0.0 { (u - m * n / 2.0) / variance.sqrt() } else { 0.0 }
}

/// The rank of each of both, from 1 on; those that are equal share theirs.
fn ranks(before: &[f64], after: &[f64]) -> Vec<f64> {
    let all: Vec<f64> = before.iter().chain(after).copied().collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&one, &other| all[one].total_cmp(&all[other]));
    let mut ranks = vec![0.0; all.len()];
    let mut from = 0;
    while from < order.len() {
        let is_same = |&&at: &&usize| all[at].total_cmp(&all[order[from]]).is_eq();
        let count = order[from..].iter().take_while(is_same).count();
        let shared = (2 * from + count + 1) as f64 / 2.0;
        order[from..from + count].iter().for_each(|&at| ranks[at] = shared);
        from += count;
    }
    ranks
}

/// The correlation of each with the next one.
fn neighbours(series: &[f64]) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len().max(1) as f64;
    let spread: f64 = series.iter().map(|value| (value - mean).powi(2)).sum();
    let common: f64 = series.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    if spread > 0.0 { common / spread } else { 0.0 }
}

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// So many were counted.
    pub part: f64,
    /// Of so many.
    pub whole: f64,
}

/// Two shares, where so many of the counted stand for one witness: above 0 where the second is
/// larger. Where few were counted, exactly, given how many there are in both; elsewhere by the normal
/// distribution. Gives the p-value.
pub fn two_shares(before: Share, after: Share, alike: f64) -> f64 {
    let thin = |part: Share| Share { part: part.part / alike, whole: part.whole / alike };
    let (one, other) = (thin(before), thin(after));
    let (all, of) = (one.part + other.part, one.whole + other.whole);
    if one.whole <= 0.0 || other.whole <= 0.0 || all <= 0.0 || all >= of {
        return 1.0;
    }
    let share = other.whole / of;
    let expected = all * share.min(1.0 - share);
    if expected < 10.0 {
        return binomial(all.floor() as u64, other.part.floor() as u64, share);
    }
    let pooled = all / of;
    let deviation = (pooled * (1.0 - pooled) * (1.0 / one.whole + 1.0 / other.whole)).sqrt();
    two_sided((other.part / other.whole - one.part / one.whole) / deviation)
}

/// How often a draw of `all`, each with this chance, is as far from what is expected as `count`.
fn binomial(all: u64, count: u64, chance: f64) -> f64 {
    let mut tails = [0.0_f64; 2];
    let mut log = all as f64 * (1.0 - chance).ln();
    for drawn in 0..=all {
        if drawn > 0 {
            log += ((all - drawn + 1) as f64 / drawn as f64).ln();
            log += chance.ln() - (1.0 - chance).ln();
        }
        let likely = log.exp();
        if drawn <= count {
            tails[0] += likely;
        }
        if drawn >= count {
            tails[1] += likely;
        }
    }
    (2.0 * tails[0].min(tails[1])).min(1.0)
}

/// By how much the shares of stretches differ more than chance would have it: so many of a stretch
/// stand for one witness. At least 1.
pub fn dispersion(stretches: &[Share]) -> f64 {
    let all = |of: fn(&Share) -> f64| stretches.iter().map(of).sum::<f64>();
    let (part, whole) = (all(|s| s.part), all(|s| s.whole));
    let share = part / whole;
    if stretches.len() < 3 || !share.is_finite() || share <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    let squares: f64 = stretches
        .iter()
        .filter(|s| s.whole > 0.0)
        .map(|s| (s.part - s.whole * share).powi(2) / (s.whole * share * (1.0 - share)))
        .sum();
    (squares / (stretches.len() - 1) as f64).max(1.0)
}

/// Makes chances those of the whole comparison (Holm's method): the smallest of `n` counts `n`
/// times, the next `n - 1` times, and so on.
pub fn holm(mut chances: Vec<&mut f64>) {
    chances.sort_by(|one, other| one.total_cmp(other));
    let mut least = 0.0_f64;
    let count = chances.len();
    for (index, chance) in chances.into_iter().enumerate() {
        least = least.max((*chance * (count - index) as f64).min(1.0));
        *chance = least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_tables() {
        for (z, p) in [(0.0, 1.0), (1.96, 0.05), (2.575_8, 0.01), (-3.290_5, 0.001)] {
            assert!((two_sided(z) - p).abs() < 1e-5, "{z}");
        }
        // Three of three on one side of a coin.
        assert!((binomial(3, 3, 0.5) - 0.25).abs() < 1e-12);
        assert!((binomial(10, 9, 0.5) - 0.021_484_375).abs() < 1e-12);
    }

    #[test]
    fn u_is_that_of_a_textbook() {
        // 19 22 16 29 24 against 20 11 17 12: U = 3 of 20, no ties.
        let (men, women) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
        let z = mann_whitney(&men, &women);
        let plain = (3.0 - 10.0) / (20.0_f64 * 10.0 / 12.0).sqrt();
        assert!((z - plain).abs() < 1e-9, "{z} {plain}");
        assert_eq!(mann_whitney(&[5.0; 9], &[5.0; 9]), 0.0);
    }

    #[test]
    fn what_comes_in_bursts_counts_less() {
        let part = |part: f64| Share { part, whole: 100.0 };
        assert_eq!(dispersion(&[part(1.0), part(1.0), part(1.0), part(1.0)]), 1.0);
        let burst = dispersion(&[part(0.0), part(0.0), part(40.0), part(0.0)]);
        assert!(burst > 40.0, "{burst}");
        let (none, some) = (part(0.0), part(40.0));
        assert!(two_shares(none, some, 1.0) < 1e-9);
        assert_eq!(two_shares(none, some, burst), 1.0);
    }
}
