//! What was asked for behind an outage, and whether it was right.

use std::collections::HashMap;

use crate::clock::Micros;
use crate::observation::{Delivery, Observation, Observed};
use crate::plan::PropertyIndex;
use crate::result::{AfterOutage, Class};

/// The answers behind one outage.
#[derive(Clone, Debug, Default)]
pub struct AnswersAfter {
    /// What was counted so far.
    pub counts: AfterOutage,
    /// The first write about each property since the outage began that was not refused.
    written: HashMap<PropertyIndex, Micros>,
}

impl AnswersAfter {
    /// Something about a property was written at a moment since the outage began.
    pub fn write(&mut self, property: PropertyIndex, at: Micros) {
        let first = self.written.entry(property).or_insert(at);
        *first = at.min(*first);
    }

    /// An answer was asked for behind the outage; or it was found wrong, in which way. Whether a write
    /// about its property was on its way says who asks.
    pub fn count(
        &mut self,
        observation: &Observation,
        wrong_by: Option<Class>,
        is_in_flight: bool,
    ) {
        let written = self.written.get(&observation.property);
        let is_unchanged = !is_in_flight && written.is_none_or(|at| observation.returned < *at);
        let AfterOutage { answers, wrong, unchanged, unchanged_wrong, .. } = &mut self.counts;
        let is_by_clock = matches!(wrong_by, Some(Class::EdgeEarly | Class::EdgeLate));
        let (all, of_unchanged) = match wrong_by {
            Some(_) => (wrong, unchanged_wrong),
            None => (answers, unchanged),
        };
        *all += 1;
        *of_unchanged += u64::from(is_unchanged && !is_by_clock);
    }

    /// Nothing more is asked for: which properties were written is not needed any more.
    pub fn close(&mut self) {
        self.written = HashMap::new();
    }
}

/// Whether it was asked for: what is pushed tells of some moment before.
pub fn is_asked_for(observation: &Observation) -> bool {
    match &observation.seen {
        Observed::Widget(seen) => seen.delivery == Delivery::Polled,
        Observed::Team(_) => true,
        Observed::MissingMessage { .. } | Observed::SessionOver(..) => false,
    }
}
