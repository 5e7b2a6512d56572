//! What an admin changes of a property without setting all of it: one member, or some settings.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::admin::{Put, kept};
use super::refusal::Refusal;
use super::state::State;
use crate::objects;
use lamplighter_target::wire::{InvalidField, Name, Written, read_once};

/// Some members of a document, each once and as it was written: of dates, the order in which they stand counts
/// (rule S7).
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Named(#[serde(deserialize_with = "read_once")] BTreeMap<String, Box<RawValue>>);

impl State {
    /// Sets what is named on a property, and leaves the rest.
    ///
    /// # Errors
    /// When there is none; the field that cannot be.
    pub fn patch_property(&mut self, name: &str, named: Named) -> Result<Written, Refusal> {
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
        named: Named,
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
fn patched<T: Serialize + DeserializeOwned>(document: T, named: Named) -> Result<T, Refusal> {
    let invalid = |detail: String| InvalidField { field: String::new(), detail };
    let mut whole: Named =
        serde_json::from_str(&kept(&document)).map_err(|error| invalid(error.to_string()))?;
    whole.0.extend(named.0);
    let read = objects::read(kept(&whole).as_bytes());
    Ok(read.map_err(|error| match error {
        objects::ReadError::Field(field) => field,
        objects::ReadError::NoJson(detail) => invalid(detail),
    })?)
}
