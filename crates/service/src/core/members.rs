//! What an admin changes of a property without setting all of it: one member, or some settings.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::admin::Put;
use super::refusal::Refusal;
use super::state::State;
use lamplighter_target::wire::{InvalidField, Name, Written};

impl State {
    /// Sets what is named on a property, and leaves the rest.
    ///
    /// # Errors
    /// When there is none; the field that cannot be.
    pub fn patch_property(
        &mut self,
        name: &str,
        named: Map<String, Value>,
    ) -> Result<Written, Refusal> {
        let document = patched(self.property_document(name)?, named)?;
        self.put_property(name, document).map(|(_, written)| written)
    }

    /// Sets what is named on a further widget, and leaves the rest.
    ///
    /// # Errors
    /// When there is none; the field that cannot be.
    pub fn patch_widget(
        &mut self,
        property: &str,
        widget: &str,
        named: Map<String, Value>,
    ) -> Result<Written, Refusal> {
        let document = patched(self.widget_document(&format!("{property}/{widget}"))?, named)?;
        self.put_widget(property, widget, document).map(|(_, written)| written)
    }

    /// Makes an agent a member, or suspends or reinstates one (rule P6).
    ///
    /// # Errors
    /// When there is no such property, or no such agent.
    pub fn put_member(
        &mut self,
        property: &str,
        agent: &str,
        is_suspended: bool,
    ) -> Result<(Put, Written), Refusal> {
        let mut document = self.property_document(property)?;
        self.agent(agent)?;
        let is_member = document.members.iter().any(|member| member.0 == agent);
        if !is_member {
            document.members.push(Name(agent.to_owned()));
        }
        document.suspended.retain(|member| member.0 != agent);
        if is_suspended {
            document.suspended.push(Name(agent.to_owned()));
        }
        let (_, written) = self.put_property(property, document)?;
        Ok((if is_member { Put::Changed } else { Put::Created }, written))
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// When there is no such property, or the agent is no member of it.
    pub fn delete_member(&mut self, property: &str, agent: &str) -> Result<Written, Refusal> {
        let mut document = self.property_document(property)?;
        let before = document.members.len();
        document.members.retain(|member| member.0 != agent);
        document.suspended.retain(|member| member.0 != agent);
        if document.members.len() == before {
            return Err(Refusal::NoAgent(agent.to_owned()));
        }
        self.put_property(property, document).map(|(_, written)| written)
    }
}

/// A document with some of its members replaced.
fn patched<T: Serialize + DeserializeOwned>(
    document: T,
    named: Map<String, Value>,
) -> Result<T, Refusal> {
    let invalid = |field: &str, detail: String| {
        Refusal::Invalid(InvalidField { field: field.to_owned(), detail })
    };
    let whole = serde_json::to_value(document).map_err(|error| invalid("", error.to_string()))?;
    let Value::Object(mut whole) = whole else { return Err(invalid("", "no object".to_owned())) };
    whole.extend(named);
    serde_path_to_error::deserialize(Value::Object(whole)).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner().to_string();
        // What is unknown is named by the message alone.
        let unknown = inner.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        let field = match (path.as_str(), unknown) {
            (".", Some(name)) => name.to_owned(),
            (_, Some(name)) if !path.ends_with(name) => format!("{path}.{name}"),
            _ => path,
        };
        invalid(&field, inner)
    })
}
