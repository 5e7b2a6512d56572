//! `check --sarif` and `check --json`: what SARIF 2.1.0 requires, and that both say what messages say.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A report of `check` on faulty and on warned scenarios.
fn report(option: &str) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("GITHUB_WORKSPACE", env!("CARGO_MANIFEST_DIR"))
        .args(["check", "./tests/invalid", "tests/warned", option, "-"])
        .output()
        .expect("the program");
    assert_eq!(ran.status.code(), Some(2));
    serde_json::from_slice(&ran.stdout).expect("JSON and nothing else")
}

fn text<'a>(value: &'a Value, way: &str) -> &'a str {
    let found = value.pointer(way).and_then(Value::as_str);
    found.filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("no text {way} in {value}"))
}

fn number(value: &Value, way: &str) -> usize {
    let found = value.pointer(way).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no number {way} in {value}")) as usize
}

#[test]
fn a_sarif_log_has_what_the_format_requires_and_each_region_is_what_it_quotes() {
    let log = report("--sarif");
    assert_eq!(text(&log, "/version"), "2.1.0");
    assert!(text(&log, "/$schema").ends_with("sarif-schema-2.1.0.json"));
    let runs = log["runs"].as_array().expect("runs");
    let [run] = &runs[..] else { panic!("one run") };
    assert_eq!(text(run, "/tool/driver/name"), "lamplighter");
    assert_eq!(text(run, "/columnKind"), "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: BTreeSet<&str> = rules.iter().map(|rule| text(rule, "/id")).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        text(rule, "/shortDescription/text");
        text(rule, "/help/text");
        assert!(["error", "warning"].contains(&text(rule, "/defaultConfiguration/level")));
    }
    let results = run["results"].as_array().expect("results");
    for result in results {
        let rule = &rules[number(result, "/ruleIndex")];
        assert_eq!(text(result, "/ruleId"), text(rule, "/id"));
        assert_eq!(text(result, "/level"), text(rule, "/defaultConfiguration/level"));
        text(result, "/message/text");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(place, "/artifactLocation/uri");
        assert!(uri.starts_with("tests/"), "{uri}");
        let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(uri)).expect("a file");
        let file = String::from_utf8_lossy(&bytes);
        let line = number(place, "/region/startLine");
        assert_eq!(number(place, "/region/endLine"), line);
        let (from, to) = (number(place, "/region/startColumn"), number(place, "/region/endColumn"));
        let quoted = place["region"]["snippet"]["text"].as_str().expect("a line");
        assert!(1 <= from && from <= to && to <= quoted.chars().count() + 1, "{result}");
        if !bytes.starts_with(b"\xff\xfe") && !quoted.is_empty() {
            let written = file.trim_start_matches('\u{feff}').lines().nth(line - 1);
            assert!(written.is_some_and(|text| text.starts_with(quoted)), "{result}");
        }
    }
    let found: BTreeSet<&str> = results.iter().map(|result| text(result, "/ruleId")).collect();
    assert!(found.len() > 60, "{}", found.len());
}

#[test]
fn the_json_of_check_says_the_same_as_the_sarif() {
    let (json, sarif) = (report("--json"), report("--sarif"));
    let findings = json["findings"].as_array().expect("findings");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(findings.len(), results.len());
    for (finding, result) in findings.iter().zip(results) {
        assert_eq!(text(finding, "/code"), text(result, "/ruleId"));
        assert_eq!(text(finding, "/severity"), text(result, "/level"));
        let place = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(number(finding, "/line"), number(place, "/startLine"));
        assert_eq!(number(finding, "/column"), number(place, "/startColumn"));
        assert_eq!(number(finding, "/end_column"), number(place, "/endColumn"));
        assert!(text(result, "/message/text").starts_with(text(finding, "/message")));
    }
    let told = findings.iter().map(|finding| 1 + number(finding, "/more")).sum::<usize>();
    assert_eq!(number(&json, "/summary/errors") + number(&json, "/summary/warnings"), told);
}
