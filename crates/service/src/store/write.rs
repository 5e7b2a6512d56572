//! Each thing to keep as a statement.

use rusqlite::{Statement, Transaction, params};

use super::journal::{sum_of_row, sum_of_snapshot};
use super::records::{JournalRow, Snapshot, StoredAudit, StoredMessage, Write};
use super::table::{ACCOUNTS, AUDIT, FACTS, MESSAGES, PROPERTIES, TOKENS, WIDGETS};
use lamplighter_core::model::Instant;

/// So many messages that are too old go at once: more wait for the next time.
const EXPIRED_AT_ONCE: i64 = 10_000;

/// Keeps one thing; `sum` is that of the journal's last row.
///
/// # Errors
/// When the store cannot be written.
pub fn keep(
    transaction: &Transaction<'_>,
    journal: &mut Statement<'_>,
    write: &Write,
    sum: &mut i64,
) -> rusqlite::Result<()> {
    match write {
        Write::Account { agent, password } => ACCOUNTS.put(transaction, &[agent, password]),
        Write::AccountGone(agent) => {
            TOKENS.delete(transaction, "agent = ?", [agent])?;
            // Its name stands in the journal still.
            ACCOUNTS.put(transaction, &[agent, &""])
        }
        Write::Property { name, document } => PROPERTIES.put(transaction, &[name, document]),
        Write::PropertyGone(name) => {
            PROPERTIES.delete(transaction, "name = ?", [name])?;
            // `/` and `0` are neighbours: everything that begins with `name/` lies between.
            let (first, behind) = (format!("{name}/"), format!("{name}0"));
            WIDGETS.delete(transaction, "name >= ? AND name < ?", [first, behind])
        }
        Write::Widget { name, document } => WIDGETS.put(transaction, &[name, document]),
        Write::WidgetGone(name) => WIDGETS.delete(transaction, "name = ?", [name]),
        Write::Token { agent, device, hash } => {
            TOKENS.put(transaction, &[agent, device, &hash.as_slice()])
        }
        Write::TokenGone { agent, device } => {
            TOKENS.delete(transaction, "agent = ? AND device = ?", [agent, device])
        }
        Write::Journal(row) => {
            let JournalRow { seq, at, action, agent, device } = row;
            *sum = sum_of_row(*sum, row);
            journal.execute((seq, at.as_millis(), &**action, agent, device, *sum)).map(drop)
        }
        Write::Message(StoredMessage { id, at, property, widget, name, email, message }) => {
            let at = at.as_millis();
            MESSAGES.put(transaction, &[id, &at, property, widget, name, email, message])
        }
        Write::MessagesGone(ids) => {
            ids.iter().try_for_each(|id| MESSAGES.delete(transaction, "id = ?", [id]))
        }
        Write::MessagesOf(property) => MESSAGES.delete(transaction, "property = ?", [property]),
        Write::MessagesBefore(at) => expire(transaction, *at),
        Write::Audit(StoredAudit { id, at, by, method, path }) => {
            AUDIT.put(transaction, &[id, &at.as_millis(), by, method, path])
        }
        Write::Fact(name, value) => FACTS.put(transaction, &[name, value]),
        Write::Snapshot(Snapshot { seq, at, devices }) => {
            let sum = sum_of_snapshot(*seq, at.as_millis(), devices);
            let replace = "INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?)";
            let mut replace = transaction.prepare_cached(replace)?;
            replace.execute(params![seq, at.as_millis(), devices, sum]).map(drop)
        }
    }
}

/// Deletes the oldest messages up to an instant. Later ones have higher numbers, so that the first one that stays
/// ends the search.
fn expire(transaction: &Transaction<'_>, before: Instant) -> rusqlite::Result<()> {
    let first_to_stay = "coalesce((SELECT id FROM messages WHERE at >= ? ORDER BY id LIMIT 1), \
                         9223372036854775807)";
    let oldest = "(SELECT min(id) FROM messages)";
    let which = format!("id < {first_to_stay} AND id < {oldest} + {EXPIRED_AT_ONCE}");
    MESSAGES.delete(transaction, &which, [before.as_millis()])
}
