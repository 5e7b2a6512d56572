//! The page about coverage, its schema, and the example that it is told with.

use std::process::Command;

use serde_json::Value;

use super::root;
use super::schema::faults;

/// The report of a scenario as JSON.
fn json_of(arguments: &[&str]) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .current_dir(root())
        .args(["coverage", "scenarios/coverage/town.scenario", "--json", "-"])
        .args(arguments)
        .output()
        .expect("the program");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).expect("JSON")
}

fn schema() -> Value {
    let text = include_str!("../../../docs/coverage.schema.json");
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_report_is_as_its_schema_says() {
    let schema = schema();
    let chats = ["--handle", "12m", "--patience", "2m", "--staff", "80% within 30s", "--runs", "2"];
    let visitors = ["--visitors", "20/day", "--what-if-file", "scenarios/coverage/other-hours.txt"];
    for arguments in [&[][..], &visitors, &[&visitors[..], &chats].concat()] {
        let mut found = Vec::new();
        faults(&schema, &schema, &json_of(arguments), "", &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }
    // And a schema that asks for something else is not met.
    let mut other = schema.clone();
    other["$defs"]["WidgetTold"]["properties"]["hours"]["minItems"] = 169.into();
    let mut found = Vec::new();
    faults(&other, &other, &json_of(&[]), "", &mut found);
    assert!(!found.is_empty());
}

#[test]
fn what_if_nothing_changed_changes_nothing() {
    let nothing = ["--visitors", "20/day", "--what-if", "nothing:", "--what-if", "grace: grace 2m"];
    let report = json_of(&nothing);
    for alternative in report["alternatives"].as_array().expect("alternatives") {
        assert_eq!(alternative["totals"], report["totals"]);
        for (other, widget) in alternative["widgets"]
            .as_array()
            .expect("widgets")
            .iter()
            .zip(report["widgets"].as_array().expect("widgets"))
        {
            for (name, value) in other.as_object().expect("totals") {
                assert_eq!(value, &widget[name], "{name} of {}", widget["widget"]);
            }
        }
    }
    let changed = json_of(&["--what-if", "none: grace 0s"]);
    assert_ne!(changed["alternatives"][0]["totals"], changed["totals"]);
}

#[test]
fn the_report_does_not_depend_on_how_many_threads_play() {
    let with = |jobs| {
        let chats = ["--visitors", "20/day", "--handle", "12m", "--runs", "2", "-j", jobs];
        json_of(&[&chats[..], &["--what-if-file", "scenarios/coverage/other-hours.txt"]].concat())
    };
    assert_eq!(with("1"), with("3"));
}

#[test]
fn a_part_of_the_time_and_the_rest_add_up_to_the_whole() {
    let whole = json_of(&[]);
    let middle = "2026-03-04T11:07:03.123Z";
    let parts = [json_of(&["--to", middle]), json_of(&["--from", middle])];
    for (index, widget) in whole["widgets"].as_array().expect("widgets").iter().enumerate() {
        for class in ["staffed_ms", "away_only_ms", "empty_ms", "after_hours_ms", "closed_ms"] {
            let of = |report: &Value| report["widgets"][index][class].as_u64().expect("a length");
            let sum: u64 = parts.iter().map(of).sum();
            assert_eq!(Some(sum), widget[class].as_u64(), "{class} of {}", widget["widget"]);
        }
    }
}
