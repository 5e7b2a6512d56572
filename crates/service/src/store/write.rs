//! Each thing to keep as a statement.

use rusqlite::{Statement, Transaction, params};

use super::journal::{sum_of_row, sum_of_snapshot};
use super::records::{JournalRow, Snapshot, StoredMessage, Write};

/// Keeps one thing; `sum` is that of the journal's last row.
pub fn keep(
    transaction: &Transaction<'_>,
    journal: &mut Statement<'_>,
    write: &Write,
    sum: &mut i64,
) -> rusqlite::Result<()> {
    match write {
        Write::Account { agent, password } => run(
            transaction,
            "INSERT INTO accounts VALUES (?, ?)
             ON CONFLICT (agent) DO UPDATE SET password = excluded.password",
            params![agent, password],
        ),
        Write::Property { name, document } => run(
            transaction,
            "INSERT INTO properties VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET document = excluded.document",
            params![name, document],
        ),
        Write::PropertyGone(name) => {
            run(transaction, "DELETE FROM properties WHERE name = ?", params![name])?;
            // `/` and `0` are neighbours: everything that begins with `name/` lies between.
            let (first, behind) = (format!("{name}/"), format!("{name}0"));
            run(
                transaction,
                "DELETE FROM widgets WHERE name >= ? AND name < ?",
                params![first, behind],
            )
        }
        Write::Widget { name, document } => run(
            transaction,
            "INSERT INTO widgets VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET document = excluded.document",
            params![name, document],
        ),
        Write::WidgetGone(name) => {
            run(transaction, "DELETE FROM widgets WHERE name = ?", params![name])
        }
        Write::Token { agent, device, hash } => run(
            transaction,
            "INSERT INTO tokens VALUES (?, ?, ?)
             ON CONFLICT (agent, device) DO UPDATE SET hash = excluded.hash",
            params![agent, device, hash],
        ),
        Write::Journal(row) => {
            let JournalRow { seq, at, action, agent, device } = row;
            *sum = sum_of_row(*sum, row);
            journal.execute((seq, at.as_millis(), &**action, agent, device, *sum)).map(drop)
        }
        Write::Message(StoredMessage { id, at, property, widget, name, email, message }) => run(
            transaction,
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![id, at.as_millis(), property, widget, name, email, message],
        ),
        Write::Fact(name, value) => {
            run(transaction, "INSERT OR REPLACE INTO facts VALUES (?, ?)", params![name, value])
        }
        Write::Snapshot(Snapshot { seq, at, devices }) => {
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
