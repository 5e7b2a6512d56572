//! How many random cases a property test plays, and which.

use proptest::test_runner::{Config, RngSeed};

/// The same worlds every time, so that a build that was good stays good. `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` ask for more and for others; what they find becomes a test with a name.
pub fn config(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(20_260_309);
    }
    config
}
