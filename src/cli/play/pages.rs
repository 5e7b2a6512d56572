//! The page, its scripts and its styles, and what it begins with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::file::Content;
use crate::cli::rule::examples::all;
use crate::report::html::{LEGEND, PATTERNS, PICTURE_STYLE};
use crate::report::rule_book::rules;
use lamplighter_scenario::language::keywords;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Scripts and styles by their paths.
const ASSETS: &[(&str, &str, &str)] = &[
    ("/picture.css", STYLE, PICTURE_STYLE),
    ("/play.css", STYLE, include_str!("page/play.css")),
    ("/play.js", SCRIPT, include_str!("page/play.js")),
    ("/banner.js", SCRIPT, include_str!("page/banner.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/editor.js", SCRIPT, include_str!("page/editor.js")),
    ("/file.js", SCRIPT, include_str!("page/file.js")),
    ("/link.js", SCRIPT, include_str!("page/link.js")),
    ("/moment.js", SCRIPT, include_str!("page/moment.js")),
    ("/timeline.js", SCRIPT, include_str!("page/timeline.js")),
];

/// What is at a path, with its type.
pub fn asset(path: &str) -> Option<(&'static str, String)> {
    if path == "/" {
        return Some((HTML, page()));
    }
    let found = ASSETS.iter().find(|(name, ..)| *name == path);
    found.map(|(_, kind, text)| (*kind, (*text).to_owned()))
}

/// The page, with what pictures need on it.
fn page() -> String {
    let page = include_str!("page/play.html");
    page.replacen("{{ patterns }}", PATTERNS, 1).replacen("{{ legend }}", LEGEND, 1)
}

/// What the page begins with.
#[derive(Serialize)]
pub struct Start {
    file: Option<Content>,
    /// The line of the row that was named with the file.
    row: Option<usize>,
    text_bytes_max: usize,
    keywords: Vec<&'static str>,
    /// What each rule says, by its name.
    rules: BTreeMap<&'static str, String>,
    examples: Vec<Example>,
}

/// A scenario to start from.
#[derive(Serialize)]
struct Example {
    /// The folder below `scenarios/`.
    group: &'static str,
    title: &'static str,
    text: &'static str,
}

impl Start {
    /// With a file, or with none.
    pub fn of(file: Option<Content>, row: Option<usize>, text_bytes_max: usize) -> Self {
        Self {
            file,
            row,
            text_bytes_max,
            keywords: keywords().collect(),
            rules: rules().into_iter().map(|rule| (rule.name, rule.text)).collect(),
            examples: all().map(|example| Example::of(example.path, example.text)).collect(),
        }
    }
}

impl Example {
    fn of(path: &'static str, text: &'static str) -> Self {
        let title = text.lines().find_map(|line| line.strip_prefix("scenario "));
        let group = path.split('/').next().unwrap_or_default();
        Self { group, title: title.unwrap_or(path).trim(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_page_names_is_there_and_nothing_is_elsewhere() {
        let page = page();
        let mut named = 0;
        for rest in page.split("=\"/").skip(1) {
            let name = format!("/{}", rest.split('"').next().expect("a name"));
            assert!(asset(&name).is_some(), "{name}");
            named += 1;
        }
        assert_eq!(named, 3, "two styles and a script");
        for (name, kind, text) in ASSETS.iter().filter(|(_, kind, _)| *kind == SCRIPT) {
            for rest in text.split("from \"").skip(1) {
                let module = rest.split('"').next().expect("a name").replacen("./", "/", 1);
                assert!(asset(&module).is_some(), "{module} in {name}, {kind}");
            }
        }
        let all = ASSETS.iter().map(|(.., text)| *text).chain([page.as_str()]);
        for text in all {
            let text = text.replace("http://www.w3.org/", "");
            for outside in
                ["://", "@import", "eval(", " style=\"", "<style", "onclick=", "javascript:"]
            {
                assert!(!text.contains(outside), "{outside}");
            }
        }
        assert_eq!(page.matches("<script").count(), page.matches("></script>").count());
        assert!(!page.contains("{{"), "all is filled in");
    }

    #[test]
    fn there_are_examples_of_all_parts_each_with_its_title() {
        let start = Start::of(None, None, 0);
        assert!(start.examples.len() >= 12);
        assert!(start.examples.iter().all(|one| !one.title.ends_with(".scenario")));
        for group in ["presence", "scheduler", "visibility", "content"] {
            assert!(start.examples.iter().any(|one| one.group == group), "{group}");
        }
        assert!(start.rules["W6"].contains("no chat can start"));
    }
}
