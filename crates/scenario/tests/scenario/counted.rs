//! `expect … changes …`, `expect no anomalies` and `scheduler as`: what counts, what is told, what stays.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Options, Outcome, Verdict, bless, lint, run};

/// Runs a scenario beside the recorded days of the corpus.
fn played(text: &str) -> Verdict {
    let zones = Arc::new(Zones::bundled());
    run(&path(), text.as_bytes(), &zones, Options::default(), &AtomicBool::new(false))
}

fn path() -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("scenarios/presence/counted.scenario")
}

/// A Monday on which the hours open at 09:00 and close at 17:00; ann is there from 10:00, is away for an
/// instant at 11:00, and gone from 12:00.
fn day(expect: &str) -> String {
    format!(
        "scenario Counted\nproperty acme\n  members ann\n  scheduler UTC\n    mon 09:00-17:00\n\
         at 2026-03-09 08:00\n  {expect}\nat 10:00\n  ann logs in on laptop\n\
         at 11:00\n  ann goes away\n  ann goes online\nat 12:00\n  ann logs out\n"
    )
}

#[test]
fn each_instant_counts_once_and_neither_the_first_nor_the_last() {
    // 09:00 online without a chat, 10:00 with one, 12:00 without, 17:00 offline.
    for (expect, holds) in [
        ("expect acme changes exactly 4 times until +1d 08:00", true),
        ("expect acme changes exactly 3 times until 17:00", true),
        ("expect acme changes exactly 4 times until 17:00:00.001", true),
        ("expect acme changes exactly 0 times until 09:00", true),
        ("expect acme changes exactly 1 time until 09:00:00.001", true),
        ("expect acme changes at most 4 times until +1d 08:00", true),
        ("expect acme changes at most 3 times until +1d 08:00", false),
        ("expect acme changes at least 4 times until +1d 08:00", true),
        ("expect acme changes at least 5 times until +1d 08:00", false),
        ("expect acme changes at least 0 times until 09:00", true),
        ("expect acme until +1d 08:00, changes exactly 4 times", true),
        // A week and more beyond the end of the run, by the clock alone.
        ("expect acme changes exactly 8 times until 2026-03-24 08:00", true),
    ] {
        let verdict = played(&day(expect));
        assert_eq!(verdict.diagnostics, [], "{expect}");
        assert_eq!(verdict.outcome() == Outcome::Passed, holds, "{expect}: {:?}", verdict.failures);
        assert_eq!(verdict.counts.expectations, 1);
    }
}

#[test]
fn what_changes_at_the_statements_own_instant_is_no_change_behind_it() {
    let text = "scenario Counted\nproperty acme\n  members ann\nat 2026-03-09 08:00\n  \
                expect acme changes exactly 0 times until 09:00\n  ann logs in on laptop\n\
                at 2026-03-09 08:00\n  ann goes away\n";
    assert_eq!(played(text).outcome(), Outcome::Passed);
}

#[test]
fn what_is_false_says_how_many_there_were_and_when() {
    let verdict = played(&day("expect acme changes at most 1 times until 16:00"));
    let [failure] = &verdict.failures[..] else { panic!("{:?}", verdict.failures) };
    assert_eq!(failure.expected, "changes at most 1 time until 16:00");
    assert_eq!(failure.found, "3 changes");
    assert_eq!(
        verdict.notes(failure),
        [
            // The second of them is one too many.
            "at 2026-03-09 10:00 UTC (2026-03-09T10:00:00Z)",
            "offline at first; 2026-03-09 09:00 online, no chat; 10:00 online; 12:00 online, no chat",
        ]
    );
}

#[test]
fn only_an_exact_number_is_rewritten() {
    let zones = Arc::new(Zones::bundled());
    for (before, after) in [
        ("changes exactly 7 times until 16:00", "changes exactly 3 times until 16:00"),
        ("changes at most 1 times until 16:00", "changes at most 1 times until 16:00"),
        ("changes at least 9 times until 16:00", "changes at least 9 times until 16:00"),
    ] {
        let text = day(&format!("expect acme {before}\n  expect acme online"));
        let stop = AtomicBool::new(false);
        let blessed = bless(&path(), text.as_bytes(), &zones, &stop).expect("rewritten");
        let expected = day(&format!("expect acme {after}\n  expect acme offline"));
        assert_eq!(String::from_utf8(blessed.bytes).expect("UTF-8"), expected);
    }
}

/// The recorded day has two rows that cannot happen: at 06:06 and at 06:30 UTC.
fn recorded(at: &str) -> Verdict {
    played(&format!(
        "scenario Recorded\nproperty nordic\n  members freya\n  members no\n\
         replay \"a-day-on-the-road.csv\"\nat {at}\n  expect no anomalies\n"
    ))
}

#[test]
fn rows_that_cannot_happen_are_told_once_they_have_come() {
    assert_eq!(recorded("2026-09-14T05:00:00Z").outcome(), Outcome::Passed);
    // Rows of this very instant come later.
    assert_eq!(recorded("2026-09-14T06:06:00Z").outcome(), Outcome::Passed);
    let verdict = recorded("2026-09-14T06:06:00.001Z");
    let [failure] = &verdict.failures[..] else { panic!("{:?}", verdict.failures) };
    assert_eq!(failure.found, "1 row that cannot happen");
    let notes = verdict.notes(failure);
    assert!(notes[1].contains("a-day-on-the-road.csv:4: "), "{notes:?}");
    assert_eq!(recorded("2026-09-14T07:00:00Z").failures[0].found, "2 rows that cannot happen");
}

#[test]
fn a_scheduler_of_another_is_as_it_was_declared() {
    let text = "scenario Shared\nproperty acme\n  scheduler UTC\n    mon 09:00-17:00\n\
                widget acme/help\n  scheduler as acme\nwidget acme/late\n\
                at 2026-03-09 10:00\n  set acme scheduler UTC\n    mon 20:00-21:00\n  \
                expect acme offline\n  expect acme/help online\n  set acme/late scheduler as acme\n  \
                expect acme/late next 17:00\n";
    let verdict = played(text);
    assert_eq!((verdict.outcome(), verdict.diagnostics), (Outcome::Passed, vec![]));
}

#[test]
fn hours_taken_from_another_are_warned_of_where_they_are_written_alone() {
    let text = "scenario Shared\nproperty acme\n  members ann\n  scheduler UTC\n    daily 09:00-23:59\n\
                widget acme/help\n  scheduler as acme\nat 2026-03-09 08:00\n  ann logs in on desk\n  \
                expect acme offline\n";
    let zones = Arc::new(Zones::bundled());
    let start = lamplighter_core::model::Instant::MIN;
    let (_, warnings) = lint(&path(), text.as_bytes(), &zones, start);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    // Nobody is a member of lamps: its own hours, taken over, come by without anyone.
    let text = text
        .replace("23:59", "17:00")
        .replace("at 2026", "property lamps\n  scheduler as acme\n  members bob\nat 2026")
        + "until +2d 08:00\n";
    let (_, warnings) = lint(&path(), text.as_bytes(), &zones, start);
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!(warning.message, "nobody has ever been present in these hours");
}
