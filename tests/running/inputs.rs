//! The scenarios of the repository, as they are played on services.

use std::path::PathBuf;

use crate::common::names;
use lamplighter_target::play::ScenarioInput;

/// The week of a town, of which a test is its own: its 55 widgets are looked at 3,300 times.
pub const TOWN: &str = "scenarios/coverage/town.scenario";

/// Every scenario of the corpus by the rules that the service follows, those that replay traces, too.
pub fn corpus() -> Vec<ScenarioInput> {
    let mut folders = vec![PathBuf::from("scenarios")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "scenario") {
                files.push(path);
            }
        }
    }
    files.retain(|file| !file.ends_with(TOWN));
    files.sort();
    let mut inputs = scenarios_of(&files);
    // What is another by the rules of another product is not tested there.
    inputs.retain(|input| !input.bytes.split(|byte| *byte == b'\n').any(names_rules));
    inputs
}

fn names_rules(line: &[u8]) -> bool {
    line.starts_with(b"rules ")
}

/// The scenarios of files, each row of a table as one of its own.
pub fn scenarios_of(files: &[PathBuf]) -> Vec<ScenarioInput> {
    let mut inputs = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).expect("a scenario");
        let names = names(file, &bytes).into_iter();
        inputs.extend(names.map(|path| ScenarioInput { path, bytes: bytes.clone() }));
    }
    inputs
}
