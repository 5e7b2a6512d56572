//! Which faults of a file's rows are told with their line, and which are counted alone.

use std::collections::BTreeSet;

use super::Fault;

/// So many faults of a kind are told with their line; the others are for counting alone.
pub const DETAILED_MAX: u64 = 10;

/// So many different words are told, each with its first row; those behind them are counted together.
pub const WORDS_MAX: usize = 20;

/// The faults of a file's rows so far.
#[derive(Default)]
pub struct FaultCounts {
    kinds: [u64; Fault::COUNT],
    /// The words of those whose word is at fault.
    words: BTreeSet<String>,
    /// Whether there was a word behind those.
    has_more_words: bool,
}

impl FaultCounts {
    /// Takes a fault down, with the word that is at fault where it is that, and says whether it is one of
    /// the first.
    pub fn is_of_the_first(&mut self, fault: Fault, word: Option<&str>) -> bool {
        let count = &mut self.kinds[fault as usize];
        *count += 1;
        let is_early = *count <= DETAILED_MAX;
        let is_new = match word {
            Some(word) if self.words.contains(word) => false,
            Some(word) if self.words.len() < WORDS_MAX => self.words.insert(word.to_owned()),
            Some(_) => !std::mem::replace(&mut self.has_more_words, true),
            None => false,
        };
        is_early || is_new
    }
}
