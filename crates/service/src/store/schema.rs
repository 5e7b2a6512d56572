//! The tables of the file, whose it is, and how one of an earlier release becomes one of this.

use std::path::Path;

use rusqlite::{Connection, params_from_iter};

use super::error::{StoreError, explain};
use super::sum::Sum;
use super::table::{ACCOUNTS, FACTS, MESSAGES, PROPERTIES, TOKENS, Table, WIDGETS};

/// Marks a file as ours: "Lamp".
const APPLICATION_ID: i64 = 0x4C61_6D70;
/// The format that this release writes. Before the second, the journal alone had sums, and nobody knew which admin
/// key a write came with.
const FORMAT: i64 = 2;

const SCHEMA: &str = "
    CREATE TABLE accounts (agent TEXT PRIMARY KEY, password TEXT NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE properties (name TEXT PRIMARY KEY, document TEXT NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE widgets (name TEXT PRIMARY KEY, document TEXT NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE tokens (
        agent TEXT, device TEXT, hash BLOB NOT NULL, sum INTEGER NOT NULL,
        PRIMARY KEY (agent, device)
    ) WITHOUT ROWID;
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, agent TEXT NOT NULL,
        device TEXT, sum INTEGER NOT NULL
    );
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, property TEXT NOT NULL, widget TEXT NOT NULL,
        name TEXT NOT NULL, email TEXT NOT NULL, message TEXT NOT NULL, sum INTEGER NOT NULL
    );
    CREATE INDEX messages_by_property ON messages (property, id);
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE snapshot (
        id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at INTEGER NOT NULL,
        devices TEXT NOT NULL, sum INTEGER NOT NULL
    );
";

/// What came with the second format.
const AUDIT: &str = "
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, method TEXT NOT NULL,
        path TEXT NOT NULL, sum INTEGER NOT NULL
    );
";

/// The name of the fact that says how the tables are declared, as a sum.
const SCHEMA_FACT: &str = "schema";

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// Nobody's: it is empty.
    Nobody,
    /// A store of this format.
    This,
    /// A store of the first format.
    First,
}

/// Refuses what another program wrote, and a later release.
///
/// # Errors
/// [`StoreError::Newer`] for a store of a later format, [`StoreError::Foreign`] for a database of another
/// program; and when the file cannot be read.
pub fn owner_of(path: &Path, connection: &Connection) -> Result<Owner, StoreError> {
    let failed = |error| explain(path, error);
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    let owner = number("PRAGMA application_id").map_err(failed)?;
    let format = number("PRAGMA user_version").map_err(failed)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    match (owner, format, tables) {
        (0, 0, 0) => Ok(Owner::Nobody),
        (APPLICATION_ID, FORMAT, _) => Ok(Owner::This),
        (APPLICATION_ID, 1, _) => Ok(Owner::First),
        (APPLICATION_ID, found, _) => {
            Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT })
        }
        _ => Err(StoreError::Foreign {
            path: path.to_owned(),
            why: "it is a database of another program".to_owned(),
        }),
    }
}

/// Makes a new store in an empty file, or one of this format of an earlier one: all of it, or nothing.
///
/// # Errors
/// When the file cannot be read or written; it is then as it was.
pub fn bring_up(path: &Path, connection: &mut Connection, owner: Owner) -> Result<(), StoreError> {
    let failed = |error| explain(path, error);
    let transaction = connection.transaction().map_err(failed)?;
    match owner {
        Owner::This => return Ok(()),
        Owner::Nobody => transaction.execute_batch(SCHEMA).map_err(failed)?,
        Owner::First => {
            for table in [&ACCOUNTS, &PROPERTIES, &WIDGETS, &TOKENS, &FACTS, &MESSAGES] {
                add_sums(&transaction, table).map_err(failed)?;
            }
        }
    }
    let rest = format!(
        "{AUDIT} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"
    );
    transaction.execute_batch(&rest).map_err(failed)?;
    let sum = sum_of_schema(&transaction).map_err(failed)?.to_string();
    FACTS.put(&transaction, &[&SCHEMA_FACT, &sum]).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// Looks whether the tables are declared as they were: a column that is read as another is not what was written.
///
/// # Errors
/// [`StoreError::Damaged`] where they are not; and when the file cannot be read.
pub fn check_schema(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let kept = FACTS
        .read(path, connection, "WHERE name = ?", [SCHEMA_FACT], |row| row.get::<_, String>(1))?;
    let sum = sum_of_schema(connection).map_err(|error| explain(path, error))?;
    match kept.first().is_some_and(|kept| *kept == sum.to_string()) {
        true => Ok(()),
        false => Err(StoreError::Damaged {
            path: path.to_owned(),
            why: "its tables are not declared as they were".to_owned(),
        }),
    }
}

/// The sum over how all tables are declared.
fn sum_of_schema(connection: &Connection) -> rusqlite::Result<i64> {
    let select = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') \
                  FROM sqlite_schema ORDER BY name";
    let mut statement = connection.prepare(select)?;
    let mut rows = statement.query([])?;
    let mut sum = Sum::new();
    while let Some(row) = rows.next()? {
        sum.add(row.get_ref(0)?.as_bytes_or_null()?.unwrap_or_default());
        sum.add(&[0]);
    }
    Ok(sum.kept())
}

/// Gives a table of the first format its sums.
fn add_sums(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    let Table { name, columns, key } = table;
    connection
        .execute_batch(&format!("ALTER TABLE {name} ADD COLUMN sum INTEGER NOT NULL DEFAULT 0"))?;
    let mut select = connection.prepare(&format!("SELECT {} FROM {name}", columns.join(", ")))?;
    let which: Vec<String> = columns[..*key].iter().map(|column| format!("{column} = ?")).collect();
    let update = format!("UPDATE {name} SET sum = ? WHERE {}", which.join(" AND "));
    let mut sums = Vec::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let mut values = vec![rusqlite::types::Value::Integer(table.sum(row)?)];
        for column in 0..*key {
            values.push(row.get(column)?);
        }
        sums.push(values);
    }
    let mut update = connection.prepare(&update)?;
    sums.into_iter().try_for_each(|values| update.execute(params_from_iter(values)).map(drop))
}
