//! Who the rows of traces are about: a slot for each agent with the name, the agent, where the world keeps
//! the agent, and what the agent's devices are called. Whatever a row needs to be known is in one place of
//! memory, and the places of many rows are waited for together.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::language::Roster;
use lamplighter_core::model::{Action, AgentId, DeviceId, Instant, NameKey, Names};
use lamplighter_core::trace::UsualRow;
use lamplighter_core::world::World;

/// The agents of a scenario, to be found by their names by any number of threads.
pub struct Directory {
    /// A table by hash, with half as many slots again as there are agents: with fewer, many rows are looked for
    /// further on, and with more, five million agents take 100 MB more.
    slots: Vec<Slot>,
    /// The longer names, and the slot of each.
    long: Names<usize>,
    long_slots: Vec<Slot>,
    /// What devices are called; a device's code is the place of its name here, from one.
    device_names: RwLock<Names<usize>>,
}

/// What is known of an agent.
#[repr(align(32))]
struct Slot {
    key: NameKey,
    agent: AgentId,
    /// Where the world keeps the agent, once it is known.
    hint: AtomicU32,
    /// The codes of the first devices; zero where there is none yet.
    devices: [AtomicU32; DEVICES],
}

/// Most agents have no more devices.
const DEVICES: usize = 2;

/// The device of no letters: all of an agent's.
const ALL: u32 = u32::MAX;
/// A device whose name nobody had yet.
const UNKNOWN: u32 = 0;

/// Of whom a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Nobody of the scenario.
    Stranger,
    /// An agent, on all devices.
    All,
    /// One known device of an agent.
    One,
    /// A device of an agent that may be named for the first time.
    Other,
}

/// A row and of whom it is.
#[derive(Clone, Copy)]
pub struct PlacedRow {
    /// The instant of the row.
    pub at: Instant,
    /// What the row says that the agent does.
    pub action: Action,
    /// Of whom it is.
    pub whom: Whom,
    /// The one device, or any of the agent's; means nothing of a stranger.
    pub device: DeviceId,
    /// Where its names are.
    pub names: NamesOf,
}

/// Where the names of a row are.
#[derive(Clone, Copy)]
pub enum NamesOf {
    /// Where the row begins in the text at hand.
    Text(u32),
    /// The place of the row among those that are not written as most are.
    Aside(u32),
}

/// Remembers what devices are called, so that nobody else is asked for each row; one for each thread.
pub struct Memo {
    devices: [(NameKey, u32); Self::PLACES],
    /// The slots of the rows that are placed together.
    homes: [usize; GO],
}

/// So many rows are placed together: as many as a processor waits for at once, and more.
const GO: usize = 64;

impl Memo {
    const PLACE_BITS: u32 = 6;
    const PLACES: usize = 1 << Self::PLACE_BITS;
}

impl Default for Memo {
    fn default() -> Self {
        Self { devices: [(NameKey::EMPTY, ALL); Self::PLACES], homes: [0; GO] }
    }
}

impl Slot {
    fn free() -> Self {
        Self {
            key: NameKey::EMPTY,
            agent: AgentId::new(0),
            hint: AtomicU32::new(DeviceId::new(AgentId::new(0), 0).hint()),
            devices: [const { AtomicU32::new(UNKNOWN) }; DEVICES],
        }
    }

    /// The device with a code, or what is known without one, and where its agent is.
    #[inline]
    fn whom(&self, code: u32) -> (Whom, DeviceId) {
        let [first, second] = &self.devices;
        let (whom, slot) = match code {
            ALL => (Whom::All, 0),
            UNKNOWN => (Whom::Other, 0),
            code if code == first.load(Ordering::Relaxed) => (Whom::One, 0),
            code if code == second.load(Ordering::Relaxed) => (Whom::One, 1),
            _ => (Whom::Other, 0),
        };
        let hint = self.hint.load(Ordering::Relaxed);
        (whom, DeviceId::new(self.agent, slot).with_hint(hint))
    }
}

impl Directory {
    /// The agents of a roster and their devices.
    pub fn new(roster: &Roster) -> Self {
        let room = (roster.agents.len() * 3 / 2).max(2);
        let mut directory = Self {
            slots: (0..room).map(|_| Slot::free()).collect(),
            long: Names::default(),
            long_slots: Vec::new(),
            device_names: RwLock::default(),
        };
        let mut keys = [(NameKey::EMPTY, AgentId::new(0)); GO];
        let mut count = 0;
        for (index, name) in roster.agents.iter().enumerate() {
            let agent = AgentId::new(index);
            match NameKey::of(name) {
                Some(key) => {
                    keys[count] = (key, agent);
                    count += 1;
                }
                None => {
                    directory.long.intern(name);
                    directory.long_slots.push(Slot { agent, ..Slot::free() });
                }
            }
            if count == GO {
                directory.put_all(&keys);
                count = 0;
            }
        }
        directory.put_all(&keys[..count]);
        for device in roster.devices() {
            let agent = roster.agents.name(device.agent());
            directory.meet(agent, roster.device_name(device), device);
        }
        directory
    }

