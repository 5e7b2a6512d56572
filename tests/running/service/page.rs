//! The page about the HTTP API: its calls, documents and metrics are those of `/openapi.json` and
//! `/metrics`.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --features testing --test running page` writes those parts anew; read
//! the difference before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use lamplighter_target::wire::SocketMessage;
use serde_json::Value;

use crate::client::start;

const PAGE: &str = "docs/http-api.md";
const END: &str = "<!-- end -->";

fn read_page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).expect("the page")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A description as it stands in a cell or a sentence.
fn told(value: &Value) -> String {
    text(value).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A sentence with its stop.
fn sentence(value: &Value) -> String {
    let told = told(value);
    if told.ends_with('.') { told } else { format!("{told}.") }
}

/// What a status means wherever it comes, by the page's own table.
fn everywhere(page: &str) -> BTreeMap<String, String> {
    let (_, table) = page.split_once("| status | what it means |\n").expect("the table of errors");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let meaning = cells[1].split(';').next().unwrap_or_default();
        (cells[0].trim_matches('`').to_owned(), meaning.to_owned())
    })
    .collect()
}

struct Api {
    document: Value,
    everywhere: BTreeMap<String, String>,
}

impl Api {
    /// Every call of a kind.
    fn calls(&self, tag: &str) -> String {
        let mut out = String::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for method in ["put", "patch", "get", "post", "delete"] {
                let call = &item[method];
                if call["tags"].as_array().is_some_and(|tags| tags.iter().any(|name| name == tag)) {
                    let _ = writeln!(out, "### `{} {path}`", method.to_uppercase());
                    self.call(&mut out, call);
                }
            }
        }
        out
    }

    fn call(&self, out: &mut String, call: &Value) {
        let _ = write!(out, "{} {}\n\n", sentence(&call["summary"]), who(&call["security"]));
        for parameter in call["parameters"].as_array().into_iter().flatten() {
            let (name, description) = (text(&parameter["name"]), told(&parameter["description"]));
            match text(&parameter["in"]) {
                "query" => writeln!(out, "- `?{name}=`: {description}").unwrap_or_default(),
                "header" => writeln!(out, "- `{name}`: {description}").unwrap_or_default(),
                _ if !description.is_empty() => {
                    writeln!(out, "- `{{{name}}}`: {description}").unwrap_or_default()
                }
                _ => {}
            }
        }
        if let Some(content) = call["requestBody"]["content"].as_object() {
            let (_, body) = content.iter().next().expect("a kind of body");
            let _ = writeln!(out, "- takes {}", self.kind(&body["schema"]));
        }
        let mut common = Vec::new();
        for (status, answer) in call["responses"].as_object().expect("answers") {
            let description = told(&answer["description"]);
            if self.everywhere.get(status) == Some(&description) {
                common.push(format!("`{status}`"));
                continue;
            }
            let _ = write!(out, "- `{status}`: {description}");
            for (kind, body) in answer["content"].as_object().into_iter().flatten() {
                match kind.as_str() {
                    "application/problem+json" => {}
                    "application/json" => {
                        write!(out, "; {}", self.kind(&body["schema"])).unwrap_or_default()
                    }
                    other => write!(out, "; `{other}`").unwrap_or_default(),
                }
            }
            out.push('\n');
        }
        if !common.is_empty() {
            let _ = writeln!(out, "- {}: as [everywhere](#errors)", common.join(" "));
        }
        out.push('\n');
    }

    /// What a value is.
    fn kind(&self, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().expect("a name");
            let named = &self.document["components"]["schemas"][name];
            return match is_document(named) {
                true => format!("[`{name}`](#{})", name.to_lowercase()),
                false => self.kind(named),
            };
        }
        if schema.as_object().is_some_and(serde_json::Map::is_empty) {
            return "any value".to_owned();
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return choices.iter().map(|one| self.kind(one)).collect::<Vec<_>>().join(" or ");
        }
        let kind = |kind: &str| match kind {
            "array" => format!("list of {}", self.kind(&schema["items"])),
            "object" => {
                let name = text(&schema["propertyNames"]["description"]);
                let of = self.kind(&schema["additionalProperties"]);
                format!("{of}, by {}", if name.is_empty() { "name" } else { name })
            }
            "string" => "text".to_owned(),
            other => other.to_owned(),
        };
        match &schema["type"] {
            Value::String(one) => kind(one),
            Value::Array(all) => {
                all.iter().map(|one| kind(text(one))).collect::<Vec<_>>().join(" or ")
            }
            other => panic!("{other}: {schema}"),
        }
    }

    /// Every document with its fields.
    fn documents(&self) -> String {
        let mut out = String::new();
        for (name, schema) in self.document["components"]["schemas"].as_object().expect("schemas") {
            if !is_document(schema) {
                continue;
            }
            let _ = write!(out, "### `{name}`\n{}\n\n", sentence(&schema["description"]));
            match schema["oneOf"].as_array() {
                None => self.fields(&mut out, schema),
                Some(choices) => {
                    out.push_str("One of these:\n\n");
                    choices.iter().for_each(|choice| self.fields(&mut out, choice));
                }
            }
        }
        out
    }

    fn fields(&self, out: &mut String, schema: &Value) {
        out.push_str("| field | kind | what it is |\n| --- | --- | --- |\n");
        let is_taken = schema["additionalProperties"] == false;
        let required = schema["required"].as_array();
        for (field, of) in schema["properties"].as_object().expect("fields") {
            let is_required = required.is_some_and(|names| names.iter().any(|name| name == field));
            let note = if is_taken && is_required { ", required" } else { "" };
            let description = match &of["oneOf"] {
                Value::Array(choices) if of["description"].is_null() => {
                    told(&choices[0]["description"])
                }
                _ => told(&of["description"]),
            };
            let _ = writeln!(out, "| `{field}` | {}{note} | {description} |", self.kind(of));
        }
        out.push('\n');
    }
}

