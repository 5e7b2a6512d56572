//! The store in one SQLite file: opened, locked, loaded, committed to.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::contract::{Reader, Store};
use super::error::{StoreError, explain};
use super::journal::{read_journal, sum_of_snapshot};
use super::reader::SqliteReader;
use super::records::{Snapshot, Stored, Write};
use super::schema::check_owner;
use super::write::keep;
use lamplighter_core::model::Instant;

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    /// The sum in the journal's last row.
    sum: i64,
    /// Held for as long as this process uses the store.
    _lock: File,
}

impl SqliteStore {
    /// Opens a store, or makes one where there is no file yet.
    ///
    /// # Errors
    /// When the file is not a sound store of this format, is in use, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| explain(path, error);
        let lock = lock(path)?;
        make_private(path);
        let connection = Connection::open(path).map_err(failed)?;
        check_owner(path, &connection)?;
        let pragma = |name: &str, value: &str| connection.pragma_update(None, name, value);
        pragma("journal_mode", "WAL").map_err(failed)?;
        pragma("synchronous", "FULL").map_err(failed)?;
        pragma("wal_autocheckpoint", "4000").map_err(failed)?;
        let store = Self { path: path.to_owned(), connection, sum: 0, _lock: lock };
        store.check_pages()?;
        Ok(store)
    }

    /// Looks at every page: what a damaged one holds must not become an answer.
    fn check_pages(&self) -> Result<(), StoreError> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| explain(&self.path, error))?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(self.damaged(found)),
        }
    }

    /// A single fact, without everything else.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.connection
            .query_row("SELECT value FROM facts WHERE name = ?", [name], |row| row.get(0))
            .optional()
            .map_err(|error| explain(&self.path, error))
    }

    fn damaged(&self, why: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), why: why.into() }
    }

    fn pairs(&self, query: &str) -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare(query)?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    fn tokens(&self) -> rusqlite::Result<Vec<(String, String, [u8; 32])>> {
        let mut statement = self.connection.prepare("SELECT agent, device, hash FROM tokens")?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, StoreError> {
        let failed = |error| explain(&self.path, error);
        let row = self
            .connection
            .query_row("SELECT seq, at, devices, sum FROM snapshot", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
            })
            .optional()
            .map_err(failed)?;
        let Some((seq, at_ms, devices, sum)) = row else { return Ok(None) };
        let at =
            Instant::from_millis(at_ms).filter(|_| sum_of_snapshot(seq, at_ms, &devices) == sum);
        let at = at.ok_or_else(|| self.damaged("the snapshot is not what was written"))?;
        Ok(Some(Snapshot { seq, at, devices }))
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let failed = |error| explain(&self.path, error);
        let snapshot = self.snapshot()?;
        let behind = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let mut tail = Vec::new();
        let mut take = |row| {
            tail.push(row);
            true
        };
        let sum = read_journal(&self.path, &self.connection, behind, Instant::MAX, &mut take)?;
        let stored = Stored {
            accounts: self
                .pairs("SELECT agent, password FROM accounts ORDER BY rowid")
                .map_err(failed)?,
            properties: self
                .pairs("SELECT name, document FROM properties ORDER BY rowid")
                .map_err(failed)?,
            widgets: self
                .pairs("SELECT name, document FROM widgets ORDER BY rowid")
                .map_err(failed)?,
            tokens: self.tokens().map_err(failed)?,
            facts: self
                .pairs("SELECT name, value FROM facts")
                .map_err(failed)?
                .into_iter()
                .collect(),
            snapshot,
            tail,
            last_message: self
                .connection
                .query_row("SELECT coalesce(max(id), 0) FROM messages", [], |row| row.get(0))
                .map_err(failed)?,
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
        Ok(())
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(SqliteReader::new(self.path.clone()))
    }
}

/// Makes a store that is not there yet a file that its owner alone may read: it holds what visitors wrote.
/// The files that SQLite puts beside it have the rights of the store.
fn make_private(path: &Path) {
    let mut file = File::options();
    file.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    // Where there is one already, its owner has chosen; why there can be none SQLite says.
    drop(file.open(path));
}

/// Keeps other processes out: a second service would answer from a state that grows old. One that is
/// just ending, or a child of it that has not begun its own program yet, is waited for.
fn lock(path: &Path) -> Result<File, StoreError> {
    const WAIT: Duration = Duration::from_secs(1);
    const PAUSE: Duration = Duration::from_millis(10);
    let machine = |error: std::io::Error| StoreError::Machine {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&beside).map_err(machine)?;
    let begun = std::time::Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < WAIT => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(machine(error)),
        }
    }
}