    /// From now on the device of an agent is found by its name, if it is one of the first.
    pub fn meet(&self, agent: &str, name: &str, device: DeviceId) {
        if device.slot() >= DEVICES {
            return;
        }
        let code = {
            let mut names = self.device_names.write().unwrap_or_else(PoisonError::into_inner);
            code(names.intern(name))
        };
        if let Some(slot) = self.find(agent)
            && let Some(device) = slot.devices.get(device.slot())
        {
            device.store(code, Ordering::Relaxed);
        }
    }

    /// Learns where a world keeps the agents.
    pub fn learn_places(&self, world: &World) {
        for slot in self.slots.iter().filter(|slot| slot.key != NameKey::EMPTY) {
            slot.learn_place(world);
        }
        self.long_slots.iter().for_each(|slot| slot.learn_place(world));
    }

    /// Of whom a row is that has these names.
    pub fn whom(&self, agent: &str, device: Option<&str>) -> (Whom, DeviceId) {
        let Some(slot) = self.find(agent) else { return stranger() };
        slot.whom(device.map_or(ALL, |device| self.device(device)))
    }

    /// Places many rows at once behind those that are placed already; `names` gives those of a row that
    /// begins at a place of its text.
    pub fn place_all<'a>(
        &self,
        found: &[UsualRow],
        names: impl Fn(u32) -> (&'a str, &'a str),
        memo: &mut Memo,
        placed: &mut Vec<PlacedRow>,
    ) {
        placed.reserve(found.len());
        for rows in found.chunks(GO) {
            let mut near = 0;
            for (row, home) in rows.iter().zip(&mut memo.homes) {
                *home = self.home(row.agent);
            }
            // A loop that does next to nothing has many turns under way at once.
            for &home in &memo.homes[..rows.len()] {
                near ^= u32::from(self.slots[home].agent);
            }
            std::hint::black_box(near);
            for (place, row) in rows.iter().enumerate() {
                let slot = match row.agent.is_too_long() {
                    false => self.find_from(memo.homes[place], row.agent),
                    true => self.find(names(row.start).0),
                };
                let code = match row.device {
                    NameKey::EMPTY => ALL,
                    key if key.is_too_long() => self.device(names(row.start).1),
                    key => memo.code(key, || self.device(names(row.start).1)),
                };
                let (whom, device) = slot.map_or_else(stranger, |slot| slot.whom(code));
                placed.push(PlacedRow {
                    at: row.at,
                    action: row.action,
                    whom,
                    device,
                    names: NamesOf::Text(row.start),
                });
            }
        }
    }

    /// The slot in which a name is looked for first.
    #[inline]
    fn home(&self, key: NameKey) -> usize {
        ((u64::from((key.hash() >> 32) as u32) * self.slots.len() as u64) >> 32) as usize
    }

    /// Gives agents who have none yet their slots, which are waited for together.
    fn put_all(&mut self, agents: &[(NameKey, AgentId)]) {
        let near = agents
            .iter()
            .fold(0, |near, (key, _)| near ^ u32::from(self.slots[self.home(*key)].agent));
        std::hint::black_box(near);
        for &(key, agent) in agents {
            let place = self.place(key);
            self.slots[place] = Slot { key, agent, ..Slot::free() };
        }
    }

    /// The slot of a name, or the free one in which it would be.
    fn place(&self, key: NameKey) -> usize {
        let mut at = self.home(key);
        while self.slots[at].key != key && self.slots[at].key != NameKey::EMPTY {
            at = (at + 1) % self.slots.len();
        }
        at
    }

    #[inline]
    fn find_from(&self, home: usize, key: NameKey) -> Option<&Slot> {
        let slot = &self.slots[home];
        if slot.key == key {
            return Some(slot);
        }
        if slot.key == NameKey::EMPTY {
            return None;
        }
        self.find_behind(home, key)
    }

    /// The slot of a name that another one has taken the first slot from.
    fn find_behind(&self, home: usize, key: NameKey) -> Option<&Slot> {
        let (before, from) = self.slots.split_at(home + 1);
        let mut slots = from.iter().chain(before);
        slots
            .find(|slot| slot.key == key || slot.key == NameKey::EMPTY)
            .filter(|slot| slot.key == key)
    }

    fn find(&self, name: &str) -> Option<&Slot> {
        match NameKey::of(name) {
            Some(NameKey::EMPTY) => None,
            Some(key) => self.find_from(self.home(key), key),
            None => self.long.get(name).map(|place| &self.long_slots[place]),
        }
    }

    /// The code of a device's name.
    fn device(&self, name: &str) -> u32 {
        let names = self.device_names.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).map_or(UNKNOWN, code)
    }
}

impl Slot {
    fn learn_place(&self, world: &World) {
        let device = world.hinted(DeviceId::new(self.agent, 0));
        self.hint.store(device.hint(), Ordering::Relaxed);
    }
}

impl Memo {
    #[inline]
    fn code(&mut self, key: NameKey, ask: impl FnOnce() -> u32) -> u32 {
        let known = &mut self.devices[key.few_bits(Self::PLACE_BITS)];
        if known.0 == key {
            return known.1;
        }
        let code = ask();
        if code != UNKNOWN {
            *known = (key, code);
        }
        code
    }
}

/// Nobody of the scenario, and a device that means nothing.
fn stranger() -> (Whom, DeviceId) {
    (Whom::Stranger, DeviceId::new(AgentId::new(0), 0))
}

fn code(index: usize) -> u32 {
    u32::try_from(index + 1).expect("fewer devices than 2^32 are named")
}
