//! Accounts and properties that are there beforehand, lent to one scenario after the other (rule T24 of
//! target files).

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

/// Places of rows that are lent.
#[derive(Debug)]
pub struct RowPool {
    /// How many there are, lent or not.
    count: AtomicUsize,
    free: Mutex<BTreeSet<usize>>,
    permits: Semaphore,
}

impl RowPool {
    /// So many rows.
    pub fn new(count: usize) -> Self {
        let free = Mutex::new((0..count).collect());
        Self { count: AtomicUsize::new(count), free, permits: Semaphore::new(count) }
    }

    /// Waits for so many rows, whoever came first served first, and takes them in order; `None` where
    /// there never are so many.
    pub async fn take(&self, wanted: usize) -> Option<Vec<usize>> {
        let permits =
            u32::try_from(wanted).ok().filter(|_| wanted <= self.count.load(Ordering::Relaxed))?;
        // It is closed by nobody.
        self.permits.acquire_many(permits).await.ok()?.forget();
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        Some((0..wanted).filter_map(|_| free.pop_first()).collect())
    }

    /// Drops all rows that are free, but for these.
    pub fn keep(&self, rows: &[usize]) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let before = free.len();
        free.retain(|row| rows.contains(row));
        let dropped = before - free.len();
        self.count.fetch_sub(dropped, Ordering::Relaxed);
        self.permits.forget_permits(dropped);
    }

    /// Gives rows back.
    pub fn give_back(&self, rows: &[usize]) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(rows);
        drop(free);
        self.permits.add_permits(rows.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn t24_rows_are_taken_in_order_waited_for_and_never_there_where_too_few() {
        let stock = RowPool::new(3);
        assert_eq!(stock.take(4).await, None);
        assert_eq!(stock.take(2).await, Some(vec![0, 1]));
        let later = async {
            tokio::task::yield_now().await;
            stock.give_back(&[0, 1]);
        };
        let (rows, ()) = tokio::join!(stock.take(3), later);
        assert_eq!(rows, Some(vec![0, 1, 2]));
    }

    #[tokio::test(start_paused = true)]
    async fn t24_rows_that_are_another_processs_are_never_lent() {
        let stock = RowPool::new(5);
        stock.keep(&[1, 3, 4]);
        assert_eq!(stock.take(4).await, None);
        assert_eq!(stock.take(3).await, Some(vec![1, 3, 4]));
    }
}
