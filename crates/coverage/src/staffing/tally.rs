//! What became of the chats of a property: in one repetition, and over all of them.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Instant, Millis, PropertyId};

use super::StaffingOptions;
use super::erlang::{Load, members_needed};
use super::estimate::{Lengths, estimate};
use super::queue::Ended;
use super::watch::Watch;
use crate::calendar::{WEEK_HOURS, WallClock};
use crate::figures::{Estimate, StaffingFigures, StaffingHour, Waits, share};

/// The chats of one property in one repetition.
pub struct Tally {
    clock: WallClock,
    /// Within which time a chat is to be answered, in milliseconds.
    within_ms: u64,
    waits: Lengths,
    hours: Vec<TalliedHour>,
}

/// What became of the chats that began to wait in an hour of the week.
#[derive(Clone, Copy, Default)]
struct TalliedHour {
    /// Visitors who would chat if somebody were there.
    load: u64,
    chats: u64,
    answered: u64,
    waited_ms: u64,
    /// How long members had chats in hand within the hour, each chat for itself.
    busy_ms: u64,
    /// How many were answered within the time asked for.
    within: u64,
}

impl Tally {
    /// No chat yet.
    pub fn new(zone: &Arc<Zone>, within: Millis) -> Self {
        Self {
            clock: WallClock::new(Arc::clone(zone)),
            within_ms: within.0,
            waits: Lengths::default(),
            hours: vec![TalliedHour::default(); WEEK_HOURS],
        }
    }

    /// Somebody came who would chat.
    pub fn note_load(&mut self, at: Instant) {
        self.hours[self.clock.piece(at.as_millis(), i64::MAX).hour].load += 1;
    }

    /// What became of a chat.
    pub fn take(&mut self, ended: &Ended) {
        let Self { clock, hours, .. } = self;
        let hour = &mut hours[clock.piece(ended.chat.at_ms, i64::MAX).hour];
        hour.chats += 1;
        let Some((_, waited_ms)) = ended.answered else { return };
        hour.answered += 1;
        hour.waited_ms += waited_ms;
        hour.within += u64::from(waited_ms <= self.within_ms);
        self.waits.take(waited_ms);
        let began_ms = ended.chat.at_ms + waited_ms as i64;
        let over_ms = began_ms.saturating_add_unsigned(ended.chat.handle_ms);
        let over_ms = over_ms.min(Instant::MAX.as_millis());
        clock.cut(began_ms, over_ms, |piece| hours[piece.hour].busy_ms += piece.length_ms());
    }

    /// The report ends while a chat is in hand.
    pub fn end_early(&mut self, to_ms: i64, over_ms: i64) {
        let Self { clock, hours, .. } = self;
        let over_ms = over_ms.min(Instant::MAX.as_millis());
        clock.cut(to_ms, over_ms, |piece| hours[piece.hour].busy_ms -= piece.length_ms());
    }

    fn sum(&self, of: impl Fn(&TalliedHour) -> u64) -> u64 {
        self.hours.iter().map(of).sum()
    }
}

/// The figures of a property over all repetitions.
pub fn figures(
    property: PropertyId,
    watch: &Watch,
    runs: &[&Tally],
    options: &StaffingOptions,
) -> StaffingFigures {
    let over_runs = |of: &dyn Fn(&Tally) -> Option<f64>| -> Option<Estimate> {
        let values: Option<Vec<f64>> = runs.iter().map(|tally| of(tally)).collect();
        estimate(&values?)
    };
    let nothing = Estimate { mean: 0.0, plus_minus: None };
    let there_ms: u64 = watch.hours.iter().map(|hour| hour.there_ms).sum();
    let room_ms = there_ms * u64::from(options.concurrent);
    let waits = || {
        Some(Waits {
            mean: over_runs(&|tally| tally.waits.mean_ms())?,
            p50: over_runs(&|tally| tally.waits.quantile_ms(0.5))?,
            p90: over_runs(&|tally| tally.waits.quantile_ms(0.9))?,
        })
    };
    StaffingFigures {
        property,
        zone: Arc::clone(watch.zone()),
        chats: over_runs(&|tally| Some(tally.sum(|hour| hour.chats) as f64)).unwrap_or(nothing),
        waits: waits(),
        answered_within: over_runs(&|tally| {
            share(tally.sum(|hour| hour.within), tally.sum(|hour| hour.chats))
        }),
        missed: over_runs(&|tally| Some(tally.sum(|h| h.chats - h.answered) as f64))
            .unwrap_or(nothing),
        occupancy: over_runs(&|tally| share(tally.sum(|hour| hour.busy_ms), room_ms)),
        hours: (0..WEEK_HOURS).map(|hour| figures_of_hour(hour, watch, runs, options)).collect(),
    }
}

fn figures_of_hour(
    hour: usize,
    watch: &Watch,
    runs: &[&Tally],
    options: &StaffingOptions,
) -> StaffingHour {
    let watched = watch.hours[hour];
    let sum = |of: fn(&TalliedHour) -> u64| runs.iter().map(|tally| of(&tally.hours[hour])).sum();
    let count = runs.len() as u64;
    let mean = |sum: u64| sum as f64 / count as f64;
    let (chats, answered) = (sum(|hour| hour.chats), sum(|hour| hour.answered));
    let needed = options.wanted.and_then(|(wanted, within)| {
        let arrivals_per_ms = mean(sum(|hour| hour.load)) / watched.open_ms.max(1) as f64;
        let load = Load {
            places: 0,
            arrivals_per_ms,
            handle_ms: options.handle.mean_ms(),
            patience_ms: options.patience.map(|mean| mean.0 as f64),
        };
        members_needed(load, options.concurrent, (wanted, within.0 as f64))
    });
    StaffingHour {
        chats: mean(chats),
        answered_within: share(sum(|hour| hour.within), chats),
        missed: mean(chats - answered),
        wait_ms: share(sum(|hour| hour.waited_ms), answered),
        occupancy: share(
            sum(|hour| hour.busy_ms),
            watched.there_ms * u64::from(options.concurrent) * count,
        ),
        members: share(watched.there_open_ms, watched.open_ms),
        needed,
    }
}
