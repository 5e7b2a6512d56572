//! What several test files share.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod falsehoods;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Options, Verdict};

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// Runs a scenario file.
pub fn run(path: &Path) -> Verdict {
    run_bytes(path, &std::fs::read(path).expect("a scenario"))
}

/// Runs a scenario as if it stood in that file.
pub fn run_bytes(path: &Path, bytes: &[u8]) -> Verdict {
    lamplighter_scenario::play::run(
        path,
        bytes,
        &ZONES,
        Options::default(),
        &AtomicBool::new(false),
    )
}

/// What a person sees of a verdict, without colours.
pub fn rendered(verdict: &Verdict) -> String {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    text::diagnostics(&mut plain, verdict).expect("a vector takes everything");
    text::verdict(&mut plain, verdict).expect("a vector takes everything");
    String::from_utf8(bytes).expect("UTF-8")
}
