//! What stands in the place of times of an event (`RECURRENCE-ID`): of one of them, or of one and all that
//! follow (RFC 5545, 3.2.13).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::event::{Event, Length};

/// The times of an event that others stand for, by its own clock.
#[derive(Default)]
pub struct Changed<'e> {
    /// Those that another stands for alone.
    alone: BTreeSet<NaiveDateTime>,
    /// From when on another stands for what follows; of several the last one does.
    later: BTreeMap<NaiveDateTime, &'e Event>,
}

impl<'e> Changed<'e> {
    /// What others change of an event.
    pub fn new(event: &Event, others: &[&'e Event]) -> Self {
        let mut changed = Self::default();
        for &other in others {
            let Some(stands_for) = &other.stands_for else { continue };
            let start = stands_for.by_clock_of(event);
            match stands_for.and_later {
                true => drop(changed.later.insert(start, other)),
                false => drop(changed.alone.insert(start)),
            }
        }
        changed
    }

    /// What takes place where the event would begin at a reading of its clock: which event, when by its
    /// own clock, and for how long; `None` where that is nothing, or said by another alone.
    pub fn at(
        &self,
        event: &'e Event,
        start: NaiveDateTime,
        length: Length,
    ) -> Option<(&'e Event, NaiveDateTime, Length)> {
        if self.alone.contains(&start) {
            return None;
        }
        let Some((from, other)) = self.later.range(..=start).next_back() else {
            return Some((event, start, length));
        };
        // All that follow are moved by as much, and take as long.
        let moved = other.start.local.checked_add_signed(start - *from)?;
        (!other.is_cancelled).then_some((*other, moved, other.length))
    }
}
