//! The rule book: whoever is told `rule W6` finds it there, and what it says is what the engine does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lamplighter_core::model::{HiddenBecause, Presence, RuleSet, SchedulerState};
use lamplighter_core::pages::{PageUrl, Pattern};
use lamplighter_core::rules;

use super::{quoted, root, rows, texts};

const PAGE: &str = include_str!("../../../docs/rules.md");

/// Every rule with its text, in the order of the page.
fn book() -> Vec<(&'static str, &'static str)> {
    let rows = rows(PAGE, "| rule | text | source |").into_iter();
    rows.map(|row| {
        let [name, text, source] = row[..] else { panic!("{row:?}") };
        let (anchor, name) = name.split_once("</a>").expect("an anchor");
        assert_eq!(anchor, format!("<a id=\"{}\">", name.to_lowercase()));
        assert!(!text.is_empty() && !source.is_empty(), "{row:?}");
        (name, text)
    })
    .collect()
}

/// The rules that a text names, such as `W6`.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let ends_word = |c: char| !(c.is_alphanumeric() || c == '_');
    let begins_word = move |c: char| ends_word(c) && !matches!(c, ':' | '.');
    text.match_indices(['P', 'S', 'W', 'V', 'C', 'T']).filter_map(move |(at, _)| {
        let rest = &text[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let is_word = text[..at].chars().next_back().is_none_or(begins_word)
            && rest[digits..].chars().next().is_none_or(ends_word)
            // The hour of `${day}T00:00`.
            && !rest.starts_with('0');
        (is_word && (1..=2).contains(&digits)).then(|| &text[at..at + 1 + digits])
    })
}

#[test]
fn each_rule_stands_in_the_book_once_and_in_its_order() {
    let book = book();
    let mut last: BTreeMap<&str, u8> = BTreeMap::new();
    for (name, _) in &book {
        let (kind, number) = name.split_at(1);
        let number: u8 = number.parse().expect(name);
        assert_eq!(number, last.insert(kind, number).unwrap_or(0) + 1, "{name}");
    }
    assert_eq!(last.keys().copied().collect::<Vec<_>>(), ["C", "P", "S", "T", "V", "W"]);
}

#[test]
fn every_rule_that_is_named_anywhere_stands_in_the_book_and_every_one_of_it_is_named() {
    let book: BTreeSet<&str> = book().into_iter().map(|(name, _)| name).collect();
    let mut sources = Vec::new();
    for folder in ["crates", "src"] {
        texts(&root().join(folder), &mut sources);
    }
    // What target files may say has rules of its own, which are numbered from T1 on, too.
    let is_of_this_book = |path: &Path| {
        let of_targets = [
            "crates/target/src/adapter",
            "crates/target/src/file",
            "crates/target/src/driver",
            "crates/target/src/trial",
            "crates/target/src/play",
            "crates/load/src",
            "crates/target/tests/driver",
            "src/cli/target",
            "tests/targets",
            "docs/targets.md",
        ];
        !of_targets.iter().any(|folder| path.starts_with(root().join(folder)))
    };
    let of_this_book = sources.iter().filter(|(path, _)| is_of_this_book(path));
    let in_sources: BTreeSet<&str> = of_this_book.flat_map(|(_, text)| cited(text)).collect();
    assert_eq!(in_sources, book);
    let mut others = Vec::new();
    for folder in ["tests", "scenarios", "docs"] {
        texts(&root().join(folder), &mut others);
    }
    for (path, text) in others.iter().filter(|(path, _)| is_of_this_book(path)) {
        for rule in cited(text) {
            assert!(book.contains(rule), "{} names rule {rule}", path.display());
        }
    }
}

#[test]
fn what_the_book_says_of_a_widgets_status_is_what_it_is() {
    use {Presence as P, SchedulerState as S};
    let book: BTreeMap<&str, &str> = book().into_iter().collect();
    for scheduler in [S::Off, S::Open, S::Closed] {
        for presence in [P::Online, P::Away, P::Nobody] {
            for setting in [false, true] {
                let answer = rules::answer(&RuleSet::BOOK, scheduler, presence, setting);
                let text = book[format!("W{}", answer.rule).as_str()].replace("**", "");
                let says = |part: &str| assert!(text.contains(part), "W{}: {part}", answer.rule);
                says(&format!(": `{}`", answer.status.word()));
                says(answer.chat.word());
                says(&format!("Reason: `{}`", answer.reason.word()));
                says(match scheduler {
                    S::Off => "scheduler is off",
                    S::Open => "open",
                    S::Closed => "scheduler is on and closed",
                });
                says(match presence {
                    _ if scheduler == S::Closed => "whoever is there",
                    P::Online => "presence is online",
                    P::Away => "presence is away",
                    P::Nobody => "nobody is there",
                });
                match answer.rule {
                    5 => says("*offline when all agents offline* is set"),
                    6 => says("*offline when all agents offline* is not set"),
                    _ => {}
                }
            }
        }
    }
    for (n, (word, _)) in HiddenBecause::WORDS.iter().enumerate() {
        let rule = format!("V{}", n + 1);
        assert!(book[rule.as_str()].ends_with(&format!("Reason: `{word}`")), "{rule}");
    }
}

#[test]
fn the_patterns_of_the_book_match_the_pages_beside_them() {
    let mut tried = 0;
    for row in rows(PAGE, "| pattern | matches | such as | not |") {
        let (pattern, pages) = row[2].split_once(": ").expect("a pattern and its pages");
        let pattern: Pattern = quoted(pattern)[0].parse().expect("a pattern");
        for (pages, matches) in [(pages, true), (row[3], false)] {
            for page in quoted(pages) {
                assert_eq!(pattern.matches(&PageUrl::new(page)), matches, "{row:?}: {page}");
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn every_rule_is_shown_by_a_scenario() {
    let page = include_str!("../../../scenarios/README.md");
    let shown = rows(page, "| rule | about | files |");
    let shown: BTreeMap<&str, &str> = shown.into_iter().map(|row| (row[0], row[2])).collect();
    for (rule, _) in book() {
        let files = shown.get(rule).unwrap_or_else(|| panic!("rule {rule} is not shown"));
        assert!(files.contains(".scenario)"), "rule {rule}");
    }
    assert_eq!(shown.len(), book().len());
}
