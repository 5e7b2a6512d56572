//! The features of a build: the page about the command line says of each what it adds, as the commands
//! and the manifest have it.

use std::collections::BTreeSet;

use super::command_line::PAGE;
use super::{quoted, root, rows, texts};

/// A feature, as the manifest declares it.
struct Feature<'a> {
    name: &'a str,
    /// What the comment above it names.
    names: BTreeSet<&'a str>,
    /// What it brings: other features, and dependencies.
    brings: BTreeSet<&'a str>,
}

/// The features that a person asks for. `testing` brings what tests need, and no command.
fn features() -> Vec<Feature<'static>> {
    let manifest = include_str!("../../../Cargo.toml");
    let (_, declared) = manifest.split_once("\n[features]\n").expect("features");
    let (mut rest, _) = declared.split_once("\n\n").expect("their end");
    let mut features = Vec::new();
    while let Some((before, after)) = rest.split_once(" = [") {
        let (comment, name) = before.rsplit_once('\n').unwrap_or(("", before));
        let (brings, after) = after.split_once(']').expect("the end of a list");
        let brings = brings.split('"').skip(1).step_by(2).collect();
        features.push(Feature { name, names: quoted(comment).into_iter().collect(), brings });
        rest = after;
    }
    features.retain(|feature| feature.name != "testing");
    features
}

fn page() -> String {
    std::fs::read_to_string(root().join(PAGE)).expect("the page")
}

/// What the page says of each feature.
fn told(page: &str) -> Vec<Vec<&str>> {
    rows(page, "| feature | what it adds | such as |")
}

/// What a feature adds by itself, by its cell: commands, and options of commands.
fn own(cell: &str) -> BTreeSet<&str> {
    let end = ["; ", "and what "].iter().filter_map(|end| cell.find(end)).min();
    quoted(&cell[..end.unwrap_or(cell.len())]).into_iter().collect()
}

/// The first argument of each call in a text, and the second where it has one, if they are literals.
fn literals<'a>(text: &'a str, call: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
    let calls = text.split(call).skip(1).filter(|rest| rest.starts_with('"'));
    calls.map(|rest| {
        rest.split(')').next().expect("it ends").split('"').skip(1).step_by(2).collect()
    })
}

#[test]
fn the_page_names_every_feature_with_what_its_comment_names() {
    let (page, features) = (page(), features());
    let names: Vec<&str> = features.iter().map(|feature| feature.name).collect();
    let told = told(&page);
    assert_eq!(told.iter().map(|row| quoted(row[0])[0]).collect::<Vec<_>>(), names);
    for (row, feature) in told.iter().zip(&features) {
        assert_eq!(own(row[1]), feature.names, "{}: the page, and the manifest", feature.name);
    }
}

#[test]
fn the_page_says_which_features_bring_which() {
    let (page, features) = (page(), features());
    for (row, feature) in told(&page).iter().zip(&features) {
        let others = features.iter().map(|other| other.name).filter(|name| *name != feature.name);
        let told: BTreeSet<&str> = match row[1] {
            "all of them" => others.clone().collect(),
            cell => brought_along(cell).collect(),
        };
        let brought: BTreeSet<&str> = others.filter(|name| feature.brings.contains(name)).collect();
        assert_eq!(told, brought, "{}: the page, and the manifest", feature.name);
    }
}

/// The features of which a cell says that what they add is added, too.
fn brought_along(cell: &str) -> impl Iterator<Item = &str> {
    let parts = cell.split("what `").skip(1);
    parts.filter_map(|part| Some(part.split_once("` adds")?.0))
}

#[test]
fn the_page_says_with_which_feature_a_command_is_there() {
    let page = page();
    let arguments = include_str!("../../../src/cli/arguments.rs");
    let is: BTreeSet<(&str, &str)> =
        literals(arguments, "not_built::help(").map(|words| (words[0], words[1])).collect();
    assert!(is.len() > 5, "commands were not found: {is:?}");
    let told = told(&page);
    let told = told.iter().flat_map(|row| {
        let commands = own(row[1]).into_iter().filter(|added| !added.contains(' '));
        commands.map(|command| (quoted(row[0])[0], command))
    });
    assert_eq!(told.collect::<BTreeSet<_>>(), is, "the page, and the commands");
}

#[test]
fn what_a_command_refuses_for_want_of_a_feature_stands_in_its_row() {
    let page = page();
    let told = told(&page);
    let folder = root().join("src/cli");
    let mut sources = Vec::new();
    texts(&folder, &mut sources);
    let mut looked_at = 0;
    for (path, text) in sources {
        let below = path.strip_prefix(&folder).expect("below it");
        let command = below.components().next().expect("a name").as_os_str();
        let command = command.to_str().expect("UTF-8");
        // What is not there at all is the other test's.
        let asked = literals(&text, "built_without(").filter(|_| command != "not_built.rs");
        for feature in asked.flat_map(|words| words[0].split(',').collect::<Vec<_>>()) {
            looked_at += 1;
            let row = told.iter().find(|row| quoted(row[0])[0] == feature).expect(feature);
            let names = |added: &str| added.split(' ').next() == Some(command);
            let is_told = quoted(row[1]).into_iter().any(names);
            assert!(is_told, "the row of `{feature}` says nothing of `{command}`");
        }
    }
    assert!(looked_at > 3, "refusals were not found: {looked_at}");
}
