//! The environment: the page about the command line has every variable that the program reads, and the
//! commands that do.

use std::collections::BTreeSet;

use super::command_line::{END, PAGE};
use super::{quoted, root, rows};
use crate::imports::{code, source_files};

/// Read by unit tests alone: what they write anew, and how much they try.
const OF_TESTS: [&str; 2] = ["LAMPLIGHTER_BLESS", "LAMPLIGHTER_FLIPS"];
/// Read by what prints, and named by the help.
const OF_DEPENDENCIES: [&str; 1] = ["NO_COLOR"];

/// What a constant of a file is, if it is a text.
fn constant<'a>(code: &'a str, name: &str) -> &'a str {
    let declared = code.split_once(&format!("const {name}: &str = \""));
    let (_, text) = declared.unwrap_or_else(|| panic!("`{name}` is no text of its file"));
    text.split('"').next().expect("its end")
}

/// The variable that a call reads, by what stands behind its bracket: a literal, a constant of the file,
/// or a constant before a name of somebody's own.
fn variable(code: &str, argument: &str) -> String {
    if let Some(template) = argument.strip_prefix("format!(\"{") {
        let (name, rest) = template.split_once('}').expect("a constant");
        let rest = rest.split('"').next().expect("its end");
        return format!("{}{}", constant(code, name), rest.trim_matches(['{', '}']));
    }
    match argument.strip_prefix('"') {
        Some(literal) => literal.split('"').next().expect("its end").to_owned(),
        None => constant(code, argument.split(')').next().expect("its end")).to_owned(),
    }
}

/// Every variable that the sources read.
fn is_read() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["src", "crates"] {
        source_files(&root().join(folder), &mut files);
    }
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| file.components().any(|part| part.as_os_str() == "src"))
    {
        let code = code(file);
        for call in ["env::var(", "env::var_os("] {
            found.extend(code.split(call).skip(1).map(|argument| variable(&code, argument)));
        }
    }
    found
}

/// The variables of the page, each with what is said of it.
fn told(page: &str) -> Vec<(&str, &str)> {
    let rows = rows(page, "| variable | what it is |");
    rows.into_iter().map(|row| (quoted(row[0])[0], row[1])).collect()
}

/// Each command with the part of the page that is its help; what all have in common is of none.
fn helps(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = page.split("<!-- from the help of lamplighter").skip(1);
    let parts = parts.map(|part| part.split_once("-->").expect("its name"));
    let of_commands = parts.filter(|(command, _)| !command.trim().is_empty());
    of_commands.map(|(command, help)| (command.trim(), help.split(END).next().expect("its end")))
}

#[test]
fn every_variable_that_is_read_is_on_the_page_and_no_other() {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let told: BTreeSet<String> = told(&page).iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut is = is_read();
    for name in OF_TESTS {
        assert!(is.remove(name), "{name} is read no more");
    }
    is.extend(OF_DEPENDENCIES.map(str::to_owned));
    assert_eq!(told, is, "the page, and what is read");
}

#[test]
fn a_variable_stands_with_the_commands_whose_help_names_it() {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let commands: BTreeSet<&str> = helps(&page).map(|(command, _)| command).collect();
    for (variable, means) in told(&page) {
        let told = quoted(means).into_iter().filter_map(|words| words.split(" --").next());
        let told: BTreeSet<&str> = told.filter(|words| commands.contains(words)).collect();
        let naming = helps(&page).filter(|(_, help)| help.contains(variable));
        let naming: BTreeSet<&str> = naming.map(|(command, _)| command).collect();
        assert_eq!(told, naming, "{variable}: its row, and the commands' help");
    }
}
