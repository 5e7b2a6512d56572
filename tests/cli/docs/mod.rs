//! The pages below `docs/` are true: each is held against the program that it is about.

mod command_line;
mod comments;
mod coverage;
mod diagnostics;
mod environment;
mod features;
mod knobs;
mod language;
mod links;
mod maps;
#[cfg(feature = "testing")]
mod metrics;
mod papers;
mod rules;
mod schema;
mod traces;

use std::path::{Path, PathBuf};

/// The folder of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the tables of a page that begin with this head, each as its cells.
pub fn rows<'a>(page: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let mut rows = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        let is_row = line.starts_with('|');
        if inside && is_row && !line.starts_with("| ---") {
            rows.push(cells(line));
        }
        inside = is_row && (inside || line == head);
    }
    assert!(!rows.is_empty(), "no table `{head}`");
    rows
}

/// The cells of a row; a `\|` is no border.
fn cells(row: &str) -> Vec<&str> {
    let inner = row.trim().trim_start_matches('|').trim_end_matches('|');
    let mut cells = Vec::new();
    let mut from = 0;
    for (at, _) in inner.match_indices('|').filter(|(at, _)| !inner[..*at].ends_with('\\')) {
        cells.push(inner[from..at].trim());
        from = at + 1;
    }
    cells.push(inner[from..].trim());
    cells
}

/// What stands between backticks in a text.
pub fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The texts that stand in the repository below a folder, each with its path.
fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.ends_with("node_modules") {
            // What others wrote is no text of ours.
        } else if path.is_dir() {
            texts(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
}

/// The blocks of code of a page that are marked so.
fn blocks<'a>(page: &'a str, mark: &str) -> Vec<&'a str> {
    let opening = format!("\n```{mark}\n");
    let blocks = page.split(opening.as_str()).skip(1);
    blocks.map(|rest| rest.split_once("```").expect("the end of a block").0).collect()
}
