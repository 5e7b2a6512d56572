//! What the service knows of a store.

use super::error::StoreError;
use super::records::{JournalRow, Stored, StoredMessage, Write};
use lamplighter_core::model::Instant;

/// A place that keeps things. Commits come from one thread; [`reader`](Self::reader)s are for others.
pub trait Store: Send {
    /// Everything that is kept.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    fn load(&mut self) -> Result<Stored, StoreError>;

    /// Keeps all of these, or none; they are on disk when it returns.
    ///
    /// # Errors
    /// When the machine does not take them.
    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError>;

    /// Another way in, for what need not wait for commits.
    fn reader(&self) -> Box<dyn Reader>;
}

/// Reads of what has been committed.
pub trait Reader: Send + Sync {
    /// What visitors left for a property, the latest first: those below a number, so many at most.
    ///
    /// # Errors
    /// When it cannot be read.
    fn messages(
        &self,
        property: &str,
        before: i64,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, StoreError>;

    /// Gives rows of the journal in their order, from one instant on until another, that one
    /// included, until `row` has enough and gives `false`.
    ///
    /// # Errors
    /// When it cannot be read, or a row is not what was written.
    fn journal(
        &self,
        from: Instant,
        to: Instant,
        row: &mut dyn FnMut(JournalRow) -> bool,
    ) -> Result<(), StoreError>;
}
