//! The schemas that are published of reports, out of the types that are written.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --lib schemas` writes them anew; read the difference before you commit it.

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{checked, explain, json};

/// What a schema says, in the order in which one reads it.
const KEYWORDS: [&str; 15] = [
    "$schema",
    "title",
    "description",
    "type",
    "enum",
    "$ref",
    "oneOf",
    "minimum",
    "minItems",
    "maxItems",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "$defs",
];

/// The schema of what is written of a type.
fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    be_strict(&mut schema);
    schema
}

/// Says what is known of everything that is written: an object has no other members than those of its type,
/// what can be absent is never `null`, and exactly one of several choices holds.
fn be_strict(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(be_strict),
        Value::Object(schema) => {
            schema.values_mut().for_each(be_strict);
            // How wide a number is in memory is nobody's business.
            if schema.get("format").and_then(Value::as_str).is_some_and(|of| of.starts_with("uint"))
            {
                schema.remove("format");
            }
            if let Some(choices) = schema.remove("anyOf") {
                schema.insert("oneOf".to_owned(), choices);
            }
            let required = schema.get("required").cloned().unwrap_or_default();
            if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
                for (name, member) in members {
                    let is_always_there = required
                        .as_array()
                        .is_some_and(|all| all.contains(&Value::from(name.as_str())));
                    if let (false, Value::Object(member)) = (is_always_there, member) {
                        be_no_null(member);
                    }
                }
                schema.entry("additionalProperties").or_insert(false.into());
            }
        }
        _ => {}
    }
}

/// Takes `null` from what a member can be.
fn be_no_null(member: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = member.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = &kinds[..] {
            let kind = kind.clone();
            member.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(choices)) = member.get_mut("oneOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(choice)] = &choices[..] {
            let choice = choice.clone();
            member.remove("oneOf");
            member.extend(choice);
        }
    }
}

/// Adds a value as text: what is named `first` before the rest, and members of objects in the order in which
/// they are written.
fn push(value: &Value, first: &[&str], depth: usize, out: &mut String) {
    let line = |depth| format!("\n{:1$}", "", depth);
    match value {
        Value::Object(object) if !object.is_empty() => {
            let always = value["required"].as_array().into_iter().flatten();
            let always: Vec<&str> = always.filter_map(Value::as_str).collect();
            let mut names: Vec<&String> = object.keys().collect();
            let place = |name: &&String| first.iter().position(|first| first == name);
            names.sort_by_key(|name| place(name).unwrap_or(first.len()));
            for (index, name) in names.into_iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                out.push_str(&format!("{}{}: ", line(depth + 1), Value::from(name.as_str())));
                let first = if name == "properties" { &always[..] } else { &KEYWORDS };
                push(&object[name], first, depth + 1, out);
            }
            out.push_str(&(line(depth) + "}"));
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                out.push_str(&line(depth + 1));
                push(item, &KEYWORDS, depth + 1, out);
            }
            out.push_str(&(line(depth) + "]"));
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Holds a published schema against that of a type, or writes it anew.
fn assert_published<T: JsonSchema>(name: &str) {
    let mut text = String::new();
    push(&schema::<T>(), &KEYWORDS, 0, &mut text);
    text.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("LAMPLIGHTER_BLESS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let published = std::fs::read_to_string(&path).expect("a schema");
    assert!(
        published == text,
        "{name} is not as the type is; LAMPLIGHTER_BLESS=1 writes it anew:\n{text}"
    );
}

#[test]
fn the_schema_of_scenarios_is_that_of_its_type() {
    assert_published::<json::Report<'static>>("scenario.schema.json");
}

#[test]
fn the_schema_of_check_is_that_of_its_type() {
    assert_published::<checked::Report<'static>>("check.schema.json");
}

#[test]
fn the_schema_of_explanations_is_that_of_its_type() {
    assert_published::<explain::Explained<'static>>("explain.schema.json");
}

#[test]
fn the_schema_of_coverage_is_that_of_its_type() {
    assert_published::<lamplighter_coverage::json::Report<'static>>("coverage.schema.json");
}
