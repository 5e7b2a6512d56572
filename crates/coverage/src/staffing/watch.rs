//! How many members were there for a property, hour by hour of the week.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;

use crate::calendar::{WEEK_HOURS, WallClock};

/// A property that is watched from its first instant to its last.
pub struct Watch {
    clock: WallClock,
    mark: Instant,
    there: u32,
    is_open: bool,
    /// Each hour of the week.
    pub hours: Vec<WatchedHour>,
}

/// What an hour of the week came to, in milliseconds.
#[derive(Clone, Copy, Default)]
pub struct WatchedHour {
    /// How long it was open.
    pub open_ms: u64,
    /// Members who were there while it was open, each for so long.
    pub there_open_ms: u64,
    /// Members who were there at all, each for so long.
    pub there_ms: u64,
}

impl Watch {
    /// Nobody is there, by the clock of a zone.
    pub fn new(zone: Arc<Zone>, from: Instant) -> Self {
        Self {
            clock: WallClock::new(zone),
            mark: from,
            there: 0,
            is_open: false,
            hours: vec![WatchedHour::default(); WEEK_HOURS],
        }
    }

    /// The zone by whose clock it is watched.
    pub fn zone(&self) -> &Arc<Zone> {
        self.clock.zone()
    }

    /// How many are there from an instant on, and whether the property is open.
    pub fn put(&mut self, at: Instant, there: u32, is_open: bool) {
        if (there, is_open) != (self.there, self.is_open) {
            self.finish(at);
            (self.there, self.is_open) = (there, is_open);
        }
    }

    /// Adds up to an instant.
    pub fn finish(&mut self, to: Instant) {
        if to <= self.mark {
            return;
        }
        let Self { clock, hours, there, is_open, .. } = self;
        clock.cut(self.mark.as_millis(), to.as_millis(), |piece| {
            let (hour, ms) = (&mut hours[piece.hour], piece.length_ms());
            hour.there_ms += ms * u64::from(*there);
            if *is_open {
                hour.open_ms += ms;
                hour.there_open_ms += ms * u64::from(*there);
            }
        });
        self.mark = to;
    }
}
