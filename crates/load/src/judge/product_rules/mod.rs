//! Agents by other rules than the rule book's for people (rules P1 to P5 and the knobs that change
//! them): there what one device does reaches the others of its agent, and so an agent is looked at as a
//! whole. What is written and when stays in the histories of the devices.
//!
//! | file | what it does |
//! | --- | --- |
//! | `state` | what an agent can be, and what an operation makes of it |
//! | `interleavings` | what operations make of it in every order in which they can have taken effect |

mod interleavings;
mod state;

use lamplighter_core::model::RuleSet;
use lamplighter_core::model::knobs::LoginGives;

use super::device::{DeviceHistory, Horizon, NEVER, ReadPoint};
use super::possible::Statuses;
use crate::plan::{AgentIndex, DeviceSlot};
use interleavings::{CandidateOperation, forgettable, in_every_interleaving};
use state::AgentState;

/// All agents, by other rules than the rule book's.
#[derive(Debug)]
pub struct ProductRules {
    rules: RuleSet,
    /// What each agent could be before all operations that are still remembered.
    settled: Vec<Vec<AgentState>>,
}

/// What the histories of an agent's devices let go of.
pub struct ForgottenOperations {
    /// How many operations of each device, from its first on.
    pub counts: Vec<usize>,
    /// The statuses that each device could have behind them.
    pub statuses: Vec<Statuses>,
}

impl ProductRules {
    /// Nobody is logged in. `None` where agents and their devices go by the rule book. The agents'
    /// accounts are new, or may have been used before the run: then a login can give back whatever was
    /// chosen there (`login = "keeps"`).
    pub fn new(rules: &RuleSet, devices: &[usize], accounts_are_new: bool) -> Option<Self> {
        if !rules.concern_people() {
            return None;
        }
        let is_unknown = rules.login == LoginGives::Keeps && !accounts_are_new;
        let first = |count: &usize| match is_unknown {
            true => AgentState::all_that_may_be_kept(rules, *count),
            false => vec![AgentState::new(*count)],
        };
        Some(Self { rules: *rules, settled: devices.iter().map(first).collect() })
    }

    /// What an agent could be at a point; `None` where so much overlaps that it cannot be told.
    fn states(
        &self,
        agent: AgentIndex,
        devices: &[DeviceHistory],
        point: &ReadPoint,
    ) -> Option<Vec<AgentState>> {
        let settled = &self.settled[agent as usize];
        let operations: Vec<CandidateOperation<'_>> = placed(devices, point).collect();
        let property = point.version.map(|(property, _)| property);
        in_every_interleaving(&self.rules, settled, operations, property)
    }

    /// Whether it can be told what an agent could be at a point.
    pub fn can_tell(
        &self,
        agent: AgentIndex,
        devices: &[DeviceHistory],
        point: &ReadPoint,
    ) -> bool {
        self.states(agent, devices, point).is_some()
    }

    /// The statuses that an agent could have (rule P4): any, where that cannot be told.
    pub fn statuses(
        &self,
        agent: AgentIndex,
        devices: &[DeviceHistory],
        point: &ReadPoint,
    ) -> Statuses {
        let Some(states) = self.states(agent, devices, point) else { return Statuses::ANY };
        states.iter().fold(Statuses::NONE, |statuses, state| {
            statuses.or(Statuses::only(state.status(&self.rules)))
        })
    }

    /// Whether a device of an agent can be logged out at a point.
    pub fn can_be_out(
        &self,
        (agent, slot): (AgentIndex, DeviceSlot),
        devices: &[DeviceHistory],
        point: &ReadPoint,
    ) -> bool {
        let states = self.states(agent, devices, point);
        states.is_none_or(|states| states.iter().any(|state| !state.is_logged_in(slot)))
    }

    /// Settles what had surely taken effect before the horizon; gives what the devices' histories are to
    /// let go of, if anything.
    pub fn settle(
        &mut self,
        agent: AgentIndex,
        devices: &[DeviceHistory],
        horizon: Horizon,
    ) -> Option<ForgottenOperations> {
        let counts = forgettable(devices, horizon);
        if counts.iter().all(|count| *count == 0) {
            return None;
        }
        let properties = devices.iter().flat_map(DeviceHistory::operations);
        let property = properties.flat_map(|operation| operation.versions.first()).next();
        let version = property.map(|(property, _)| (*property, u64::MAX));
        let end = ReadPoint { at: NEVER - 1, version, late: 0, early: 0 };
        let over = placed(devices, &end);
        let over = over.filter(|one| one.place < counts[usize::from(one.slot)]).collect();
        let before = &self.settled[agent as usize];
        let property = version.map(|(property, _)| property);
        // What cannot be told is whatever any of them can have made of it.
        let after = in_every_interleaving(&self.rules, before, over, property);
        let after = after.unwrap_or_else(|| AgentState::all(&self.rules, devices.len()));
        let of_device = |slot: usize| {
            after.iter().fold(Statuses::NONE, |statuses, state| {
                statuses.or(Statuses::only(state.device(slot as DeviceSlot)))
            })
        };
        let statuses = (0..devices.len()).map(of_device).collect();
        self.settled[agent as usize] = after;
        Some(ForgottenOperations { counts, statuses })
    }
}

/// All operations of an agent's devices that can have taken effect at a point.
fn placed<'h>(
    devices: &'h [DeviceHistory],
    point: &'h ReadPoint,
) -> impl Iterator<Item = CandidateOperation<'h>> {
    let slots = (0..).zip(devices);
    slots.flat_map(move |(slot, history)| {
        history.operations().enumerate().filter_map(move |(place, operation)| {
            let took_effect = history.took_effect(operation, point);
            CandidateOperation::new(slot, place, operation, took_effect)
        })
    })
}
