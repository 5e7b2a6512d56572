//! Holds answers against the OpenAPI document.

use std::collections::BTreeSet;

use serde_json::Value;

/// The document, and what of it has been met.
pub struct Document {
    document: Value,
    pub met_answers: BTreeSet<(String, String, String)>,
    pub met_fields: BTreeSet<(String, String)>,
}

impl Document {
    pub fn new(document: Value) -> Self {
        Self { document, met_answers: BTreeSet::new(), met_fields: BTreeSet::new() }
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        let operation = &self.document["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not in the document");
        operation
    }

    /// Holds one answer against the document.
    pub fn check(&mut self, method: &str, path: &str, status: u16, kind: &str, body: &Value) {
        let status = status.to_string();
        let place = format!("{method} {path} {status}");
        let response = self.operation(method, path)["responses"][&status].clone();
        assert!(response.is_object(), "{place} is not in the document: {body}");
        self.met_answers.insert((method.to_owned(), path.to_owned(), status));
        let Some(content) = response["content"].as_object() else { return };
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let media = content.get(kind);
        let media = media.unwrap_or_else(|| panic!("{place} as `{kind}` is not in the document"));
        if kind.ends_with("json") {
            self.fits(&media["schema"], body, &place);
        }
    }

    fn fits(&mut self, schema: &Value, value: &Value, place: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().expect("a name").to_owned();
            let schema = self.document["components"]["schemas"][&name].clone();
            for field in value.as_object().into_iter().flat_map(|object| object.keys()) {
                self.met_fields.insert((name.clone(), field.clone()));
            }
            return self.fits(&schema, value, &format!("{place}: {name}"));
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = choices.iter().find(|choice| is_alike(choice, value));
            let fitting = fitting.unwrap_or_else(|| panic!("{place}: {value} fits none")).clone();
            return self.fits(&fitting, value, place);
        }
        if schema.as_object().is_some_and(serde_json::Map::is_empty) {
            // An empty schema takes anything.
            return;
        }
        assert!(has_type(&schema["type"], value), "{place}: {value} is no {}", schema["type"]);
        if let Some(object) = value.as_object() {
            let properties = schema["properties"].as_object();
            for required in schema["required"].as_array().into_iter().flatten() {
                let name = required.as_str().expect("a name");
                assert!(object.contains_key(name), "{place} has no {name}: {value}");
            }
            for (name, value) in object {
                let place = format!("{place}.{name}");
                let known = properties.and_then(|properties| properties.get(name));
                let other = &schema["additionalProperties"];
                let schema = known.or_else(|| other.is_object().then_some(other));
                let schema = schema.unwrap_or_else(|| panic!("{place} is not in the document"));
                self.fits(&schema.clone(), value, &place);
            }
        }
        for value in value.as_array().into_iter().flatten() {
            self.fits(&schema["items"], value, place);
        }
    }

    /// Answers in the document that were not met.
    pub fn missed_answers(&self) -> Vec<(String, String, String)> {
        let mut missed = Vec::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                for status in operation["responses"].as_object().expect("responses").keys() {
                    let answer = (method.to_uppercase(), path.clone(), status.clone());
                    if !self.met_answers.contains(&answer) {
                        missed.push(answer);
                    }
                }
            }
        }
        missed
    }

    /// Fields of answers in the document that were not met.
    pub fn missed_fields(&self) -> Vec<String> {
        let met: BTreeSet<&String> = self.met_fields.iter().map(|(schema, _)| schema).collect();
        let schemas = self.document["components"]["schemas"].as_object().expect("schemas");
        let met_schemas = schemas.iter().filter(|(name, _)| met.contains(name));
        met_schemas
            .flat_map(|(name, schema)| {
                let fields = schema["properties"].as_object().into_iter().flatten();
                fields.map(move |(field, _)| (name.clone(), field.clone()))
            })
            .filter(|field| !self.met_fields.contains(field))
            .map(|(name, field)| format!("{name}.{field}"))
            .collect()
    }
}

fn is_alike(schema: &Value, value: &Value) -> bool {
    match schema["$ref"].is_string() {
        true => value.is_object(),
        false if schema["properties"].is_object() => {
            let name = schema["required"][0].as_str().unwrap_or_default();
            value.get(name).is_some()
        }
        false => has_type(&schema["type"], value),
    }
}

fn has_type(kind: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match kind {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => false,
    }
}
