//! How long the widgets of a property kept what they promise, by the journal: its rows are played once
//! more into a world with that property alone, as it is set now, and folded as a scenario's are.

use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use thiserror::Error;

use crate::core::{Apart, Entry, RestoreError};
use crate::store::{JournalRow, Reader, StoreError};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Instant, Millis, PropertyId};
use lamplighter_core::world::World;
use lamplighter_coverage::figures::Coverage;
use lamplighter_coverage::fold::{Detail, FoldOptions};
use lamplighter_coverage::play::JournalPlayer;
use lamplighter_scenario::language::Roster;

/// A device that keeps a widget lit alone for longer than this without any event is a ghost, as for
/// `lamplighter coverage`.
const GHOST_AFTER: Millis = Millis(12 * 3_600_000);
/// After so many rows it looks at how long it takes.
const ROWS_AT_ONCE: u32 = 4_096;

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum CoverageError {
    /// The journal begins later.
    #[error("nothing is recorded before {to}: there are figures once somebody has logged in")]
    NothingRecorded {
        /// Where the figures would end.
        to: Instant,
    },
    /// The journal is too long to be read here.
    #[error(
        "the journal until {to} cannot be read within {} s: export it with GET /v1/trace, and use \
         `lamplighter coverage`", patience.as_secs()
    )]
    TooLong {
        /// Where the figures would end.
        to: Instant,
        /// How long it may take.
        patience: Duration,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in it does not fit together.
    #[error(transparent)]
    Unfit(#[from] RestoreError),
}

/// The figures of a property from one instant until another, that one excluded; where the journal begins
/// later, from there. It takes as long as the journal is long until there, and gives up after `patience`.
///
/// # Errors
/// When nothing is recorded, when it takes too long, and when the journal is not sound.
pub fn coverage_of(
    property: Apart,
    reader: &dyn Reader,
    (from, to): (Instant, Instant),
    patience: Duration,
) -> Result<Coverage, CoverageError> {
    let begun = Moment::now();
    let mut rows = ROWS_AT_ONCE;
    let mut is_too_long = false;
    let mut property = Some(property);
    let mut replay: Option<Replay> = None;
    let mut failed = None;
    let last = Instant::from_millis(to.as_millis() - 1).unwrap_or(Instant::MIN);
    reader.journal(Instant::MIN, last, &mut |row| {
        rows -= 1;
        if rows == 0 {
            rows = ROWS_AT_ONCE;
            is_too_long = begun.elapsed() > patience;
        }
        let taken = match (&mut replay, property.take()) {
            (Some(replay), _) => replay.take(&row),
            (None, Some(property)) => Replay::begin(property, from, &row).map(|begun| {
                replay = Some(begun);
            }),
            (None, None) => Ok(()),
        };
        failed = taken.err();
        failed.is_none() && !is_too_long
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if is_too_long {
        return Err(CoverageError::TooLong { to, patience });
    }
    let coverage = replay.and_then(|Replay { player, roster }| player.finish(to, roster));
    coverage.ok_or(CoverageError::NothingRecorded { to })
}

/// The rows so far, played.
struct Replay {
    player: JournalPlayer,
    roster: Roster,
}

impl Replay {
    /// The world begins with the journal's first row.
    fn begin(property: Apart, from: Instant, first: &JournalRow) -> Result<Self, RestoreError> {
        let (world, roster) = property.begin(first.at)?;
        let zone = zone_of(&world);
        let options = FoldOptions {
            detail: Detail::Whole,
            from,
            zone: &zone,
            ghost_after: GHOST_AFTER,
            agents: roster.agents.len(),
            properties: roster.properties.len(),
        };
        let mut replay = Self { player: JournalPlayer::new(world, &options), roster };
        replay.take(first)?;
        Ok(replay)
    }

    /// Plays a row; what agents of other properties do concerns nobody here.
    fn take(&mut self, row: &JournalRow) -> Result<(), RestoreError> {
        let is_settings = row.action == JournalRow::SETTINGS;
        if !is_settings && self.roster.agents.get(&row.agent).is_none() {
            return Ok(());
        }
        match Entry::read(row, &mut self.roster)? {
            Entry::Event(event) => self.player.happen(row.at, event),
            Entry::Timing(timing) => self.player.put_timing(row.at, timing.read()),
            // Nobody of either account is there at that instant.
            Entry::Account(_) => {}
        }
        Ok(())
    }
}

/// The zone in which a property is told: that of its own widget's hours, which is the first one.
fn zone_of(world: &World) -> Arc<Zone> {
    let widgets = world.widgets_of(PropertyId::new(0));
    let mut schedules = widgets.filter_map(|widget| world.schedule(widget));
    schedules.next().map_or_else(|| Arc::new(Zone::utc()), |schedule| Arc::clone(schedule.zone()))
}
