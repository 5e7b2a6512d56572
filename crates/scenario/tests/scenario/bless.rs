//! `--bless`: the words of false expectations are rewritten, and every other byte stays.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{BlessError, Options, Outcome, Verdict, bless, run};

/// Runs a scenario as if it stood in that file.
fn run_bytes(path: &Path, bytes: &[u8]) -> Verdict {
    let zones = Arc::new(Zones::bundled());
    run(path, bytes, &zones, Options::default(), &AtomicBool::new(false))
}

/// Blesses one `expect` line in a world where, from 09:00 to 17:00 on a Monday, ann is away on her
/// laptop.
fn blessed(expect: &str) -> Result<String, BlessError> {
    let text = scenario(expect);
    let bytes = bless(
        Path::new("a.scenario"),
        text.as_bytes(),
        &Arc::new(Zones::bundled()),
        &AtomicBool::new(false),
    )?
    .bytes;
    assert_eq!(run_bytes(Path::new("a.scenario"), &bytes).outcome(), Outcome::Passed);
    let blessed = String::from_utf8(bytes).expect("UTF-8");
    let line = blessed.lines().find(|line| line.contains("  expect ")).expect("the line");
    // Byte for byte elsewhere.
    let line = line.trim_end_matches('\r');
    assert_eq!(blessed, text.replace(&format!("  {expect}"), line));
    Ok(line.trim_start().to_owned())
}

fn scenario(expect: &str) -> String {
    format!(
        "\u{feff}scenario   Blessed\t# not a word of this changes\r\n\
         property acme\r\n  members ann\r\n  scheduler UTC\r\n    mon 09:00-17:00\r\n\
         at 2026-03-09 10:00\r\n\tann logs in on laptop\r\n  ann goes away\r\n  {expect}\r\n\
         at +1h\r\n"
    )
}

#[test]
fn false_words_are_rewritten_and_true_ones_stay() {
    for (before, after) in [
        ("expect acme away", "expect acme away"),
        ("expect acme  online   # why?", "expect acme  away   # why?"),
        ("expect acme offline because nobody-present", "expect acme away because agent-away"),
        ("expect acme no chat, away", "expect acme chat possible, away"),
        ("expect acme away form offline", "expect acme away form none"),
        ("expect acme away greeting \"Hi\"", "expect acme away greeting \"\""),
        ("expect ann offline", "expect ann away"),
        ("expect acme next 16:00", "expect acme next 17:00"),
        ("expect acme next never", "expect acme next 17:00"),
        ("expect acme away until 18:00", "expect acme away until 17:00"),
        ("expect acme online until +1d 08:00", "expect acme away until 17:00"),
        ("expect acme hidden", "expect acme shown"),
        ("expect acme hidden because page, in FR", "expect acme shown, in FR"),
        ("expect acme hidden, because page", "expect acme shown"),
        ("expect acme because page, hidden", "expect acme shown"),
        ("expect acme because offline, to mobile, hidden", "expect acme to mobile, shown"),
    ] {
        assert_eq!(blessed(before).expect(before), after);
    }
}

#[test]
fn a_scenario_with_an_error_is_refused() {
    assert!(matches!(blessed("expect acme onlin"), Err(BlessError::Invalid(_))));
    assert!(matches!(blessed("ann logs out on phone"), Err(BlessError::Invalid(_))));
}

#[test]
fn what_no_words_can_make_true_is_refused() {
    // True when made, undone within its own instant: no `until` is late enough.
    let refused = blessed("expect acme away until 11:00\r\n  ann logs out");
    assert!(matches!(refused, Err(BlessError::NoWords(_))));
}
