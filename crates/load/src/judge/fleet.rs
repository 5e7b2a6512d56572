//! The histories of all devices, and what properties and widgets could show by them. Devices whose
//! history is settled are only counted; a read looks at the few others.

use std::sync::Arc;

use super::bound::{GraceRange, StalenessBounds};
use super::device::{
    DeviceHistory, Horizon, NEVER, Operation, OperationCause, ReadPoint, WriteState,
};
use super::edges::AllEdges;
use super::possible::{Admissible, Highest, Presences, Statuses};
use super::product_rules::{ForgottenOperations, ProductRules};
use crate::clock::Micros;
use crate::history::{Effect, WriteId};
use crate::plan::{AgentIndex, DeviceSlot, PropertyIndex, RunPlan, WidgetIndex};
use lamplighter_core::model::{DeviceStatus, RuleSet};

/// A device of an agent.
pub type DeviceKey = (AgentIndex, DeviceSlot);

/// All devices, and what they add up to.
#[derive(Debug)]
pub struct Fleet {
    plan: Arc<RunPlan>,
    edges: AllEdges,
    /// What the target has promised of graces, and of who is shown to team-mates.
    bounds: StalenessBounds,
    /// The history of each device, by agent and slot.
    histories: Vec<Vec<DeviceHistory>>,
    /// What agents could be; `None` where they go by the rule book.
    product_rules: Option<ProductRules>,
    /// Where each agent counts: the own properties, and whether as an active member (rule P6).
    counts_in: Vec<Vec<(PropertyIndex, bool)>>,
    properties: Vec<PropertySummary>,
}

/// What the devices of a property's active members add up to.
#[derive(Clone, Debug)]
struct PropertySummary {
    /// How many settled devices have each set of statuses.
    settled: [u32; Statuses::COUNT],
    /// What those add up to.
    highest: Highest,
    /// The devices whose history is not settled, those of suspended members left out.
    unsettled: Vec<DeviceKey>,
}

impl Fleet {
    /// Nobody has ever logged in.
    pub fn new(plan: Arc<RunPlan>, edges: AllEdges, bounds: StalenessBounds) -> Self {
        let counts_in: Vec<Vec<(PropertyIndex, bool)>> = (0..)
            .zip(&plan.agents)
            .map(|(agent, planned)| {
                let own = planned.properties.iter().filter_map(|&property| {
                    let of = &plan.properties[property as usize];
                    of.is_own.then(|| (property, !of.suspended.contains(&agent)))
                });
                own.collect()
            })
            .collect();
        let mut settled = vec![[0_u32; Statuses::COUNT]; plan.properties.len()];
        for (planned, counts_in) in plan.agents.iter().zip(&counts_in) {
            for &(property, _) in counts_in.iter().filter(|(_, is_active)| *is_active) {
                let devices = &mut settled[property as usize][Statuses::LOGGED_OUT.index()];
                *devices += planned.devices.len() as u32;
            }
        }
        let summary =
            |settled| PropertySummary { settled, highest: Highest::NOBODY, unsettled: Vec::new() };
        let properties = settled.into_iter().map(summary).collect();
        let histories =
            plan.agents.iter().map(|a| vec![DeviceHistory::default(); a.devices.len()]).collect();
        let devices: Vec<usize> = plan.agents.iter().map(|agent| agent.devices.len()).collect();
        let product_rules = ProductRules::new(&bounds.rules, &devices, bounds.accounts_are_new);
        Self { plan, edges, bounds, histories, product_rules, counts_in, properties }
    }

    /// The rules that the target follows.
    pub fn rules(&self) -> &RuleSet {
        &self.bounds.rules
    }

    /// The plan, which names the members and the settings.
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// The edges of all schedulers.
    pub fn edges(&self) -> &AllEdges {
        &self.edges
    }

