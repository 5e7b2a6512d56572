//! What is kept, and that it is kept: the one trait that the service knows of a store, and the store
//! that there is, a single SQLite file. Nothing else knows rusqlite.
//!
//! A commit is on disk when it returns (`synchronous=FULL`, write-ahead log), and it is whole or not
//! there at all. Each row of the journal carries a sum over itself and the row before, so that one
//! that was harmed is found when it is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Statement, Transaction, params};
use thiserror::Error;

use lamplighter_core::model::Instant;

/// Why a store cannot be used, or could not keep something.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is some other program's file, or no database at all. Start with another path.
    #[error("{path} is not a store of Lamplighter: {why}")]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// It was written by a release that knows more. Start that release.
    #[error("{path} was written by a newer release (format {found}, this one knows {known})")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The newest that this release knows.
        known: i64,
    },
    /// What is in it is not what was written. Nothing is repaired: restore a copy.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// Another process has it open.
    #[error("{path} is in use by another process")]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The machine does not give or take it: no space, no permission, a failing disk.
    #[error("cannot use {path}: {why}")]
    Machine {
        /// Which file.
        path: PathBuf,
        /// What the machine says.
        why: String,
    },
}

/// One thing to keep.
#[derive(Clone, Debug)]
pub enum Op {
    /// An account with its hashed password, made or changed.
    Account {
        /// The agent.
        agent: String,
        /// The password's hash, in the PHC format.
        password: String,
    },
    /// A property, made or changed.
    Property {
        /// Its name.
        name: String,
        /// Its document, JSON.
        document: String,
    },
    /// A property that is gone, with its widgets; what visitors left stays.
    PropertyGone(String),
    /// A further widget, made or changed.
    Widget {
        /// Its full name: `property/widget`.
        name: String,
        /// Its document, JSON.
        document: String,
    },
    /// A further widget that is gone.
    WidgetGone(String),
    /// The token of a device; the one before it is void.
    Token {
        /// Whose device.
        agent: String,
        /// Which one.
        device: String,
        /// The token's hash.
        hash: [u8; 32],
    },
    /// Something that happened.
    Event(Entry),
    /// What a visitor left.
    Message(Message),
    /// Single facts about the service: its settings, its admin key's hash, its clock, its versions.
    Fact(&'static str, String),
    /// The state of all devices behind the journal's last row.
    Snapshot(Snapshot),
}

/// A row of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its number; they count up without a gap.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// A word of the trace format; or `settings`, with what was set in the place of the agent.
    pub action: Cow<'static, str>,
    /// Who.
    pub agent: String,
    /// Where; `None` for all devices.
    pub device: Option<String>,
}

/// What a visitor left (rule C2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// The property that it reaches.
    pub property: String,
    /// The full name of the widget that it was left on.
    pub widget: String,
    /// The visitor's name.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What the visitor says.
    pub message: String,
}

/// The state of all devices at an instant, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last row of the journal that is in it.
    pub seq: i64,
    /// The instant.
    pub at: Instant,
    /// The devices, CSV.
    pub devices: String,
}

/// Everything that a service begins with.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Agents and the hashes of their passwords, in the order in which they were made.
    pub accounts: Vec<(String, String)>,
    /// Properties and their documents, likewise.
    pub properties: Vec<(String, String)>,
    /// Further widgets by their full names, likewise.
    pub widgets: Vec<(String, String)>,
    /// Agent, device and the hash of the token.
    pub tokens: Vec<(String, String, [u8; 32])>,
    /// Single facts.
    pub facts: BTreeMap<String, String>,
    /// The latest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The journal behind the snapshot.
    pub tail: Vec<Entry>,
    /// The highest number of a message so far.
    pub last_message: i64,
}

/// A place that keeps things. Commits come from one thread; [`reader`](Self::reader)s are for others.
pub trait Store: Send {
    /// Everything that is kept.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    fn load(&mut self) -> Result<Kept, StoreError>;

    /// Keeps all of these, or none; they are on disk when it returns.
    ///
    /// # Errors
    /// When the machine does not take them.
    fn commit(&mut self, ops: &[Op]) -> Result<(), StoreError>;

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
    ) -> Result<Vec<Message>, StoreError>;

    /// Gives rows of the journal in their order, from one instant on until another, that one
    /// included, until `row` has enough and gives `false`.
    ///
    /// # Errors
    /// When it cannot be read, or a row is not what was written.
    fn journal(
        &self,
        from: Instant,
        to: Instant,
        row: &mut dyn FnMut(Entry) -> bool,
    ) -> Result<(), StoreError>;
}

