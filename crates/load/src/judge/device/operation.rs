//! Operations on one device, and for whom they have taken effect.

use crate::clock::Micros;
use crate::history::{Effect, WriteId};
use crate::plan::{DeviceSlot, PropertyIndex};

/// Later than anything.
pub const NEVER: Micros = Micros::MAX;

/// Something that may change a device: a write, or the end of a grace, which is a write by the clock.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation {
    /// What it does to the device.
    pub effect: Effect,
    /// The earliest moment at which it can have taken effect: of a write its invocation.
    pub earliest: Micros,
    /// The moment from which on it surely has: of a write its return; [`NEVER`] for what nobody knows
    /// of.
    pub latest: Micros,
    /// Whose operation it is, the agent's or the clock's.
    pub cause: OperationCause,
    /// For each property the version at which it took effect, where that is known.
    pub versions: Vec<(PropertyIndex, u64)>,
}

/// Who changes a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperationCause {
    /// A write.
    Write {
        /// Its number, by which its return finds it.
        write: WriteId,
        /// The device that has sent it, with a token of its own.
        slot: DeviceSlot,
        /// Whether it was acknowledged, is in flight, or stays indeterminate.
        state: WriteState,
    },
    /// The clock: the grace of a lost connection runs out (rule P7).
    Grace {
        /// The moment at which the connection was known to be lost.
        lost: Micros,
        /// The write that ends the countdown, if there is one.
        ended_by: Option<WriteId>,
    },
    /// The target, for a while: after a logout of another of the agent's devices this one may read as
    /// logged out, too, and does not any more once it is over.
    Unsettled,
}

/// What is known of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteState {
    /// It was invoked, and has not returned.
    InFlight,
    /// It was acknowledged: it has taken effect.
    Acknowledged,
    /// No answer came: it may have taken effect, or may still.
    Indeterminate,
}

/// For what a reader is asked: a moment, the version that the answer says it knew, and how much the
/// clock may be early or late with what it does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReadPoint {
    /// The moment of the read at which all values are taken.
    pub at: Micros,
    /// The property and its version, where the answer says so: then exactly the writes up to it count.
    pub version: Option<(PropertyIndex, u64)>,
    /// How late an edge or the end of a grace may show: the staleness bound.
    pub late: Micros,
    /// How early it may: what is uncertain of the target's clock.
    pub early: Micros,
}

/// Whether an operation has taken effect for a reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TookEffect {
    No,
    Maybe,
    Yes,
}

impl Operation {
    /// Its version in a property, where that is known.
    pub fn version_in(&self, property: PropertyIndex) -> Option<u64> {
        self.versions.iter().find(|(of, _)| *of == property).map(|(_, version)| *version)
    }

    /// Whether it is a write that was sent and has not returned.
    pub fn is_in_flight(&self) -> bool {
        matches!(self.cause, OperationCause::Write { state: WriteState::InFlight, .. })
    }

    /// The number of a write.
    pub fn write(&self) -> Option<WriteId> {
        match self.cause {
            OperationCause::Write { write, .. } => Some(write),
            OperationCause::Grace { .. } | OperationCause::Unsettled => None,
        }
    }

    /// The write that ended a countdown, or may have.
    pub fn ended_by(&self) -> Option<WriteId> {
        match self.cause {
            OperationCause::Grace { ended_by, .. } => ended_by,
            OperationCause::Write { .. } | OperationCause::Unsettled => None,
        }
    }

    /// Whether it is the end of a grace.
    pub fn is_grace(&self) -> bool {
        matches!(self.cause, OperationCause::Grace { .. })
    }

    /// Whether it is a countdown that nothing has ended.
    pub fn is_running_grace(&self) -> bool {
        matches!(self.cause, OperationCause::Grace { ended_by: None, .. })
    }

    /// Whether it has taken effect at a point.
    pub fn took_effect(&self, point: &ReadPoint) -> TookEffect {
        match self.cause {
            OperationCause::Grace { .. } => {
                let earliest = self.earliest.saturating_sub(point.early);
                let latest = self.latest.saturating_add(point.late);
                between(point.at, earliest, latest)
            }
            OperationCause::Unsettled => match between(point.at, self.earliest, self.latest) {
                TookEffect::Maybe => TookEffect::Maybe,
                TookEffect::No | TookEffect::Yes => TookEffect::No,
            },
            OperationCause::Write { state: WriteState::Indeterminate, .. } => {
                match point.at < self.earliest {
                    true => TookEffect::No,
                    // Never, perhaps.
                    false => TookEffect::Maybe,
                }
            }
            OperationCause::Write { .. } => {
                let known = point.version.and_then(|(property, version)| {
                    self.version_in(property).map(|own| own <= version)
                });
                match known {
                    Some(true) => TookEffect::Yes,
                    Some(false) => TookEffect::No,
                    None => between(point.at, self.earliest, self.latest),
                }
            }
        }
    }

    /// Whether it surely came before another one, which stands behind it in the history.
    pub fn is_before(&self, later: &Self, property: Option<PropertyIndex>) -> bool {
        let versions = property.and_then(|of| Some((self.version_in(of)?, later.version_in(of)?)));
        match versions {
            Some((own, other)) => own <= other,
            // A grace runs out before whatever comes after its device was lost, or not at all.
            None => {
                self.latest <= later.earliest || matches!(self.cause, OperationCause::Grace { .. })
            }
        }
    }
}

fn between(at: Micros, earliest: Micros, latest: Micros) -> TookEffect {
    if at < earliest {
        TookEffect::No
    } else if at < latest {
        TookEffect::Maybe
    } else {
        TookEffect::Yes
    }
}
