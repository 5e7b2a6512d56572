//! What the service knows of a store.

use super::error::StoreError;
use super::records::{JournalRow, Part, Stored, StoredAudit, StoredMessage, Write};
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

    /// Notes that the service has reached an instant: a start tells by it how long nobody was there. It is no
    /// commit: after the machine itself has failed, an earlier instant may be found, or none.
    fn note_alive(&mut self, at: Instant);

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
    ) -> Result<Part<StoredMessage>, StoreError>;

    /// The numbers of all messages that came with an address, in capitals or not.
    ///
    /// # Errors
    /// When they cannot be read, or one is not what was written.
    fn messages_from(&self, email: &str) -> Result<Vec<i64>, StoreError>;

    /// What was written with admin keys, the latest first: calls whose paths begin so, those below a number, so many
    /// at most.
    ///
    /// # Errors
    /// When it cannot be read, or a row is not what was written.
    fn audit(&self, of: &str, before: i64, limit: usize) -> Result<Part<StoredAudit>, StoreError>;

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
