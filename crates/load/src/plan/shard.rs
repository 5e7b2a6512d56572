//! One of several generators that play a plan together.

use std::fmt;

/// A part of a plan. Parts are ordered by the division that they are of, then by their number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shard {
    /// How many parts the plan is divided into.
    pub of: u32,
    /// Which of them this is, from 1.
    pub number: u32,
}

/// Properties in a row that are always played by one generator: their agents work for each other.
pub const CLUSTER: u32 = 16;

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { of: 1, number: 1 };

    /// Reads `2/4`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers =
            numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { of, number }),
            _ => Err("expected a number of how many, e.g. `2/4`".to_owned()),
        }
    }

    /// Whether a property belongs to it.
    pub fn has(self, property: u32) -> bool {
        (property / CLUSTER) % self.of == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_read_as_they_are_written() {
        let shard = Shard { number: 2, of: 4 };
        assert_eq!(Shard::parse("2/4"), Ok(shard));
        assert_eq!(shard.to_string(), "2/4");
        for text in ["0/4", "5/4", "1", "a/b", "1/0"] {
            assert!(Shard::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_property_belongs_to_one_shard() {
        let shards = [1, 2, 3].map(|number| Shard { number, of: 3 });
        for property in 0..200 {
            assert_eq!(shards.iter().filter(|shard| shard.has(property)).count(), 1);
        }
    }
}
