//! Whose turn it is to have a password checked: those who wait come by turns of their addresses, so that
//! a thousand guesses of one hold nobody else up.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::memory::HashMemory;

/// So many may wait from one address.
const WAITING_OF_ADDRESS_MAX: usize = 256;
/// So many may wait in all.
const WAITING_MAX: usize = 4_096;

/// Who waits for a worker, by where they come from.
#[derive(Debug)]
pub struct Turns(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    /// How many workers have nothing to do.
    free: usize,
    count: usize,
    of: HashMap<IpAddr, VecDeque<oneshot::Sender<Turn>>>,
    /// Addresses of which somebody waits, whose turn comes first.
    order: VecDeque<IpAddr>,
}

/// A worker, for as long as it is held. Its memory goes on to whoever is next, and back to the system
/// where nobody is.
#[derive(Debug)]
pub struct Turn {
    of: Option<Arc<Turns>>,
    memory: HashMemory,
}

impl Turn {
    /// The memory that this worker hashes in.
    pub fn memory(&mut self) -> &mut HashMemory {
        &mut self.memory
    }
}

impl Turns {
    /// So many can be worked for at once.
    pub fn new(workers: usize) -> Arc<Self> {
        let waiting =
            Waiting { free: workers, count: 0, of: HashMap::new(), order: VecDeque::new() };
        Arc::new(Self(Mutex::new(waiting)))
    }

    /// Waits for the next turn of an address; `None` where as many wait as may.
    pub async fn next(self: &Arc<Self>, address: IpAddr) -> Option<Turn> {
        let given = {
            let mut waiting = self.lock();
            if waiting.free > 0 {
                waiting.free -= 1;
                return Some(Turn { of: Some(Arc::clone(self)), memory: HashMemory::default() });
            }
            waiting.wait(address)?
        };
        given.await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn wait(&mut self, address: IpAddr) -> Option<oneshot::Receiver<Turn>> {
        // Whoever is refused leaves nothing behind: addresses are without number.
        let waiting = self.of.get(&address).map_or(0, VecDeque::len);
        if waiting >= WAITING_OF_ADDRESS_MAX || self.count >= WAITING_MAX {
            return None;
        }
        let queue = self.of.entry(address).or_default();
        if queue.is_empty() {
            self.order.push_back(address);
        }
        let (give, given) = oneshot::channel();
        queue.push_back(give);
        self.count += 1;
        Some(given)
    }

    /// Whoever is next, and who has not gone away.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(address) = self.order.pop_front() {
            let queue = self.of.get_mut(&address)?;
            let next = queue.pop_front();
            match queue.is_empty() {
                true => drop(self.of.remove(&address)),
                false => self.order.push_back(address),
            }
            self.count -= usize::from(next.is_some());
            if let Some(next) = next.filter(|next| !next.is_closed()) {
                return Some(next);
            }
        }
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.of.take() else { return };
        let next = {
            let mut waiting = turns.lock();
            let next = waiting.next();
            waiting.free += usize::from(next.is_none());
            next
        };
        if let Some(next) = next {
            // Whoever has gone away meanwhile drops it, which gives it on.
            let memory = std::mem::take(&mut self.memory);
            drop(next.send(Self { of: Some(turns), memory }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    #[tokio::test]
    async fn a_thousand_of_one_address_hold_nobody_else_up() {
        let turns = Turns::new(1);
        let working = turns.next(address(1)).await.expect("nobody waits");
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        for (count, last) in [(WAITING_OF_ADDRESS_MAX, 1), (1, 2), (1, 3)] {
            for _ in 0..count {
                let (turns, tell) = (Arc::clone(&turns), tell.clone());
                tokio::spawn(async move {
                    let turn = turns.next(address(last)).await.expect("a place");
                    tell.send(last).expect("the test listens");
                    drop(turn);
                });
            }
            while turns.lock().of.get(&address(last)).map_or(0, VecDeque::len) < count {
                tokio::task::yield_now().await;
            }
        }
        assert!(turns.next(address(1)).await.is_none(), "as many wait as may");
        drop((working, tell));
        let mut order = Vec::new();
        while let Some(last) = told.recv().await {
            order.push(last);
        }
        assert_eq!(order[..4], [1, 2, 3, 1]);
        assert_eq!(order.len(), WAITING_OF_ADDRESS_MAX + 2);
        assert_eq!(turns.lock().free, 1);
    }

    #[tokio::test]
    async fn who_goes_away_gives_the_turn_on() {
        let turns = Turns::new(1);
        let working = turns.next(address(1)).await.expect("nobody waits");
        let waiting = Box::pin(turns.next(address(2)));
        let gone = tokio::time::timeout(std::time::Duration::from_millis(1), waiting).await;
        assert!(gone.is_err());
        drop(working);
        assert!(turns.next(address(3)).await.is_some());
        let waiting = turns.lock();
        assert_eq!((waiting.free, waiting.count, waiting.of.len()), (1, 0, 0));
    }

    #[tokio::test]
    async fn memory_goes_on_to_whoever_is_next_and_is_gone_where_nobody_is() {
        let turns = Turns::new(1);
        let mut first = turns.next(address(1)).await.expect("nobody else is there");
        assert_eq!(first.memory().blocks(8).len(), 8);
        let second = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.next(address(2)).await }
        });
        while turns.lock().count == 0 {
            tokio::task::yield_now().await;
        }
        drop(first);
        let mut second = second.await.expect("ends").expect("its turn comes");
        assert_eq!(second.memory().len(), 8);
        drop(second);
        let mut third = turns.next(address(3)).await.expect("nobody else is there");
        assert_eq!(third.memory().len(), 0);
    }
}
