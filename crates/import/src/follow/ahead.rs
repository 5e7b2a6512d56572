//! Follows entries in a thread of its own, while the rows that came of those before are written.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::{Counts, Follower, Row};
use crate::sort::Sorted;

/// So many rows are handed over together.
const ROWS: usize = 4_096;
/// So many times as many wait at most.
const WAITING: usize = 4;

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
        let thread = scope.spawn(move || follow(follower, entries, &spare, &out));
        for rows in followed {
            with(&rows)?;
            // It has ended where nobody needs room.
            let _ = give_room.send(rows);
        }
        let counts = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        counts.map_err(unreadable)
    })
}

/// Hands the rows that come of entries over to `out`; room for them comes from `spare`.
fn follow(
    mut follower: Follower,
    entries: Sorted,
    spare: &Receiver<Vec<Row>>,
    out: &SyncSender<Vec<Row>>,
) -> io::Result<Counts> {
    for entry in entries {
        follower.follow(entry?);
        if follower.rows().len() >= ROWS {
            let mut room = spare.try_recv().unwrap_or_default();
            room.clear();
            // Nobody wants what comes behind an error.
            if out.send(std::mem::replace(follower.rows(), room)).is_err() {
                return Ok(Counts::default());
            }
        }
    }
    let counts = follower.finish();
    let _ = out.send(std::mem::take(follower.rows()));
    Ok(counts)
}
