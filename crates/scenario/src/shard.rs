//! One of several parts into which work is divided.

use std::fmt;
use std::ops::Range;

/// A part of something. Parts are ordered by the division that they are of, then by their number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shard {
    /// How many parts it is divided into.
    pub of: u32,
    /// Which of them this is, from 1.
    pub number: u32,
}

impl Shard {
    /// The whole, as one part of one.
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

    /// Whether the thing of this place belongs to it, of things that are dealt out in turn.
    pub fn is_dealt(self, place: u32) -> bool {
        place % self.of == self.number - 1
    }

    /// Its stretch of numbers in a row; those of all parts lie in the order of the parts, and differ in
    /// length by one at most.
    pub fn slice(self, all: Range<u64>) -> Range<u64> {
        let length = u128::from(all.end - all.start);
        // No longer than the whole, and so it fits.
        let at = |part: u32| all.start + (length * u128::from(part) / u128::from(self.of)) as u64;
        at(self.number - 1)..at(self.number)
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
    fn everything_belongs_to_one_shard() {
        let shards = [1, 2, 3].map(|number| Shard { number, of: 3 });
        for place in 0..20 {
            assert_eq!(shards.iter().filter(|shard| shard.is_dealt(place)).count(), 1);
        }
        for all in [0..10_u64, 7..8, 5..5, 0..u64::MAX] {
            let slices = shards.map(|shard| shard.slice(all.clone()));
            assert_eq!((slices[0].start, slices[2].end), (all.start, all.end));
            assert!(slices.windows(2).all(|pair| pair[0].end == pair[1].start));
            let lengths = slices.map(|slice| slice.end - slice.start);
            assert!(lengths.iter().max().expect("one") - lengths.iter().min().expect("one") <= 1);
        }
    }
}
