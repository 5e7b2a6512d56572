//! What the README says besides its commands, which `commands.rs` runs.

use std::path::Path;

use lamplighter_scenario::language::Suite;

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_shows_the_scenario_that_it_runs() {
    let scenario = include_str!("../commands/lunch.scenario");
    assert!(README.contains(&format!("```text\n{scenario}```")));
}

#[test]
fn the_readme_counts_the_scenarios() {
    /// Each row of a table is one.
    fn count(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let count_one = |path: &Path| {
            if path.is_dir() {
                return count(path);
            }
            if path.extension().is_none_or(|ending| ending != "scenario") {
                return 0;
            }
            let bytes = std::fs::read(path).expect("a scenario");
            Suite::new(&bytes, folder, &|_| Err(String::new())).count()
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
fn the_readme_is_read_in_one_sitting() {
    let lines = README.lines().count();
    assert!(lines <= 250, "{lines} lines: depth goes to docs/");
}

#[test]
fn the_readme_names_the_rust_that_it_takes() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, rest) = manifest.split_once("\nrust-version = \"").expect("the one place that says so");
    let version = rest.split('"').next().expect("a version");
    assert!(README.contains(&format!("Rust {version} or newer")), "{version}");
}

#[test]
fn the_readme_counts_the_mutations() {
    let table = include_str!("../../reports/faults.md");
    let rows = table.lines().skip(2).filter(|line| line.starts_with("| ")).count();
    assert!(README.contains(&format!("{rows} deliberate mutations")), "{rows}");
}

#[test]
fn every_crate_stands_on_the_map_of_the_readme() {
    let crates = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates"));
    let mut count = 0;
    for krate in crates.expect("a folder").flatten() {
        let name = format!("crates/{}", krate.file_name().display());
        assert!(README.contains(&format!("| [`{name}`]({name}/src/lib.rs) | ")), "{name}");
        count += 1;
    }
    assert_eq!(README.matches("| [`crates/").count(), count);
}

#[test]
fn every_room_of_the_program_stands_on_the_map_of_the_readme() {
    let rooms = include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for room in rooms {
        assert!(README.contains(&format!("`{room}/`")), "{room}");
    }
}
