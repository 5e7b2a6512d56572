//! Who has to wait: after too many failed logins, or too many messages.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::guesses::{Guess, Guesses};

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
    /// Too many keys from an address were nobody's.
    #[error("too many keys were wrong: try again in {wait_s} s")]
    Keys {
        /// How many seconds to wait until a key from the address is looked at.
        wait_s: u64,
    },
    /// Too many messages were left from an address.
    #[error("too many messages: try again in {wait_s} s")]
    Messages {
        /// How many seconds to wait until the next message from the address can pass.
        wait_s: u64,
    },
}

/// Who is counted as one: an address, of IPv6 the network of 64 bits that one customer has.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

/// Counts guesses by account and by address, and makes whoever has failed too often wait. An address
/// cannot lock an account for others: what it fails at counts for itself first.
#[derive(Debug)]
pub struct LoginThrottle {
    /// Names are kept as their hashes, however long they are.
    hasher: RandomState,
    of_account_from_address: Arc<Guesses<u64>>,
    of_account: Arc<Guesses<u64>>,
    of_address: Arc<Guesses<IpAddr>>,
}

/// How many failures are let pass within a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailuresMax {
    /// How many logins to one account may fail from one address.
    pub of_account_from_address: u32,
    /// How many logins to one account may fail from everywhere; whoever brings a token of the account
    /// passes all the same.
    pub of_account: u32,
    /// How many logins from one address may fail, whatever accounts they are to.
    pub of_address: u32,
}

impl FailuresMax {
    /// So many of an account from an address; ten times as many of an account from everywhere, and from
    /// an address to all accounts.
    pub fn of(max: u32) -> Self {
        let ten_times = max.saturating_mul(10);
        Self { of_account_from_address: max, of_account: ten_times, of_address: ten_times }
    }
}

impl Default for FailuresMax {
    fn default() -> Self {
        Self::of(10)
    }
}

/// A login that is let try its password. Dropped, it has failed.
#[derive(Debug)]
pub struct LoginGuess {
    of_account_from_address: Guess<u64>,
    of_account: Option<Guess<u64>>,
    of_address: Guess<IpAddr>,
}

impl LoginGuess {
    /// The password was the right one, or nobody has looked at it.
    pub fn does_not_count(self) {
        self.of_account_from_address.does_not_count();
        if let Some(guess) = self.of_account {
            guess.does_not_count();
        }
        self.of_address.does_not_count();
    }
}

impl LoginThrottle {
    /// Nobody has failed yet.
    pub fn new(max: FailuresMax) -> Self {
        Self {
            hasher: RandomState::new(),
            of_account_from_address: Guesses::new(max.of_account_from_address),
            of_account: Guesses::new(max.of_account),
            of_address: Guesses::new(max.of_address),
        }
    }

    /// Lets a login try its password, as soon as those before it leave something to try; it counts from
    /// here on. A device that the account knows is not held up by what strangers tried.
    ///
    /// # Errors
    /// When there were too many failures within the last minute.
    pub async fn begin(
        &self,
        account: &str,
        address: IpAddr,
        is_known: bool,
    ) -> Result<LoginGuess, Throttled> {
        let too_many = |wait: Duration| Throttled::Logins { wait_s: wait.as_secs() + 1 };
        let network = network(address);
        // An address waits for its own guesses first, and holds no place of the account meanwhile.
        let of_address = self.of_address.begin(network).await.map_err(too_many)?;
        let from_address = self.hasher.hash_one((account, network));
        let of_account_from_address = match self.of_account_from_address.begin(from_address).await {
            Ok(guess) => guess,
            // Nothing was tried: that is no failure of the address.
            Err(wait) => {
                of_address.does_not_count();
                return Err(too_many(wait));
            }
        };
        let account = self.hasher.hash_one(account);
        if is_known {
            return Ok(LoginGuess { of_account_from_address, of_account: None, of_address });
        }
        let of_account = match self.of_account.begin(account).await {
            Ok(guess) => Some(guess),
            Err(wait) => {
                of_address.does_not_count();
                of_account_from_address.does_not_count();
                return Err(too_many(wait));
            }
        };
        Ok(LoginGuess { of_account_from_address, of_account, of_address })
    }
}

/// Counts keys and tokens that are nobody's, and makes an address that has tried too many wait, be the next one
/// right.
#[derive(Debug)]
pub struct KeyThrottle(Arc<Guesses<IpAddr>>);

impl KeyThrottle {
    /// So many within a minute from one address.
    pub fn new(max: u32) -> Self {
        Self(Guesses::new(max))
    }

    /// Lets a key be looked at.
    ///
    /// # Errors
    /// When too many were wrong within the last minute.
    pub fn check(&self, address: IpAddr) -> Result<(), Throttled> {
        let wait = self.0.wait(network(address));
        wait.map_or(Ok(()), |wait| Err(Throttled::Keys { wait_s: wait.as_secs() + 1 }))
    }

    /// A key was nobody's.
    pub fn wrong(&self, address: IpAddr) {
        self.0.fail(network(address));
    }
}

/// Counts what visitors leave, and makes an address that leaves too much wait.
#[derive(Debug)]
pub struct MessageThrottle(Arc<Guesses<IpAddr>>);

impl MessageThrottle {
    /// So many within a minute from one address.
    pub fn new(max: u32) -> Self {
        Self(Guesses::new(max))
    }

    /// Lets a message pass, and counts it.
    ///
    /// # Errors
    /// When there were too many within the last minute.
    pub async fn pass(&self, address: IpAddr) -> Result<(), Throttled> {
        let passed = self.0.begin(network(address)).await;
        // Each counts, as a guess does that is wrong.
        passed.map(drop).map_err(|wait| Throttled::Messages { wait_s: wait.as_secs() + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    #[tokio::test]
    async fn an_address_locks_an_account_for_itself_alone() {
        let logins = LoginThrottle::new(FailuresMax::default());
        for _ in 0..10 {
            drop(logins.begin("ann", address(1), false).await.expect("may fail"));
        }
        let refused = logins.begin("ann", address(1), false).await;
        assert!(matches!(refused, Err(Throttled::Logins { wait_s: 1..=61 })));
        logins.begin("ann", address(2), false).await.expect("another address").does_not_count();
        logins.begin("bob", address(1), false).await.expect("another account").does_not_count();
    }

    #[tokio::test]
    async fn a_device_that_an_account_knows_passes_what_everybody_else_tries() {
        let logins = LoginThrottle::new(FailuresMax::default());
        for last in 1..=10 {
            for _ in 0..10 {
                drop(logins.begin("ann", address(last), false).await.expect("may fail"));
            }
        }
        assert!(logins.begin("ann", address(99), false).await.is_err());
        logins.begin("ann", address(99), true).await.expect("a known device").does_not_count();
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        let network = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
    }
}
