//! Random streams, forked from the seed by a label, so that a new draw in one place moves nothing
//! elsewhere.
//!
//! A stream is ChaCha8 with the key `seed, label, a, b` (four times eight bytes, little-endian), and
//! its 32-bit words are taken in their order. A cipher needs no mixing of its keys: streams whose keys
//! differ in one bit have nothing in common. Whatever is drawn is made of those words by integer
//! arithmetic alone, so that a seed gives the same on every machine and with every release of `rand`.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::chacha::{Block, Key, WORDS, first_block};

/// What a stream is for. The bytes are part of its key: a new topic gets new ones.
pub type Label = [u8; 8];

/// A stream of random numbers.
#[derive(Debug)]
pub struct RandomStream {
    key: Key,
    /// The words that it begins with, and how many of them are taken.
    first: Block,
    taken: usize,
    /// What comes behind them, once that is asked for.
    further: Option<Box<ChaCha8Rng>>,
}

impl RandomStream {
    /// The stream of a topic, for two numbers that say whose it is, such as an agent and a day.
    pub fn fork(seed: u64, label: &Label, a: u64, b: u64) -> Self {
        let halves = |number: u64| [number as u32, (number >> 32) as u32];
        let ([s0, s1], [l0, l1]) = (halves(seed), halves(u64::from_le_bytes(*label)));
        let ([a0, a1], [b0, b1]) = (halves(a), halves(b));
        let key = [s0, s1, l0, l1, a0, a1, b0, b1];
        Self { key, first: first_block(&key), taken: 0, further: None }
    }

    #[inline]
    fn word(&mut self) -> u32 {
        let Some(&word) = self.first.get(self.taken) else { return self.further_word() };
        self.taken += 1;
        word
    }

    fn further_word(&mut self) -> u32 {
        let key = &self.key;
        let further = self.further.get_or_insert_with(|| {
            let mut seed = [0; 32];
            for (bytes, word) in seed.chunks_exact_mut(4).zip(key) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            let mut further = ChaCha8Rng::from_seed(seed);
            further.set_word_pos(WORDS as u128);
            Box::new(further)
        });
        further.next_u32()
    }

    /// A number from 0 to `end - 1`; 0 where `end` is 0. Its lean towards some numbers is at most
    /// `end` in 2^32.
    #[inline]
    pub fn below(&mut self, end: u32) -> u32 {
        let word = u64::from(self.word());
        // The upper half of a product of two 32-bit numbers has 32 bits.
        ((word * u64::from(end)) >> 32) as u32
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// Whether something happens that does so in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// Whether something happens that does so in `per_mille` of a thousand cases.
    pub fn chance_per_mille(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    /// A number from `first` to `last`, the middle most often: the mean of two draws.
    pub fn around(&mut self, first: u32, last: u32) -> u32 {
        (self.between(first, last) + self.between(first, last)) / 2
    }

    /// A number from `first` to `last`, small ones most often: the smaller of two draws.
    pub fn mostly_small(&mut self, first: u32, last: u32) -> u32 {
        self.between(first, last).min(self.between(first, last))
    }

    /// How often something happens that does so `percent` times in a hundred cases, on average.
    pub fn count(&mut self, percent: u32) -> u32 {
        percent / 100 + u32::from(self.chance(percent % 100))
    }

    /// One of several, each as often as its weight says.
    pub fn weighted<'a, T>(&mut self, choices: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
        let total = choices.iter().map(&weight).sum();
        let mut rest = self.below(total);
        for choice in choices {
            match rest.checked_sub(weight(choice)) {
                Some(less) => rest = less,
                None => return choice,
            }
        }
        unreachable!("the draw is below the sum of all weights, and there is a choice")
    }

    /// One of several choices, each as likely as any other.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        self.weighted(choices, |_| 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_words(seed: u64, label: &Label, a: u64, b: u64) -> [u32; 4] {
        let mut stream = RandomStream::fork(seed, label, a, b);
        [(); 4].map(|()| stream.word())
    }

    #[test]
    fn the_words_of_a_stream_are_those_of_chacha8() {
        // Strombergson 2013, test vectors for ChaCha: TC1 (all zero) with 8 rounds and 256 bits.
        assert_eq!(
            first_words(0, &[0; 8], 0, 0),
            [0x2fef_003e, 0xd640_5f89, 0xe8b8_5b7f, 0xa1a5_091f]
        );
    }

    #[test]
    fn a_stream_is_that_of_a_generator_to_whichever_end() {
        let mut numbers = RandomStream::fork(3, b"a test..", 0, 0);
        let mut number = || u64::from(numbers.word()) << 32 | u64::from(numbers.word());
        for _ in 0..500 {
            let (seed, label) = (number(), number().to_le_bytes());
            let (a, b) = (number(), number());
            let mut stream = RandomStream::fork(seed, &label, a, b);
            let mut key = [0; 32];
            let parts = [seed.to_le_bytes(), label, a.to_le_bytes(), b.to_le_bytes()];
            key.copy_from_slice(&parts.concat());
            let mut generator = ChaCha8Rng::from_seed(key);
            for place in 0..200 {
                assert_eq!(stream.word(), generator.next_u32(), "{place}");
            }
        }
    }

    #[test]
    fn every_part_of_a_key_makes_another_stream() {
        let streams = [
            first_words(1, b"property", 2, 3),
            first_words(2, b"property", 2, 3),
            first_words(1, b"settings", 2, 3),
            first_words(1, b"property", 3, 3),
            first_words(1, b"property", 2, 4),
        ];
        for (index, stream) in streams.iter().enumerate() {
            assert!(!streams[..index].contains(stream), "{index}");
        }
    }

    #[test]
    fn draws_stay_in_their_ranges_and_reach_the_ends() {
        let mut stream = RandomStream::fork(1, b"a test..", 0, 0);
        let mut seen = [0; 7];
        for _ in 0..7_000 {
            seen[stream.between(2, 6) as usize] += 1;
        }
        assert_eq!(seen[..2], [0, 0]);
        assert!(seen[2..].iter().all(|count| (1_200..1_600).contains(count)), "{seen:?}");
        assert!((0..1_000).all(|_| (5..=9).contains(&stream.around(5, 9))));
        assert!((0..1_000).all(|_| (5..=9).contains(&stream.mostly_small(5, 9))));
        assert!((0..100).all(|_| stream.chance(100) && !stream.chance(0)));
        assert!((0..100).all(|_| (2..=3).contains(&stream.count(250))));
    }

    #[test]
    fn choices_come_as_often_as_their_weights_say() {
        let mut stream = RandomStream::fork(1, b"a test..", 0, 0);
        let choices = [("never", 0), ("rarely", 10), ("mostly", 90)];
        let mut mostly = 0;
        for _ in 0..10_000 {
            match stream.weighted(&choices, |choice| choice.1).0 {
                "mostly" => mostly += 1,
                word => assert_eq!(word, "rarely"),
            }
        }
        assert!((8_800..9_200).contains(&mostly), "{mostly}");
    }
}
