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

/// The targets of the links of a page that lead to files.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://"))
}

#[test]
fn every_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut followed = 0;
    for page in ["README.md", "scenarios/README.md"] {
        let page = root.join(page);
        let folder = page.parent().expect("a folder");
        for link in links(&std::fs::read_to_string(&page).expect("a page")) {
            assert!(folder.join(link).exists(), "{} links to {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn every_rule_is_shown_by_a_scenario() {
    let page = include_str!("../../scenarios/README.md");
    let (_, table) = page.split_once("| rule | ").expect("the table of rules");
    let rules = [("P", 8), ("S", 6), ("W", 6), ("V", 4), ("C", 3), ("T", 4)];
    for rule in
        rules.into_iter().flat_map(|(kind, last)| (1..=last).map(move |n| format!("{kind}{n}")))
    {
        let row = table.lines().find(|line| line.starts_with(&format!("| {rule} ")));
        assert!(row.is_some_and(|row| links(row).next().is_some()), "rule {rule}");
    }
}
