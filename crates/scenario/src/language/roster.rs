//! Who and what a scenario names: the rim between names and ids.

use super::diagnostic::nearest;
use lamplighter_core::model::{AgentId, DeviceId, Names, PropertyId, WidgetId};

/// The names of a scenario and their ids.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Properties, in the order of declaration.
    pub properties: Names<PropertyId>,
    /// Widgets, in the order of declaration; the first of a property has its name.
    pub widgets: Names<WidgetId>,
    /// Agents, in the order of declaration.
    pub agents: Names<AgentId>,
    /// What devices are called: a fleet has many phones, and one word for them.
    device_names: Names<usize>,
    /// What each agent's first two devices are called: most have no more.
    first: FirstNames,
    /// What each one's third is, then what each one's fourth is, and so on.
    further: Vec<Vec<DeviceName>>,
}

/// So many devices' names stand together.
const FIRST: usize = 2;

/// A place among the names of devices, from one; zero where the agent has no such device.
type DeviceName = u32;

/// What the first devices of agents are called, in as little room as the names that there are need.
#[derive(Clone, Debug)]
enum FirstNames {
    Few(Vec<[u16; FIRST]>),
    Many(Vec<[DeviceName; FIRST]>),
}

impl Default for FirstNames {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl FirstNames {
    fn get(&self, agent: AgentId) -> [DeviceName; FIRST] {
        match self {
            Self::Few(all) => all.get(agent.index()).map(|names| names.map(DeviceName::from)),
            Self::Many(all) => all.get(agent.index()).copied(),
        }
        .unwrap_or_default()
    }

    /// Puts one, of so many agents.
    fn put(&mut self, agent: AgentId, slot: usize, name: DeviceName, agent_count: usize) {
        if let Self::Few(few) = self {
            if let Ok(name) = u16::try_from(name) {
                if few.len() <= agent.index() {
                    few.resize(agent_count, [0; FIRST]);
                }
                few[agent.index()][slot] = name;
                return;
            }
            *self = Self::Many(few.iter().map(|names| names.map(DeviceName::from)).collect());
        }
        if let Self::Many(many) = self {
            if many.len() <= agent.index() {
                many.resize(agent_count, [0; FIRST]);
            }
            many[agent.index()][slot] = name;
        }
    }
}

impl Roster {
    /// The device of an agent by its name, if it was ever mentioned.
    pub fn device(&self, agent: AgentId, name: &str) -> Option<DeviceId> {
        let wanted = device_name(self.device_names.get(name)?);
        let slot = self.slots_of(agent).position(|name| name == wanted)?;
        Some(DeviceId::new(agent, slot))
    }

    /// The device of an agent by its name; at its first mention it gets the agent's next id.
    pub fn intern_device(&mut self, agent: AgentId, name: &str) -> DeviceId {
        let wanted = device_name(self.device_names.intern(name));
        let mut slot = 0;
        for name in self.slots_of(agent) {
            if name == wanted {
                return DeviceId::new(agent, slot);
            }
            slot += 1;
        }
        let room = self.agents.len().max(agent.index() + 1);
        if slot < FIRST {
            self.first.put(agent, slot, wanted, room);
        } else {
            if slot - FIRST == self.further.len() {
                self.further.push(Vec::new());
            }
            let names = &mut self.further[slot - FIRST];
            if names.len() <= agent.index() {
                names.resize(room, 0);
            }
            names[agent.index()] = wanted;
        }
        DeviceId::new(agent, slot)
    }

    /// Lets go of what properties, widgets and agents are found by, where hardly one will be looked for any
    /// more: of a million properties that is a hundred megabytes.
    pub fn let_go_of_tables(&mut self) {
        self.properties.let_go_of_table();
        self.widgets.let_go_of_table();
        self.agents.let_go_of_table();
    }

    /// The names of an agent's devices, in the order of their first mention.
    fn slots_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceName> {
        let further = self.further.iter();
        let further = further.map(move |names| names.get(agent.index()).copied().unwrap_or(0));
        self.first.get(agent).into_iter().chain(further).take_while(|name| *name != 0)
    }

    /// All devices, agent by agent, each one's in the order of their first mention.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        (0..self.agents.len()).map(AgentId::new).flat_map(|agent| {
            (0..self.slots_of(agent).count()).map(move |slot| DeviceId::new(agent, slot))
        })
    }

    /// A device's own name.
    pub fn device_name(&self, device: DeviceId) -> &str {
        let name = self.slots_of(device.agent()).nth(device.slot());
        let name = name.expect("a device has a name from its first mention on");
        self.device_names.name(name as usize - 1)
    }

    /// The agent's name that is most like a word.
    pub fn nearest_agent(&self, word: &str) -> Option<&str> {
        nearest(word, self.agents.iter())
    }
}

fn device_name(index: usize) -> DeviceName {
    u32::try_from(index + 1).expect("fewer devices than 2^32 are named")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_keep_their_names_whoever_of_however_many_names_them() {
        let mut roster = Roster::default();
        let agents: Vec<AgentId> =
            (0..70_000).map(|at| roster.agents.intern(&format!("a{at}"))).collect();
        // Each its own, and then three that all have, in either order.
        for (at, &agent) in agents.iter().enumerate() {
            assert_eq!(roster.intern_device(agent, &format!("d{at}")), DeviceId::new(agent, 0));
        }
        for (at, &agent) in agents.iter().enumerate() {
            let all = if at % 2 == 0 { ["phone", "desk", "tab"] } else { ["tab", "phone", "desk"] };
            for (slot, name) in all.into_iter().enumerate() {
                assert_eq!(roster.device(agent, name), None);
                let device = DeviceId::new(agent, slot + 1);
                assert_eq!(roster.intern_device(agent, name), device);
                assert_eq!(roster.intern_device(agent, name), device);
            }
        }
        for (at, &agent) in agents.iter().enumerate() {
            let last = if at % 2 == 0 { "tab" } else { "desk" };
            assert_eq!(roster.device(agent, last), Some(DeviceId::new(agent, 3)));
            assert_eq!(roster.device_name(DeviceId::new(agent, 0)), format!("d{at}"));
            assert_eq!(roster.device_name(DeviceId::new(agent, 3)), last);
        }
        assert_eq!(roster.devices().count(), 4 * agents.len());
    }
}
