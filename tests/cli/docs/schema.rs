//! The JSON of reports is as its published schema says.

use std::process::Command;

use serde_json::Value;

use super::root;

/// What of a value a schema does not allow, with the way to it.
pub fn faults(schema: &Value, all: &Value, value: &Value, way: &str, found: &mut Vec<String>) {
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
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        found.push(format!("{way}: {value} is none of {}", schema["enum"]));
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
                None if schema["additionalProperties"].is_object() => {
                    let of = &schema["additionalProperties"];
                    faults(of, all, value, &format!("{way}/{name}"), found);
                }
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

/// What a command writes as JSON on stdout.
fn json_of(arguments: &[&str]) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .current_dir(root())
        .args(arguments)
        .args(["--json", "-"])
        .output()
        .expect("the program");
    serde_json::from_slice(&ran.stdout).expect("JSON and nothing else")
}

fn schema(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("docs").join(name)).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

/// Holds a report against its schema, and the schema against one that lacks something.
fn assert_as_the_schema_says(name: &str, report: &Value) {
    let schema = schema(name);
    let mut found = Vec::new();
    faults(&schema, &schema, report, "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
    let mut other = report.clone();
    let object = other.as_object_mut().expect("an object");
    object.remove("lamplighter");
    object.insert("another".to_owned(), 1.into());
    faults(&schema, &schema, &other, "", &mut found);
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn the_report_of_scenarios_is_as_its_schema_says() {
    let report = json_of(&["scenario", "scenarios", "tests/invalid", "tests/commands/failing.in"]);
    assert_as_the_schema_says("scenario.schema.json", &report);
    let scenarios = report["scenarios"].as_array().expect("scenarios");
    for outcome in ["passed", "failed", "invalid"] {
        assert!(scenarios.iter().any(|one| one["outcome"] == outcome), "none is {outcome}");
    }
}

#[test]
fn the_report_of_check_is_as_its_schema_says() {
    let report = json_of(&["check", "scenarios", "tests/invalid", "tests/warned"]);
    assert_as_the_schema_says("check.schema.json", &report);
}

#[test]
fn an_explanation_is_as_its_schema_says() {
    let team = ["explain", "tests/commands/failing.in/team.scenario", "--at"];
    let ways: [&[&str]; 2] = [&["2026-03-09 17:02"], &["09:10", "--on", "/pricing", "--in", "FR"]];
    for more in ways {
        let report = json_of(&[&team, more].concat());
        assert_as_the_schema_says("explain.schema.json", &report);
        assert_eq!(report["rules"][0]["rule"], report["rule"]);
    }
}
