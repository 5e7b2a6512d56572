//! Texts with changes at random places, for readers that must bear whatever stands in a file.
//!
//! `LAMPLIGHTER_FUZZ_SECONDS=600 cargo test --release -p lamplighter-import -- --ignored fuzz` goes on for
//! ten minutes with each reader of the crate; each round draws anew.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseResult, TestRunner};

/// What is likely to be taken for something.
const PIECES: [&str; 31] = [
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "|",
    "\t",
    "\n",
    "\r\n",
    "\r\n ",
    "\u{feff}",
    "\u{0}",
    "=",
    "/",
    "..",
    "null",
    "-1",
    "99999999999999999999",
    "2026-02-30T25:61:61Z",
    "0001-01-01T00:00:00Z",
    "[[action]]",
    "\\u12",
    "é",
    "RRULE:FREQ=SECONDLY",
    ";INTERVAL=0",
    "TZID=Nowhere/Land",
    "BEGIN:VEVENT",
];

/// One change: a place in thousandths of the text, how much is taken away there, and what is put in.
pub type Change = (usize, usize, Vec<u8>);

/// A change anywhere.
pub fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(prop::num::u8::ANY, 0..4),
    ];
    (0..1_000_usize, prop_oneof![3 => 0..4_usize, 1 => 0..200_usize], piece)
}

/// Some changes.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 0..6)
}

/// A text with changes.
pub fn changed(text: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for (place, taken, put) in changes {
        let at = bytes.len() * place / 1_000;
        let end = (at + taken).min(bytes.len());
        bytes.splice(at..end, put.iter().copied());
    }
    bytes
}

/// As many cases as ever, the same ones every time, and no file of what has failed.
pub fn usual() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(20_260_309);
    }
    config
}

/// Goes on with a property for as many seconds as `LAMPLIGHTER_FUZZ_SECONDS` says, ten without it.
pub fn fuzz<S: Strategy>(strategy: S, property: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = std::env::var("LAMPLIGHTER_FUZZ_SECONDS").ok();
    let seconds = seconds.map_or(10, |seconds| seconds.parse().expect("a number of seconds"));
    let (began, mut rounds) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(seconds) {
        let anew = ProptestConfig { rng_seed: RngSeed::Random, ..usual() };
        let mut runner = TestRunner::new(anew);
        if let Err(found) = runner.run(&strategy, &property) {
            panic!("{found}");
        }
        rounds += 1;
    }
    println!("{rounds} rounds of {} cases in {seconds} s", usual().cases);
}
