//! The history of one device: what it was, and the operations that have, or may have, changed it since.
//! Its writer is one agent; what overlaps is in flight at the same time, and may have taken effect in
//! either order, unless versions tell.
//!
//! | file | what it does |
//! | --- | --- |
//! | `operation` | an operation, and for whom it has taken effect |
//! | `forget` | what is let go of, since nothing that is still to be judged asks for it |

mod forget;
mod operation;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use super::possible::Statuses;
use crate::clock::Micros;
use crate::history::{Effect, WriteId};
use crate::plan::{DeviceSlot, PropertyIndex};

pub use forget::Horizon;
pub use operation::{NEVER, Operation, OperationCause, ReadPoint, TookEffect, WriteState};

/// So many operations of a device are put in order without asking for memory.
const FEW: usize = 16;

/// A device's past, from what is settled to what is in flight.
#[derive(Clone, Debug)]
pub struct DeviceHistory {
    settled: Statuses,
    operations: VecDeque<Operation>,
    /// Countdowns that were over before this moment have run out, whatever comes of what was sent since.
    graces_over: Micros,
}

impl Default for DeviceHistory {
    fn default() -> Self {
        Self {
            settled: Statuses::LOGGED_OUT,
            operations: VecDeque::new(),
            graces_over: Micros::MIN,
        }
    }
}

impl DeviceHistory {
    /// What it was before all operations that are still remembered.
    pub fn settled(&self) -> Statuses {
        self.settled
    }

    /// Whether no operation is remembered: it is what it was.
    pub fn is_settled(&self) -> bool {
        self.operations.is_empty()
    }

    /// The operations that are remembered, in the order of their invocations.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// An operation begins.
    pub fn push(&mut self, mut operation: Operation) {
        match &mut operation.cause {
            OperationCause::Write { write, .. } if ends_a_countdown(operation.effect) => {
                self.end_countdown(*write);
            }
            OperationCause::Write { .. } | OperationCause::Unsettled => {}
            // What is in flight can be why the connection was lost, and ends the countdown if not.
            OperationCause::Grace { ended_by, .. } => {
                if let Some((place, write)) = self.in_flight_ending_a_countdown() {
                    *ended_by = Some(write);
                    self.operations.insert(place, operation);
                    return;
                }
            }
        }
        self.operations.push_back(operation);
    }

    /// Whether nothing comes of a loss of the connection that was asked for at a moment: it is lost
    /// already (rule P7), or the device has logged in anew since (rule P1).
    pub fn is_lost_or_void(&self, asked_for: Micros) -> bool {
        self.operations.iter().any(|operation| match operation.cause {
            OperationCause::Grace { ended_by, .. } => ended_by.is_none(),
            OperationCause::Write { state: WriteState::Acknowledged, .. } => {
                operation.effect == Effect::Login && operation.earliest >= asked_for
            }
            OperationCause::Write { .. } | OperationCause::Unsettled => false,
        })
    }

    /// A write in flight that ends a countdown, and its place.
    fn in_flight_ending_a_countdown(&self) -> Option<(usize, WriteId)> {
        self.operations.iter().enumerate().find_map(|(place, operation)| match operation.cause {
            OperationCause::Write { write, state: WriteState::InFlight, .. } => {
                ends_a_countdown(operation.effect).then_some((place, write))
            }
            _ => None,
        })
    }

    /// A login, a logout or a return ends a countdown that is running.
    fn end_countdown(&mut self, write: WriteId) {
        for operation in &mut self.operations {
            if let OperationCause::Grace { ended_by, .. } = &mut operation.cause
                && ended_by.is_none()
                && operation.latest >= self.graces_over
            {
                *ended_by = Some(write);
            }
        }
    }

    /// A write was acknowledged at a moment, with the versions at which it took effect.
    pub fn acknowledge(&mut self, id: WriteId, at: Micros, versions: &[(PropertyIndex, u64)]) {
        let Some(place) = self.place_of(id) else { return };
        let operation = &mut self.operations[place];
        operation.latest = at;
        operation.versions = versions.to_vec();
        let effect = operation.effect;
        if let OperationCause::Write { state, .. } = &mut operation.cause {
            *state = WriteState::Acknowledged;
        }
        // Who came back had not been logged out; whoever logs in or out is at any rate not logged
        // out by an old countdown any more.
        self.operations.retain_mut(|operation| match &mut operation.cause {
            OperationCause::Grace { ended_by: Some(by), .. } if *by == id => {
                // It can have run out until then, unless it is known that it had not.
                operation.latest = operation.latest.min(at).max(operation.earliest);
                effect != Effect::Connect && operation.earliest < at
            }
            OperationCause::Write { write, .. } => *write != id || effect != Effect::Connect,
            OperationCause::Grace { .. } | OperationCause::Unsettled => true,
        });
    }

    /// A write was refused: it has not taken effect, and never will.
    pub fn refuse(&mut self, id: WriteId) {
        self.operations.retain_mut(|operation| match &mut operation.cause {
            OperationCause::Write { write, .. } => *write != id,
            OperationCause::Grace { ended_by, .. } => {
                ended_by.take_if(|by| *by == id);
                true
            }
            OperationCause::Unsettled => true,
        });
    }

