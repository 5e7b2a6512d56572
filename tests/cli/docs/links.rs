//! Every link between the pages of the repository leads somewhere.

use std::path::{Path, PathBuf};

use super::{quoted, root};

/// All pages that a person reads.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "benches", "docs", "editors", "reports", "scenarios"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder").flatten();
        let paths = entries.map(|entry| entry.path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    pages
}

/// The targets of the links of a page that lead to files and headings.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://"))
}

/// What a link can lead to within a page: its headings as GitHub names them, and its anchors.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| {
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        let heading = heading.to_lowercase().replace(' ', "-");
        line.starts_with('#').then_some(heading)
    });
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let headings = headings.map(|heading| heading.chars().filter(kept).collect());
    let ids = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    headings.chain(ids.map(str::to_owned)).collect()
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

#[test]
fn every_link_leads_to_a_file_and_to_a_place_in_it() {
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text) {
            let (file, anchor) = match link.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor)),
                None => (link, None),
            };
            let target = match file {
                "" => page.clone(),
                file => page.parent().expect("a folder").join(file),
            };
            assert!(target.exists(), "{} links to {link}", page.display());
            if let Some(anchor) = anchor {
                let there = anchors(&read(&target)).iter().any(|found| found == anchor);
                assert!(there, "{} links to {link}", page.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

/// Folders of the repository whose files pages name. In `reports/` lies what runs write.
const FOLDERS: [&str; 9] =
    ["crates/", "src/", "tests/", "benches/", "docs/", "scenarios/", "fuzz/", "examples/", ".ci/"];

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut looked_for = 0;
    for page in pages() {
        for line in read(&page).lines() {
            let is_path = |text: &&str| {
                let is_one = FOLDERS.iter().any(|folder| text.starts_with(folder));
                is_one && !text.contains([' ', '*', '{', '='])
            };
            for path in quoted(line).into_iter().filter(is_path) {
                assert!(root().join(path).exists(), "{} names {path}", page.display());
                looked_for += 1;
            }
        }
    }
    assert!(looked_for > 10, "{looked_for}");
}

/// The features that a cargo command asks for.
fn features_of(command: &str) -> Vec<&str> {
    let (_, rest) = command.split_once("--features ").unwrap_or_default();
    rest.split(' ').next().unwrap_or_default().split(',').collect()
}

#[test]
fn every_cargo_command_of_a_page_asks_for_the_features_that_it_needs() {
    let manifests =
        [include_str!("../../../Cargo.toml"), include_str!("../../../benches/Cargo.toml")];
    // Each program that a build leaves out without a feature.
    let programs: Vec<(&str, &str)> = manifests
        .iter()
        .flat_map(|manifest| manifest.split("\n[[").skip(1))
        .filter_map(|table| {
            let field = |name: &str| {
                let line = table.lines().find(|line| line.starts_with(&format!("{name} = ")))?;
                line.split('"').nth(1)
            };
            Some((field("name")?, field("required-features")?))
        })
        .collect();
    assert!(programs.contains(&("bite", "running")), "{programs:?}");
    let mut looked_at = 0;
    for page in pages() {
        let text = read(&page);
        for command in text.lines().flat_map(|line| line.split(['`', '&'])).map(str::trim_start) {
            if !command.starts_with("cargo ") || command.contains("--all-features") {
                continue;
            }
            looked_at += 1;
            let asked = features_of(command);
            let needs = |feature: &str| {
                let has = asked.iter().any(|one| [feature, "full"].contains(one));
                assert!(has, "{}: `{command}` without {feature}", page.display());
            };
            for (program, feature) in &programs {
                let named =
                    ["--bin ", "--example ", "--test "].map(|kind| format!("{kind}{program}"));
                if named.iter().any(|named| command.contains(named)) {
                    let page = page.display();
                    assert!(asked.contains(feature), "{page}: `{command}` without {feature}");
                }
            }
            for (words, feature) in
                [("-- load", "load"), ("-- serve", "serve"), ("--host", "target")]
            {
                // What a load test is told is its own.
                if command.contains(words) && !(words == "--host" && command.contains("-- load")) {
                    needs(feature);
                }
            }
            // A run that names no service has one started.
            if command.contains("-- load --") && !command.contains("--host") {
                needs("serve");
            }
        }
    }
    assert!(looked_at > 10, "{looked_at}");
}
