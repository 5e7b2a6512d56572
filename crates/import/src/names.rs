//! Names as they are: those of a log, each once, as the trace will have them.
//!
//! A name keeps its letters, signs and blanks (a trace may hold whatever shows); only blanks around it,
//! and all but one of several in a row, are left out. Under a key it becomes a pseudonym.

use lamplighter_core::model::{NAME_CODE_POINTS_MAX, Names, is_name_in_quotes};
use thiserror::Error;

use crate::pseudonym::Key;

/// Why a text cannot be a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoName {
    /// There is nothing but blanks.
    #[error("it is empty")]
    Empty,
    /// It has too many code points.
    #[error("names are at most {NAME_CODE_POINTS_MAX} characters long")]
    TooLong,
    /// It has a character that does not show.
    #[error("it has a character that cannot be seen, such as a control character")]
    Unprintable,
}

/// Names of one kind as the rows of a log write them, each way of writing with a number.
#[derive(Default)]
pub struct Written {
    written: Names<usize>,
    /// The number of each way of writing, or that it is no name.
    numbers: Vec<Result<u32, NoName>>,
    /// The number of the next.
    next: u32,
    /// The names behind the numbers that were given since they were last asked for.
    new: Vec<String>,
    /// What was asked for last: in some columns it mostly is the same again.
    last: String,
    last_number: Option<Result<u32, NoName>>,
}

impl Written {
    /// Nothing is written yet; numbers begin with this one.
    pub fn from_number(next: u32) -> Self {
        Self { next, ..Self::default() }
    }

    /// The number of a way of writing.
    ///
    /// # Errors
    /// When it cannot be a name.
    #[inline]
    pub fn number(&mut self, written: &str) -> Result<u32, NoName> {
        match self.last_number {
            Some(number) if self.last == written => number,
            _ => self.find(written),
        }
    }

    fn find(&mut self, written: &str) -> Result<u32, NoName> {
        let number = match self.written.get(written) {
            Some(known) => self.numbers[known],
            None => self.add(written),
        };
        self.last.clear();
        self.last.push_str(written);
        self.last_number = Some(number);
        number
    }

    #[cold]
    fn add(&mut self, written: &str) -> Result<u32, NoName> {
        let number = as_name(written).map(|name| {
            self.new.push(name);
            self.next += 1;
            self.next - 1
        });
        self.written.intern(written);
        self.numbers.push(number);
        number
    }

    /// The names that were met since this was last asked for, in the order of their numbers.
    pub fn take_new(&mut self) -> Vec<String> {
        std::mem::take(&mut self.new)
    }
}

/// Names of one kind, each with a number. Whoever is written in two ways, with blanks or without, has one.
pub struct Named {
    kind: &'static str,
    key: Option<Key>,
    /// As the trace has them.
    names: Names<usize>,
    /// What each was called in the log.
    sources: Vec<String>,
    /// Which names mean something else in the language, so that nobody can be called so.
    is_taken: fn(&str) -> bool,
}

impl Named {
    /// No names yet. Pseudonyms begin with the kind; names that are taken get a sign more.
    pub fn new(kind: &'static str, key: Option<Key>, is_taken: fn(&str) -> bool) -> Self {
        Self { kind, key, names: Names::default(), sources: Vec::new(), is_taken }
    }

    /// The number of a name that is none of the log's, and so needs no pseudonym.
    pub fn number_of_own(&mut self, name: &str) -> u32 {
        let number = self.names.intern(name);
        if number == self.sources.len() {
            self.sources.push(name.to_owned());
        }
        u32::try_from(number).expect("fewer than 2^32 names")
    }

    /// The number of a name of the log, as [`Written::take_new`] gives it.
    pub fn add(&mut self, source: String) -> u32 {
        let mut name = match &self.key {
            Some(key) => key.pseudonym(self.kind, &source),
            None => source.clone(),
        };
        // Two of one name are kept apart, and nobody is called like a word of the language.
        let is_free = |name: &str| match self.names.get(name) {
            Some(number) => self.sources[number] == source,
            None => !(self.is_taken)(name),
        };
        while !is_free(&name) {
            name.push('_');
        }
        let number = self.names.intern(&name);
        if number == self.sources.len() {
            self.sources.push(source);
        }
        u32::try_from(number).expect("fewer than 2^32 names")
    }

