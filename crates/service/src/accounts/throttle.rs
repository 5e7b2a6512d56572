//! Who has to wait: after too many failed logins, or too many messages.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use thiserror::Error;

/// Someone has to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Throttled {
    /// Too many logins of an account, or from an address, have failed.
    #[error("too many logins have failed: try again in {wait_s} s")]
    Logins {
        /// How many seconds to wait until the next login of the account or from the address can
        /// pass.
        wait_s: u64,
    },
    /// Too many messages were left from an address.
    #[error("too many messages: try again in {wait_s} s")]
    Messages {
        /// How many seconds to wait until the next message from the address can pass.
        wait_s: u64,
    },
}

/// Counts failures by account and by address, and makes whoever has too many of them wait.
#[derive(Debug)]
pub struct LoginThrottle {
    accounts: Failures<String>,
    addresses: Failures<IpAddr>,
}

/// How many failures are let pass within a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailuresMax {
    /// How many logins to one account may fail, whatever address they come from.
    pub of_account: u32,
    /// How many logins from one address may fail, whatever accounts they are to.
    pub of_address: u32,
}

impl Default for FailuresMax {
    fn default() -> Self {
        Self { of_account: 10, of_address: 100 }
    }
}

const WINDOW: Duration = Duration::from_secs(60);

impl LoginThrottle {
    /// Nobody has failed yet.
    pub fn new(max: FailuresMax) -> Self {
        Self { accounts: Failures::new(max.of_account), addresses: Failures::new(max.of_address) }
    }

    /// Lets a login pass.
    ///
    /// # Errors
    /// When there were too many failures within the last minute.
    pub fn pass(&self, account: &str, address: IpAddr) -> Result<(), Throttled> {
        let now = Instant::now();
        let wait = self.accounts.wait(&account.to_owned(), now);
        let wait = wait.max(self.addresses.wait(&address, now));
        match wait {
            None => Ok(()),
            Some(wait) => Err(Throttled::Logins { wait_s: wait.as_secs() + 1 }),
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
pub struct MessageThrottle(Failures<IpAddr>);

impl MessageThrottle {
    /// So many within a minute from one address.
    pub fn new(max: u32) -> Self {
        Self(Failures::new(max))
    }

    /// Lets a message pass, and counts it.
    ///
    /// # Errors
    /// When there were too many within the last minute.
    pub fn pass(&self, address: IpAddr) -> Result<(), Throttled> {
        let now = Instant::now();
        match self.0.wait(&address, now) {
            None => {
                self.0.count(address, now);
                Ok(())
            }
            Some(wait) => Err(Throttled::Messages { wait_s: wait.as_secs() + 1 }),
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
}
