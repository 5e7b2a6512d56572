//! What statuses are called, and how a device is held (rules T22, T27 of target files).

use std::collections::BTreeMap;

use lamplighter_core::model::Chosen;
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use serde_json::Value;

use super::hold::Hold;
use super::node::Table;

/// The section `[device]`; its steps stand with the others.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What `{{value}}` is for each status; one that is missing is its own name.
    pub values: BTreeMap<Chosen, Value>,
    /// What keeps a device connected; nothing where it need not be.
    pub hold: Option<Hold>,
}

impl Device {
    /// Reads `values`: texts, whole numbers or booleans, which keep their type.
    pub fn read_values(&mut self, table: &mut Table<'_>) {
        let Some(values) = table.get("values").and_then(|node| node.table()) else { return };
        for (status, value) in values.entries() {
            let Some(chosen) = Chosen::from_word(status.text) else {
                let known = Chosen::WORDS.iter().map(|(word, _)| *word);
                let message = format!("no agent can choose `{}`", status.text);
                let label = format!("expected {}", any_of(known.clone()));
                let diagnostic = Diagnostic::new(status.span, message, label);
                value.findings().error(diagnostic.did_you_mean(status.text, known));
                continue;
            };
            if let Some(value) = value.as_written() {
                self.values.insert(chosen, value);
            }
        }
    }

    /// What `{{value}}` is for a status.
    pub fn value(&self, chosen: Chosen) -> Value {
        self.values.get(&chosen).cloned().unwrap_or_else(|| Value::from(chosen.word()))
    }
}
