//! Reads of what has been committed, through connections of their own.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, params};

use super::contract::Reader;
use super::error::{StoreError, explain};
use super::journal::{read_journal, rows_before};
use super::records::{JournalRow, Part, StoredAudit, StoredMessage};
use super::schema::check_schema;
use super::table::{AUDIT, MESSAGES, Of};
use crate::address::is_same;
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
        check_schema(&self.path, &connection)?;
        Ok(connection)
    }
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Instant> {
    Ok(Instant::from_millis(row.get(column)?).unwrap_or(Instant::MIN))
}

impl Reader for SqliteReader {
    fn messages(
        &self,
        property: &str,
        before: i64,
        limit: usize,
    ) -> Result<Part<StoredMessage>, StoreError> {
        // One more tells whether there are more.
        let which = "WHERE property = ? AND id < ? ORDER BY id DESC LIMIT ? + 1";
        let values = params![property, before, i64::try_from(limit).unwrap_or(i64::MAX - 1)];
        let of = Of { path: &self.path, connection: &self.open()?, limit };
        MESSAGES.read_some(&of, which, values, |row| {
            Ok(Some(StoredMessage {
                id: row.get(0)?,
                at: instant(row, 1)?,
                property: row.get(2)?,
                widget: row.get(3)?,
                name: row.get(4)?,
                email: row.get(5)?,
                message: row.get(6)?,
            }))
        })
    }

    fn messages_from(&self, email: &str) -> Result<Vec<i64>, StoreError> {
        let of = Of { path: &self.path, connection: &self.open()?, limit: usize::MAX };
        let found = MESSAGES.read_some(&of, "ORDER BY id", [], |row| {
            let is_theirs = is_same(row.get_ref(5)?.as_str()?, email);
            is_theirs.then(|| row.get(0)).transpose()
        })?;
        Ok(found.rows)
    }

    fn audit(&self, of: &str, before: i64, limit: usize) -> Result<Part<StoredAudit>, StoreError> {
        let reads = Of { path: &self.path, connection: &self.open()?, limit };
        AUDIT.read_some(&reads, "WHERE id < ? ORDER BY id DESC", [before], |row| {
            let path: String = row.get(4)?;
            if !path.starts_with(of) {
                return Ok(None);
            }
            let (id, at) = (row.get(0)?, instant(row, 1)?);
            Ok(Some(StoredAudit { id, at, by: row.get(2)?, method: row.get(3)?, path }))
        })
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
