//! Agents and their devices, packed: a device is a word, and an agent with up to two devices and
//! one property is 24 bytes in one place. Who has more keeps the rest in lists aside.

use super::Connection;
use super::few::Few;
use crate::model::{AgentId, AgentStatus, DeviceId, DeviceStatus, Instant};

/// What is so of one device, in a word: a few flags, and since when it has its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Device(u64);

/// The lowest two bits are the status, in the order of [`DeviceStatus`].
const STATUS: u64 = 0b11;
/// The status is away by rule P8 rather than by hand.
const AWAY_BY_RULE: u64 = 1 << 2;
/// The connection is lost and the grace runs (rule P7).
const LOST: u64 = 1 << 3;
/// The connection was lost so long ago that the device was logged out (rule P7).
const RAN_OUT: u64 = 1 << 4;
/// A deadline of rule P8 is queued. One is enough: it moves on when it falls due.
const IDLE_QUEUED: u64 = 1 << 5;
/// The agent has this device.
const EXISTS: u64 = 1 << 6;
/// It had another status once: the upper bits say since when it has this one.
const CHANGED: u64 = 1 << 7;
/// Milliseconds since the first instant there is; 49 bits, up to the year 9999 (rule T4).
const SINCE_SHIFT: u32 = 15;

const STATUSES: [DeviceStatus; 4] =
    [DeviceStatus::LoggedOut, DeviceStatus::Invisible, DeviceStatus::Away, DeviceStatus::Online];

impl Device {
    const NEW: Self = Self(EXISTS);

    #[inline]
    pub fn status(self) -> DeviceStatus {
        STATUSES[(self.0 & STATUS) as usize]
    }

    #[inline]
    pub fn is_logged_in(self) -> bool {
        self.0 & STATUS != 0
    }

    /// Gives it a status at an instant; away by rule only where said so.
    #[inline]
    pub fn put_status(&mut self, status: DeviceStatus, by_rule: bool, at: Instant) {
        let mut word = self.0 & !AWAY_BY_RULE | if by_rule { AWAY_BY_RULE } else { 0 };
        if word & STATUS != status as u64 {
            let since = (at.as_millis() - Instant::MIN.as_millis()) as u64;
            let flags = word & ((1 << SINCE_SHIFT) - 1) & !STATUS;
            word = flags | status as u64 | CHANGED | since << SINCE_SHIFT;
        }
        self.0 = word;
    }

    #[inline]
    pub fn is_away_by_rule(self) -> bool {
        self.0 & AWAY_BY_RULE != 0
    }

    /// When the status last changed; `None` where it never did.
    pub fn since(self) -> Option<Instant> {
        let ms = (self.0 >> SINCE_SHIFT) as i64 + Instant::MIN.as_millis();
        Instant::from_millis(ms).filter(|_| self.0 & CHANGED != 0)
    }

    #[inline]
    pub fn is_lost(self) -> bool {
        self.0 & LOST != 0
    }

    #[inline]
    pub fn has_run_out(self) -> bool {
        self.0 & RAN_OUT != 0
    }

    /// Up, lost, or run out; until when a grace runs stands elsewhere.
    #[inline]
    pub fn put_connection(&mut self, connection: Connection) {
        let flag = match connection {
            Connection::Up => 0,
            Connection::Lost { .. } => LOST,
            Connection::RanOut => RAN_OUT,
        };
        self.0 = self.0 & !(LOST | RAN_OUT) | flag;
    }

    #[inline]
    pub fn is_idle_queued(self) -> bool {
        self.0 & IDLE_QUEUED != 0
    }

    #[inline]
    pub fn put_idle_queued(&mut self, queued: bool) {
        self.0 = self.0 & !IDLE_QUEUED | if queued { IDLE_QUEUED } else { 0 };
    }

    fn exists(self) -> bool {
        self.0 & EXISTS != 0
    }
}

/// One agent: the first two devices, the memberships, and where further devices stand.
#[derive(Clone, Copy, Debug)]
struct Agent {
    devices: [Device; 2],
    memberships: Few,
    /// The place of the further devices, from one; zero for none.
    more: u32,
}

const INLINE: usize = 2;

/// The third and further devices of one agent.
#[derive(Debug, Default)]
struct More {
    devices: Vec<Device>,
    /// How many of them have each status, so that nobody counts them again.
    by_status: [u32; 4],
}

/// All agents of a fleet.
#[derive(Debug)]
pub struct People {
    agents: Vec<Agent>,
    more: Vec<More>,
}

impl People {
    /// Agents without devices, with their memberships.
    pub fn new(memberships: Vec<Few>) -> Self {
        let agent = |memberships| Agent { devices: Default::default(), memberships, more: 0 };
        Self { agents: memberships.into_iter().map(agent).collect(), more: Vec::new() }
    }

    /// How many agents there are.
    pub fn len(&self) -> usize {
        self.agents.len()
    }

