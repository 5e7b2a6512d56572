//! What became of the chats of a property: in one repetition, and over all of them.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Instant, Millis, PropertyId};

use super::erlang::{Load, members_needed};
use super::estimate::{Lengths, estimate, ratio};
use super::options::StaffingOptions;
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
    /// A tally without any chat, of hours in a zone, for chats that are to be answered within a time.
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

/// What nobody repeated.
const NOTHING: Estimate = Estimate { mean: 0.0, plus_minus: None };

/// The figures of a property over all repetitions.
pub fn figures(
    property: PropertyId,
    watch: &Watch,
    runs: &[&Tally],
    options: &StaffingOptions,
) -> StaffingFigures {
    // A repetition in which nobody came has no share, and the others have theirs all the same.
    let over_runs = |of: &dyn Fn(&Tally) -> Option<f64>| -> Option<Estimate> {
        estimate(&runs.iter().filter_map(|tally| of(tally)).collect::<Vec<f64>>())
    };
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
        chats: over_runs(&|tally| Some(tally.sum(|hour| hour.chats) as f64)).unwrap_or(NOTHING),
        waits: waits(),
        answered_within: over_runs(&|tally| {
            share(tally.sum(|hour| hour.within), tally.sum(|hour| hour.chats))
        }),
        missed: over_runs(&|tally| Some(tally.sum(|h| h.chats - h.answered) as f64))
            .unwrap_or(NOTHING),
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
    let values = |of: fn(&TalliedHour) -> u64| -> Vec<f64> {
        runs.iter().map(|tally| of(&tally.hours[hour]) as f64).collect()
    };
    let mean = |of| estimate(&values(of)).unwrap_or(NOTHING);
    let part_of = |part, whole| {
        let parts: Vec<(f64, f64)> = values(part).into_iter().zip(values(whole)).collect();
        ratio(&parts)
    };
    let room_ms = watched.there_ms * u64::from(options.concurrent);
    let occupied = || {
        let busy_ms = values(|hour| hour.busy_ms).into_iter();
        estimate(&busy_ms.map(|busy_ms| busy_ms / room_ms as f64).collect::<Vec<f64>>())
    };
    let needed = options.wanted.and_then(|(wanted, within)| {
        let arrivals_per_ms = mean(|hour| hour.load).mean / watched.open_ms.max(1) as f64;
        let load = Load {
            places: 0,
            arrivals_per_ms,
            handle_ms: options.handle.mean_ms(),
            patience_ms: options.patience.map(|mean| mean.0 as f64),
        };
        members_needed(load, options.concurrent, (wanted, within.0 as f64))
    });
    StaffingHour {
        chats: mean(|hour| hour.chats),
        answered_within: part_of(|hour| hour.within, |hour| hour.chats),
        missed: mean(|hour| hour.chats - hour.answered),
        wait_ms: part_of(|hour| hour.waited_ms, |hour| hour.answered),
        occupancy: if room_ms > 0 { occupied() } else { None },
        members: share(watched.there_open_ms, watched.open_ms),
        needed,
    }
}