    /// Another of the agent's devices logged out: until a moment this one may read as logged out, too
    /// (rule T44 of target files).
    pub fn unsettle(&mut self, (from, until): (Micros, Micros)) {
        self.push(Operation {
            effect: Effect::Logout,
            earliest: from,
            latest: until,
            cause: OperationCause::Unsettled,
            versions: Vec::new(),
        });
    }

    /// The target says that nobody is logged in: a countdown that can be over is.
    pub fn learn_logged_out(&mut self, at: Micros) {
        for operation in &mut self.operations {
            if operation.is_running_grace() && operation.earliest <= at {
                operation.latest = operation.latest.min(at);
            }
        }
    }

    /// Nobody knows what became of a write.
    pub fn leave_indeterminate(&mut self, id: WriteId) {
        let Some(place) = self.place_of(id) else { return };
        let operation = &mut self.operations[place];
        operation.latest = NEVER;
        if let OperationCause::Write { state, .. } = &mut operation.cause {
            *state = WriteState::Indeterminate;
        }
    }

    /// A fresh login of the device in a slot, sent at a moment, was acknowledged: tokens from before
    /// are void, and so what was sent with them has taken effect before it, or never will.
    pub fn settle_indeterminate(&mut self, from_slot: DeviceSlot, sent: Micros) {
        for operation in &mut self.operations {
            if let OperationCause::Write { slot, state: WriteState::Indeterminate, .. } =
                operation.cause
                && slot == from_slot
            {
                operation.latest = operation.latest.min(sent);
            }
        }
    }

    fn place_of(&self, id: WriteId) -> Option<usize> {
        self.operations.iter().position(
            |operation| matches!(operation.cause, OperationCause::Write { write, .. } if write == id),
        )
    }

    /// The statuses that the device could have at a point.
    pub fn statuses(&self, point: &ReadPoint) -> Statuses {
        if self.operations.is_empty() {
            return self.settled;
        }
        if let [only] = self.operations.as_slices().0
            && self.operations.len() == 1
            && !matches!(only.cause, OperationCause::Grace { ended_by: Some(_), .. })
        {
            // What is usual needs no order.
            return match only.took_effect(point) {
                TookEffect::No => self.settled,
                TookEffect::Maybe => self.settled.or(self.settled.after(only.effect)),
                TookEffect::Yes => self.settled.after(only.effect),
            };
        }
        let property = point.version.map(|(property, _)| property);
        // There are few, as a rule: a judge asks too often to ask for memory each time.
        let (mut few, mut many) = ([0; FEW], Vec::new());
        let count = self.operations.len();
        let order: &mut [usize] = match few.get_mut(..count) {
            Some(few) => few,
            None => {
                many.resize(count, 0);
                &mut many
            }
        };
        order.iter_mut().enumerate().for_each(|(place, operation)| *operation = place);
        if let Some(property) = property {
            self.put_in_order(order, property);
        }
        self.apply(order, point, property)
    }

    /// What operations, given by their places, make of what is settled, one after the other.
    fn apply(
        &self,
        order: &[usize],
        point: &ReadPoint,
        property: Option<PropertyIndex>,
    ) -> Statuses {
        let mut statuses = self.settled;
        for (number, &place) in order.iter().enumerate() {
            let operation = &self.operations[place];
            match self.took_effect(operation, point) {
                TookEffect::No => {}
                TookEffect::Maybe => statuses = statuses.or(statuses.after(operation.effect)),
                TookEffect::Yes => {
                    statuses = statuses.after(operation.effect);
                    // What was invoked before it can have taken effect behind it all the same.
                    for &earlier in &order[..number] {
                        let earlier = &self.operations[earlier];
                        if !earlier.is_before(operation, property)
                            && earlier.took_effect(point) != TookEffect::No
                        {
                            statuses = statuses.or(statuses.after(earlier.effect));
                        }
                    }
                }
            }
        }
        statuses
    }

    /// Whether an operation has taken effect at a point, as far as it does not hang on another one: a
    /// countdown can be over before it was due.
    pub fn took_effect(&self, operation: &Operation, point: &ReadPoint) -> TookEffect {
        let took_effect = operation.took_effect(point);
        let OperationCause::Grace { ended_by: Some(by), .. } = operation.cause else {
            return took_effect;
        };
        let ended = self
            .place_of(by)
            .map_or(TookEffect::No, |place| self.operations[place].took_effect(point));
        match (ended, took_effect) {
            (TookEffect::No, _) | (_, TookEffect::No) => took_effect,
            _ => TookEffect::Maybe,
        }
    }

    /// The places of all operations, given in the order of their invocations, put into that in which
    /// they took effect: by their versions, where those are known.
    fn put_in_order(&self, order: &mut [usize], property: PropertyIndex) {
        let version = |place: usize| self.operations[place].version_in(property);
        for end in 1..order.len() {
            let mut place = end;
            while place > 0
                && let (Some(before), Some(own)) =
                    (version(order[place - 1]), version(order[place]))
                && before > own
            {
                order.swap(place - 1, place);
                place -= 1;
            }
        }
    }
}

fn ends_a_countdown(effect: Effect) -> bool {
    matches!(effect, Effect::Login | Effect::Logout | Effect::Connect)
}