/// Marks a file as ours: "Lamp".
const APPLICATION_ID: i64 = 0x4C61_6D70;
const FORMAT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE accounts (agent TEXT PRIMARY KEY, password TEXT NOT NULL);
    CREATE TABLE properties (name TEXT PRIMARY KEY, document TEXT NOT NULL);
    CREATE TABLE widgets (name TEXT PRIMARY KEY, document TEXT NOT NULL);
    CREATE TABLE tokens (
        agent TEXT, device TEXT, hash BLOB NOT NULL, PRIMARY KEY (agent, device)
    ) WITHOUT ROWID;
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, agent TEXT NOT NULL,
        device TEXT, sum INTEGER NOT NULL
    );
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, property TEXT NOT NULL, widget TEXT NOT NULL,
        name TEXT NOT NULL, email TEXT NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX messages_by_property ON messages (property, id);
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE snapshot (
        id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at INTEGER NOT NULL,
        devices TEXT NOT NULL, sum INTEGER NOT NULL
    );
";

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
        let at = instant(at_ms).filter(|_| sum_of_snapshot(seq, at_ms, &devices) == sum);
        let at = at.ok_or_else(|| self.damaged("the snapshot is not what was written"))?;
        Ok(Some(Snapshot { seq, at, devices }))
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Kept, StoreError> {
        let failed = |error| explain(&self.path, error);
        let snapshot = self.snapshot()?;
        let behind = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let mut tail = Vec::new();
        let mut take = |entry| {
            tail.push(entry);
            true
        };
        let sum = read_journal(&self.path, &self.connection, behind, Instant::MAX, &mut take)?;
        let kept = Kept {
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
        Ok(kept)
    }

    fn commit(&mut self, ops: &[Op]) -> Result<(), StoreError> {
        let failed = |error| explain(&self.path, error);
        let transaction = self.connection.transaction().map_err(failed)?;
        let mut sum = self.sum;
        {
            // Most of what is kept are rows of the journal.
            let insert = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)";
            let mut journal = transaction.prepare_cached(insert).map_err(failed)?;
            for op in ops {
                keep(&transaction, &mut journal, op, &mut sum).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)?;
        self.sum = sum;
        Ok(())
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(SqliteReader { path: self.path.clone() })
    }
}

fn keep(
    transaction: &Transaction<'_>,
    journal: &mut Statement<'_>,
    op: &Op,
    sum: &mut i64,
) -> rusqlite::Result<()> {
    match op {
        Op::Account { agent, password } => run(
            transaction,
            "INSERT INTO accounts VALUES (?, ?)
             ON CONFLICT (agent) DO UPDATE SET password = excluded.password",
            params![agent, password],
        ),
        Op::Property { name, document } => run(
            transaction,
            "INSERT INTO properties VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET document = excluded.document",
            params![name, document],
        ),
        Op::PropertyGone(name) => {
            run(transaction, "DELETE FROM properties WHERE name = ?", params![name])?;
            // `/` and `0` are neighbours: everything that begins with `name/` lies between.
            let (first, behind) = (format!("{name}/"), format!("{name}0"));
            run(
                transaction,
                "DELETE FROM widgets WHERE name >= ? AND name < ?",
                params![first, behind],
            )
        }
        Op::Widget { name, document } => run(
            transaction,
            "INSERT INTO widgets VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET document = excluded.document",
            params![name, document],
        ),
        Op::WidgetGone(name) => {
            run(transaction, "DELETE FROM widgets WHERE name = ?", params![name])
        }
        Op::Token { agent, device, hash } => run(
            transaction,
            "INSERT INTO tokens VALUES (?, ?, ?)
             ON CONFLICT (agent, device) DO UPDATE SET hash = excluded.hash",
            params![agent, device, hash],
        ),
        Op::Event(entry) => {
            let Entry { seq, at, action, agent, device } = entry;
            *sum = sum_of_row(*sum, entry);
            journal.execute((seq, at.as_millis(), &**action, agent, device, *sum)).map(drop)
        }
        Op::Message(Message { id, at, property, widget, name, email, message }) => run(
            transaction,
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![id, at.as_millis(), property, widget, name, email, message],
        ),
        Op::Fact(name, value) => {
            run(transaction, "INSERT OR REPLACE INTO facts VALUES (?, ?)", params![name, value])
        }
        Op::Snapshot(Snapshot { seq, at, devices }) => {
            let sum = sum_of_snapshot(*seq, at.as_millis(), devices);
            run(
                transaction,
                "INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?)",
                params![seq, at.as_millis(), devices, sum],
            )
        }
    }
}

fn run(
    transaction: &Transaction<'_>,
    query: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    transaction.prepare_cached(query)?.execute(values).map(drop)
}

/// Keeps other processes out: a second service would answer from a state that grows old.
fn lock(path: &Path) -> Result<File, StoreError> {
    let machine = |error: std::io::Error| StoreError::Machine {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&beside).map_err(machine)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(machine(error)),
    }
}

