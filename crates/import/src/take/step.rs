//! What a log's words mean, each looked up once.

use std::collections::BTreeMap;

use lamplighter_core::model::Names;

use crate::mapping::{Step, Word};

/// The words of one column.
pub struct Words {
    /// What they mean, in small letters and without blanks around them.
    known: BTreeMap<String, Word>,
    other: Option<Word>,
    /// As they stand in the log, with what they mean and how often they came by.
    seen: Names<usize>,
    meanings: Vec<(Option<Word>, u64)>,
}

/// More different words than these are not remembered: a column of free text would fill the memory.
const SEEN_MAX: usize = 10_000;

impl Words {
    /// Those of a step.
    pub fn new(step: &Step) -> Self {
        let key = |text: &str| text.trim().to_lowercase();
        let known = step.words.iter().map(|(text, word)| (key(&text.node), *word)).collect();
        Self { known, other: step.other, seen: Names::default(), meanings: Vec::new() }
    }

    /// What a word means, if it means anything.
    #[inline]
    pub fn meaning(&mut self, word: &str) -> Option<Word> {
        if let Some(seen) = self.seen.get(word) {
            let (meaning, count) = &mut self.meanings[seen];
            *count += 1;
            return *meaning;
        }
        let meaning = self.known.get(&word.trim().to_lowercase()).copied().or(self.other);
        if self.seen.len() < SEEN_MAX {
            self.seen.intern(word);
            self.meanings.push((meaning, 1));
        }
        meaning
    }

    /// Words that came by and are in this case, the most frequent first.
    pub fn seen(&self, is_wanted: impl Fn(Option<Word>) -> bool) -> Vec<(String, u64)> {
        let words = self.seen.iter().zip(&self.meanings);
        let wanted = words.filter(|(_, (meaning, _))| is_wanted(*meaning));
        let mut words: Vec<_> =
            wanted.map(|(word, (_, count))| (word.to_owned(), *count)).collect();
        words.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
        words
    }
}
