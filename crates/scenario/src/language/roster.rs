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
    first: Vec<[DeviceName; FIRST]>,
    /// What each one's third is, then what each one's fourth is, and so on.
    further: Vec<Vec<DeviceName>>,
}

/// So many devices' names stand together.
const FIRST: usize = 2;

/// A place among the names of devices; `None` where the agent has no such device.
type DeviceName = Option<std::num::NonZeroU32>;

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
            if self.first.len() <= agent.index() {
                self.first.resize(room, [None; FIRST]);
            }
            self.first[agent.index()][slot] = wanted;
        } else {
            if slot - FIRST == self.further.len() {
                self.further.push(Vec::new());
            }
            let names = &mut self.further[slot - FIRST];
            if names.len() <= agent.index() {
                names.resize(room, None);
            }
            names[agent.index()] = wanted;
        }
        DeviceId::new(agent, slot)
    }

    /// The names of an agent's devices, in the order of their first mention.
    fn slots_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceName> {
        let first = self.first.get(agent.index()).copied().unwrap_or_default();
        let further = self.further.iter();
        let further = further.map(move |names| names.get(agent.index()).copied().flatten());
        first.into_iter().chain(further).take_while(Option::is_some)
    }

    /// All devices, agent by agent, each one's in the order of their first mention.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        (0..self.agents.len()).map(AgentId::new).flat_map(|agent| {
            (0..self.slots_of(agent).count()).map(move |slot| DeviceId::new(agent, slot))
        })
    }

    /// A device's own name.
    pub fn device_name(&self, device: DeviceId) -> &str {
        let name = self.slots_of(device.agent()).nth(device.slot()).flatten();
        let name = name.expect("a device has a name from its first mention on");
        self.device_names.name(name.get() as usize - 1)
    }

    /// The agent's name that is most like a word.
    pub fn nearest_agent(&self, word: &str) -> Option<&str> {
        nearest(word, self.agents.iter())
    }
}

fn device_name(index: usize) -> DeviceName {
    u32::try_from(index + 1).ok().and_then(std::num::NonZeroU32::new)
}
