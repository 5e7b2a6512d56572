//! What is wrong with the rows of one file: of a kind the first are told, and how many more there are.

use std::collections::BTreeMap;

use lamplighter_core::trace::{DETAILED_MAX, Diagnostic, Fault};

/// So many strangers are told by name, each with its first rows; those behind them together.
const STRANGERS_MAX: usize = 20;

/// The faults of a file's rows so far.
#[derive(Default)]
pub struct RowFaults {
    /// How many there were of each kind, and which of all faults is the first of them; of strangers each
    /// name is a kind of its own.
    kinds: BTreeMap<(Fault, String), (u64, usize)>,
}

impl RowFaults {
    /// Takes a fault down.
    pub fn note(&mut self, found: Box<Diagnostic>, diagnostics: &mut Vec<Diagnostic>) {
        self.take((found.fault, String::new()), || found, diagnostics);
    }

    /// Takes down that a row names somebody, or something, that is not in the scenario.
    pub fn stranger(
        &mut self,
        name: &str,
        tell: impl FnOnce() -> Box<Diagnostic>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let key = (Fault::Stranger, name.to_owned());
        let names = self.kinds.keys().filter(|(fault, _)| *fault == Fault::Stranger);
        let is_told = self.kinds.contains_key(&key) || names.count() < STRANGERS_MAX;
        let key = if is_told { key } else { (Fault::Stranger, String::new()) };
        self.take(key, tell, diagnostics);
    }

    /// The first of a kind says how many more there are that are not told.
    fn take(
        &mut self,
        key: (Fault, String),
        tell: impl FnOnce() -> Box<Diagnostic>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let (count, first) = self.kinds.get(&key).copied().unwrap_or((0, diagnostics.len()));
        match count < DETAILED_MAX {
            true => diagnostics.push(*tell()),
            false => diagnostics[first].more += 1,
        }
        self.kinds.insert(key, (count + 1, first));
    }
}
