//! What operations on several devices make of an agent, in every order in which they can have taken
//! effect. Of a device's own operations, and of those that do not overlap, the order is known.

use std::collections::{BTreeMap, BTreeSet};

use lamplighter_core::model::RuleSet;

use super::super::device::{DeviceHistory, Horizon, NEVER, Operation, OperationCause, TookEffect};
use super::state::{AgentState, Step};
use crate::history::Effect;
use crate::plan::{DeviceSlot, PropertyIndex};

/// So many operations whose order is open are put into every order; of more it cannot be told.
const OPEN_MAX: usize = u64::BITS as usize - 1;
/// So often an operation is put behind others at most, each time with all that the agent could be by then.
const STEPS_MAX: usize = 1_024;
/// So many operations are remembered because of one that nobody has answered; then it is taken to have
/// happened by now, or never.
const BEHIND_UNKNOWN_MAX: usize = 64;

/// An operation of a device that can have taken effect.
#[derive(Clone, Copy)]
pub struct CandidateOperation<'h> {
    /// Its device.
    pub slot: DeviceSlot,
    /// Its place in the history of the device.
    pub place: usize,
    operation: &'h Operation,
    step: Step,
    is_sure: bool,
}

impl<'h> CandidateOperation<'h> {
    /// An operation; `None` where nothing comes of it.
    pub fn new(
        slot: DeviceSlot,
        place: usize,
        operation: &'h Operation,
        took_effect: TookEffect,
    ) -> Option<Self> {
        let step = match (operation.cause, operation.effect) {
            (_, Effect::Connect) => return None,
            (OperationCause::Grace { .. } | OperationCause::Unsettled, _) => Step::RunsOut,
            (OperationCause::Write { .. }, Effect::Login) => Step::Login,
            (OperationCause::Write { .. }, Effect::Status(chosen)) => Step::Status(chosen),
            (OperationCause::Write { .. }, Effect::Logout) => Step::Logout,
        };
        let is_sure = match took_effect {
            TookEffect::No => return None,
            TookEffect::Maybe => false,
            TookEffect::Yes => true,
        };
        Some(Self { slot, place, operation, step, is_sure })
    }

    /// Whether it surely came before another one.
    fn is_before(&self, other: &Self, property: Option<PropertyIndex>) -> bool {
        let version = |one: &Self| property.and_then(|of| one.operation.version_in(of));
        if let (Some(own), Some(its)) = (version(self), version(other))
            && own != its
        {
            return own < its;
        }
        // A countdown that a login or a logout ends was over before it, or never is.
        let is_ended = self.slot == other.slot
            && self.place < other.place
            && self.operation.is_grace()
            && matches!(other.step, Step::Login | Step::Logout);
        let (own, its) = (self.operation, other.operation);
        // What takes no time, as the end of a grace, is before nothing of the same moment, nor before itself.
        is_ended || own.latest <= its.earliest && own.earliest < its.latest
    }
}

/// What operations make of an agent, in every order in which they can have taken effect; `None` where
/// there are too many.
pub fn in_every_interleaving(
    rules: &RuleSet,
    settled: &[AgentState],
    mut operations: Vec<CandidateOperation<'_>>,
    property: Option<PropertyIndex>,
) -> Option<Vec<AgentState>> {
    let mut states: BTreeSet<AgentState> = settled.iter().cloned().collect();
    operations.sort_by_key(|one| (one.operation.earliest, one.operation.latest));
    let mut rest = &operations[..];
    while !rest.is_empty() {
        let (open, behind) = rest.split_at(overlap(rest, property));
        states = match open {
            [one] => {
                let taken = after(rules, &states, one);
                if one.is_sure { taken } else { &states | &taken }
            }
            _ if open.len() > OPEN_MAX => return None,
            _ => in_unknown_order(rules, states, open, property)?,
        };
        rest = behind;
    }
    // None, where versions contradict the times of writes: then nothing is known.
    (!states.is_empty()).then(|| states.into_iter().collect())
}

/// How many of some operations, from the first on, overlap each other, and come before all others.
fn overlap(operations: &[CandidateOperation<'_>], property: Option<PropertyIndex>) -> usize {
    let (mut count, mut looked_at) = (1, 0);
    while looked_at < count {
        let one = &operations[looked_at];
        let last = operations[count..].iter().rposition(|other| !one.is_before(other, property));
        count += last.map_or(0, |last| last + 1);
        looked_at += 1;
    }
    count
}

/// By which operations have taken effect so far, as bits, what the agent can be then.
fn in_unknown_order(
    rules: &RuleSet,
    settled: BTreeSet<AgentState>,
    operations: &[CandidateOperation<'_>],
    property: Option<PropertyIndex>,
) -> Option<BTreeSet<AgentState>> {
    let bits = |is_so: &dyn Fn(&CandidateOperation<'_>) -> bool| {
        let those = operations.iter().enumerate().filter(|(_, one)| is_so(one));
        those.fold(0_u64, |bits, (place, _)| bits | 1 << place)
    };
    let sure = bits(&|one| one.is_sure);
    let of_each = operations.iter().map(|one| {
        let before = bits(&|other| other.is_before(one, property)) & sure;
        let behind = bits(&|other| one.is_before(other, property));
        (before, behind)
    });
    let of_each: Vec<(u64, u64)> = of_each.collect();
    let (mut found, mut steps) = (BTreeSet::new(), 0);
    // What has more bits has the greater number: everything is met when all that leads to it was.
    let mut open = BTreeMap::from([(0_u64, settled)]);
    while let Some((done, states)) = open.pop_first() {
        if done & sure == sure {
            found.extend(states.iter().cloned());
        }
        for (place, (one, (before, behind))) in operations.iter().zip(&of_each).enumerate() {
            let bit = 1_u64 << place;
            if done & bit != 0 || done & before != *before || done & behind != 0 {
                continue;
            }
            steps += 1;
            if steps > STEPS_MAX {
                return None;
            }
            open.entry(done | bit).or_default().extend(after(rules, &states, one));
        }
    }
    Some(found)
}

fn after(
    rules: &RuleSet,
    states: &BTreeSet<AgentState>,
    one: &CandidateOperation<'_>,
) -> BTreeSet<AgentState> {
    let taken = states.iter().cloned().map(|mut state| {
        state.take(rules, one.slot, one.step);
        state
    });
    taken.collect()
}

/// How many operations of each device, from its first on, had surely taken effect before the horizon, and
/// before all others that are remembered.
pub fn forgettable(devices: &[DeviceHistory], horizon: Horizon) -> Vec<usize> {
    let all: usize = devices.iter().map(|history| history.operations().count()).sum();
    let is_over = |operation: &Operation| match all > BEHIND_UNKNOWN_MAX {
        true => horizon.is_behind(operation) || horizon.began_behind(operation),
        false => horizon.is_behind(operation),
    };
    let mut counts: Vec<usize> = devices
        .iter()
        .map(|history| history.operations().take_while(|one| is_over(one)).count())
        .collect();
    loop {
        let rest = devices.iter().zip(&counts).flat_map(|(history, count)| {
            history.operations().skip(*count).map(|operation| operation.earliest)
        });
        let Some(first) = rest.min() else { return counts };
        let mut is_smaller = false;
        for (history, count) in devices.iter().zip(&mut counts) {
            let before = history.operations().take(*count);
            let fits = before.take_while(|one| one.latest <= first || one.latest == NEVER);
            let fits = fits.count();
            is_smaller |= fits < *count;
            *count = fits;
        }
        if !is_smaller {
            return counts;
        }
    }
}
