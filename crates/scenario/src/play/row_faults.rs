//! What is wrong with the rows of one file: of a kind the first are told, and how many more there are.

use std::collections::BTreeMap;

use lamplighter_core::trace::{DETAILED_MAX, Diagnostic, Fault, WORDS_MAX};

/// The faults of a file's rows so far.
#[derive(Default)]
pub struct RowFaults {
    /// How many there were of each kind, and which of all faults is the first of them; each stranger's name
    /// and each word that is at fault is a kind of its own, and those that come too late are one together.
    kinds: BTreeMap<(Fault, String), (u64, usize)>,
}

impl RowFaults {
    /// Takes a fault down: of many of words each word is told, all others by its first.
    pub fn note(&mut self, found: Box<Diagnostic>, diagnostics: &mut Vec<Diagnostic>) {
        let of_kind = self.kinds.iter().filter(|((fault, _), _)| *fault == found.fault);
        let count: u64 = of_kind.map(|(_, (count, _))| count).sum();
        let is_late = found.word.is_some() && count >= DETAILED_MAX;
        let told_max = if is_late { 1 } else { DETAILED_MAX };
        let key = self.key(found.fault, found.word.as_deref().unwrap_or_default());
        self.take(key, told_max, || found, diagnostics);
    }

    /// Takes down that a row names somebody, or something, that is not in the scenario.
    pub fn stranger(
        &mut self,
        name: &str,
        tell: impl FnOnce() -> Box<Diagnostic>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let key = self.key(Fault::Stranger, name);
        self.take(key, DETAILED_MAX, tell, diagnostics);
    }

    /// The kind of a fault with a name or a word, of which so many are told by themselves.
    fn key(&self, fault: Fault, word: &str) -> (Fault, String) {
        let key = (fault, word.to_owned());
        let words = self.kinds.keys().filter(|(other, word)| *other == fault && !word.is_empty());
        match self.kinds.contains_key(&key) || words.count() < WORDS_MAX {
            true => key,
            false => (fault, String::new()),
        }
    }

    /// The first of a kind says how many more there are that are not told.
    fn take(
        &mut self,
        key: (Fault, String),
        told_max: u64,
        tell: impl FnOnce() -> Box<Diagnostic>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let (count, first) = self.kinds.get(&key).copied().unwrap_or((0, diagnostics.len()));
        match count < told_max {
            true => diagnostics.push(*tell()),
            false => diagnostics[first].more += 1,
        }
        self.kinds.insert(key, (count + 1, first));
    }
}
