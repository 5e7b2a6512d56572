//! The store in one SQLite file: opened, locked, loaded, committed to.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, MAIN_DB, OptionalExtension};

use super::contract::{Reader, Store};
use super::error::{StoreError, explain};
use super::journal::{read_journal, sum_of_snapshot};
use super::lock::{lock, note_alive, read_alive};
use super::reader::SqliteReader;
use super::records::{LAST_MESSAGE_FACT, Snapshot, Stored, Write};
use super::schema::{Owner, bring_up, check_schema, owner_of};
use super::table::{ACCOUNTS, FACTS, PROPERTIES, TOKENS, Table, WIDGETS};
use super::write::keep;
use lamplighter_core::model::Instant;

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    /// The sum in the journal's last row.
    sum: i64,
    /// Held for as long as this process uses the store; in it stands when that was last.
    lock: File,
    /// What stood in it before.
    alive: Option<Instant>,
}

impl SqliteStore {
    /// Opens a store, or makes one where there is no file yet.
    ///
    /// # Errors
    /// When the file is not a sound store of this format, is in use, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| explain(path, error);
        let mut lock = lock(path)?;
        can_be_written(path)?;
        let mut connection = Connection::open(path).map_err(failed)?;
        let owner = owner_of(path, &connection)?;
        // Known once the header has been read.
        if connection.is_readonly(MAIN_DB).map_err(failed)? {
            let why = "it can only be read, and a service writes".to_owned();
            return Err(StoreError::Machine { path: path.to_owned(), why });
        }
        if owner != Owner::Nobody {
            check_pages(path, &connection)?;
        }
        if owner == Owner::This {
            check_schema(path, &connection)?;
        }
        let pragma = |connection: &Connection, name: &str, value: &str| {
            connection.pragma_update(None, name, value).map_err(failed)
        };
        pragma(&connection, "journal_mode", "WAL")?;
        pragma(&connection, "synchronous", "FULL")?;
        pragma(&connection, "wal_autocheckpoint", "4000")?;
        // What is deleted is not to be found in the file.
        pragma(&connection, "secure_delete", "ON")?;
        bring_up(path, &mut connection, owner)?;
        let alive = read_alive(&mut lock);
        Ok(Self { path: path.to_owned(), connection, sum: 0, lock, alive })
    }

    /// A single fact, without everything else.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found =
            FACTS.read(&self.path, &self.connection, "WHERE name = ?", [name], |row| row.get(1))?;
        Ok(found.into_iter().next())
    }

    fn pairs(&self, table: &Table, order: &str) -> Result<Vec<(String, String)>, StoreError> {
        table.read(&self.path, &self.connection, order, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn tokens(&self) -> Result<Vec<(String, String, [u8; 32])>, StoreError> {
        TOKENS.read(&self.path, &self.connection, "", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    }

    fn last(&self, table: &str) -> Result<i64, StoreError> {
        let query = format!("SELECT coalesce(max(id), 0) FROM {table}");
        self.connection
            .query_row(&query, [], |row| row.get(0))
            .map_err(|error| explain(&self.path, error))
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let snapshot = read_snapshot(&self.path, &self.connection)?;
        let behind = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let mut tail = Vec::new();
        let mut take = |row| {
            tail.push(row);
            true
        };
        let sum = read_journal(&self.path, &self.connection, behind, Instant::MAX, &mut take)?;
        let facts: BTreeMap<String, String> = self.pairs(&FACTS, "")?.into_iter().collect();
        let counted = facts.get(LAST_MESSAGE_FACT).and_then(|number| number.parse().ok());
        let stored = Stored {
            accounts: self.pairs(&ACCOUNTS, "ORDER BY rowid")?,
            properties: self.pairs(&PROPERTIES, "ORDER BY rowid")?,
            widgets: self.pairs(&WIDGETS, "ORDER BY rowid")?,
            tokens: self.tokens()?,
            last_message: self.last("messages")?.max(counted.unwrap_or(0)),
            last_audit: self.last("audit")?,
            facts,
            snapshot,
            tail,
            alive: self.alive,
        };
        self.sum = sum;
        Ok(stored)
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let failed = |error| explain(&self.path, error);
        let transaction = self.connection.transaction().map_err(failed)?;
        let mut sum = self.sum;
        {
            // Most of what is kept are rows of the journal.
            let insert = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)";
            let mut journal = transaction.prepare_cached(insert).map_err(failed)?;
            for write in writes {
                keep(&transaction, &mut journal, write, &mut sum).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)?;
        self.sum = sum;
        if writes.iter().any(Write::erases) {
            // What is erased stands in the log until then. Where somebody is reading, the next one will do.
            drop(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        }
        Ok(())
    }

    fn note_alive(&mut self, at: Instant) {
        let written = note_alive(&mut self.lock, at);
        // Without it a start takes devices to have been there until then.
        self.alive = written.ok().map(|()| at).or(self.alive);
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(SqliteReader::new(self.path.clone()))
    }
}

/// The latest state of all devices; `None` before the first.
///
/// # Errors
/// [`StoreError::Damaged`] where it is not what was written; and when it cannot be read.
pub fn read_snapshot(path: &Path, connection: &Connection) -> Result<Option<Snapshot>, StoreError> {
    let row = connection
        .query_row("SELECT seq, at, devices, sum FROM snapshot", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
        })
        .optional()
        .map_err(|error| explain(path, error))?;
    let Some((seq, at_ms, devices, sum)) = row else { return Ok(None) };
    let at = Instant::from_millis(at_ms).filter(|_| sum_of_snapshot(seq, at_ms, &devices) == sum);
    let harmed = || StoreError::Damaged {
        path: path.to_owned(),
        why: "the snapshot is not what was written".to_owned(),
    };
    Ok(Some(Snapshot { seq, at: at.ok_or_else(harmed)?, devices }))
}

/// Looks at every page, and whether each row is found where its table says: what a damaged one holds must not
/// become an answer.
///
/// # Errors
/// [`StoreError::Damaged`] with the first page or row that is not in order; and when the file cannot be read.
pub fn check_pages(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let found: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| explain(path, error))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged { path: path.to_owned(), why: found }),
    }
}

/// Makes a store that is not there yet a file that its owner alone may read: it holds what visitors wrote.
/// The files that SQLite puts beside it have the rights of the store. One that is there has to be readable and
/// writable.
fn can_be_written(path: &Path) -> Result<(), StoreError> {
    let mut file = File::options();
    file.read(true).write(true).create(true).truncate(false);
    // Where there is one already, its owner has chosen.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let machine = |why: &dyn std::fmt::Display| StoreError::Machine {
        path: path.to_owned(),
        why: format!("it has to be a file that can be read and written: {why}"),
    };
    let file = file.open(path).map_err(|error| machine(&error))?;
    match file.metadata() {
        Ok(about) if about.is_file() => Ok(()),
        Ok(_) => Err(machine(&"it is no regular file")),
        Err(error) => Err(machine(&error)),
    }
}
