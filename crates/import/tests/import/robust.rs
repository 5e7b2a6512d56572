//! Whatever stands in a mapping file or a log: it is read or refused, and nothing else happens.
//!
//! For longer than a moment: `LAMPLIGHTER_FUZZ_SECONDS=600 cargo test -p lamplighter-import --release -- --ignored fuzz`.

use std::path::Path;

use lamplighter_core::model::Instant;
use lamplighter_import::mapping::{BUILT_IN, read};
use lamplighter_scenario::language::span::Source;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Scratch, import_file};
use crate::mutated::{Change, changed, changes, fuzz, usual};

fn sample(key: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(key);
    let files = std::fs::read_dir(folder).expect("a folder for each mapping");
    let mut logs = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "trace.csv"));
    std::fs::read(logs.next().expect("a log beside the trace")).expect("a log")
}

fn is_a_mapping_or_faulty((place, changes): (usize, Vec<Change>)) -> TestCaseResult {
    let text = changed(BUILT_IN[place].text.as_bytes(), &changes);
    let source = Source::new(String::from_utf8_lossy(&text).into_owned());
    if let Err(faults) = read(&source) {
        prop_assert!(!faults.is_empty());
        for fault in faults {
            prop_assert!(source.text().get(fault.span.start..fault.span.end).is_some());
        }
    }
    Ok(())
}

fn is_taken_or_counted((place, changes): (usize, Vec<Change>)) -> TestCaseResult {
    let built_in = &BUILT_IN[place];
    let log = Scratch::new(&changed(&sample(built_in.key), &changes));
    if let Ok((trace, _)) = import_file(&log.0, &built_in.mapping()) {
        prop_assert!(trace.starts_with("at,agent,device,action\n"));
        let instants = trace.lines().skip(1).filter_map(|row| row.split(',').next());
        let instants: Result<Vec<Instant>, _> = instants.map(str::parse).collect();
        let instants = instants.expect("instants");
        prop_assert!(instants.is_sorted(), "{trace}");
    }
    Ok(())
}

fn cases() -> impl Strategy<Value = (usize, Vec<Change>)> {
    (0..BUILT_IN.len(), changes())
}

proptest! {
    #![proptest_config(usual())]

    #[test]
    fn any_text_is_a_mapping_or_has_faults_that_lie_in_it(case in cases()) {
        is_a_mapping_or_faulty(case)?;
    }

    #[test]
    fn any_bytes_are_a_log_whose_rows_are_taken_or_counted(case in cases()) {
        is_taken_or_counted(case)?;
    }
}

#[test]
#[ignore = "goes on for as long as it is told to"]
fn fuzz_mappings() {
    fuzz(cases(), is_a_mapping_or_faulty);
}

#[test]
#[ignore = "goes on for as long as it is told to"]
fn fuzz_logs() {
    fuzz(cases(), is_taken_or_counted);
}
