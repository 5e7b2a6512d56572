//! Each built-in mapping on a small log as its format is documented, beside the trace that it must give.

use std::path::{Path, PathBuf};

use crate::common::{import_file, in_zone};
use lamplighter_import::mapping::BUILT_IN;

/// Logs of reported days whose scenarios replay the trace that an import made of them: who wrote the log,
/// its name, and the name's end.
const REPORTED: [(&str, &str, &str); 2] = [
    ("amazon-connect", "amazon-connect-streams-493-gone-without-going-offline", "json"),
    ("asterisk", "asterisk-1760-the-second-pause", "queue_log"),
];

/// Whose local times are of no zone that they say, and in which their test is.
const ZONES: [(&str, &str); 2] =
    [("five9", "America/Los_Angeles"), ("nice-cxone", "America/Chicago")];

fn data(key: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(key)
}

fn log_of(key: &str) -> PathBuf {
    let files = std::fs::read_dir(data(key)).expect("a folder for each mapping");
    let paths = files.map(|file| file.expect("a file").path());
    let mut logs = paths.filter(|path| path.file_name().is_some_and(|name| name != "trace.csv"));
    logs.next().expect("a log beside the trace")
}

#[test]
fn each_built_in_mapping_gives_the_trace_beside_its_log() {
    for built_in in &BUILT_IN {
        let key = built_in.key;
        let zone = ZONES.iter().find(|(of, _)| *of == key).map(|(_, zone)| *zone);
        let mapping = zone.into_iter().fold(built_in.mapping(), in_zone);
        let (trace, imported) = import_file(&log_of(key), &mapping).expect(key);
        let faults: Vec<_> = imported.taken.faults.iter().collect();
        assert!(faults.is_empty(), "{key}: {faults:#?}");
        let expected = std::fs::read_to_string(data(key).join("trace.csv")).expect("a trace");
        assert_eq!(trace, expected, "{key}");
    }
}

#[test]
fn each_log_of_a_reported_day_gives_the_trace_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/reported");
    for (key, name, ending) in REPORTED {
        let built_in =
            BUILT_IN.iter().find(|built_in| built_in.key == key).expect("a built-in mapping");
        let log = folder.join(format!("{name}.{ending}"));
        let (trace, imported) = import_file(&log, &built_in.mapping()).expect(name);
        let faults: Vec<_> = imported.taken.faults.iter().collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let expected = std::fs::read_to_string(folder.join(format!("{name}.csv")));
        assert_eq!(trace, expected.expect("a trace beside the log"), "{name}");
    }
}
