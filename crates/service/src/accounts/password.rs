//! Passwords: hashed and checked by a few workers at once, and their hashes by account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, try_generate_salt};
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;

use super::memory::HashMemory;
use super::throttle::network;
use super::turns::Turns;

/// How much work a password is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordCost {
    /// The memory that Argon2id takes for each hash, in KiB.
    pub memory_kib: u32,
    /// How many passes it makes over that memory.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// As OWASP recommends for Argon2id: 19 MiB, two passes.
    fn default() -> Self {
        Self { memory_kib: 19 * 1_024, passes: 2 }
    }
}

/// Why a password is not hashed or checked now. It is worth trying again soon.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PasswordError {
    /// As many wait as may.
    #[error("too many passwords are waiting to be checked")]
    Busy,
    /// The machine has no randomness, say.
    #[error("cannot hash the password: {0}")]
    Hash(String),
}

/// Hashes and checks passwords, a few at once.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// What is compared with where there is no such account, so that this takes as long.
    nobody: String,
    /// Who is worked for next.
    turns: Arc<Turns>,
}

impl Passwords {
    /// Passwords that cost so much.
    ///
    /// # Errors
    /// When the cost is out of Argon2's range.
    pub fn new(cost: PasswordCost, workers: usize) -> Result<Self, argon2::Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)?;
        let argon2 = Argon2::from(params);
        let nobody = hash(&argon2, b"nobody", b"nobody's own salt", &mut HashMemory::default());
        let nobody = nobody.unwrap_or_default();
        Ok(Self { argon2, nobody, turns: Turns::new(workers) })
    }

    /// What is kept of a password that comes from an address.
    ///
    /// # Errors
    /// When too many wait, or the system has no randomness.
    pub async fn hash(&self, password: String, from: IpAddr) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        let salt = try_generate_salt().map_err(|error| PasswordError::Hash(error.to_string()))?;
        let hash = self.work(from, move |memory| hash(&argon2, password.as_bytes(), &salt, memory));
        hash.await?.map_err(|error| PasswordError::Hash(error.to_string()))
    }

    /// Whether a password that comes from an address is the one that was hashed. Without an account it takes as long, and no
    /// password is the right one.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn is_right(
        &self,
        password: String,
        hash: Option<String>,
        from: IpAddr,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let verified = self.work(from, move |memory| is_of(&hash, password.as_bytes(), memory));
        Ok(verified.await?.is_ok_and(|is_right| is_right) && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        from: IpAddr,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let mut turn = self.turns.next(network(from)).await.ok_or(PasswordError::Busy)?;
        let working = tokio::task::spawn_blocking(move || {
            let result = work(turn.memory());
            // Not before the work is done, whoever has gone away meanwhile.
            drop(turn);
            result
        });
        working.await.map_err(|_| PasswordError::Busy)
    }
}

/// What is kept of a password, in the PHC format.
fn hash(
    argon2: &Argon2,
    password: &[u8],
    salt: &[u8],
    memory: &mut HashMemory,
) -> Result<String, password_hash::Error> {
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let blocks = memory.blocks(argon2.params().block_count());
    argon2.hash_password_into_with_memory(password, salt, &mut output, blocks)?;
    let kept = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(kept.to_string())
}

/// Whether a hash in the PHC format, made at whatever cost, is that of a password.
///
/// # Errors
/// When it is no such hash.
fn is_of(
    hash: &str,
    password: &[u8],
    memory: &mut HashMemory,
) -> Result<bool, password_hash::Error> {
    let kept = PasswordHash::new(hash)?;
    let (Some(salt), Some(expected)) = (&kept.salt, &kept.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(kept.algorithm.as_str())?;
    let version = kept.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&kept)?);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..expected.len()).ok_or(password_hash::Error::OutputSize)?;
    let blocks = memory.blocks(argon2.params().block_count());
    argon2.hash_password_into_with_memory(password, salt, output, blocks)?;
    // It takes as long wherever they differ.
    Ok(Output::new(output)? == *expected)
}

/// The hash of every account's password: written by the core after each commit, read by logins
/// without asking it.
#[derive(Debug, Default)]
pub struct PasswordHashes(RwLock<HashMap<String, String>>);

impl PasswordHashes {
    /// The hash of an agent's password, in the PHC format; `None` where there is no such account.
    pub fn of(&self, agent: &str) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(agent).cloned()
    }

    /// Sets the hashes of some accounts; one that is gone has an empty one.
    pub fn put(&self, accounts: impl IntoIterator<Item = (String, String)>) {
        let mut hashes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (agent, hash) in accounts {
            match hash.is_empty() {
                true => drop(hashes.remove(&agent)),
                false => drop(hashes.insert(agent, hash)),
            }
        }
    }
}
