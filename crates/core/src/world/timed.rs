//! Statuses for a time (rule P9): what each such device goes back to, and when.

use std::collections::BTreeSet;

use foldhash::HashMap;

use super::copies::clone_by_field;
use crate::model::{Chosen, DeviceId, Instant};

/// What a device goes back to once the time of its status is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GoesBack {
    /// The last status that it was given without a time.
    pub to: Chosen,
    /// The instant at which the time is over; `None` beyond the year 9999, which never comes.
    pub at: Option<Instant>,
}

/// The devices of a fleet that have a status for a time.
#[derive(Debug, Default)]
pub struct TimedStatuses {
    of: HashMap<DeviceId, GoesBack>,
    queue: BTreeSet<(Instant, DeviceId)>,
}

clone_by_field! { TimedStatuses { of, queue } }

impl TimedStatuses {
    /// Whether there are none, as nearly always.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// When the next one is over.
    #[inline]
    pub fn next(&self) -> Option<Instant> {
        self.queue.first().map(|&(at, _)| at)
    }

    /// What a device goes back to, if it does.
    pub fn get(&self, device: DeviceId) -> Option<GoesBack> {
        self.of.get(&device).copied()
    }

    /// Puts one; one within another takes its place.
    pub fn put(&mut self, device: DeviceId, back: GoesBack) {
        self.end(device);
        self.queue.extend(back.at.map(|at| (at, device)));
        self.of.insert(device, back);
    }

    /// A login, logout or other status of the device: it goes back to nothing.
    pub fn end(&mut self, device: DeviceId) -> Option<GoesBack> {
        let back = self.of.remove(&device)?;
        if let Some(at) = back.at {
            self.queue.remove(&(at, device));
        }
        Some(back)
    }

    /// Takes one that is over at an instant.
    pub(super) fn pop(&mut self, at: Instant) -> Option<(DeviceId, GoesBack)> {
        let (_, device) = self.queue.first().copied().filter(|(due, _)| *due == at)?;
        self.end(device).map(|back| (device, back))
    }
}
