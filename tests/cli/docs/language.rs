//! The page about the language: all of it is told, and every example is played.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language;
use lamplighter_scenario::play::{self, Options, Outcome, Verdict};

use super::{blocks, quoted, rows};

const PAGE: &str = include_str!("../../../docs/language.md");

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

fn run(scenario: &str) -> Verdict {
    let stop = AtomicBool::new(false);
    let path = Path::new("example.scenario");
    play::run(path, scenario.as_bytes(), &ZONES, Options::default(), &stop)
}

/// Fails with what a person would see.
fn assert_passes(scenario: &str) -> Verdict {
    let verdict = run(scenario);
    let mut seen = Vec::new();
    text::diagnostics(&mut seen, &verdict).expect("a vector takes everything");
    text::verdict(&mut seen, &verdict).expect("a vector takes everything");
    let seen = String::from_utf8_lossy(&seen);
    assert_eq!(verdict.outcome(), Outcome::Passed, "{seen}");
    verdict
}

/// The world whose lines the examples in the tables are.
fn world() -> &'static str {
    blocks(PAGE, "scenario")[1]
}

/// The rows of a table, each with the lines of its example.
fn examples(head: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let rows = rows(PAGE, head).into_iter();
    rows.map(|row| (row[0], quoted(row[1]))).collect()
}

#[test]
fn every_scenario_of_the_page_holds() {
    let scenarios = blocks(PAGE, "scenario");
    assert!(scenarios.len() > 2, "{}", scenarios.len());
    for scenario in scenarios {
        let path = Path::new("example.scenario");
        for row in play::Prepared::rows(path, scenario.as_bytes(), &ZONES) {
            let name = row.file.name();
            let verdict = play::play(row, &ZONES, Options::default(), &AtomicBool::new(false));
            assert_eq!(verdict.outcome(), Outcome::Passed, "{name}: {scenario}");
            assert!(verdict.counts.expectations > 0, "{name}: {scenario}");
        }
    }
}

#[test]
fn every_word_of_the_language_is_on_the_page() {
    let mut code: BTreeSet<&str> = BTreeSet::new();
    for line in PAGE.lines() {
        let words = quoted(line).into_iter().flat_map(|code| code.split([' ', ',']));
        code.extend(words);
    }
    let missing: Vec<&str> = language::keywords().filter(|word| !code.contains(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_line_of_the_header_is_one() {
    let lines = examples("| line | example | meaning |");
    let header = lines.iter().filter(|(line, _)| is_header(line));
    let mut seen = 0;
    for (line, example) in header {
        let [example] = example[..] else { panic!("{line}") };
        let title = if example.starts_with("scenario ") { "" } else { "scenario t\n" };
        assert_passes(&format!("{title}{example}\n"));
        assert!(line.contains(&format!("`{} ", first_word(example))), "{line}: {example}");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

fn first_word(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

fn is_header(line: &str) -> bool {
    ["scenario", "source", "tags", "timezone", "rules", "grace", "auto-away"]
        .iter()
        .any(|word| line.starts_with(&format!("`{word} ")))
}

#[test]
fn every_line_of_a_block_is_one() {
    let lines = examples("| line | example | meaning |");
    let is_other =
        |line: &str| is_header(line) || line.starts_with("`expect") || line.starts_with('…');
    let mut seen = BTreeSet::new();
    for (line, example) in lines.into_iter().filter(|(line, _)| !is_other(line)) {
        let [example] = example[..] else { panic!("{line}") };
        let word = first_word(example);
        let before = match word {
            "property" => "",
            "widget" => "property acme\n",
            _ if line.starts_with("`scheduler as") => {
                "property acme\nscheduler UTC\nproperty lamps\nmembers ann\n"
            }
            _ if line.starts_with("`DAYS") || line.starts_with("`date") => {
                "property acme\nmembers ann\nscheduler UTC\n"
            }
            _ => "property acme\nmembers ann\n",
        };
        assert_passes(&format!("scenario t\n{before}{example}\n"));
        // What is for both stands in a widget as well as in a property.
        let (of_property, of_widget) = match before.find("scheduler UTC\n") {
            Some(_) if line.starts_with("`scheduler as") => ("scheduler UTC\n", ""),
            Some(_) => ("", "scheduler UTC\n"),
            None => ("", ""),
        };
        let in_widget = run(&format!(
            "scenario t\nproperty acme\n{of_property}widget acme/shop\n{of_widget}{example}\n"
        ));
        let is_for_both = in_widget.outcome() == Outcome::Passed;
        let begins = matches!(word, "property" | "widget");
        assert!(begins || is_for_both != line.ends_with('*'), "{line}");
        seen.insert(word);
    }
    // Each setting, and `date`, `property`, `widget`, `members`, `suspended`.
    let mut words = language::keywords().take_while(|word| *word != "at");
    // What stands between header and blocks has chapters of its own.
    for word in words.by_ref().filter(|word| !matches!(*word, "examples" | "include")) {
        assert!(is_header(&format!("`{word} ")) || seen.contains(word), "{word}");
    }
}

#[test]
fn every_form_of_time_is_one() {
    for row in rows(PAGE, "| form | example | meaning |") {
        let [at] = quoted(row[1])[..] else { panic!("{row:?}") };
        let scenario = format!("{}{at}\n", world());
        assert_passes(&scenario);
    }
}

#[test]
fn everything_that_can_happen_happens_and_is_said_by_its_rule() {
    for row in rows(PAGE, "| line | example | rule |") {
        let lines = quoted(row[1]).join("\n");
        let before = run(world()).counts.events;
        let events = assert_passes(&format!("{}{lines}\n", world())).counts.events;
        assert!(events > before, "{row:?}");
    }
}

#[test]
fn everything_that_can_be_expected_is_true_of_the_world_of_the_examples() {
    let before = run(world()).counts.expectations;
    let mut seen = 0;
    for (line, example) in examples("| line | example | meaning |") {
        if !line.starts_with("`expect") && !line.starts_with('…') {
            continue;
        }
        let [example] = example[..] else { panic!("{line}") };
        assert_eq!(
            assert_passes(&format!("{}{example}\n", world())).counts.expectations,
            before + 1
        );
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn the_timeline_has_the_columns_of_the_page() {
    let columns = rows(PAGE, "| column | what it is |").into_iter().map(|row| quoted(row[0])[0]);
    let header = columns.collect::<Vec<_>>().join(",");
    assert!(PAGE.contains(&format!("--timeline - --quiet\n{header}\n")), "{header}");
}

#[test]
fn each_warning_of_check_is_on_the_page_and_shown_by_its_file() {
    let [file] = blocks(PAGE, "scenario check")[..] else { panic!("one file") };
    let today = Instant::from_millis(0).expect("1970");
    let (verdict, warnings) =
        play::lint(Path::new("example.scenario"), file.as_bytes(), &ZONES, today);
    assert!(verdict.diagnostics.is_empty());
    let given: BTreeSet<&str> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    let told = rows(PAGE, "| warning | why |");
    assert_eq!(given, told.iter().map(|row| row[0]).collect());
}