    /// What team-mates see: the highest over the devices (rule P4).
    #[inline]
    pub fn status(&self, agent: AgentId) -> AgentStatus {
        let agent = &self.agents[agent.index()];
        let [first, second] = agent.devices;
        let mut highest = (first.0 & STATUS).max(second.0 & STATUS);
        if agent.more != 0 {
            let by_status = self.more[agent.more as usize - 1].by_status;
            let beyond = (1..4).rev().find(|&status| by_status[status] > 0);
            highest = highest.max(beyond.unwrap_or(0) as u64);
        }
        AgentStatus::from(STATUSES[highest as usize])
    }

    /// An agent's memberships, as [`super::Property`] packs them.
    #[inline]
    pub fn memberships(&self, agent: AgentId) -> &Few {
        &self.agents[agent.index()].memberships
    }

    /// The same, to be changed.
    pub fn memberships_mut(&mut self, agent: AgentId) -> &mut Few {
        &mut self.agents[agent.index()].memberships
    }

    /// How many devices an agent has had so far.
    pub fn device_count(&self, agent: AgentId) -> usize {
        let agent = &self.agents[agent.index()];
        let inline = agent.devices.iter().filter(|device| device.exists()).count();
        let more = (agent.more as usize).checked_sub(1).map_or(0, |at| self.more[at].devices.len());
        inline + more
    }

    /// Gives an agent one more device, not logged in.
    pub fn add_device(&mut self, agent: AgentId) -> DeviceId {
        let id = DeviceId::new(agent, self.device_count(agent));
        let agent = &mut self.agents[agent.index()];
        if let Some(device) = agent.devices.get_mut(id.slot()) {
            *device = Device::NEW;
            return id;
        }
        if agent.more == 0 {
            self.more.push(More::default());
            agent.more = u32::try_from(self.more.len()).expect("fewer than there are agents");
        }
        let more = &mut self.more[agent.more as usize - 1];
        more.devices.push(Device::NEW);
        more.by_status[0] += 1;
        id
    }

    /// A device.
    #[inline]
    pub fn device(&self, id: DeviceId) -> Device {
        let agent = &self.agents[id.agent().index()];
        match agent.devices.get(id.slot()) {
            Some(device) => *device,
            None => self.more[agent.more as usize - 1].devices[id.slot() - INLINE],
        }
    }

    /// Changes a device, and keeps what is counted of it.
    #[inline]
    pub fn change(&mut self, id: DeviceId, change: impl FnOnce(&mut Device)) {
        let agent = &mut self.agents[id.agent().index()];
        if let Some(device) = agent.devices.get_mut(id.slot()) {
            change(device);
            return;
        }
        let more = &mut self.more[agent.more as usize - 1];
        let device = &mut more.devices[id.slot() - INLINE];
        more.by_status[device.status() as usize] -= 1;
        change(device);
        more.by_status[device.status() as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_of_two_devices_and_one_property_is_24_bytes() {
        assert_eq!(size_of::<Agent>(), 24);
    }

    #[test]
    fn a_word_keeps_each_of_its_parts_through_all_the_years() {
        let mut device = Device::NEW;
        assert_eq!(device.since(), None);
        for at in [Instant::MIN, Instant::MAX] {
            for status in [DeviceStatus::Away, DeviceStatus::Online, DeviceStatus::LoggedOut] {
                for connection in
                    [Connection::Up, Connection::Lost { until: None }, Connection::RanOut]
                {
                    let before = device.status();
                    device.put_connection(connection);
                    device.put_idle_queued(connection == Connection::Up);
                    device.put_status(status, status == DeviceStatus::Away, at);
                    assert_eq!(device.status(), status);
                    assert_eq!(device.is_away_by_rule(), status == DeviceStatus::Away);
                    assert_eq!(device.is_lost(), matches!(connection, Connection::Lost { .. }));
                    assert_eq!(device.has_run_out(), connection == Connection::RanOut);
                    assert_eq!(device.is_idle_queued(), connection == Connection::Up);
                    assert!(before == status || device.since() == Some(at));
                }
            }
        }
    }

    #[test]
    fn the_highest_of_many_devices_counts() {
        let mut people = People::new(vec![Few::NONE]);
        let ann = AgentId::new(0);
        let devices: Vec<DeviceId> = (0..5).map(|_| people.add_device(ann)).collect();
        assert_eq!(people.device_count(ann), 5);
        assert_eq!(people.status(ann), AgentStatus::Offline);
        let put = |people: &mut People, slot: usize, status| {
            people.change(devices[slot], |device| device.put_status(status, false, Instant::MIN));
            people.status(ann)
        };
        assert_eq!(put(&mut people, 3, DeviceStatus::Invisible), AgentStatus::Invisible);
        assert_eq!(put(&mut people, 0, DeviceStatus::Away), AgentStatus::Away);
        assert_eq!(put(&mut people, 4, DeviceStatus::Online), AgentStatus::Online);
        assert_eq!(put(&mut people, 4, DeviceStatus::LoggedOut), AgentStatus::Away);
        assert_eq!(put(&mut people, 0, DeviceStatus::LoggedOut), AgentStatus::Invisible);
        assert_eq!(put(&mut people, 3, DeviceStatus::LoggedOut), AgentStatus::Offline);
    }
}
