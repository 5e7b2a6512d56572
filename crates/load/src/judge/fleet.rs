//! Everything that is known of agents' devices, and what properties and widgets could show by it.
//! Devices of which nothing is open are only counted; an answer looks at the few others.

use std::sync::Arc;

use super::hours::AllEdges;
use super::log::{Cause, Happening, Knowing, Log, NEVER, Outcome};
use super::values::{Answers, Highest, Presences, Statuses};
use crate::clock::Micros;
use crate::notes::{AgentIndex, Effect, PropertyIndex, Slot, WidgetIndex, WriteId};
use crate::plan::Plan;

/// A device of an agent.
pub type Device = (AgentIndex, Slot);

/// All devices, and what they add up to.
#[derive(Debug)]
pub struct Fleet {
    plan: Arc<Plan>,
    edges: AllEdges,
    /// By agent and slot.
    logs: Vec<Vec<Log>>,
    /// Where each agent counts: the own properties, and whether as an active member (rule P6).
    counts_in: Vec<Vec<(PropertyIndex, bool)>>,
    properties: Vec<Summary>,
}

/// What the devices of a property's active members add up to.
#[derive(Clone, Debug)]
struct Summary {
    /// How many settled devices have each set of statuses.
    settled: [u32; Statuses::COUNT],
    /// What those add up to.
    highest: Highest,
    /// The devices of which something is open, those of suspended members left out.
    open: Vec<Device>,
}

impl Fleet {
    /// Nobody has ever logged in.
    pub fn new(plan: Arc<Plan>, edges: AllEdges) -> Self {
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
        let summary = |settled| Summary { settled, highest: Highest::NOBODY, open: Vec::new() };
        let properties = settled.into_iter().map(summary).collect();
        let logs = plan.agents.iter().map(|a| vec![Log::default(); a.devices.len()]).collect();
        Self { plan, edges, logs, counts_in, properties }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The edges of schedulers.
    pub fn edges(&self) -> &AllEdges {
        &self.edges
    }

    /// The properties that are judged and of which an agent is a member.
    pub fn properties_of(&self, agent: AgentIndex) -> impl Iterator<Item = PropertyIndex> + '_ {
        self.counts_in[agent as usize].iter().map(|(property, _)| *property)
    }

    /// The log of a device.
    pub fn log(&self, (agent, slot): Device) -> &Log {
        &self.logs[agent as usize][usize::from(slot)]
    }

    /// The slots that an effect of one of them reaches.
    pub fn slots(&self, agent: AgentIndex, slot: Slot, effect: Effect) -> std::ops::Range<Slot> {
        match effect {
            Effect::StatusEverywhere(_) | Effect::LogoutEverywhere => {
                0..self.logs[agent as usize].len() as Slot
            }
            _ => slot..slot + 1,
        }
    }

    /// A write is sent.
    pub fn begin(
        &mut self,
        write: WriteId,
        at: Micros,
        agent: AgentIndex,
        slot: Slot,
        effect: Effect,
    ) {
        let cause = Cause::Write { write, slot, outcome: Outcome::Open };
        for reached in self.slots(agent, slot, effect) {
            let happening = Happening { effect, from: at, by: NEVER, cause, versions: Vec::new() };
            self.change((agent, reached), |log| log.push(happening));
        }
    }

    /// A device has lost its socket between two moments: its grace runs (rule P7). Gives the moment
    /// from which on it can be over; none where nothing comes of it.
    pub fn lose(&mut self, (since, at): (Micros, Micros), device: Device) -> Option<Micros> {
        let grace = self.grace();
        self.count_down((since + grace, at + grace), at, device)
    }

    /// A device may have had a socket between two moments, and have lost it again.
    pub fn lose_perhaps(&mut self, (since, at): (Micros, Micros), device: Device) {
        self.count_down((since + self.grace(), NEVER), at, device);
    }

