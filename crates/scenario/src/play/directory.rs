//! Who the rows of traces are about: a slot for each agent with the name, the agent, where the world keeps
//! the agent, and what the agent's devices are called. Whatever a row needs to be known is in one place of
//! memory, and the places of many rows are waited for together.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::language::Roster;
use lamplighter_core::model::{ActionWord, AgentId, DeviceId, Instant, NameKey, Names};
use lamplighter_core::trace::UsualRow;
use lamplighter_core::world::World;

/// The agents of a scenario, to be found by their names by any number of threads.
pub struct Directory {
    /// A table by hash, with half as many slots again as there are agents: with fewer, many rows are looked for
    /// further on, and with more, five million agents take 100 MB more.
    pairs: Vec<Pair>,
    /// The longer names, and the slot of each.
    long: Names<usize>,
    long_slots: Vec<Slot>,
    /// What devices are called; a device's code is the place of its name here, from one.
    device_names: RwLock<Names<usize>>,
}

/// As many slots as come out of memory together: a name has any of the two that its hash leads to, and the next
/// ones where both are taken.
#[repr(align(64))]
struct Pair([Slot; 2]);

/// What is known of an agent.
#[repr(align(32))]
struct Slot {
    key: NameKey,
    agent: AgentId,
    /// Where the world keeps the agent, once it is known.
    hint: AtomicU32,
    /// The codes of the first devices; [`NO_DEVICE`] where there is none yet.
    devices: [AtomicU32; DEVICES],
}

/// Most agents have no more devices.
const DEVICES: usize = 2;

/// The device of no letters: all of an agent's.
const ALL: u32 = u32::MAX;
/// A device whose name nobody had yet.
const UNKNOWN: u32 = 0;
/// The code of no name.
const NO_DEVICE: u32 = u32::MAX - 1;

/// Of whom a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// One known device of an agent.
    One,
    /// An agent, on all devices.
    All,
    /// Nobody of the scenario.
    Stranger,
    /// An agent, on a device that may be named for the first time, or in more than one word: the row is for
    /// whoever reads it whole.
    Other,
}

impl Whom {
    /// Whether no more than the row itself is needed to play it.
    #[inline]
    pub fn is_known(self) -> bool {
        matches!(self, Self::One | Self::All)
    }
}

/// By whether a device is one of an agent's, and whether it stands for all of them.
const WHOM: [Whom; 4] = [Whom::Other, Whom::All, Whom::One, Whom::One];

/// A row and of whom it is.
#[derive(Clone, Copy)]
pub struct PlacedRow {
    /// The instant of the row.
    pub at: Instant,
    /// The one device, or any of the agent's; means nothing of a stranger.
    pub device: DeviceId,
    /// Where its names are.
    pub names: NamesOf,
    /// Of whom it is.
    pub whom: Whom,
    /// What the row says that the agent does, where that is one word.
    pub action: ActionWord,
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
    devices: Devices,
    /// The slots of the rows that are placed together.
    slots: [usize; GO],
}

/// Names of devices and their codes, each at a place of its own.
type Devices = [(NameKey, u32); Memo::PLACES];

/// So many rows are placed together: as many as a processor waits for at once, and more.
const GO: usize = 64;

impl Memo {
    const PLACE_BITS: u32 = 6;
    const PLACES: usize = 1 << Self::PLACE_BITS;
}

impl Default for Memo {
    fn default() -> Self {
        Self { devices: [(NameKey::EMPTY, ALL); Self::PLACES], slots: [0; GO] }
    }
}

impl Slot {
    fn free() -> Self {
        Self {
            key: NameKey::EMPTY,
            agent: AgentId::new(0),
            hint: AtomicU32::new(DeviceId::new(AgentId::new(0), 0).hint()),
            devices: [const { AtomicU32::new(NO_DEVICE) }; DEVICES],
        }
    }

    /// The device with a code, or what is known without one, and where its agent is.
    #[inline]
    fn whom(&self, code: u32) -> (Whom, DeviceId) {
        let [first, second] = self.devices.each_ref().map(|device| device.load(Ordering::Relaxed));
        let (is_first, is_second) = (code == first, code == second);
        // Which of them it is, nobody can foresee.
        let whom = WHOM[usize::from(is_first | is_second) << 1 | usize::from(code == ALL)];
        let slot = usize::from(is_second);
        let hint = self.hint.load(Ordering::Relaxed);
        (whom, DeviceId::new(self.agent, slot).with_hint(hint))
    }
}

