//! The admin keys: several, each with a name, so that what is done with it can be told from what others did.

use std::sync::Arc;

use super::secret::{Secret, same_hash};

/// An admin key as it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminKey {
    /// Whose it is, or what for: it stands beside everything that is done with it.
    pub name: String,
    /// The key itself, which a caller sends.
    pub secret: Secret,
}

/// The hashes of all admin keys.
#[derive(Debug)]
pub struct AdminKeys(Vec<(Arc<str>, [u8; 32])>);

impl AdminKeys {
    /// The keys of these names, by their hashes.
    pub fn new(keys: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        Self(keys.into_iter().map(|(name, hash)| (name.into(), hash)).collect())
    }

    /// The name of the key with this hash. All are looked at, so that the time does not tell which it is.
    pub fn name_of(&self, hash: &[u8; 32]) -> Option<Arc<str>> {
        let mut found = None;
        for (name, key) in &self.0 {
            if same_hash(hash, key) {
                found = Some(Arc::clone(name));
            }
        }
        found
    }
}
