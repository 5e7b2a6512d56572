//! The tables of the file, and whose it is.

use std::path::Path;

use rusqlite::Connection;

use super::error::{StoreError, explain};

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

/// Refuses what another program wrote, and makes a new store in an empty file.
pub fn check_owner(path: &Path, connection: &Connection) -> Result<(), StoreError> {
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
