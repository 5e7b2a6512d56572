//! Pseudonyms: who has the key can tell whose a name is by trying all names, and nobody else can.

use blake2b_simd::{KEYBYTES, Params, blake2b};
use thiserror::Error;

/// A key for pseudonyms.
#[derive(Clone)]
pub struct Key(Vec<u8>);

/// Why bytes cannot be a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoKey {
    /// Whoever tries all short keys finds it.
    #[error("the key is too short: it must have at least {KEY_BYTES_MIN} bytes")]
    TooShort,
}

const KEY_BYTES_MIN: usize = 16;

impl Key {
    /// A key as a file holds it: blanks and ends of lines around it don't count.
    ///
    /// # Errors
    /// When it is too short to be one.
    pub fn new(bytes: &[u8]) -> Result<Self, NoKey> {
        let key = bytes.trim_ascii();
        if key.len() < KEY_BYTES_MIN {
            return Err(NoKey::TooShort);
        }
        if key.len() <= KEYBYTES {
            return Ok(Self(key.to_vec()));
        }
        // A longer one counts with all of its bytes.
        Ok(Self(blake2b(key).as_bytes().to_vec()))
    }

    /// What something of a kind is called instead: the kind and twelve signs.
    pub fn pseudonym(&self, kind: &str, name: &str) -> String {
        /// Letters and digits that nobody takes for others.
        const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut mac = Params::new().hash_length(8).key(&self.0).to_state();
        for part in [kind, "\0", name] {
            mac.update(part.as_bytes());
        }
        let mac = mac.finalize();
        let hash = mac.as_bytes().iter().fold(0, |hash, &byte| hash << 8 | u64::from(byte));
        let sign = |place: u32| char::from(SIGNS[(hash >> (place * 5)) as usize % SIGNS.len()]);
        format!("{kind}-{}", (0..12).map(sign).collect::<String>())
    }
}

/// Without the key itself.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_long_and_each_of_its_bytes_counts() {
        assert_eq!(Key::new(b"short\n").err(), Some(NoKey::TooShort));
        assert_eq!(Key::new(&[b' '; 40]).err(), Some(NoKey::TooShort));
        let of = |key: &[u8]| Key::new(key).expect("a key").pseudonym("agent", "ann");
        assert_eq!(of(b"0123456789abcdef"), of(b"0123456789abcdef\r\n"));
        for len in [16, 64, 65, 400] {
            let key = vec![b'k'; len];
            for at in [0, len / 2, len - 1] {
                let mut other = key.clone();
                other[at] = b'j';
                assert_ne!(of(&key), of(&other), "{len} {at}");
            }
        }
        assert_ne!(of(&[b'k'; 64]), of(&[b'k'; 65]));
    }

    #[test]
    fn a_pseudonym_is_as_it_ever_was() {
        let key = Key::new(b"0123456789abcdef").expect("a key");
        assert_eq!(key.pseudonym("agent", "ann"), "agent-janz8775symr");
        assert_eq!(key.pseudonym("device", "ann"), "device-jpzw9kgwdjkb");
        assert_eq!(format!("{key:?}"), "Key");
    }
}
