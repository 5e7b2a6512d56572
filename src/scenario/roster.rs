//! Who and what a scenario names: the rim between names and ids.

use std::collections::HashMap;

use super::fault::nearest;
use crate::model::{AgentId, DeviceId, Names, PropertyId, WidgetId};

/// The names of a scenario and their ids.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Properties, in the order of declaration.
    pub properties: Names<PropertyId>,
    /// Widgets, in the order of declaration; the first of a property has its name.
    pub widgets: Names<WidgetId>,
    /// Agents, in the order of declaration.
    pub agents: Names<AgentId>,
    devices: Vec<(AgentId, Box<str>)>,
    device_ids: HashMap<AgentId, HashMap<Box<str>, DeviceId>>,
}

impl Roster {
    /// The device of an agent by its name, if it was ever mentioned.
    pub fn device(&self, agent: AgentId, name: &str) -> Option<DeviceId> {
        self.device_ids.get(&agent)?.get(name).copied()
    }

    /// The device of an agent by its name; at its first mention it gets the next id.
    pub fn intern_device(&mut self, agent: AgentId, name: &str) -> DeviceId {
        if let Some(id) = self.device(agent, name) {
            return id;
        }
        let id = DeviceId::new(self.devices.len());
        self.devices.push((agent, name.into()));
        self.device_ids.entry(agent).or_default().insert(name.into(), id);
        id
    }

    /// All devices in the order of their ids.
    pub fn devices(&self) -> impl Iterator<Item = (AgentId, &str)> {
        self.devices.iter().map(|(agent, name)| (*agent, &**name))
    }

    /// A device's own name.
    pub fn device_name(&self, device: DeviceId) -> &str {
        &self.devices[device.index()].1
    }

    /// The agent of a device.
    pub fn agent_of(&self, device: DeviceId) -> AgentId {
        self.devices[device.index()].0
    }

    /// The agent's name that is most like a word.
    pub fn nearest_agent(&self, word: &str) -> Option<&str> {
        nearest(word, self.agents.iter())
    }
}
