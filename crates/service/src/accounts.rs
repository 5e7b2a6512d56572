//! Passwords, tokens and keys: how they are made, kept and compared; and who has to wait after too
//! many failures. Nothing in here is ever logged.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use blake2::{Blake2s256, Digest};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::problem::Problem;

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
        Blake2s256::digest(self.0.as_bytes()).into()
    }
}

/// Bytes as digits.
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

/// How much work a password is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// As OWASP recommends for Argon2id: 19 MiB, two passes.
    fn default() -> Self {
        Self { memory_kib: 19 * 1_024, passes: 2 }
    }
}

/// Hashes and checks passwords, a few at once.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// What is compared with where there is no such account, so that this takes as long.
    nobody: String,
    /// One for each that may be worked on at once.
    workers: Semaphore,
    waiting: Semaphore,
}

impl Passwords {
    /// How many may wait for a worker.
    const WAITING_MAX: usize = 1_024;

    /// Passwords that cost so much.
    ///
    /// # Errors
    /// When the cost is out of Argon2's range.
    pub fn new(cost: PasswordCost, workers: usize) -> Result<Self, argon2::Error> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)?;
        let argon2 = Argon2::from(params);
        let nobody = argon2.hash_password_with_salt(b"nobody", b"nobody's own salt");
        let nobody = nobody.map_or_else(|_| String::new(), |hash| hash.to_string());
        Ok(Self {
            argon2,
            nobody,
            workers: Semaphore::new(workers),
            waiting: Semaphore::new(Self::WAITING_MAX),
        })
    }

    /// What is kept of a password.
    ///
    /// # Errors
    /// 503 when too many wait, or the system has no randomness.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let argon2 = self.argon2.clone();
        let hash = self
            .work(move || argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?;
        hash.map_err(|error| Problem::unavailable(format!("cannot hash the password: {error}"), 5))
    }

    /// Whether a password is the one that was hashed. Without an account it takes as long, and no
    /// password is the right one.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let verified =
            self.work(move || argon2.verify_password(password.as_bytes(), hash.as_str())).await?;
        Ok(verified.is_ok() && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::unavailable("too many passwords are waiting to be checked", 2);
        let _waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let _worker = self.workers.acquire().await.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| busy())
    }
}

/// Counts failures by account and by address, and makes whoever has too many of them wait.
#[derive(Debug)]
pub struct Throttle {
    accounts: Failures<String>,
    addresses: Failures<IpAddr>,
}

/// How many failures are let pass within a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailuresMax {
    /// For one account.
    pub of_account: u32,
    /// From one address.
    pub of_address: u32,
}

impl Default for FailuresMax {
    fn default() -> Self {
        Self { of_account: 10, of_address: 100 }
    }
}

const WINDOW: Duration = Duration::from_secs(60);

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(max: FailuresMax) -> Self {
        Self { accounts: Failures::new(max.of_account), addresses: Failures::new(max.of_address) }
    }

    /// Lets a login pass.
    ///
    /// # Errors
    /// 429 where there were too many failures within the last minute.
    pub fn pass(&self, account: &str, address: IpAddr) -> Result<(), Problem> {
        let now = Instant::now();
        let wait = self.accounts.wait(&account.to_owned(), now);
        let wait = wait.max(self.addresses.wait(&address, now));
        match wait {
            None => Ok(()),
            Some(wait) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!("too many logins have failed: try again in {seconds} s");
                Err(Problem::too_many(detail, seconds))
            }
        }
    }

    /// A login has failed.
    pub fn failed(&self, account: &str, address: IpAddr) {
        let now = Instant::now();
        self.accounts.count(account.to_owned(), now);
        self.addresses.count(address, now);
    }
}

/// Counts what visitors leave, and makes an address that leaves too much wait.
#[derive(Debug)]
pub struct MessagesThrottle(Failures<IpAddr>);

impl MessagesThrottle {
    /// So many within a minute from one address.
    pub fn new(max: u32) -> Self {
        Self(Failures::new(max))
    }

    /// Lets a message pass, and counts it.
    ///
    /// # Errors
    /// 429 where there were too many within the last minute.
    pub fn pass(&self, address: IpAddr) -> Result<(), Problem> {
        let now = Instant::now();
        match self.0.wait(&address, now) {
            None => {
                self.0.count(address, now);
                Ok(())
            }
            Some(wait) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!("too many messages: try again in {seconds} s");
                Err(Problem::too_many(detail, seconds))
            }
        }
    }
}

/// Failures within windows of a minute.
#[derive(Debug)]
struct Failures<K> {
    max: u32,
    windows: Mutex<HashMap<K, (Instant, u32)>>,
}

impl<K: Eq + std::hash::Hash> Failures<K> {
    /// More are forgotten, the oldest first.
    const KEYS_MAX: usize = 100_000;

    fn new(max: u32) -> Self {
        Self { max, windows: Mutex::default() }
    }

    fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let &(began, count) = windows.get(key)?;
        let left = WINDOW.checked_sub(now.duration_since(began))?;
        (count >= self.max).then_some(left)
    }

    fn count(&self, key: K, now: Instant) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began: Instant| now.duration_since(began) >= WINDOW;
        if windows.len() >= Self::KEYS_MAX {
            windows.retain(|_, (began, _)| !is_over(*began));
            if windows.len() >= Self::KEYS_MAX {
                // Under an attack of that size forgetting is better than growing.
                windows.clear();
            }
        }
        let window = windows.entry(key).or_insert((now, 0));
        if is_over(window.0) {
            *window = (now, 0);
        }
        window.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failures_of_a_minute_count_and_no_others() {
        let failures = Failures::new(2);
        let began = Instant::now();
        failures.count("ann", began);
        assert_eq!(failures.wait(&"ann", began), None);
        failures.count("ann", began);
        assert_eq!(failures.wait(&"ann", began), Some(WINDOW));
        assert_eq!(failures.wait(&"bob", began), None);
        assert_eq!(failures.wait(&"ann", began + WINDOW + Duration::from_secs(1)), None);
        failures.count("ann", began + WINDOW);
        assert_eq!(failures.wait(&"ann", began + WINDOW), None);
    }

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
