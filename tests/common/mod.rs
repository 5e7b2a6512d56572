//! What several test files share.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod falsehoods;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter::hours::Zones;
use lamplighter::report::text;
use lamplighter::scenario::{Keep, Verdict};
use proptest::test_runner::{Config, RngSeed};

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// Runs a scenario file.
pub fn run(path: &Path) -> Verdict {
    run_bytes(path, &std::fs::read(path).expect("a scenario"))
}

/// Runs a scenario as if it stood in that file.
pub fn run_bytes(path: &Path, bytes: &[u8]) -> Verdict {
    lamplighter::scenario::run(path, bytes, &ZONES, Keep::default(), &AtomicBool::new(false))
}

/// What a person sees of a verdict, without colours.
pub fn rendered(verdict: &Verdict) -> String {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    text::faults(&mut plain, verdict).expect("a vector takes everything");
    text::verdict(&mut plain, verdict).expect("a vector takes everything");
    String::from_utf8(bytes).expect("UTF-8")
}

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
