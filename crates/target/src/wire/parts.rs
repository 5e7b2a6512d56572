//! What the schemas of settings are made of, for `/openapi.json`.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What a schema refers to by name: itself, and what it refers to in turn.
pub struct Component {
    /// The name under which it is referred to.
    pub name: String,
    /// Its schema.
    pub schema: RefOr<Schema>,
    /// What it refers to in turn, by name.
    pub others: Vec<(String, RefOr<Schema>)>,
}

/// A member of a document.
pub struct DocumentMember {
    /// The name of the member in JSON.
    pub name: &'static str,
    /// The sentence of the table of settings that says what it is.
    pub description: &'static str,
    /// The schema of its value, and the component that this refers to, if any.
    pub schema: (Value, Option<Component>),
}

/// A list of texts.
pub fn texts() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

/// A document of its own.
pub fn named<T: ToSchema>() -> (Value, Option<Component>) {
    let mut others = Vec::new();
    T::schemas(&mut others);
    let name = T::name().into_owned();
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    (reference, Some(Component { name, schema: T::schema(), others }))
}

/// The same, or null.
pub fn nullable((schema, component): (Value, Option<Component>)) -> (Value, Option<Component>) {
    (json!({ "oneOf": [schema, { "type": "null" }] }), component)
}
