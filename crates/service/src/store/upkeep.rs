//! What can be done with a store beside the service, or while there is none: looked through, copied, put back.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{StoreError, explain};
use super::journal::read_journal;
use super::lock::{lock, note_alive};
use super::schema::{Owner, check_schema, owner_of};
use super::sqlite::{check_pages, read_snapshot};
use super::table::TABLES;
use lamplighter_core::model::Instant;

/// What was found in a store that is sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// The tables, and how many rows are in each.
    pub rows: Vec<(&'static str, u64)>,
    /// The instant of the journal's last row; `None` where it has none.
    pub reached: Option<Instant>,
}

/// Looks through all of a store: every page, and the sum of every row. It may be in use meanwhile, and is not changed.
///
/// # Errors
/// When it cannot be read, is no store of this release, or is not what was written.
pub fn check_store(path: &Path) -> Result<Checked, StoreError> {
    let connection = open(path)?;
    match owner_of(path, &connection)? {
        Owner::This => {}
        Owner::Nobody => {
            let why = "it is empty".to_owned();
            return Err(StoreError::Foreign { path: path.to_owned(), why });
        }
        Owner::First => {
            let why = "it is of an earlier release: a start of the service brings it up".to_owned();
            return Err(StoreError::Machine { path: path.to_owned(), why });
        }
    }
    check_pages(path, &connection)?;
    check_schema(path, &connection)?;
    let mut rows = Vec::new();
    for table in TABLES {
        let found = table.read(path, &connection, "", [], |_| Ok(()))?;
        rows.push((table.name, found.len() as u64));
    }
    let (mut count, mut reached) = (0, None);
    read_journal(path, &connection, 0, Instant::MAX, &mut |row| {
        count += 1;
        reached = Some(row.at);
        true
    })?;
    rows.push(("journal", count));
    let snapshot = read_snapshot(path, &connection)?;
    rows.push(("snapshot", u64::from(snapshot.is_some())));
    Ok(Checked { rows, reached })
}

/// Copies a store into a file that is not there yet, as it is at one moment; a service may use it meanwhile. The copy
/// is looked through before it has its name.
///
/// # Errors
/// When the store is not sound or cannot be read, or the copy cannot be written.
pub fn back_up(store: &Path, copy: &Path) -> Result<Checked, StoreError> {
    if copy.exists() {
        return Err(machine(copy, "it is there already: name a file that is not"));
    }
    if let Some(log) = LOGS.map(|suffix| beside(copy, suffix)).into_iter().find(|log| log.exists())
    {
        let why =
            "it is the log of a file that is gone, and would be played into the copy: move it away";
        return Err(machine(&log, why));
    }
    let part = beside(copy, ".part");
    let copied = copy_into(store, &part).and_then(|checked| {
        let named = fs::rename(&part, copy).and_then(|()| sync_folder(copy));
        named.map(|()| checked).map_err(|error| machine(copy, error))
    });
    if copied.is_err() {
        // Nothing is left that could be taken for a copy.
        drop(fs::remove_file(&part));
    }
    copied
}

/// Puts a copy where a store was, or is to be. One that is there is put aside where that is wanted, and stays; so is
/// a log that is there without one. What stands there in the end is looked through under its name.
///
/// # Errors
/// When the copy is not sound, or is the store; when a service uses the store, or there is one that is not to be
/// replaced. Whatever was put aside is back in its place then.
pub fn restore(copy: &Path, store: &Path, replace: bool) -> Result<Checked, StoreError> {
    if let (Ok(one), Ok(other)) = (fs::canonicalize(copy), fs::canonicalize(store))
        && one == other
    {
        return Err(machine(copy, "it is the store itself: name a copy of it"));
    }
    // Before anything is put aside.
    check_store(copy)?;
    let mut lock = lock(store)?;
    if store.exists() && !replace {
        let why = "there is a store already: --replace puts it aside";
        return Err(machine(store, why));
    }
    let part = beside(store, ".part");
    let restored = copy_into(copy, &part).and_then(|_| in_place_of(store, &part));
    if restored.is_err() {
        drop(fs::remove_file(&part));
    }
    let checked = restored?;
    // Nobody has been there since the copy was made.
    if let Some(reached) = checked.reached {
        drop(note_alive(&mut lock, reached));
    }
    Ok(checked)
}

