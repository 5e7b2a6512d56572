//! The same answers as one would first write them: nested maps keyed by strings, every answer
//! worked out anew, the wall clock asked each time.
#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod agree;
pub mod flat;
mod heap;
mod hours;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use lamplighter_core::model::Chosen;

use crate::fleet::{self, AGENTS, DEVICES, Rotation, Schedules, scattered};

pub use heap::Heap;
pub use hours::{Hours, at, peer};

/// The statuses of an agent's devices, by name.
pub type Devices = HashMap<String, String>;

/// A property as a client of a database would hold it.
pub struct Property {
    pub members: Vec<String>,
    pub scheduler: Option<Hours>,
    pub offline_when_all_agents_offline: bool,
}

/// All of them.
#[derive(Default)]
pub struct Fleet {
    pub agents: HashMap<String, Devices>,
    pub properties: HashMap<String, Property>,
    /// Which properties an agent is a member of.
    pub properties_of: HashMap<String, Vec<String>>,
}

/// What a property is called.
pub fn property_name(index: usize) -> String {
    format!("property-{index}")
}

/// What an agent is called.
pub fn agent_name(index: usize) -> String {
    format!("agent-{index}")
}

fn word(status: Chosen) -> &'static str {
    match status {
        Chosen::Online => "online",
        Chosen::Away => "away",
        Chosen::Invisible => "invisible",
    }
}

/// [`fleet::now`] as chrono has it.
pub fn now() -> DateTime<Utc> {
    at(fleet::now().as_millis())
}

/// An event by names: whose device, which one, and its status.
pub type NamedEvent = (String, &'static str, &'static str);

/// Events of a rotation, by names.
pub fn events(rotation: &mut Rotation, count: usize) -> Vec<NamedEvent> {
    let name = |place| (agent_name(place / DEVICES.len()), DEVICES[place % DEVICES.len()]);
    let event = |(place, status)| {
        let (agent, device) = name(place);
        (agent, device, word(status))
    };
    rotation.take(count).map(event).collect()
}

/// The properties whose widgets [`fleet::widgets`] draws, by name.
pub fn properties(properties: usize, count: usize) -> Vec<String> {
    (0..count).map(|step| property_name(scattered(step, properties))).collect()
}

/// Applies events; gives how many properties are online after theirs.
pub fn apply(fleet: &mut Fleet, events: &[NamedEvent]) -> usize {
    events.iter().map(|(agent, device, status)| fleet.apply(agent, device, status, now())).sum()
}

impl Fleet {
    /// The fleet that `fleet::world` makes.
    pub fn new(properties: usize, schedules: Schedules) -> Self {
        Self::by(properties, schedules, fleet::first_status)
    }

    /// The same with other statuses, by the places of devices.
    pub fn by(properties: usize, schedules: Schedules, status: impl Fn(usize) -> Chosen) -> Self {
        let mut fleet = Self::default();
        for index in 0..properties {
            let members: Vec<String> =
                (0..AGENTS).map(|agent| agent_name(index * AGENTS + agent)).collect();
            for (agent, name) in members.iter().enumerate() {
                fleet.properties_of.insert(name.clone(), vec![property_name(index)]);
                for (slot, device) in DEVICES.iter().enumerate() {
                    let place = (index * AGENTS + agent) * DEVICES.len() + slot;
                    fleet.set(name, device, word(status(place)));
                }
            }
            let property = Property {
                members,
                scheduler: fleet::has_scheduler(index).then(|| Hours::of(index, schedules)),
                offline_when_all_agents_offline: fleet::offline_when_all_agents_offline(index),
            };
            fleet.properties.insert(property_name(index), property);
        }
        fleet
    }

    /// Sets a device's status.
    pub fn set(&mut self, agent: &str, device: &str, status: &str) {
        let devices = self.agents.entry(agent.to_owned()).or_default();
        devices.insert(device.to_owned(), status.to_owned());
    }

    /// Sets a status and works out what the agent's properties show.
    pub fn apply(&mut self, agent: &str, device: &str, status: &str, at: DateTime<Utc>) -> usize {
        self.set(agent, device, status);
        let properties = self.properties_of.get(agent).cloned().unwrap_or_default();
        properties.iter().filter(|property| self.answer(property, at) == "online").count()
    }

    /// What a property's widget shows.
    pub fn answer(&self, property: &str, at: DateTime<Utc>) -> &'static str {
        let property = &self.properties[property];
        let scheduled = property.scheduler.is_some();
        if property.scheduler.as_ref().is_some_and(|hours| !hours.is_open(at)) {
            return "offline";
        }
        let mut away = false;
        for agent in &property.members {
            for status in self.agents.get(agent).iter().flat_map(|devices| devices.values()) {
                match status.as_str() {
                    "online" => return "online",
                    "away" => away = true,
                    _ => {}
                }
            }
        }
        match (away, scheduled && !property.offline_when_all_agents_offline) {
            (true, _) => "away",
            (false, true) => "online",
            (false, false) => "offline",
        }
    }
}
