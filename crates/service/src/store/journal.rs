//! The journal's rows, each with a sum over itself and the row before, so that one that was harmed is
//! found when it is read.

use std::borrow::Cow;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::error::{StoreError, explain};
use super::records::JournalRow;
use super::sum::Sum;
use lamplighter_core::model::Instant;

/// Reads rows behind a number until an instant, and checks each one's sum. Gives the last sum read.
///
/// # Errors
/// When the journal cannot be read; [`StoreError::Damaged`] at the first row that is missing, or is not
/// what was written.
pub fn read_journal(
    path: &Path,
    connection: &Connection,
    behind: i64,
    to: Instant,
    take: &mut dyn FnMut(JournalRow) -> bool,
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
        let read = JournalRow {
            seq,
            at: Instant::from_millis(row.get(1).map_err(failed)?).ok_or_else(|| damaged(seq))?,
            action: Cow::Owned(row.get(2).map_err(failed)?),
            agent: row.get(3).map_err(failed)?,
            device: row.get(4).map_err(failed)?,
        };
        sum = sum_of_row(sum, &read);
        if seq != expected || sum != row.get::<_, i64>(5).map_err(failed)? {
            return Err(damaged(expected));
        }
        if read.at > to || !take(read) {
            break;
        }
    }
    Ok(sum)
}

/// The sum of a row, over the sum of the row before, too.
pub fn sum_of_row(before: i64, row: &JournalRow) -> i64 {
    let mut sum = Sum::new();
    sum.add(&before.to_le_bytes());
    sum.add(&row.seq.to_le_bytes());
    sum.add(&row.at.as_millis().to_le_bytes());
    for text in [Some(&*row.action), Some(&row.agent), row.device.as_deref()] {
        sum.add(text.map_or(&b"\xFF"[..], |text| text.as_bytes()));
        sum.add(&[0xFE]);
    }
    sum.kept()
}

/// The sum of a snapshot.
pub fn sum_of_snapshot(seq: i64, at_ms: i64, devices: &str) -> i64 {
    let mut sum = Sum::new();
    sum.add(&seq.to_le_bytes());
    sum.add(&at_ms.to_le_bytes());
    sum.add(devices.as_bytes());
    sum.kept()
}

/// How many rows lie before an instant. Instants never fall, so a bisection finds it.
///
/// # Errors
/// When the journal cannot be read, or a row is missing in it.
pub fn rows_before(connection: &Connection, from: Instant) -> rusqlite::Result<i64> {
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