    /// The properties that are judged and of which an agent is a member.
    pub fn properties_of(&self, agent: AgentIndex) -> impl Iterator<Item = PropertyIndex> + '_ {
        self.counts_in[agent as usize].iter().map(|(property, _)| *property)
    }

    /// The history of a device.
    pub fn history(&self, (agent, slot): DeviceKey) -> &DeviceHistory {
        &self.histories[agent as usize][usize::from(slot)]
    }

    /// A write is in flight.
    pub fn invoke(&mut self, write: WriteId, at: Micros, device: DeviceKey, effect: Effect) {
        let cause = OperationCause::Write { write, slot: device.1, state: WriteState::InFlight };
        let versions = Vec::new();
        let operation = Operation { effect, earliest: at, latest: NEVER, cause, versions };
        self.change(device, |history| history.push(operation));
    }

    /// A device has lost its socket between two moments: its grace runs (rule P7). Gives the moment
    /// at which it is over at the latest; none where nothing comes of it.
    pub fn lose(&mut self, (since, at): (Micros, Micros), device: DeviceKey) -> Option<Micros> {
        let GraceRange { min, max } = self.bounds.grace?;
        self.count_down(since, (since + min, at + max), at, device)
    }

    /// A device may have had a socket between two moments, and have lost it again.
    pub fn maybe_lose(&mut self, (since, at): (Micros, Micros), device: DeviceKey) {
        if let Some(GraceRange { min, .. }) = self.bounds.grace {
            self.count_down(since, (since + min, NEVER), at, device);
        }
    }

    /// The target has ended a device's session between two moments: a logout by the clock, as the end of
    /// a grace is.
    /// Gives the moment at which it surely has; none where nothing comes of it.
    pub fn expire(&mut self, (since, at): (Micros, Micros), device: DeviceKey) -> Option<Micros> {
        self.count_down(since, (since, at), at, device)
    }

    fn count_down(
        &mut self,
        since: Micros,
        (earliest, latest): (Micros, Micros),
        lost: Micros,
        device: DeviceKey,
    ) -> Option<Micros> {
        if self.history(device).is_lost_or_void(since) {
            return None;
        }
        let cause = OperationCause::Grace { lost, ended_by: None };
        let effect = Effect::Logout;
        let operation = Operation { effect, earliest, latest, cause, versions: Vec::new() };
        self.change(device, |history| history.push(operation));
        Some(latest)
    }

    /// Changes the history of a device, and counts it anew.
    pub fn change(&mut self, device: DeviceKey, change: impl FnOnce(&mut DeviceHistory)) {
        let history = &mut self.histories[device.0 as usize][usize::from(device.1)];
        let before = (history.is_settled(), history.settled());
        change(history);
        let after = (history.is_settled(), history.settled());
        if before == after {
            return;
        }
        let active = self.counts_in[device.0 as usize].iter().filter(|(_, is_active)| *is_active);
        for &(property, _) in active {
            let summary = &mut self.properties[property as usize];
            match before {
                (true, statuses) => summary.settled[statuses.index()] -= 1,
                (false, _) => summary.unsettled.retain(|known| *known != device),
            }
            match after {
                (true, statuses) => summary.settled[statuses.index()] += 1,
                (false, _) => summary.unsettled.push(device),
            }
            summary.add_up();
        }
    }

    /// Forgets what nobody will ask for any more, of all devices.
    pub fn forget(&mut self, horizon: Horizon) {
        for agent in 0..self.histories.len() as AgentIndex {
            if self.product_rules.is_some() {
                self.settle(agent, horizon);
                continue;
            }
            for device in self.devices_of(agent) {
                if !self.history(device).is_settled() {
                    self.change(device, |history| history.forget(horizon));
                }
            }
        }
    }

    /// Forgets what nobody will ask for any more of an agent by other rules than the rule book's.
    fn settle(&mut self, agent: AgentIndex, horizon: Horizon) {
        let histories = &self.histories[agent as usize];
        if histories.iter().all(DeviceHistory::is_settled) {
            return;
        }
        let settled =
            self.product_rules.as_mut().and_then(|by| by.settle(agent, histories, horizon));
        let Some(ForgottenOperations { counts, statuses }) = settled else { return };
        for (device, (count, statuses)) in
            self.devices_of(agent).zip(counts.into_iter().zip(statuses))
        {
            self.change(device, |history| history.forget_first(count, statuses));
        }
    }

    /// The presences that a property could have at a point (rules P4 to P6).
    pub fn presences(&self, property: PropertyIndex, point: &ReadPoint) -> Presences {
        if self.product_rules.is_some() {
            let active = self.active_members(property);
            return active.fold(Presences::NOBODY, |presences, agent| {
                presences.with(self.rules(), self.agent(agent, point))
            });
        }
        let summary = &self.properties[property as usize];
        let highest = summary.unsettled.iter().fold(summary.highest, |highest, &device| {
            highest.with(self.history(device).statuses(point))
        });
        highest.presences()
    }

    /// What a widget could show (rules W1 to W6).
    pub fn admissible(&self, widget: WidgetIndex, point: &ReadPoint) -> Admissible {
        let planned = &self.plan.widgets[widget as usize];
        let hours = self.edges.of(widget).hours(point.at, point.late, point.early);
        let presences = self.presences(planned.property, point);
        Admissible::of(
            self.rules(),
            hours,
            presences,
            planned.settings.offline_when_all_agents_offline,
        )
    }

    /// The statuses that an agent could have (rule P4).
    pub fn agent(&self, agent: AgentIndex, point: &ReadPoint) -> Statuses {
        let devices = &self.histories[agent as usize];
        if let Some(product_rules) = &self.product_rules {
            return product_rules.statuses(agent, devices, point);
        }
        devices
            .iter()
            .fold(Highest::NOBODY, |highest, history| highest.with(history.statuses(point)))
            .statuses()
    }

    /// What team-mates could see of an agent (rule P4).
    pub fn team_sees(&self, agent: AgentIndex, point: &ReadPoint) -> Statuses {
        self.agent(agent, point).seen_by(self.rules())
    }

    /// Whether a device could be logged out.
    pub fn can_be_out(&self, device: DeviceKey, point: &ReadPoint) -> bool {
        match &self.product_rules {
            Some(product_rules) => {
                product_rules.can_be_out(device, &self.histories[device.0 as usize], point)
            }
            None => self.history(device).statuses(point).has(DeviceStatus::LoggedOut),
        }
    }

    /// Whether it can be told what all members of a property could be at a point: not where more overlaps
    /// than can be put into every order.
    pub fn can_tell(&self, property: PropertyIndex, point: &ReadPoint) -> bool {
        let Some(product_rules) = &self.product_rules else { return true };
        let members = &self.plan.properties[property as usize].members;
        members
            .iter()
            .all(|&agent| product_rules.can_tell(agent, &self.histories[agent as usize], point))
    }

    /// The members of a property who count in it (rule P6).
    fn active_members(&self, property: PropertyIndex) -> impl Iterator<Item = AgentIndex> + '_ {
        let planned = &self.plan.properties[property as usize];
        let members = planned.members.iter().copied();
        members.filter(|member| !planned.suspended.contains(member))
    }

    /// The devices of a property's active members whose history is not settled.
    pub fn unsettled_devices(&self, property: PropertyIndex) -> &[DeviceKey] {
        &self.properties[property as usize].unsettled
    }

    /// The devices of all of a property's members.
    pub fn devices(&self, property: PropertyIndex) -> impl Iterator<Item = DeviceKey> + '_ {
        let members = &self.plan.properties[property as usize].members;
        members.iter().flat_map(|&agent| self.devices_of(agent))
    }

    /// The devices of an agent.
    pub fn devices_of(&self, agent: AgentIndex) -> impl Iterator<Item = DeviceKey> + use<> {
        (0..self.histories[agent as usize].len() as DeviceSlot).map(move |slot| (agent, slot))
    }
}

impl PropertySummary {
    fn add_up(&mut self) {
        let sets = self.settled.iter().enumerate().filter(|(_, count)| **count > 0);
        self.highest = sets
            .fold(Highest::NOBODY, |highest, (index, _)| highest.with(Statuses::from_index(index)));
    }
}
