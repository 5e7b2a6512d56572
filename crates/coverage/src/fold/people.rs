//! Who is there: how many members of each property are online and away, and which device is alone in
//! keeping it lit. Read beside the changes of the engine, of those alone whom something concerns.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use lamplighter_core::model::{AgentId, AgentStatus, DeviceId, DeviceStatus, Instant, PropertyId};
use lamplighter_core::world::{Connection, Membership, World};

use crate::figures::Doing;

/// Everybody of a world.
pub struct People {
    agents: Vec<AgentRecord>,
    properties: Vec<PropertyRecord>,
    /// When the clock does something to a device beside which the same agent has others, so that no
    /// status of an agent need change.
    due: BinaryHeap<Reverse<(Instant, AgentId)>>,
}

/// What was so of an agent when it was last looked at.
#[derive(Clone)]
struct AgentRecord {
    status: AgentStatus,
    devices: Vec<DeviceRecord>,
    /// How many devices are online or away.
    lit: u32,
    /// The properties in which the agent is an active member.
    properties: Vec<PropertyId>,
    /// When it is looked at again by the clock.
    due: Option<Instant>,
}

#[derive(Clone, Copy)]
struct DeviceRecord {
    status: DeviceStatus,
    /// Whether it has run out of its grace.
    ran_out: bool,
    /// Whether it is away by itself.
    is_idle: bool,
}

/// Who is there in a property.
#[derive(Clone, Copy, Default, Debug)]
pub struct PropertyRecord {
    /// Active members who are online.
    pub online: u32,
    /// Active members who are away.
    pub away: u32,
    /// Devices of active members that are online or away.
    pub lit_devices: u32,
}

/// What became of an agent.
#[derive(Clone, Copy, Debug)]
pub struct AgentChange {
    /// The device that changed; `None` where none did.
    pub device: Option<DeviceId>,
    /// What the clock did to it, where no event did.
    pub by_the_clock: Doing,
    /// What team-mates saw of the agent before.
    pub before: AgentStatus,
    /// What they see from this instant on.
    pub now: AgentStatus,
}

impl People {
    /// Everybody of a world, as it is.
    pub fn new(world: &World, agents: usize, properties: usize) -> Self {
        let agent = |agent| {
            let is_active = |property: &PropertyId| {
                world.membership(agent, *property) == Some(Membership::Active)
            };
            AgentRecord {
                status: AgentStatus::Offline,
                devices: Vec::new(),
                lit: 0,
                properties: world.properties_of(agent).into_iter().filter(is_active).collect(),
                due: None,
            }
        };
        Self {
            agents: (0..agents).map(|index| agent(AgentId::new(index))).collect(),
            properties: vec![PropertyRecord::default(); properties],
            due: BinaryHeap::new(),
        }
    }

