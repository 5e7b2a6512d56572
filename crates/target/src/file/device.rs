//! What statuses are called, and how a device is held (rules T22, T27 of target files).

use std::collections::BTreeMap;

use lamplighter_core::model::Chosen;
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use serde_json::Value;

use super::finding::Findings;
use super::hold::Hold;
use super::node::{SpannedText, Table};

/// The section `[device]`; its steps stand with the others.
#[derive(Clone, Debug, Default)]
pub struct DeviceSection {
    /// What `{{value}}` is for each status; one that is missing is its own name.
    pub values: BTreeMap<Chosen, Value>,
    /// What keeps a device connected; nothing where it need not be.
    pub hold: Option<Hold>,
}

impl DeviceSection {
    /// Reads `values`: texts, whole numbers or booleans, which keep their type.
    pub fn read_values(&mut self, table: &mut Table<'_>) {
        let Some(values) = table.get("values").and_then(|node| node.table()) else { return };
        for (status, value) in values.entries() {
            let chosen = chosen(status, value.findings());
            self.values.extend(chosen.zip(value.as_written()));
        }
    }

    /// What `{{value}}` is for a status.
    pub fn value(&self, chosen: Chosen) -> Value {
        self.values.get(&chosen).cloned().unwrap_or_else(|| Value::from(chosen.word()))
    }
}

/// A status that an agent can choose; any other word goes to the findings.
pub fn chosen(text: SpannedText<'_>, findings: &Findings) -> Option<Chosen> {
    let found = Chosen::from_word(text.text);
    if found.is_none() {
        let known = Chosen::WORDS.iter().map(|(word, _)| *word);
        let message = format!("no agent can choose `{}`", text.text);
        let label = format!("expected {}", any_of(known.clone()));
        let diagnostic = Diagnostic::new(text.span, message, label);
        findings.error(match text.text {
            "offline" => diagnostic.help("who is offline is logged out"),
            word => diagnostic.did_you_mean(word, known),
        });
    }
    found
}
