//! What the README says besides its commands, which `commands.rs` runs.

use std::path::Path;

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_shows_the_scenario_that_it_runs() {
    let scenario = include_str!("../commands/lunch.scenario");
    assert!(README.contains(&format!("```text\n{scenario}```")));
}

#[test]
fn the_readme_counts_the_scenarios() {
    fn count(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let count_one = |path: &Path| match path.is_dir() {
            true => count(path),
            false => usize::from(path.extension().is_some_and(|e| e == "scenario")),
        };
        entries.map(|entry| count_one(&entry.path())).sum()
    }
    let scenarios = count(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    assert!(
        README.contains(&format!("the {scenarios} scenarios of this repository")),
        "{scenarios}"
    );
}

#[test]
fn every_room_stands_on_the_map_of_the_readme() {
    let rooms = include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for room in rooms {
        let named =
            README.contains(&format!("`{room}/`")) || README.contains(&format!("`{room}.rs`"));
        assert!(named, "{room}");
    }
}
