//! A name as a word of 16 bytes, and the hash by which it is found.

/// A name of up to 15 bytes in one word, so that one look tells whether two are equal.
///
/// ```
/// use lamplighter_core::model::NameKey;
/// let ann = NameKey::of("ann");
/// assert!(ann.is_some() && ann != NameKey::of("anne"));
/// assert_eq!(ann, Some(NameKey::of_bytes(u128::from_le_bytes(*b"ann,desk,login\n-"), 3)));
/// assert_eq!(NameKey::of("a-name-of-16-byte"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameKey([u64; 2]);

impl NameKey {
    /// The key of what has no letters, which no name is.
    pub const EMPTY: Self = Self([0; 2]);
    /// Stands for any name that is too long for a key; the key of none.
    pub const TOO_LONG: Self = Self([u64::MAX; 2]);

    /// The key of a name; `None` where it is too long for one.
    pub fn of(name: &str) -> Option<Self> {
        Key::short(name.as_bytes()).map(|key| Self(key.halves()))
    }

    /// The key of the first bytes of sixteen, 15 at most.
    #[inline]
    pub fn of_bytes(bytes: u128, len: usize) -> Self {
        const MASKS: [[u64; 2]; 16] = {
            let (mut masks, mut mask, mut len) = ([[0; 2]; 16], 0_u128, 1);
            while len < masks.len() {
                mask = mask << 8 | 0xff;
                masks[len] = [mask as u64, (mask >> 64) as u64];
                len += 1;
            }
            masks
        };
        let [low, high] = MASKS[len];
        Self([bytes as u64 & low, (bytes >> 64) as u64 & high | (len as u64) << 56])
    }

    /// Whether it stands for a name that is too long for one.
    #[inline]
    pub fn is_too_long(self) -> bool {
        let [_, high] = self.0;
        high == u64::MAX
    }

    /// A number that hardly any other name has.
    #[inline]
    pub fn hash(self) -> u64 {
        hash_of(self.0)
    }

    /// A number that few other names have, found sooner than a hash.
    #[inline]
    pub fn spread(self) -> u64 {
        let [low, high] = self.0;
        mix(low ^ SEED[0], high ^ SEED[1])
    }

    /// A number of so many bits, found sooner than a hash, that few of a few other names have.
    #[inline]
    pub fn few_bits(self, bits: u32) -> usize {
        let [low, high] = self.0;
        ((low ^ high).wrapping_mul(STIR) >> (u64::BITS - bits)) as usize
    }
}

/// A name of up to [`SHORT_MAX`] bytes with its length behind it, or where a longer one stands. Of
/// short names the keys are equal if and only if the names are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key([u8; 16]);

/// A name of more bytes stands aside.
const SHORT_MAX: usize = 15;

/// Stands in the place of a length.
const IS_LONG: u8 = u8::MAX;

impl Key {
    /// The key of a name that is not too long for one.
    #[inline]
    pub fn short(name: &[u8]) -> Option<Self> {
        let len = name.len();
        let eight = |at: usize| {
            let bytes = name[at..at + 8].try_into().expect("eight bytes");
            u128::from(u64::from_le_bytes(bytes))
        };
        let four = |at: usize| {
            let bytes = name[at..at + 4].try_into().expect("four bytes");
            u128::from(u32::from_le_bytes(bytes))
        };
        // The last bytes overlap the first ones, and say the same where they do.
        let packed = match len {
            8..=SHORT_MAX => eight(0) | eight(len - 8) << ((len - 8) * 8),
            4..8 => four(0) | four(len - 4) << ((len - 4) * 8),
            0..4 => {
                let bytes = name.iter().rev();
                bytes.fold(0, |word, &byte| word << 8 | u128::from(byte))
            }
            _ => return None,
        };
        Some(Self((packed | (len as u128) << 120).to_le_bytes()))
    }

    /// The key of a longer name, by where it stands.
    pub fn long(start: usize, len: usize) -> Self {
        let len = u32::try_from(len).expect("a name is shorter than 4 GiB");
        let mut key = [0; 16];
        key[..8].copy_from_slice(&(start as u64).to_le_bytes());
        key[8..12].copy_from_slice(&len.to_le_bytes());
        key[SHORT_MAX] = IS_LONG;
        Self(key)
    }

    /// Whether it says where a longer name stands.
    #[inline]
    pub fn is_long(self) -> bool {
        self.0[SHORT_MAX] == IS_LONG
    }

    /// The bytes of a name that is not too long for its key.
    #[inline]
    pub fn letters(&self) -> &[u8] {
        &self.0[..usize::from(self.0[SHORT_MAX])]
    }

    /// Where a longer name stands, and how long it is.
    #[inline]
    pub fn place(self) -> (usize, usize) {
        let [start, len] = self.halves();
        (start as usize, len as u32 as usize)
    }

    /// The two halves as numbers.
    #[inline]
    fn halves(self) -> [u64; 2] {
        let word = u128::from_le_bytes(self.0);
        [word as u64, (word >> 64) as u64]
    }
}

/// Multiplies to twice the width and folds: every bit of both has its say in every bit.
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

// Digits of pi: any numbers do that have nothing to do with names.
const SEED: [u64; 2] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344];
const STIR: u64 = 0xA409_3822_299F_31D1;

/// The hash of a name that is not too long for its key.
#[inline]
pub fn hash_of_short(key: Key) -> u64 {
    hash_of(key.halves())
}

#[inline]
fn hash_of([low, high]: [u64; 2]) -> u64 {
    mix(mix(low ^ SEED[0], high ^ SEED[1]), STIR)
}

/// The hash of a longer one.
pub fn hash_of_long(name: &[u8]) -> u64 {
    let mut hash = name.len() as u64;
    for piece in name.chunks(SHORT_MAX) {
        let key = Key::short(piece).expect("a piece is short");
        hash = mix(hash ^ STIR, hash_of_short(key));
    }
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_that_of_the_first_bytes_of_whatever_stands_behind(
            name in prop_oneof!["[a-c]{0,15}", "[aé李]{0,5}"],
            behind in prop::array::uniform16(prop::num::u8::ANY),
        ) {
            let mut bytes = behind;
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            let key = NameKey::of_bytes(u128::from_le_bytes(bytes), name.len());
            prop_assert_eq!(NameKey::of(&name), Some(key));
            prop_assert_eq!(key == NameKey::EMPTY, name.is_empty());
        }
    }
}
