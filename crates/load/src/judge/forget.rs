//! What the judge lets go of. An observation asks for what was so in its window, and a diagnosis for some
//! time before it; so whatever is older than the oldest window that can still come up, and than that
//! time, is settled. What is kept does not grow with the run.

use super::device::Horizon;
use super::verdict::FAR;
use super::{Judge, REMEMBERED_FOR};
use crate::clock::{Micros, SECOND_US};
use crate::history::Record;

/// It is looked so often at what can be forgotten.
const FORGET_EVERY: Micros = 5 * SECOND_US;
/// The window of an observation begins so long before its end at most: an answer has ten seconds, and so
/// far back reaches what is pushed; somewhat more for a generator that is late.
const BEGINS_WITHIN: Micros = 12 * SECOND_US;

impl Judge {
    /// Forgets what is settled, where that was not done just now. All records before `until` were
    /// taken.
    pub(super) fn forget_now_and_then(&mut self, until: Micros) {
        if until - self.forgotten_at <= FORGET_EVERY {
            return;
        }
        self.forgotten_at = until;
        // What the clock does may show so late, or early, without being wrong.
        let allowed = self.bound.within + self.bound.clock_uncertain;
        let begins = self.earliest_window(until);
        self.remembered_from = self.remembered_from.max(begins - REMEMBERED_FOR);
        let writes = begins - REMEMBERED_FOR - allowed;
        self.fleet.forget(Horizon { writes, graces: writes.min(begins - FAR - allowed) });
    }

    /// The first moment of all windows in which something is still to be judged, or once more.
    fn earliest_window(&self, until: Micros) -> Micros {
        let pending = self.pending.iter().flat_map(|pending| pending.waiting());
        let pending = pending.map(|pending| pending.begins());
        let violations = self.pending_violations.iter().filter_map(|pending| pending.begins());
        let later = self.later.iter().filter_map(|record| match record {
            Record::Observed(observation) => Some(observation.invoked),
            _ => None,
        });
        let begun = pending.chain(violations).chain(later).min();
        begun.unwrap_or(until).min(until - BEGINS_WITHIN)
    }
}

#[cfg(test)]
impl Judge {
    /// How many things are kept: operations, reads, versions, transitions and whatever else there is one
    /// of for each thing that happens.
    pub(super) fn kept(&self) -> usize {
        let devices = (0..self.pending.len()).flat_map(|at| self.fleet.devices(at as u32));
        let operations: usize =
            devices.map(|device| self.fleet.history(device).operations().count()).sum();
        let pending: usize = self.pending.iter().map(super::pending::PendingReads::kept).sum();
        let sessions = self.streams.len();
        let writes = self.writes.len() + self.graces.len() + self.later.len();
        let violations = self.pending_violations.len() + self.judged.evidence.len();
        operations + pending + sessions + writes + violations + self.propagation.kept()
    }

    /// The same judge, which forgets nothing.
    pub(super) fn that_never_forgets(mut self) -> Self {
        self.forgotten_at = Micros::MAX / 2;
        self
    }
}
