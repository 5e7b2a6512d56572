//! JSON with templates in it: bodies, queries, forms, and the values that answers are held against.

use lamplighter_scenario::language::diagnostic::Diagnostic;
use serde_json::{Map, Number, Value};
use toml::de::DeValue;

use super::names::Names;
use super::parts::{NameUse, Template};
use super::render::RenderError;
use crate::file::node::Node;

/// A value of a file, in the order in which it was written.
#[derive(Clone, PartialEq, Debug)]
pub enum Json {
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A text; a name alone in it keeps its type.
    Text(Template),
    /// A list.
    List(Vec<Json>),
    /// A table; keys are templates, too (rule T9).
    Table(Vec<(Template, Json)>),
}

impl Json {
    /// Reads a value; what JSON cannot say goes to the findings.
    pub fn read(node: Node<'_>) -> Option<Self> {
        Some(match node.value() {
            DeValue::String(_) => Self::Text(Template::read(node.text()?, node.findings())),
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Integer(integer) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix());
                Self::Number(number.ok()?.into())
            }
            DeValue::Float(float) => {
                let number = float.as_str().parse().ok().and_then(Number::from_f64);
                if number.is_none() {
                    node.error("JSON has no such number", "neither infinite nor nothing");
                }
                Self::Number(number?)
            }
            DeValue::Datetime(_) => {
                let diagnostic =
                    Diagnostic::new(node.span(), "JSON has no dates", "a date of TOML");
                node.findings().error(diagnostic.help("write it as a text, in quotes"));
                return None;
            }
            DeValue::Array(_) => {
                Self::List(node.one_or_more().into_iter().filter_map(Self::read).collect())
            }
            DeValue::Table(_) => Self::Table(Self::read_members(node)?),
        })
    }

    /// The members of a table, as `query` and `form` have them.
    pub fn read_members(node: Node<'_>) -> Option<Vec<(Template, Self)>> {
        let members = node.table()?.entries().filter_map(|(key, value)| {
            Some((Template::read(key, node.findings()), Self::read(value)?))
        });
        Some(members.collect())
    }

    /// The value with everything put in.
    ///
    /// # Errors
    /// When a template in it gives no value.
    pub fn value(&self, names: &mut Names<'_>) -> Result<Value, RenderError> {
        Ok(match self {
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => text.value(names)?,
            Self::List(list) => {
                Value::Array(list.iter().map(|one| one.value(names)).collect::<Result<_, _>>()?)
            }
            Self::Table(members) => {
                let mut table = Map::new();
                for (key, value) in members {
                    table.insert(key.text(names)?, value.value(names)?);
                }
                Value::Object(table)
            }
        })
    }

    /// The JSON text with everything put in, members in the order in which they were written.
    ///
    /// # Errors
    /// When a template in it gives no value.
    pub fn write(&self, names: &mut Names<'_>, out: &mut String) -> Result<(), RenderError> {
        match self {
            Self::List(list) => {
                out.push('[');
                for (index, one) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    one.write(names, out)?;
                }
                out.push(']');
            }
            Self::Table(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::String(key.text(names)?).to_string());
                    out.push(':');
                    value.write(names, out)?;
                }
                out.push('}');
            }
            scalar => out.push_str(&scalar.value(names)?.to_string()),
        }
        Ok(())
    }

    /// The value, if nothing is put into it.
    pub fn as_plain(&self) -> Option<Value> {
        Some(match self {
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::from(text.as_plain()?),
            Self::List(list) => {
                Value::Array(list.iter().map(Self::as_plain).collect::<Option<_>>()?)
            }
            Self::Table(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, value)| Some((key.as_plain()?.to_owned(), value.as_plain()?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Flag(_) | Self::Number(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::List(list) => list.iter().flat_map(Self::templates).collect(),
            Self::Table(members) => members
                .iter()
                .flat_map(|(key, value)| std::iter::once(key).chain(value.templates()))
                .collect(),
        }
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> Vec<&NameUse> {
        self.templates().into_iter().flat_map(Template::uses).collect()
    }
}
