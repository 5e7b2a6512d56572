//! What a device's history lets go of: what no observation that is still to be judged can ask for.

use super::super::possible::Statuses;
use super::{DeviceHistory, FEW, NEVER, Operation, OperationCause, ReadPoint, WriteState};
use crate::clock::Micros;
use crate::history::{Effect, WriteId};

/// From when on the past is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon {
    /// Writes that had surely taken effect before this moment are settled.
    pub writes: Micros,
    /// Graces that were surely over before this one are: what the clock does may show late, and is
    /// looked for further back.
    pub graces: Micros,
}

impl Horizon {
    /// Whether an operation had surely taken effect before it.
    pub fn is_behind(&self, operation: &Operation) -> bool {
        let before = if operation.is_grace() { self.graces } else { self.writes };
        !operation.is_in_flight() && operation.latest < before
    }

    /// Whether an operation was sent before it of which nobody knows what became.
    pub fn began_behind(&self, operation: &Operation) -> bool {
        let is_unknown = matches!(
            operation.cause,
            OperationCause::Write { state: WriteState::Indeterminate, .. }
        );
        is_unknown && operation.earliest < self.writes
    }
}

impl DeviceHistory {
    /// Lets go of so many operations, from the first on: behind them it could have these statuses.
    pub fn forget_first(&mut self, count: usize, settled: Statuses) {
        self.operations.drain(..count);
        self.settled = settled;
    }

    /// Forgets what nobody will ask for any more: all that had surely taken effect before the horizon,
    /// and with nothing going on across it. What stands behind a write that may still take effect has
    /// to stay, but for what something later has made void.
    pub fn forget(&mut self, horizon: Horizon) {
        self.settle(horizon);
        if self.operations.len() > FEW {
            self.drop_void(horizon);
        }
    }

    /// Makes one set of statuses of all that was over before the horizon, as far as it lies in front. A
    /// countdown goes with the write that may have ended it: without that it would surely have run out.
    pub(super) fn settle(&mut self, horizon: Horizon) {
        self.graces_over = self.graces_over.max(horizon.graces);
        let mut ends = Micros::MIN;
        let mut hangs_on = 0;
        let mut settles = 0;
        for (place, operation) in self.operations.iter().enumerate() {
            if !horizon.is_behind(operation) {
                break;
            }
            ends = ends.max(operation.latest);
            let ended_by = operation.ended_by().and_then(|write| self.place_of(write));
            hangs_on = hangs_on.max(ended_by.unwrap_or_default());
            let next = self.operations.get(place + 1);
            if hangs_on <= place && next.is_none_or(|next| next.earliest >= ends) {
                settles = place + 1;
            }
        }
        if settles == 0 {
            return;
        }
        let rest = self.operations.split_off(settles);
        // In the order of any property: what overlaps has versions in all of the agent's.
        let property = self.operations.iter().flat_map(|o| o.versions.first()).map(|v| v.0).next();
        let version = property.map(|property| (property, u64::MAX));
        let end = ReadPoint { at: NEVER - 1, version, late: 0, early: 0 };
        self.settled = self.statuses(&end);
        self.operations = rest;
    }

    /// Drops what a later write has made void, whatever else may have taken effect between them: a
    /// status where another write took its place, anything where a fresh login did (rule P1).
    fn drop_void(&mut self, horizon: Horizon) {
        let last = |is_so: fn(&Operation) -> bool| {
            let place = self.operations.iter().rposition(|operation| {
                is_acknowledged(operation) && horizon.is_behind(operation) && is_so(operation)
            })?;
            Some((place, self.operations[place].clone()))
        };
        let Some(last_write) = last(|_| true) else { return };
        let last_login = last(|operation| operation.effect == Effect::Login);
        let is_void_by = |operation: &Operation, place: usize, by: &(usize, Operation)| {
            let (its_place, by) = by;
            let properties = operation.versions.iter().map(|(property, _)| Some(*property));
            place < *its_place
                && operation.latest <= by.earliest
                && properties.chain([None]).all(|property| operation.is_before(by, property))
        };
        let is_void = |(place, operation): (usize, &Operation)| {
            let by_login =
                || last_login.as_ref().is_some_and(|by| is_void_by(operation, place, by));
            let is_status = matches!(operation.effect, Effect::Status(_));
            horizon.is_behind(operation)
                && match operation.cause {
                    OperationCause::Grace { .. } => by_login(),
                    OperationCause::Write { state: WriteState::Acknowledged, .. } => {
                        by_login() || is_status && is_void_by(operation, place, &last_write)
                    }
                    OperationCause::Write { .. } | OperationCause::Unsettled => false,
                }
        };
        let are_void: Vec<bool> = self.operations.iter().enumerate().map(is_void).collect();
        // What may have ended a countdown that is remembered is asked for as long as that is.
        let rest = self.operations.iter().zip(&are_void).filter(|(_, is_void)| !**is_void);
        let enders: Vec<WriteId> = rest.filter_map(|(operation, _)| operation.ended_by()).collect();
        let mut are_void = are_void.into_iter();
        self.operations.retain(|operation| {
            let is_void = are_void.next().unwrap_or_default();
            !is_void || operation.write().is_some_and(|write| enders.contains(&write))
        });
    }
}

fn is_acknowledged(operation: &Operation) -> bool {
    matches!(operation.cause, OperationCause::Write { state: WriteState::Acknowledged, .. })
}
