//! The tables whose rows stand for themselves: each row has a sum over all of it, which is looked at whenever it
//! is read. What is not what was written is refused, and never served.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row, ToSql, params_from_iter};

use super::error::{StoreError, explain};
use super::records::Part;
use super::sum::sum_of;

/// A table, its columns without the sum, and how many of them are its key.
#[derive(Debug)]
pub struct Table {
    /// The name of the table.
    pub name: &'static str,
    /// All columns but the sum, in their order.
    pub columns: &'static [&'static str],
    /// So many of the first are the key.
    pub key: usize,
}

/// Accounts; one without a hash is gone, and its name still stands in the journal.
pub const ACCOUNTS: Table = Table { name: "accounts", columns: &["agent", "password"], key: 1 };
/// Properties and their documents.
pub const PROPERTIES: Table = Table { name: "properties", columns: &["name", "document"], key: 1 };
/// Further widgets and their documents.
pub const WIDGETS: Table = Table { name: "widgets", columns: &["name", "document"], key: 1 };
/// The hash of each device's token.
pub const TOKENS: Table = Table { name: "tokens", columns: &["agent", "device", "hash"], key: 2 };
/// What is one of a kind.
pub const FACTS: Table = Table { name: "facts", columns: &["name", "value"], key: 1 };
/// The messages that visitors left.
pub const MESSAGES: Table = Table {
    name: "messages",
    columns: &["id", "at", "property", "widget", "name", "email", "message"],
    key: 1,
};
/// What was written with which admin key.
pub const AUDIT: Table =
    Table { name: "audit", columns: &["id", "at", "who", "method", "path"], key: 1 };

/// All tables that a sum is kept over.
pub const TABLES: [&Table; 7] =
    [&ACCOUNTS, &PROPERTIES, &WIDGETS, &TOKENS, &FACTS, &MESSAGES, &AUDIT];

/// Where rows are read, and how many at most.
#[derive(Debug)]
pub struct Of<'a> {
    /// The store's file, for messages.
    pub path: &'a Path,
    /// A connection to it.
    pub connection: &'a Connection,
    /// How many rows are taken at most.
    pub limit: usize,
}

impl Table {
    /// Puts a row in; one of its key is replaced.
    ///
    /// # Errors
    /// When a value cannot be kept, or the table cannot be written.
    pub fn put(&self, connection: &Connection, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
        let outputs = values.iter().map(|value| value.to_sql()).collect::<Result<Vec<_>, _>>()?;
        let sum = sum_of(self.name, outputs.iter().map(as_ref));
        let marks = "?, ".repeat(self.columns.len());
        let names = |columns: &[&str]| columns.join(", ");
        let set: Vec<String> = self.columns[self.key..]
            .iter()
            .chain(&["sum"])
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let insert = format!(
            "INSERT INTO {} ({}, sum) VALUES ({marks}?) ON CONFLICT ({}) DO UPDATE SET {}",
            self.name,
            names(self.columns),
            names(&self.columns[..self.key]),
            set.join(", ")
        );
        let sum: &dyn ToSql = &sum;
        let values = values.iter().copied().chain([sum]);
        connection.prepare_cached(&insert)?.execute(params_from_iter(values)).map(drop)
    }

    /// Deletes the rows for which `which`, a condition in SQL with those values, holds.
    ///
    /// # Errors
    /// When `which` is no condition on the table, or the table cannot be written.
    pub fn delete(
        &self,
        connection: &Connection,
        which: &str,
        values: impl Params,
    ) -> rusqlite::Result<()> {
        let delete = format!("DELETE FROM {} WHERE {which}", self.name);
        connection.prepare_cached(&delete)?.execute(values).map(drop)
    }

    /// Reads rows, each of which is what was written. `which` may name the key and nothing else: a harmed row that
    /// is passed over would not be seen.
    ///
    /// # Errors
    /// When the table cannot be read; the first row that is not what was written.
    pub fn read<T>(
        &self,
        path: &Path,
        connection: &Connection,
        which: &str,
        values: impl Params,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let of = Of { path, connection, limit: usize::MAX };
        let all = self.read_some(&of, which, values, |row| take(row).map(Some))?;
        Ok(all.rows)
    }

    /// The same with what of the rows is taken, until there are so many, and whether there are more.
    ///
    /// # Errors
    /// As [`read`](Self::read), of those that are taken and those before them.
    pub fn read_some<T>(
        &self,
        &Of { path, connection, limit }: &Of<'_>,
        which: &str,
        values: impl Params,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<Option<T>>,
    ) -> Result<Part<T>, StoreError> {
        let failed = |error| explain(path, error);
        let select = format!("SELECT {}, sum FROM {} {which}", self.columns.join(", "), self.name);
        let mut statement = connection.prepare_cached(&select).map_err(failed)?;
        let mut rows = statement.query(values).map_err(failed)?;
        let mut taken = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let is_behind = taken.len() == limit;
            if !self.is_sound(row).map_err(failed)? {
                if is_behind {
                    // It is refused once it is asked for itself.
                    return Ok(Part { rows: taken, goes_on: true });
                }
                let row = self.named(row).map_err(failed)?;
                let why = format!("row {row} of {} is not what was written", self.name);
                return Err(StoreError::Damaged { path: path.to_owned(), why });
            }
            match take(row).map_err(failed)? {
                Some(_) if is_behind => return Ok(Part { rows: taken, goes_on: true }),
                found => taken.extend(found),
            }
        }
        Ok(Part { rows: taken, goes_on: false })
    }

    /// The sum of a row that was read.
    ///
    /// # Errors
    /// When the row has fewer columns than the table.
    pub fn sum(&self, row: &Row<'_>) -> rusqlite::Result<i64> {
        let values = (0..self.columns.len()).map(|column| row.get_ref(column));
        Ok(sum_of(self.name, values.collect::<rusqlite::Result<Vec<_>>>()?))
    }

    fn is_sound(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let sum = self.sum(row)?;
        Ok(matches!(row.get_ref(self.columns.len())?, ValueRef::Integer(kept) if kept == sum))
    }

    /// What tells a row from the others, for a message: as it reads now, which may be what is wrong.
    fn named(&self, row: &Row<'_>) -> rusqlite::Result<String> {
        let value = |column: usize| -> rusqlite::Result<String> {
            Ok(match row.get_ref(column)? {
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Text(bytes) => {
                    format!("`{}`", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]))
                }
                _ => "of another kind".to_owned(),
            })
        };
        Ok((0..self.key).map(value).collect::<rusqlite::Result<Vec<_>>>()?.join(", "))
    }
}

fn as_ref<'a>(output: &'a ToSqlOutput<'a>) -> ValueRef<'a> {
    match output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        // Nothing that is kept is of any other kind.
        _ => ValueRef::Null,
    }
}
