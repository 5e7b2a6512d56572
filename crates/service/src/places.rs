//! Places for what is held for long: connections, sockets, event streams. There are so many in all, and
//! a share of them for each address, so that nobody holds them all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accounts::network;

/// So many places, and who holds how many.
#[derive(Debug)]
pub struct Places {
    /// What is held, for the message to who finds no place.
    what: &'static str,
    free: Arc<Semaphore>,
    max: usize,
    of_address_max: usize,
    /// As many as places are held, at most.
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, for as long as it is held.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    /// Whose share it is of; `None` for who has no share to keep to.
    share: Option<(Arc<Places>, IpAddr)>,
}

/// Why there is no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoPlace {
    /// All places are held, whoever holds them.
    #[error("too many {0} are open: try again later")]
    Full(&'static str),
    /// The address holds its share.
    #[error("too many {0} are open from this address: close some, and try again")]
    OfAddress(&'static str),
}

impl Places {
    /// So many in all, and so many of them for one address.
    pub fn new(what: &'static str, max: usize, of_address_max: usize) -> Arc<Self> {
        let max = max.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        let free = Arc::new(Semaphore::new(max));
        Arc::new(Self { what, free, max, of_address_max, held: Mutex::default() })
    }

    /// A place for whoever comes from an address; `None` for a proxy, which comes for many.
    ///
    /// # Errors
    /// When the address holds its share, or all are held.
    pub fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Place, NoPlace> {
        let full = |_| NoPlace::Full(self.what);
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(full)?;
        let Some(address) = address.map(network) else {
            return Ok(Place { _permit: permit, share: None });
        };
        let mut held = self.held();
        let count = held.get(&address).copied().unwrap_or_default();
        if count >= self.of_address_max {
            return Err(NoPlace::OfAddress(self.what));
        }
        held.insert(address, count + 1);
        Ok(Place { _permit: permit, share: Some((Arc::clone(self), address)) })
    }

    /// Waits until nobody holds a place any more.
    pub async fn all_free(&self) {
        let all = u32::try_from(self.max).unwrap_or(u32::MAX);
        // Nobody closes it.
        drop(self.free.acquire_many(all).await);
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((places, address)) = self.share.take() else { return };
        let mut held = places.held();
        match held.get_mut(&address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_its_share_and_no_more() {
        let places = Places::new("connections", 5, 2);
        let address = |text: &str| Some(text.parse().expect("an address"));
        let held: Vec<Place> =
            (0..2).map(|_| places.take(address("10.0.0.1")).expect("its share")).collect();
        let refused = places.take(address("10.0.0.1")).expect_err("no more");
        assert_eq!(refused, NoPlace::OfAddress("connections"));
        // Networks of IPv6 are one; who has no share to keep to takes what there is.
        let one = places.take(address("2001:db8::1")).expect("another address");
        let other = places.take(address("2001:db8::2")).expect("its share");
        assert!(matches!(places.take(address("2001:db8::3")), Err(NoPlace::OfAddress(_))));
        let proxy = places.take(None).expect("the last");
        assert_eq!(places.take(None).expect_err("all are held"), NoPlace::Full("connections"));
        drop((held, one, other, proxy));
        assert!(places.held().is_empty(), "nothing is kept of who has gone");
        places.take(address("10.0.0.1")).expect("free again");
    }
}
