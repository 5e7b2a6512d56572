//! What a log's words mean, each looked up once.

use std::collections::BTreeMap;

use lamplighter_core::model::Names;

use crate::mapping::{Step, Word};

/// The words of one column.
pub struct Words {
    /// What they mean, in small letters and without blanks around them.
    known: BTreeMap<String, Word>,
    other: Option<Word>,
    /// As they stand in the log.
    written: Names<usize>,
    /// What each of them means, and how often it came by since that was last asked for.
    meanings: Vec<(Option<Word>, u64)>,
    /// Which of them came by since, in the order in which they first did.
    since: Vec<usize>,
}

/// A word that came by in some rows.
pub struct CountedWord {
    /// The word, as it stands in the log.
    pub word: String,
    /// What it means, if it means anything.
    pub meaning: Option<Word>,
    /// How often it came by.
    pub count: u64,
}

/// The words of one column in all of a log, with what they mean and how often they came by.
#[derive(Default)]
pub struct SeenWords {
    written: Names<usize>,
    meanings: Vec<(Option<Word>, u64)>,
}

/// More different words than these are not remembered: a column of free text would fill the memory.
const SEEN_MAX: usize = 10_000;

impl Words {
    /// Those of a step.
    pub fn new(step: &Step) -> Self {
        let key = |text: &str| text.trim().to_lowercase();
        let known = step.words.iter().map(|(text, word)| (key(&text.node), *word)).collect();
        Self {
            known,
            other: step.other,
            written: Names::default(),
            meanings: Vec::new(),
            since: Vec::new(),
        }
    }

    /// What a word means, if it means anything.
    #[inline]
    pub fn meaning(&mut self, word: &str) -> Option<Word> {
        let number = self.written.get(word).unwrap_or_else(|| self.look_up(word));
        let (meaning, count) = &mut self.meanings[number];
        if *count == 0 {
            self.since.push(number);
        }
        *count += 1;
        *meaning
    }

    #[cold]
    fn look_up(&mut self, word: &str) -> usize {
        let meaning = self.known.get(&word.trim().to_lowercase()).copied().or(self.other);
        self.meanings.push((meaning, 0));
        self.written.intern(word)
    }

    /// The words that came by since this was last asked for, in the order in which they first did.
    pub fn take_counts(&mut self) -> Vec<CountedWord> {
        let Self { written, meanings, since, .. } = self;
        let counted = since.drain(..).map(|number| {
            let (meaning, count) = &mut meanings[number];
            let count = std::mem::take(count);
            CountedWord { word: written.name(number).to_owned(), meaning: *meaning, count }
        });
        let counted = counted.collect();
        if self.written.len() > SEEN_MAX {
            self.written = Names::default();
            self.meanings.clear();
        }
        counted
    }
}

impl SeenWords {
    /// Adds the words of the rows behind those that were added before.
    pub fn add(&mut self, words: Vec<CountedWord>) {
        for CountedWord { word, meaning, count } in words {
            if let Some(seen) = self.written.get(&word) {
                self.meanings[seen].1 += count;
            } else if self.written.len() < SEEN_MAX {
                self.written.intern(&word);
                self.meanings.push((meaning, count));
            }
        }
    }

    /// Words that came by and are in this case, the most frequent first.
    pub fn seen(&self, is_wanted: impl Fn(Option<Word>) -> bool) -> Vec<(String, u64)> {
        let words = self.written.iter().zip(&self.meanings);
        let wanted = words.filter(|(_, (meaning, _))| is_wanted(*meaning));
        let mut words: Vec<_> =
            wanted.map(|(word, (_, count))| (word.to_owned(), *count)).collect();
        words.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
        words
    }
}