/// Refuses what another program wrote, and makes a new store in an empty file.
fn check_owner(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let failed = |error| explain(path, error);
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    let owner = number("PRAGMA application_id").map_err(failed)?;
    let format = number("PRAGMA user_version").map_err(failed)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    match (owner, format, tables) {
        (0, 0, 0) => {
            let new = format!(
                "BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {FORMAT}; COMMIT;"
            );
            connection.execute_batch(&new).map_err(failed)
        }
        (APPLICATION_ID, FORMAT, _) => Ok(()),
        (APPLICATION_ID, found, _) => {
            Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT })
        }
        _ => Err(StoreError::Foreign {
            path: path.to_owned(),
            why: "it is a database of another program".to_owned(),
        }),
    }
}

/// Reads rows behind a number until an instant, and checks each one's sum. Gives the last sum read.
fn read_journal(
    path: &Path,
    connection: &Connection,
    behind: i64,
    to: Instant,
    take: &mut dyn FnMut(Entry) -> bool,
) -> Result<i64, StoreError> {
    let failed = |error| explain(path, error);
    let damaged = |seq: i64| StoreError::Damaged {
        path: path.to_owned(),
        why: format!("row {seq} of the journal is not what was written"),
    };
    let mut sum = 0;
    if behind > 0 {
        sum = connection
            .query_row("SELECT sum FROM journal WHERE seq = ?", [behind], |row| row.get(0))
            .optional()
            .map_err(failed)?
            .ok_or_else(|| damaged(behind))?;
    }
    let mut statement = connection
        .prepare(
            "SELECT seq, at, action, agent, device, sum FROM journal WHERE seq > ? ORDER BY seq",
        )
        .map_err(failed)?;
    let mut rows = statement.query([behind]).map_err(failed)?;
    let mut expected = behind;
    while let Some(row) = rows.next().map_err(failed)? {
        expected += 1;
        let seq: i64 = row.get(0).map_err(failed)?;
        let entry = Entry {
            seq,
            at: instant(row.get(1).map_err(failed)?).ok_or_else(|| damaged(seq))?,
            action: Cow::Owned(row.get(2).map_err(failed)?),
            agent: row.get(3).map_err(failed)?,
            device: row.get(4).map_err(failed)?,
        };
        sum = sum_of_row(sum, &entry);
        if seq != expected || sum != row.get::<_, i64>(5).map_err(failed)? {
            return Err(damaged(expected));
        }
        if entry.at > to || !take(entry) {
            break;
        }
    }
    Ok(sum)
}

fn instant(ms: i64) -> Option<Instant> {
    Instant::from_millis(ms)
}

/// FNV-1a over everything in a row, and over the row before.
fn sum_of_row(before: i64, entry: &Entry) -> i64 {
    let mut sum = Sum::new();
    sum.add(&before.to_le_bytes());
    sum.add(&entry.seq.to_le_bytes());
    sum.add(&entry.at.as_millis().to_le_bytes());
    for text in [Some(&*entry.action), Some(&entry.agent), entry.device.as_deref()] {
        sum.add(text.map_or(&b"\xFF"[..], |text| text.as_bytes()));
        sum.add(&[0xFE]);
    }
    sum.0 as i64
}

fn sum_of_snapshot(seq: i64, at_ms: i64, devices: &str) -> i64 {
    let mut sum = Sum::new();
    sum.add(&seq.to_le_bytes());
    sum.add(&at_ms.to_le_bytes());
    sum.add(devices.as_bytes());
    sum.0 as i64
}

struct Sum(u64);

impl Sum {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// Reads through connections of its own, one for each call.
struct SqliteReader {
    path: PathBuf,
}

impl SqliteReader {
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
    ) -> Result<Vec<Message>, StoreError> {
        let connection = self.open()?;
        let failed = |error| explain(&self.path, error);
        let query = "SELECT id, at, property, widget, name, email, message FROM messages
                     WHERE property = ? AND id < ? ORDER BY id DESC LIMIT ?";
        let mut statement = connection.prepare(query).map_err(failed)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map(params![property, before, limit], |row| {
                Ok(Message {
                    id: row.get(0)?,
                    at: instant(row.get(1)?).unwrap_or(Instant::MIN),
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
        row: &mut dyn FnMut(Entry) -> bool,
    ) -> Result<(), StoreError> {
        let connection = self.open()?;
        let behind = rows_before(&connection, from).map_err(|error| explain(&self.path, error))?;
        read_journal(&self.path, &connection, behind, to, row).map(drop)
    }
}

/// How many rows lie before an instant. Instants never fall, so a bisection finds it.
fn rows_before(connection: &Connection, from: Instant) -> rusqlite::Result<i64> {
    let last: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0))?;
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2 + 1;
        let at: i64 =
            connection
                .query_row("SELECT at FROM journal WHERE seq = ?", [middle], |row| row.get(0))?;
        if at < from.as_millis() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// What an error of SQLite means for whoever runs the service.
fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    let path = path.to_owned();
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            StoreError::Foreign { path, why: "it is no SQLite database".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, why },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse { path },
        Some(_) => StoreError::Machine { path, why },
        None => StoreError::Damaged { path, why },
    }
}