/// Whether a schema is a document with fields, and not a plain value or a map.
fn is_document(schema: &Value) -> bool {
    schema["properties"].is_object() || schema["oneOf"].is_array()
}

/// Who may make a call.
fn who(security: &Value) -> String {
    let schemes = security.as_array().into_iter().flatten();
    let names = schemes.flat_map(|scheme| scheme.as_object().into_iter().flatten());
    let names: Vec<&str> = names
        .map(|(name, _)| match name.as_str() {
            "token" => "a device's token",
            "admin_key" => "the admin key",
            other => panic!("{other}"),
        })
        .collect();
    if names.is_empty() {
        "For anyone.".to_owned()
    } else {
        format!("With {}.", names.join(" or "))
    }
}

/// Every metric, out of what `/metrics` says of itself.
fn metrics(exposition: &str) -> String {
    let mut kinds: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for line in exposition.lines().filter_map(|line| line.strip_prefix("# ")) {
        let [what, name, rest] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { continue };
        let of = kinds.entry(name).or_default();
        match what {
            "TYPE" => of.0 = rest,
            "HELP" => of.1 = rest,
            _ => {}
        }
    }
    let mut out = String::from("| metric | kind | what it is |\n| --- | --- | --- |\n");
    for (name, (kind, help)) in kinds {
        let _ = writeln!(out, "| `{name}` | {kind} | {} |", help.replace('|', "\\|"));
    }
    out.push('\n');
    out
}

/// Where a part of the page stands that is written from the service.
fn place(page: &str, part: &str) -> std::ops::Range<usize> {
    let beginning = format!("<!-- from the service: {part} -->\n\n");
    let start =
        page.find(&beginning).unwrap_or_else(|| panic!("no part `{part}`")) + beginning.len();
    let end = page[start..].find(END).expect("the end of a part");
    start..start + end
}

/// Fails with the first line that differs.
fn assert_same(part: &str, told: &str, is: &str) {
    let differs = told.lines().zip(is.lines()).find(|(told, is)| told != is);
    assert_eq!(differs, None, "{part}: the page, and the service");
    assert_eq!(told.lines().count(), is.lines().count(), "{part}: how many lines");
}

#[test]
fn every_call_document_and_metric_is_on_the_page_as_the_service_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let mut page = read_page();
    let api = Api { document: client.get("/openapi.json"), everywhere: everywhere(&page) };
    let exposition = client.try_call("GET", "/metrics", None, None).expect("metrics").text;
    let bless = std::env::var_os("LAMPLIGHTER_BLESS").is_some();
    let tags = api.document["tags"].as_array().expect("tags").clone();
    let tags = tags.iter().map(|tag| text(&tag["name"]));
    let calls = tags.map(|tag| (format!("calls of {tag}"), api.calls(tag)));
    let rest =
        [("documents".to_owned(), api.documents()), ("metrics".to_owned(), metrics(&exposition))];
    let parts: Vec<(String, String)> = calls.chain(rest).collect();
    for (part, written) in &parts {
        let place = place(&page, part);
        match bless {
            true => page.replace_range(place, written),
            false => assert_same(part, &page[place], written),
        }
    }
    assert_eq!(page.matches("<!-- from the service: ").count(), parts.len());
    if bless {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE), page).expect("writes");
    }
}

#[test]
fn the_texts_of_a_socket_are_as_the_page_shows_them() {
    let page = read_page();
    let (_, block) = page.split_once("```json\n").expect("the texts");
    let (block, _) = block.split_once("```").expect("their end");
    let mut kinds = Vec::new();
    for line in block.lines() {
        let message: SocketMessage<'_> = serde_json::from_str(line).expect(line);
        assert_eq!(serde_json::to_string(&message).expect("JSON"), line);
        kinds.push(match message {
            SocketMessage::Device { .. } => "device",
            SocketMessage::Team { .. } => "team",
            SocketMessage::Status { .. } => "status",
            SocketMessage::Message { .. } => "message",
            SocketMessage::Other => panic!("{line} is unknown"),
        });
    }
    assert_eq!(kinds, ["device", "team", "status", "message"]);
    let (_, call) = page.split_once("### `GET /v1/connect`\n").expect("the call");
    let (_, answer) = call.split_once("- `101`: ").expect("its answer");
    let named = answer.lines().next().expect("a line").split('`').skip(1).step_by(2);
    assert_eq!(named.collect::<Vec<_>>(), kinds, "what the call says of them");
}