/// Names a copy as the store, of which nothing is left beside it.
fn in_place_of(store: &Path, part: &Path) -> Result<Checked, StoreError> {
    let aside = put_aside(store)?;
    let named = fs::rename(part, store).and_then(|()| sync_folder(store));
    let checked = named.map_err(|error| machine(store, error)).and_then(|()| check_store(store));
    if checked.is_err() {
        // What is no store must not stay under the name of one.
        drop(fs::remove_file(store));
        put_back(&aside);
    }
    checked
}

/// A file that was put aside: where it stood, and where it is.
type Aside = (PathBuf, PathBuf);

/// What SQLite writes beside a store: it belongs to that one and to no other, into which it would be played.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// Puts the store aside with its logs, or the logs of one that is gone.
fn put_aside(store: &Path) -> Result<Vec<Aside>, StoreError> {
    let aside = beside(store, ".before");
    let logs = LOGS.map(|suffix| (beside(store, suffix), beside(&aside, suffix)));
    let files = [(store.to_owned(), aside.clone())].into_iter().chain(logs);
    let files: Vec<Aside> = files.filter(|(from, _)| from.exists()).collect();
    // A log beside another store that was put aside would be played into that one.
    let mut names = ["", LOGS[0], LOGS[1]].map(|suffix| beside(&aside, suffix)).into_iter();
    if !files.is_empty()
        && let Some(there) = names.find(|path| path.exists())
    {
        return Err(machine(&there, "it is there already, from a restore before: move it away"));
    }
    let mut moved = Vec::new();
    for (from, to) in files {
        if let Err(error) = fs::rename(&from, &to) {
            put_back(&moved);
            return Err(machine(&from, error));
        }
        moved.push((from, to));
    }
    // It says nothing that the log does not say.
    match fs::remove_file(beside(store, "-shm")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            put_back(&moved);
            Err(machine(store, error))
        }
        _ => Ok(moved),
    }
}

/// As well as can be: what does not go back is still there under its other name.
fn put_back(aside: &[Aside]) {
    for (from, to) in aside {
        drop(fs::rename(to, from));
    }
}

fn copy_into(store: &Path, part: &Path) -> Result<Checked, StoreError> {
    let connection = open(store)?;
    if owner_of(store, &connection)? != Owner::This {
        // Which says what it is instead.
        return check_store(store);
    }
    let mut file = File::options();
    file.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let mut file = file.open(part).map_err(|error| machine(part, error))?;
    file.flush().map_err(|error| machine(part, error))?;
    let into = part.to_string_lossy();
    connection.execute("VACUUM INTO ?", [&into]).map_err(|error| explain(store, error))?;
    file.sync_all().map_err(|error| machine(part, error))?;
    check_store(part).map_err(|error| match error {
        // A copy of what is not sound is not sound.
        StoreError::Damaged { why, .. } => StoreError::Damaged { path: store.to_owned(), why },
        error => error,
    })
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let failed = |error| explain(path, error);
    let about = fs::metadata(path).map_err(|error| machine(path, error))?;
    // A pipe would be waited for until somebody writes to it.
    if !about.is_file() {
        return Err(machine(path, "it is no regular file"));
    }
    File::open(path).map_err(|error| machine(path, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    Ok(connection)
}

fn machine(path: &Path, why: impl ToString) -> StoreError {
    StoreError::Machine { path: path.to_owned(), why: why.to_string() }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(suffix);
    beside.into()
}

/// A name is on disk once its folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
