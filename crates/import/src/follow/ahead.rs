//! Follows entries in a thread of its own, while the rows that came of those before are written.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::{Counts, Follower, Row};
use crate::sort::Sorted;

/// So many rows are handed over together.
const ROWS: usize = 4_096;
/// So many times as many wait at most.
const WAITING: usize = 4;

/// Nobody takes rows any more.
struct Gone;

/// Rows that are handed over together.
struct Rows {
    rows: Vec<Row>,
    /// Those that were written, whose room is used again.
    spare: Receiver<Vec<Row>>,
    out: SyncSender<Vec<Row>>,
}

impl Rows {
    #[inline]
    fn push(&mut self, row: Row) -> Result<(), Gone> {
        self.rows.push(row);
        if self.rows.len() < ROWS { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        let mut room = self.spare.try_recv().unwrap_or_default();
        room.clear();
        self.out.send(std::mem::replace(&mut self.rows, room)).map_err(|_| Gone)
    }
}

/// Follows all entries; their rows go to `with`, many at a time, until that gives an error.
///
/// # Errors
/// That of `with`, and what `unreadable` makes of that of the entries.
pub fn follow_all<E>(
    follower: Follower,
    entries: Sorted,
    unreadable: impl FnOnce(io::Error) -> E,
    mut with: impl FnMut(&[Row]) -> Result<(), E>,
) -> Result<Counts, E> {
    std::thread::scope(|scope| {
        let (out, followed) = sync_channel(WAITING);
        let (give_room, spare): (Sender<Vec<Row>>, _) = channel();
        let thread = scope.spawn(move || {
            follow(follower, entries, Rows { rows: Vec::new(), spare, out })
        });
        for rows in followed {
            with(&rows)?;
            // It has ended where nobody needs room.
            let _ = give_room.send(rows);
        }
        let counts = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        counts.map_err(unreadable)
    })
}

fn follow(mut follower: Follower, entries: Sorted, mut rows: Rows) -> io::Result<Counts> {
    for entry in entries {
        if follower.follow(entry?, |row| rows.push(row)).is_err() {
            return Ok(Counts::default());
        }
    }
    let counts = follower.finish(|row| rows.push(row));
    let _ = rows.hand_over();
    Ok(counts.unwrap_or_default())
}
