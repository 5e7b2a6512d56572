//! A trace into a world, without a scenario around it: to the final state, and what it came to.

use std::path::Path;

use super::ahead::Reading;
use super::traces::Feeds;
use crate::language::Roster;
use crate::language::span::Span;
use lamplighter_core::model::Instant;
use lamplighter_core::trace::{Diagnostic, OpenTraceError};
use lamplighter_core::world::{Change, World};

/// What a trace came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// How many rows are sound, whether or not what they say can happen.
    pub rows: u64,
    /// How many of those rows happened.
    pub events: u64,
    /// How many of them cannot happen as things stood (an anomaly, not an error).
    pub anomalies: u64,
    /// What is wrong with other rows; of a kind with very many the first says how many more there are.
    pub diagnostics: Vec<Diagnostic>,
}

/// Plays a trace into a world whose agents a roster names, as a scenario does, and reports every
/// change. Devices are met as they come. What it needs of memory is the same for any number of rows.
///
/// # Errors
/// When the trace cannot be opened.
///
/// # Panics
/// When the world has passed the first row already: time never goes back.
pub fn replay(
    path: &Path,
    roster: &mut Roster,
    world: &mut World,
    reading: Reading,
    changes: &mut impl FnMut(Change),
) -> Result<Replayed, OpenTraceError> {
    let mut replayed = Replayed::default();
    let mut feeds = Feeds::default();
    feeds.add(path, Span::default(), roster, reading, &mut replayed.diagnostics)?;
    feeds.learn_places(world);
    while let Some(at) = feeds.next_instant() {
        let told = (&*roster, &mut replayed.diagnostics);
        let count = feeds.play_many(Instant::MAX, told, world, changes);
        replayed.rows += count;
        replayed.events += count;
        if count > 0 {
            continue;
        }
        world.advance(at, changes);
        if let Some(row) = feeds.next_at(at) {
            replayed.rows += 1;
            match feeds.play(row, roster, world, changes).result {
                Ok(()) => replayed.events += 1,
                Err(_) => replayed.anomalies += 1,
            }
            feeds.pass(row, roster, &mut replayed.diagnostics);
        }
    }
    Ok(replayed)
}
