//! The page about coverage, its schema, and the example that it is told with.

use std::process::Command;

use serde_json::Value;

use super::root;

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

/// What of a value a schema does not allow, with the way to it.
fn faults(schema: &Value, all: &Value, value: &Value, way: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return faults(&all["$defs"][name], all, value, way, found);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &&Value| {
            let mut wrong = Vec::new();
            faults(choice, all, value, way, &mut wrong);
            wrong.is_empty()
        };
        if choices.iter().filter(fits).count() != 1 {
            found.push(format!("{way}: none of the choices"));
        }
        return;
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    if !kinds.iter().any(|kind| is(kind.as_str().expect("a type"))) {
        found.push(format!("{way}: {value} is none of {kinds:?}"));
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().expect("a name")) {
                found.push(format!("{way}: without {name}"));
            }
        }
        for (name, value) in object {
            match schema["properties"].get(name) {
                Some(of) => faults(of, all, value, &format!("{way}/{name}"), found),
                None => found.push(format!("{way}: {name} is not in the schema")),
            }
        }
    }
    if let Some(items) = value.as_array() {
        let count = items.len() as u64;
        let is_too_few = schema["minItems"].as_u64().is_some_and(|min| count < min);
        let is_too_many = schema["maxItems"].as_u64().is_some_and(|max| count > max);
        if is_too_few || is_too_many {
            found.push(format!("{way}: {count} items"));
        }
        for (index, item) in items.iter().enumerate() {
            faults(&schema["items"], all, item, &format!("{way}/{index}"), found);
        }
    }
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
    other["$defs"]["widget"]["properties"]["hours"]["minItems"] = 169.into();
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