    /// The ids of all agents of the world, in their order.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agents.len()).map(AgentId::new)
    }

    /// The ids of all properties of the world, in their order.
    pub fn properties(&self) -> impl Iterator<Item = PropertyId> + use<> {
        (0..self.properties.len()).map(PropertyId::new)
    }

    /// Who is there in a property.
    pub fn of(&self, property: PropertyId) -> PropertyRecord {
        self.properties[property.index()]
    }

    /// The properties in which an agent is an active member.
    pub fn properties_of(&self, agent: AgentId) -> &[PropertyId] {
        &self.agents[agent.index()].properties
    }

    /// The agents to whom the clock may have done something by an instant, without a change of what
    /// team-mates see.
    pub fn take_due(&mut self, at: Instant, touched: &mut Vec<AgentId>) {
        while let Some(&Reverse((due, agent))) = self.due.peek() {
            if due > at {
                return;
            }
            self.due.pop();
            let record = &mut self.agents[agent.index()];
            if record.due == Some(due) {
                record.due = None;
                touched.push(agent);
            }
        }
    }

    /// Looks at an agent, and takes what is so now into the counts of the properties.
    pub fn look(&mut self, world: &World, id: AgentId) -> AgentChange {
        let agent = &mut self.agents[id.index()];
        let status = world.agent_status(id);
        let mut looked = AgentChange {
            device: None,
            by_the_clock: Doing::TimeOver,
            before: agent.status,
            now: status,
        };
        let mut lit = 0;
        let (mut logged_in, mut due) = (0, None);
        for (slot, device) in world.devices_of(id).enumerate() {
            let state = world.device_state(device);
            let now = DeviceRecord {
                status: state.status,
                ran_out: state.connection == Connection::RanOut,
                is_idle: state.away_by_rule,
            };
            if slot == agent.devices.len() {
                agent.devices.push(DeviceRecord {
                    status: DeviceStatus::LoggedOut,
                    ran_out: false,
                    is_idle: false,
                });
            }
            let before = std::mem::replace(&mut agent.devices[slot], now);
            if before.status != now.status {
                looked.device = Some(device);
                looked.by_the_clock = match (now.ran_out && !before.ran_out, now.is_idle) {
                    (true, _) => Doing::GraceRanOut,
                    (false, true) => Doing::Idle,
                    (false, false) => Doing::TimeOver,
                };
            }
            lit += u32::from(is_lit(now.status));
            if now.status != DeviceStatus::LoggedOut {
                logged_in += 1;
                let lost = match state.connection {
                    Connection::Lost { until } => until,
                    Connection::Up | Connection::RanOut => None,
                };
                let back = state.goes_back.and_then(|back| back.at);
                let idle = match (world.timing().auto_away, state.active_at) {
                    (Some(length), Some(active)) => active.checked_add(length),
                    _ => None,
                };
                let next = [lost, back, idle].into_iter().flatten();
                due = next.filter(|&at| at > world.now()).chain(due).min();
            }
        }
        for property in &agent.properties {
            let counts = &mut self.properties[property.index()];
            counts.count(agent.status, agent.lit, false);
            counts.count(status, lit, true);
        }
        (agent.status, agent.lit) = (status, lit);
        // With one device alone whatever happens to it is seen.
        if logged_in > 1
            && let Some(due) = due
            && agent.due != Some(due)
        {
            agent.due = Some(due);
            self.due.push(Reverse((due, id)));
        }
        looked
    }

    /// An agent was suspended in a property, or reinstated.
    pub fn put_membership(&mut self, agent: AgentId, property: PropertyId, is_active: bool) {
        let record = &mut self.agents[agent.index()];
        let (status, lit) = (record.status, record.lit);
        match record.properties.iter().position(|other| *other == property) {
            Some(place) if !is_active => drop(record.properties.remove(place)),
            None if is_active => record.properties.push(property),
            _ => return,
        }
        self.properties[property.index()].count(status, lit, is_active);
    }

    /// The one active member who is online or away, where there is exactly one.
    pub fn single(&self, world: &World, property: PropertyId) -> Option<AgentId> {
        let counts = self.of(property);
        if counts.online + counts.away != 1 {
            return None;
        }
        self.active_members(world, property).find(|agent| {
            matches!(self.agents[agent.index()].status, AgentStatus::Online | AgentStatus::Away)
        })
    }

    /// The one device of an active member that is online or away, where there is exactly one.
    pub fn sole_device(&self, world: &World, property: PropertyId) -> Option<DeviceId> {
        if self.of(property).lit_devices != 1 {
            return None;
        }
        let agent = self
            .active_members(world, property)
            .find(|agent| self.agents[agent.index()].lit > 0)?;
        let devices = &self.agents[agent.index()].devices;
        let slot = devices.iter().position(|device| is_lit(device.status))?;
        Some(DeviceId::new(agent, slot))
    }

    /// The active members of a property, in the order of declaration.
    pub fn active_members<'w>(
        &'w self,
        world: &'w World,
        property: PropertyId,
    ) -> impl Iterator<Item = AgentId> + 'w {
        let members = world.members(property).iter().copied();
        members.filter(move |agent| self.agents[agent.index()].properties.contains(&property))
    }
}

impl PropertyRecord {
    fn count(&mut self, status: AgentStatus, lit: u32, comes: bool) {
        let change = |count: &mut u32, by: u32| match comes {
            true => *count += by,
            false => *count -= by,
        };
        change(&mut self.online, u32::from(status == AgentStatus::Online));
        change(&mut self.away, u32::from(status == AgentStatus::Away));
        change(&mut self.lit_devices, lit);
    }
}

fn is_lit(status: DeviceStatus) -> bool {
    matches!(status, DeviceStatus::Online | DeviceStatus::Away)
}
