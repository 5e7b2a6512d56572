//! Words that can stand at a place, and what they are of.

use lamplighter_core::model::text::WEEKDAYS;

/// A word that can stand at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The word as it is to be written.
    pub word: String,
    /// What it is of.
    pub of: Of,
    /// What it stands for, in a few words; empty where the word says it.
    pub detail: String,
}

/// What a word is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// A word of the language.
    Keyword,
    /// A name of the file.
    Name,
    /// A value: a zone, a reason, a country, a date.
    Value,
}

pub fn keywords<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<Candidate> {
    of(Of::Keyword, words.into_iter().map(|word| (word, "")))
}

pub fn values<W: AsRef<str>, D: AsRef<str>>(
    words: impl IntoIterator<Item = (W, D)>,
) -> Vec<Candidate> {
    of(Of::Value, words)
}

pub fn of<W: AsRef<str>, D: AsRef<str>>(
    of: Of,
    words: impl IntoIterator<Item = (W, D)>,
) -> Vec<Candidate> {
    let candidate = |(word, detail): (W, D)| Candidate {
        word: word.as_ref().to_owned(),
        of,
        detail: detail.as_ref().to_owned(),
    };
    words.into_iter().map(candidate).collect()
}

/// The words that name weekdays.
pub fn days() -> Vec<Candidate> {
    keywords(WEEKDAYS.iter().map(|(day, _)| *day).chain(["daily", "mon-fri"]))
}
