//! What a template comes to with the values of its names.

use serde_json::Value;
use thiserror::Error;

use super::super::value::as_text;
use super::filter::Filter;
use super::names::{Meaning, Names};
use super::parts::{NameUse, Part, Template};

/// Why a template gives no text. Values stay out of the message: they may be secrets.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RenderError {
    /// A step that keeps the name was not there yet (rule T16: the run ends with 3).
    #[error("`{name}` was not kept yet")]
    NotKept {
        /// The name that has no value yet.
        name: String,
    },
    /// A value that is not what a filter can read.
    #[error("`{name}` cannot go through `{}`: it is not {expected}", filter.word())]
    Filter {
        /// The name whose value cannot go through.
        name: String,
        /// The filter that cannot read it.
        filter: Filter,
        /// What the value should have been.
        expected: &'static str,
    },
    /// Variables that lead back to themselves; `check` names them.
    #[error("the variable `{name}` leads back to itself")]
    Circle {
        /// One of the variables that lead back to themselves.
        name: String,
    },
}

/// Variables within variables go no deeper than this; nobody writes so many but in a circle.
const DEPTH_MAX: usize = 32;

impl Template {
    /// The text with everything put in.
    ///
    /// # Errors
    /// When a name has no value, or one that a filter cannot read.
    pub fn text(&self, names: &mut Names<'_>) -> Result<String, RenderError> {
        self.text_at(names, 0)
    }

    /// The same as a value: a name that stands alone keeps its type.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn value(&self, names: &mut Names<'_>) -> Result<Value, RenderError> {
        match &self.parts[..] {
            [Part::Name(used)] => used.value(names, 0),
            _ => self.text(names).map(Value::String),
        }
    }

    fn text_at(&self, names: &mut Names<'_>, depth: usize) -> Result<String, RenderError> {
        let mut made = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => made.push_str(text),
                Part::Name(used) => match used.value(names, depth)? {
                    Value::String(text) => made.push_str(&text),
                    // What is off or unknown says nothing within a text.
                    Value::Null => {}
                    value => made.push_str(&as_text(&value)),
                },
            }
        }
        Ok(made)
    }
}

impl NameUse {
    fn value(&self, names: &mut Names<'_>, depth: usize) -> Result<Value, RenderError> {
        let name = || self.name.clone();
        if self.counts {
            return self.filtered(Value::from(names.count(&self.name)));
        }
        match names.look_up(&self.name) {
            None => Err(RenderError::NotKept { name: name() }),
            Some(Meaning::AsWritten(value)) => Ok(value.clone()),
            Some(Meaning::Value(value)) => self.filtered(value.clone()),
            Some(Meaning::Count(count)) => self.filtered(Value::from(count)),
            Some(Meaning::Secret(text)) => self.filtered(Value::from(text)),
            Some(Meaning::Empty) => Ok(Value::from("")),
            Some(Meaning::Var(_)) if depth >= DEPTH_MAX => {
                Err(RenderError::Circle { name: name() })
            }
            Some(Meaning::Var(text)) => {
                self.filtered(Value::String(text.text_at(names, depth + 1)?))
            }
        }
    }

    fn filtered(&self, value: Value) -> Result<Value, RenderError> {
        self.filters.iter().try_fold(value, |value, filter| {
            filter.apply(&value).map_err(|expected| RenderError::Filter {
                name: self.name.clone(),
                filter: *filter,
                expected,
            })
        })
    }
}
