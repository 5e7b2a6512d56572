//! Real numbers out of a stream of random ones, by additions, multiplications and divisions alone, which
//! are the same on every machine; the logarithm of a machine's library need not be.

use lamplighter_scenario::synth::random::RandomStream;

/// A number between 0 and 1, neither of them.
pub fn between_0_and_1(stream: &mut RandomStream) -> f64 {
    const HALF_BITS: u32 = 26;
    let high = f64::from(stream.below(1 << HALF_BITS));
    let low = f64::from(stream.below(1 << HALF_BITS));
    let steps = f64::from(1_u32 << HALF_BITS);
    (high + (low + 0.5) / steps) / steps
}

/// A number from the exponential distribution with the mean 1.
pub fn exponential(stream: &mut RandomStream) -> f64 {
    -ln(between_0_and_1(stream))
}

/// The natural logarithm of a number above zero, to some 15 digits.
pub fn ln(number: f64) -> f64 {
    let mut mantissa = number;
    let mut twos = 0.0;
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        twos -= 1.0;
    }
    while mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        twos += 1.0;
    }
    // 2 artanh((m - 1) / (m + 1)): below 0.172 each term is less than 0.03 of the one before.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = (0..11).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    2.0 * ratio * series + twos * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_library() {
        for number in [1e-16_f64, 1e-9, 0.001, 0.3, 0.5, 0.75, 0.999_999, 1.0, 1.5, 2.0, 10.0, 1e12]
        {
            let near = number.ln();
            assert!((ln(number) - near).abs() < 1e-14 * near.abs().max(1.0), "{number}");
        }
    }

    #[test]
    fn exponential_draws_have_their_mean_and_their_spread() {
        let mut stream = RandomStream::fork(7, b"a test..", 0, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| exponential(&mut stream)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let above_2 = draws.iter().filter(|draw| **draw > 2.0).count() as f64 / 1e5;
        assert!((mean - 1.0).abs() < 0.015, "{mean}");
        assert!((above_2 - (-2.0_f64).exp()).abs() < 0.005, "{above_2}");
        assert!(draws.iter().all(|draw| *draw > 0.0));
    }
}
