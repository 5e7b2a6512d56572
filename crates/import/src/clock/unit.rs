//! The units of times that are numbers since 1970.

/// What a number since 1970 counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Seconds, with a fraction or without.
    Seconds,
    /// Milliseconds, a thousand to a second.
    Millis,
    /// Microseconds, a million to a second.
    Micros,
}

impl Unit {
    /// Units and the words that name them as formats.
    pub const WORDS: [(&str, Self); 3] =
        [("epoch", Self::Seconds), ("epoch-ms", Self::Millis), ("epoch-us", Self::Micros)];

    /// How many there are in a second.
    pub(super) fn a_second(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
        }
    }

    /// The word that names it as a format.
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, unit)| *unit == self);
        found.expect("every unit has a word").0
    }
}
