//! Reads of what has been committed, through connections of their own.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use super::contract::Reader;
use super::error::{StoreError, explain};
use super::journal::{read_journal, rows_before};
use super::records::{JournalRow, StoredMessage};
use lamplighter_core::model::Instant;

/// Reads through connections of its own, one for each call.
pub struct SqliteReader {
    path: PathBuf,
}

impl SqliteReader {
    /// Reads what is committed to this file.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .map_err(|error| explain(&self.path, error))?;
        connection
            .busy_timeout(Duration::from_secs(5))
            .map_err(|error| explain(&self.path, error))?;
        Ok(connection)
    }
}

impl Reader for SqliteReader {
    fn messages(
        &self,
        property: &str,
        before: i64,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let connection = self.open()?;
        let failed = |error| explain(&self.path, error);
        let query = "SELECT id, at, property, widget, name, email, message FROM messages
                     WHERE property = ? AND id < ? ORDER BY id DESC LIMIT ?";
        let mut statement = connection.prepare(query).map_err(failed)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map(params![property, before, limit], |row| {
                Ok(StoredMessage {
                    id: row.get(0)?,
                    at: Instant::from_millis(row.get(1)?).unwrap_or(Instant::MIN),
                    property: row.get(2)?,
                    widget: row.get(3)?,
                    name: row.get(4)?,
                    email: row.get(5)?,
                    message: row.get(6)?,
                })
            })
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn journal(
        &self,
        from: Instant,
        to: Instant,
        row: &mut dyn FnMut(JournalRow) -> bool,
    ) -> Result<(), StoreError> {
        let connection = self.open()?;
        let behind = rows_before(&connection, from).map_err(|error| explain(&self.path, error))?;
        read_journal(&self.path, &connection, behind, to, row).map(drop)
    }
}
