//! The page about traces: its format is the reader's, and its examples are read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Action;
use lamplighter_core::trace::COLUMNS;
use lamplighter_scenario::play::{self, Options, Outcome, Verdict};

use super::{blocks, quoted, rows};

const PAGE: &str = include_str!("../../../docs/traces.md");

/// Plays a scenario with a trace beside it, in a folder of this test's own.
fn play(folder: &str, scenario: &str, trace: &str) -> Verdict {
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs-traces").join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("trace.csv"), trace).expect("writes");
    let zones = Arc::new(Zones::bundled());
    let path = folder.join("a.scenario");
    let stop = AtomicBool::new(false);
    play::run(&path, scenario.as_bytes(), &zones, Options::default(), &stop)
}

fn example() -> (&'static str, &'static str) {
    (blocks(PAGE, "scenario")[0], blocks(PAGE, "csv")[0])
}

#[test]
fn the_columns_and_the_actions_are_those_that_are_read() {
    let columns = rows(PAGE, "| column | what it is |");
    let columns: Vec<&str> = columns.iter().map(|row| quoted(row[0])[0]).collect();
    assert_eq!(columns, COLUMNS);
    let actions = rows(PAGE, "| action | what happens | empty device |");
    let told: Vec<&str> = actions.iter().map(|row| quoted(row[0])[0]).collect();
    // A status for a time is a status and `for` (rule P9).
    let words = told.iter().filter(|word| **word != "for").copied();
    assert_eq!(words.collect::<Vec<_>>(), Action::WORDS.map(|(word, _)| word));
    for row in &actions {
        let action = *quoted(row[0]).last().expect("an action");
        let trace = format!("{}\n2026-03-09T09:00:00Z,ann,,{action}\n", COLUMNS.join(","));
        let verdict = play(&format!("empty-{action}"), example().0, &trace);
        assert_eq!(verdict.trace_diagnostics.is_empty(), row[2] != "no", "{action}");
    }
}

#[test]
fn the_example_holds_and_each_of_its_anomalies_is_told() {
    let (scenario, trace) = example();
    let verdict = play("example", scenario, trace);
    assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}", verdict.failures);
    assert_eq!(verdict.counts.expectations, 3);
    let why = verdict.anomalies.first.iter().map(|anomaly| anomaly.why.to_string());
    let told = rows(PAGE, "| why | the row |");
    assert_eq!(verdict.anomalies.count, 4);
    assert!(PAGE.contains("Of the trace at the top four rows are anomalies"));
    assert_eq!(
        why.collect::<BTreeSet<_>>(),
        told.iter().map(|row| row[0].to_owned()).collect::<BTreeSet<_>>()
    );
}

#[test]
fn every_malformed_row_is_told_as_the_page_says() {
    for (n, row) in rows(PAGE, "| row | told as |").into_iter().enumerate() {
        let header = COLUMNS.join(",");
        let line = quoted(row[0])[0];
        let trace = format!("{header}\n2026-03-09T09:00:00Z,ann,phone,login\n{line}\n");
        let verdict = play(&format!("malformed-{n}"), example().0, &trace);
        assert_eq!(verdict.outcome(), Outcome::Invalid, "{line}");
        let told: Vec<&str> =
            verdict.trace_diagnostics.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(told, [row[1]], "{line}");
        assert_eq!(verdict.trace_diagnostics[0].line, 3, "{line}");
    }
}

#[test]
fn a_fault_of_many_rows_is_told_once_and_counted() {
    for (count, told) in [(10, 10), (11, 1), (19_999, 1)] {
        let rows = "2026-03-09T09:00:00Z,ann,phone,Available\n".repeat(count);
        let trace = format!("{}\n{rows}", COLUMNS.join(","));
        let verdict = play(&format!("many-{count}"), example().0, &trace);
        assert_eq!(verdict.trace_diagnostics.len(), told, "{count}");
        assert_eq!(verdict.error_count(), count as u64);
        assert_eq!(verdict.trace_diagnostics[0].line, 2);
    }
    assert!(PAGE.contains("in more than ten rows"));
}
