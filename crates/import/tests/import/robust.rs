//! Whatever stands in a mapping file or a log: it is read or refused, and nothing else happens.
//!
//! For longer than a moment: `PROPTEST_CASES=200000 cargo test -p lamplighter-import --release robust`.

use std::path::Path;

use lamplighter_import::mapping::{BUILT_IN, read};
use lamplighter_scenario::language::span::Source;
use proptest::prelude::*;

use crate::common::{Scratch, import_file};

/// What is likely to be taken for something.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "|",
    "\t",
    "\n",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "=",
    "/",
    "..",
    "null",
    "-1",
    "99999999999999999999",
    "2026-02-30T25:61:61Z",
    "[[action]]",
    "\\u12",
    "é",
];

/// One change: a place in thousandths of the text, how much is taken away there, and what is put in.
fn change() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(prop::num::u8::ANY, 0..4),
    ];
    (0..1_000_usize, prop_oneof![3 => 0..4_usize, 1 => 0..200_usize], piece)
}

fn changed(text: &[u8], changes: &[(usize, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for (place, taken, put) in changes {
        let at = bytes.len() * place / 1_000;
        let end = (at + taken).min(bytes.len());
        bytes.splice(at..end, put.iter().copied());
    }
    bytes
}

fn sample(key: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(key);
    let files = std::fs::read_dir(folder).expect("a folder for each mapping");
    let mut logs = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "trace.csv"));
    std::fs::read(logs.next().expect("a log beside the trace")).expect("a log")
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_a_mapping_or_has_faults_that_lie_in_it(
        place in 0..BUILT_IN.len(), changes in prop::collection::vec(change(), 0..6),
    ) {
        let text = changed(BUILT_IN[place].text.as_bytes(), &changes);
        let source = Source::new(String::from_utf8_lossy(&text).into_owned());
        if let Err(faults) = read(&source) {
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!(source.text().get(fault.span.start..fault.span.end).is_some());
            }
        }
    }

    #[test]
    fn any_bytes_are_a_log_whose_rows_are_taken_or_counted(
        place in 0..BUILT_IN.len(), changes in prop::collection::vec(change(), 0..6),
    ) {
        let built_in = &BUILT_IN[place];
        let log = Scratch::new(&changed(&sample(built_in.key), &changes));
        if let Ok((trace, _)) = import_file(&log.0, &built_in.mapping()) {
            prop_assert!(trace.starts_with("at,agent,device,action\n"));
            let instants: Vec<&str> =
                trace.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
            prop_assert!(instants.is_sorted(), "{trace}");
        }
    }
}
