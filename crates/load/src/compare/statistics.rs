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

/// The mean of some numbers; none of none.
pub fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The variance of what some numbers were drawn from; nothing of fewer than two.
pub fn variance(numbers: &[f64]) -> f64 {
    match (mean(numbers), numbers.len()) {
        (Some(mean), 2..) => {
            let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
            squares / (numbers.len() - 1) as f64
        }
        _ => 0.0,
    }
}

/// How often Student's t with so many degrees of freedom is above a value.
pub fn t_beyond(value: f64, freedom: f64) -> f64 {
    let tail = match freedom.is_finite() && value.is_finite() {
        // Half of both tails.
        true => incomplete_beta(freedom / (freedom + value * value), freedom / 2.0, 0.5) / 2.0,
        false => two_sided(value) / 2.0,
    };
    if value >= 0.0 { tail } else { 1.0 - tail }
}

/// What Student's t is within, to both sides, with a certainty: 3.25 with 0.99 and nine degrees of
/// freedom.
pub fn t_quantile(certainty: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        match 2.0 * t_beyond(middle, freedom) > 1.0 - certainty {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// The regularized incomplete beta function, by its continued fraction (Lentz).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let tiny = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln();
    let mut d = 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut fraction) = (1.0, d);
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / tiny(1.0 + term * d);
            c = tiny(1.0 + term / c);
            fraction *= d * c;
        }
        if (fraction / before - 1.0).abs() < 1e-14 {
            break;
        }
    }
    front.exp() * fraction / a
}

/// The logarithm of the gamma function (Lanczos, g = 5, six terms: to 2e-10).
fn ln_gamma(x: f64) -> f64 {
    let terms = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.001_208_650_973_866_179,
        -0.000_005_395_239_384_953,
    ];
    let sum = (1..)
        .zip(terms)
        .fold(1.000_000_000_190_015, |sum, (place, term)| sum + term / (x + f64::from(place)));
    let base = x + 5.5;
    (x + 0.5) * base.ln() - base + (2.506_628_274_631_000_5 * sum / x).ln()
}

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// How many cases were counted as the ones in question, of [`whole`](Self::whole).
    pub part: f64,
    /// How many cases there were in all.
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
    fn students_t_is_that_of_the_tables() {
        for (certainty, freedom, t) in [
            (0.95, 1.0, 12.706),
            (0.99, 4.0, 4.604),
            (0.99, 9.0, 3.250),
            (0.95, 30.0, 2.042),
            (0.99, f64::INFINITY, 2.576),
        ] {
            let told = t_quantile(certainty, freedom);
            assert!((told - t).abs() < 1e-3, "{certainty} {freedom}: {told}");
            let beyond = t_beyond(t, freedom);
            assert!(
                (2.0 * beyond - (1.0 - certainty)).abs() < 1e-4,
                "{certainty} {freedom}: {beyond}"
            );
        }
        assert!((t_beyond(0.0, 7.0) - 0.5).abs() < 1e-12);
        assert!((t_beyond(-3.25, 9.0) - 0.995).abs() < 1e-4);
    }

    #[test]
    fn the_variance_is_that_of_what_was_drawn_from() {
        assert!((variance(&[1.0, 2.0, 3.0, 4.0]) - 5.0 / 3.0).abs() < 1e-12);
        assert_eq!((variance(&[7.0]), mean(&[])), (0.0, None));
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