    fn grace(&self) -> Micros {
        (self.plan.grace.0 * 1_000) as Micros
    }

    fn count_down(
        &mut self,
        (from, by): (Micros, Micros),
        lost: Micros,
        device: Device,
    ) -> Option<Micros> {
        if self.log(device).is_lost_or_void(from - self.grace()) {
            return None;
        }
        let cause = Cause::Grace { lost, ended_by: None };
        let effect = Effect::Logout;
        let happening = Happening { effect, from, by, cause, versions: Vec::new() };
        self.change(device, |log| log.push(happening));
        Some(from)
    }

    /// Changes the log of a device, and counts it anew.
    pub fn change(&mut self, device: Device, change: impl FnOnce(&mut Log)) {
        let log = &mut self.logs[device.0 as usize][usize::from(device.1)];
        let before = (log.is_settled(), log.settled());
        change(log);
        let after = (log.is_settled(), log.settled());
        if before == after {
            return;
        }
        let active = self.counts_in[device.0 as usize].iter().filter(|(_, is_active)| *is_active);
        for &(property, _) in active {
            let summary = &mut self.properties[property as usize];
            match before {
                (true, statuses) => summary.settled[statuses.index()] -= 1,
                (false, _) => summary.open.retain(|open| *open != device),
            }
            match after {
                (true, statuses) => summary.settled[statuses.index()] += 1,
                (false, _) => summary.open.push(device),
            }
            summary.add_up();
        }
    }

    /// Forgets what nobody will ask for any more, of all devices of an agent.
    pub fn forget(&mut self, agent: AgentIndex, before: Micros) {
        for slot in 0..self.logs[agent as usize].len() as Slot {
            if !self.log((agent, slot)).is_settled() {
                self.change((agent, slot), |log| log.forget(before));
            }
        }
    }

    /// The presences that a property could have for whoever knows so much (rules P4 to P6).
    pub fn presences(&self, property: PropertyIndex, knowing: &Knowing) -> Presences {
        let summary = &self.properties[property as usize];
        let highest = summary.open.iter().fold(summary.highest, |highest, &device| {
            highest.with(self.log(device).statuses(knowing))
        });
        highest.presences()
    }

    /// What a widget could show (rules W1 to W6).
    pub fn answers(&self, widget: WidgetIndex, knowing: &Knowing) -> Answers {
        let planned = &self.plan.widgets[widget as usize];
        let hours = self.edges.of(widget).hours(knowing.at, knowing.within, knowing.early);
        let presences = self.presences(planned.property, knowing);
        Answers::of(hours, presences, planned.settings.offline_when_all_agents_offline)
    }

    /// The statuses that an agent could have (rule P4).
    pub fn agent(&self, agent: AgentIndex, knowing: &Knowing) -> Statuses {
        let devices = self.logs[agent as usize].iter();
        devices.fold(Highest::NOBODY, |highest, log| highest.with(log.statuses(knowing))).statuses()
    }

    /// The devices of a property's active members of which something is open.
    pub fn open_devices(&self, property: PropertyIndex) -> &[Device] {
        &self.properties[property as usize].open
    }

    /// The devices of all of a property's members.
    pub fn devices(&self, property: PropertyIndex) -> impl Iterator<Item = Device> + '_ {
        let members = &self.plan.properties[property as usize].members;
        members.iter().flat_map(|&agent| self.devices_of(agent))
    }

    /// The devices of an agent.
    pub fn devices_of(&self, agent: AgentIndex) -> impl Iterator<Item = Device> + use<> {
        (0..self.logs[agent as usize].len() as Slot).map(move |slot| (agent, slot))
    }
}

impl Summary {
    fn add_up(&mut self) {
        let sets = self.settled.iter().enumerate().filter(|(_, count)| **count > 0);
        self.highest = sets
            .fold(Highest::NOBODY, |highest, (index, _)| highest.with(Statuses::from_index(index)));
    }
}