impl Directory {
    /// The agents of a roster and their devices.
    pub fn new(roster: &Roster) -> Self {
        let room = (roster.agents.len() * 3 / 4).max(1) + 1;
        let mut directory = Self {
            pairs: (0..room).map(|_| Pair([Slot::free(), Slot::free()])).collect(),
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
        let slots = self.pairs.iter().flat_map(|Pair(slots)| slots);
        for slot in slots.filter(|slot| slot.key != NameKey::EMPTY) {
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
            let Memo { devices, slots } = memo;
            for (row, slot) in rows.iter().zip(&mut *slots) {
                *slot = self.home(row.agent);
            }
            // A loop that does next to nothing has many turns under way at once. Which slot of two it is nobody
            // can foresee, and so nobody is asked to.
            for (row, slot) in rows.iter().zip(&mut *slots) {
                let is_second = self.pairs[*slot].0[1].key == row.agent;
                *slot = *slot * 2 + usize::from(is_second);
            }
            placed.extend(rows.iter().zip(&*slots).map(|(row, &slot)| {
                let code = code_of(devices, row.device, || self.device(names(row.start).1));
                let slot = match self.pairs[slot / 2].0[slot % 2] {
                    ref slot if slot.key == row.agent => Some(slot),
                    _ => self.find_behind(slot / 2, row.agent, || names(row.start).0),
                };
                let (whom, device) = slot.map_or_else(stranger, |slot| slot.whom(code));
                let names = NamesOf::Text(row.start);
                PlacedRow { at: row.at, device, names, whom, action: row.action }
            }));
        }
    }

    /// The slot in which a name is looked for first.
    #[inline]
    fn home(&self, key: NameKey) -> usize {
        ((u64::from((key.spread() >> 32) as u32) * self.pairs.len() as u64) >> 32) as usize
    }

    /// Gives agents who have none yet their slots, which are waited for together.
    fn put_all(&mut self, agents: &[(NameKey, AgentId)]) {
        let near = agents
            .iter()
            .fold(0, |near, (key, _)| near ^ u32::from(self.pairs[self.home(*key)].0[0].agent));
        std::hint::black_box(near);
        for &(key, agent) in agents {
            *self.place(key) = Slot { key, agent, ..Slot::free() };
        }
    }

    /// The slot of a name, or the free one in which it would be.
    fn place(&mut self, key: NameKey) -> &mut Slot {
        let home = self.home(key);
        let (before, from) = self.pairs.split_at_mut(home);
        let mut slots = from.iter_mut().chain(before).flat_map(|Pair(slots)| slots);
        let found = slots.find(|slot| slot.key == key || slot.key == NameKey::EMPTY);
        found.expect("there are more slots than agents")
    }

    /// The slot of a name that has none of the two that its hash leads to; `name` gives it whole.
    #[inline(never)]
    fn find_behind<'a>(
        &self,
        home: usize,
        key: NameKey,
        name: impl FnOnce() -> &'a str,
    ) -> Option<&Slot> {
        if key.is_too_long() {
            return self.find(name());
        }
        let (before, from) = self.pairs.split_at(home);
        for Pair([first, second]) in from.iter().chain(before) {
            if first.key == key {
                return Some(first);
            }
            if second.key == key {
                return Some(second);
            }
            // Further on there is only who has found both taken.
            if second.key == NameKey::EMPTY {
                break;
            }
        }
        None
    }

    fn find(&self, name: &str) -> Option<&Slot> {
        match NameKey::of(name) {
            Some(NameKey::EMPTY) => None,
            Some(key) => {
                let home = self.home(key);
                let slot = self.pairs[home].0.iter().find(|slot| slot.key == key);
                slot.or_else(|| self.find_behind(home, key, || name))
            }
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

/// The code of a device's name, which is asked for where it is not known.
#[inline(always)]
fn code_of(devices: &mut Devices, key: NameKey, ask: impl FnOnce() -> u32) -> u32 {
    let known = &mut devices[key.few_bits(Memo::PLACE_BITS)];
    if known.0 == key {
        return known.1;
    }
    let code = if key == NameKey::EMPTY { ALL } else { ask() };
    if code != UNKNOWN && !key.is_too_long() {
        *known = (key, code);
    }
    code
}

/// Nobody of the scenario, and a device that means nothing.
fn stranger() -> (Whom, DeviceId) {
    (Whom::Stranger, DeviceId::new(AgentId::new(0), 0))
}

fn code(index: usize) -> u32 {
    u32::try_from(index + 1).expect("fewer devices than 2^32 are named")
}
