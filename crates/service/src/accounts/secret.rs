//! Tokens and keys: how they are made, kept and compared.

use std::fmt;

use blake2::{Blake2s256, Digest};
use subtle::ConstantTimeEq;

/// A token or key as its owner has it. Prints as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Secret {
    /// A secret from outside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Sixteen random bytes of the system, twice, as 64 digits.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    /// The text, for its owner alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        digest(self.0.as_bytes())
    }
}

/// The BLAKE2s-256 hash of bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Blake2s256::digest(bytes).into()
}

/// Bytes as hexadecimal digits, two to a byte, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// A hash from its digits.
pub fn unhex(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Whether two hashes are the same, in a time that does not tell how far they agree.
pub fn same_hash(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_from_its_digits() {
        let hash = Secret::new("opensesame").hash();
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(unhex("00"), None);
    }

    #[test]
    fn secrets_are_never_printed() {
        let secret = Secret::new("opensesame");
        assert_eq!(format!("{secret:?}"), "…");
        assert_eq!(secret.reveal(), "opensesame");
        assert_ne!(secret.hash(), Secret::new("opensesamE").hash());
    }
}