    /// A name as the trace has it.
    pub fn name(&self, number: u32) -> &str {
        self.names.name(number as usize)
    }

    /// All of them, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    /// How many different names were met.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Names that had to be changed, with what they were: they mean something else in the language.
    pub fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.sources.iter().map(String::as_str).zip(self.names.iter());
        pairs.filter(|(source, name)| self.key.is_none() && source != name)
    }
}

/// A text as a name: without blanks around it, and with single ones inside.
fn as_name(written: &str) -> Result<String, NoName> {
    let name = written.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(NoName::Empty);
    }
    if name.chars().count() > NAME_CODE_POINTS_MAX {
        return Err(NoName::TooLong);
    }
    if is_name_in_quotes(&name) { Ok(name) } else { Err(NoName::Unprintable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: Option<Key>) -> Named {
        Named::new("agent", key, |name| name == "mon")
    }

    /// Names with the ways in which they are written.
    struct Both {
        named: Named,
        written: Written,
        numbers: Vec<u32>,
    }

    impl Both {
        fn new(key: Option<Key>) -> Self {
            Self { named: named(key), written: Written::default(), numbers: Vec::new() }
        }

        fn number(&mut self, written: &str) -> Result<u32, NoName> {
            let number = self.written.number(written)?;
            let Self { named, written, numbers } = self;
            numbers.extend(written.take_new().into_iter().map(|name| named.add(name)));
            Ok(numbers[number as usize])
        }
    }

    #[test]
    fn names_are_kept_as_they_are_but_for_blanks() {
        let mut agents = Both::new(None);
        for (written, name) in [
            ("ann@example.com", "ann@example.com"),
            ("  Ann  O'Neil\u{a0}", "Ann O'Neil"),
            ("Ann O'Neil", "Ann O'Neil"),
            ("李雷", "李雷"),
            ("PJSIP/2001", "PJSIP/2001"),
        ] {
            let number = agents.number(written).expect(written);
            assert_eq!(agents.named.name(number), name);
        }
        assert_eq!(agents.named.count(), 4);
        for (bad, why) in [
            ("", NoName::Empty),
            (" \t", NoName::Empty),
            ("a\u{7}b", NoName::Unprintable),
            (&"x".repeat(65), NoName::TooLong),
        ] {
            assert_eq!(agents.number(bad), Err(why));
            assert_eq!(agents.number(bad), Err(why));
        }
    }

    #[test]
    fn whoever_is_called_like_a_word_of_the_language_is_renamed_and_stays_apart() {
        for order in [["mon", "mon_", "mon__"], ["mon_", "mon", "mon__"], ["mon__", "mon_", "mon"]]
        {
            let mut agents = Both::new(None);
            let numbers = order.map(|name| agents.number(name).expect(name));
            let agents = agents.named;
            assert_eq!(numbers, [0, 1, 2], "{order:?}");
            assert!(agents.iter().all(|name| name != "mon"));
            assert!(agents.renamed().any(|(source, _)| source == "mon"));
        }
    }

    #[test]
    fn pseudonyms_are_the_same_for_the_same_name_and_key() {
        let of = |key: &[u8], written: &str| {
            let mut agents = Both::new(Some(Key::new(key).expect("long enough")));
            let number = agents.number(written).expect(written);
            agents.named.name(number).to_owned()
        };
        let key = b"a key of some length, please";
        assert_eq!(of(key, "Ann  O'Neil"), of(key, " Ann O'Neil"));
        assert_ne!(of(key, "ann"), of(key, "bob"));
        assert_ne!(of(key, "ann"), of(b"another key of some length..", "ann"));
        assert!(of(key, "mon").starts_with("agent-"));
    }
}
