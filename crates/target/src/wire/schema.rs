//! The schemas of the documents that the table of settings makes, for `/openapi.json`.

use serde_json::{Map, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::parts::{DocumentMember, texts};
use super::settings::{PropertyDocument, WidgetDocument, members};

/// A document with the members that all have, behind those of its own.
fn document(
    description: &str,
    own: Vec<DocumentMember>,
    default: &impl serde::Serialize,
) -> RefOr<Schema> {
    let defaults = serde_json::to_value(default).expect("a document has no keys but texts");
    let mut properties = Map::new();
    for DocumentMember { name, description, schema: (mut schema, _) } in
        own.into_iter().chain(members())
    {
        let description = json!(description.trim());
        // Of what can be null, the description is that of what it is else.
        match schema.get_mut("oneOf") {
            Some(either) => either[0]["description"] = description,
            None => schema["description"] = description,
        }
        schema["default"] = defaults[name].clone();
        properties.insert(name.to_owned(), schema);
    }
    let schema = json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    });
    serde_json::from_value(schema).expect("a schema of an object")
}

/// What the settings of a document refer to.
fn components(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    for component in members().into_iter().filter_map(|member| member.schema.1) {
        schemas.push((component.name, component.schema));
        schemas.extend(component.others);
    }
}

impl PartialSchema for PropertyDocument {
    fn schema() -> RefOr<Schema> {
        let names =
            |name, description| DocumentMember { name, description, schema: (texts(), None) };
        let own = vec![
            names("members", "The names of the agents who are members, suspended ones included."),
            names("suspended", "The members who count nowhere in this property (rule P6)."),
        ];
        let about = "Everything that is set on a property and its widget of the same name; what is \
                     left out\nis as it begins.";
        document(about, own, &Self::default())
    }
}

impl ToSchema for PropertyDocument {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        components(schemas);
    }
}

impl PartialSchema for WidgetDocument {
    fn schema() -> RefOr<Schema> {
        let about = "Everything that is set on a further widget of a property.";
        document(about, Vec::new(), &Self::default())
    }
}

impl ToSchema for WidgetDocument {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        components(schemas);
    }
}
