//! Puts portions together, in the order of the log: what several takers made of it is what one would have
//! made.

use std::collections::BTreeSet;

use lamplighter_scenario::language::begins_statement;

use super::devices::{Device, DeviceNumbers};
use super::error::TakeError;
use super::fault::Faults;
use super::only::MetProperties;
use super::portion::Portion;
use super::step::SeenWords;
use crate::mapping::{Mapping, Word};
use crate::names::Named;
use crate::pseudonym::Key;
use crate::sort::{ALL_DEVICES, Sorter};

/// What was taken from a log, beside the entries.
pub struct Taken {
    /// The names of the agents, or their pseudonyms, by number.
    pub agents: Named,
    /// The names of devices by number; agents share them, as in `ann@phone` and `bob@phone`.
    pub device_names: Named,
    /// The devices by number: the pairs of an agent and a device's name that occur.
    pub devices: Vec<Device>,
    /// The names of the properties that the log mentions, by number.
    pub properties: Named,
    /// The agents by the properties that they are named with, as pairs of their numbers.
    pub members: BTreeSet<(u32, u32)>,
    /// Agents whom rows about something else name with a property that is asked for.
    pub named: BTreeSet<u32>,
    /// The properties that rows name, where some alone are asked for.
    pub met_properties: MetProperties,
    /// The rows that could not be taken, by kind, with the first of each.
    pub faults: Faults,
    /// How many rows the log has, whatever became of them.
    pub rows: u64,
    /// How many of them were about something else.
    pub ignored: u64,
    /// How many rows were of other properties than those that were asked for.
    pub of_others: u64,
    /// How many intervals were over as soon as they began.
    pub empty_intervals: u64,
    /// How many local times were read that the clock skipped.
    pub skipped_times: u64,
    /// How many local times were read that the clock read twice.
    pub repeated_times: u64,
    /// Words that mean nothing in the mapping, the most frequent first.
    pub unknown_words: Vec<(String, u64)>,
    /// Words that mean that the row is about something else, the most frequent first.
    pub ignored_words: Vec<(String, u64)>,
}

impl Taken {
    /// Whether there are rows, and none of them is of a property that is asked for.
    pub fn is_of_other_properties(&self) -> bool {
        self.rows > self.faults.count() && self.met_properties.wanted.is_empty()
    }

    /// Agents whom rows name with a property that is asked for, where not all are; some more than once.
    pub fn agents_of_wanted(&self) -> impl Iterator<Item = u32> {
        self.members.iter().map(|&(_, agent)| agent).chain(self.named.iter().copied())
    }
}

/// Puts portions together.
pub struct Gatherer {
    newest_first: bool,
    taken: Taken,
    device_numbers: DeviceNumbers,
    /// The name of a device that the log does not name.
    nameless: u32,
    words: Vec<SeenWords>,
    sorter: Sorter,
    takers: Vec<Numbers>,
}

/// What the numbers of a taker stand for.
struct Numbers {
    agents: Vec<u32>,
    device_names: Vec<u32>,
    devices: Vec<u32>,
    properties: Vec<u32>,
}

impl Gatherer {
    /// Nothing is taken yet, by so many takers.
    pub fn new(mapping: &Mapping, key: Option<&Key>, sorter: Sorter, takers: usize) -> Self {
        let named = |kind, is_taken| Named::new(kind, key.cloned(), is_taken);
        let mut device_names = named("device", |_| false);
        let nameless = device_names.number_of_own(&mapping.device.name.node);
        let taken = Taken {
            agents: named("agent", begins_statement),
            device_names,
            devices: Vec::new(),
            properties: named("property", |_| false),
            members: BTreeSet::new(),
            named: BTreeSet::new(),
            met_properties: MetProperties::default(),
            faults: Faults::default(),
            rows: 0,
            ignored: 0,
            of_others: 0,
            empty_intervals: 0,
            skipped_times: 0,
            repeated_times: 0,
            unknown_words: Vec::new(),
            ignored_words: Vec::new(),
        };
        let numbers = || Numbers {
            agents: Vec::new(),
            device_names: vec![nameless],
            devices: Vec::new(),
            properties: Vec::new(),
        };
        Self {
            newest_first: mapping.log.newest_first,
            taken,
            device_numbers: DeviceNumbers::default(),
            nameless,
            words: mapping.actions.iter().map(|_| SeenWords::default()).collect(),
            sorter,
            takers: (0..takers).map(|_| numbers()).collect(),
        }
    }

    /// How many rows were taken.
    pub fn rows(&self) -> u64 {
        self.taken.rows
    }

    /// The number of the name of devices that the log does not name.
    pub fn nameless(&self) -> u32 {
        self.nameless
    }

    /// Adds what one of the takers has taken from the rows behind those of the portions before.
    ///
    /// # Errors
    /// Where the portion ends with one, or what is sorted fits nowhere.
    pub fn add(&mut self, taker: usize, portion: &mut Portion) -> Result<(), TakeError> {
        self.learn(taker, portion);
        let Self { taken, takers, sorter, .. } = self;
        let of = &takers[taker];
        let before = match self.newest_first {
            false => taken.rows.cast_signed(),
            true => -taken.rows.cast_signed(),
        };
        for entry in &portion.entries {
            let device = match entry.device {
                ALL_DEVICES => ALL_DEVICES,
                device => of.devices[device as usize],
            };
            let agent = of.agents[entry.agent as usize];
            sorter.push(entry.moved(before, (agent, device)))?;
        }
        taken.rows += portion.rows;
        taken.ignored += portion.ignored;
        taken.of_others += portion.of_others;
        taken.met_properties.add(std::mem::take(&mut portion.met_properties));
        taken.empty_intervals += portion.empty_intervals;
        let (skipped, repeated) = portion.skipped_and_repeated;
        taken.skipped_times += skipped;
        taken.repeated_times += repeated;
        for (kind, fault) in std::mem::take(&mut portion.faults) {
            taken.faults.add_counted(kind, fault);
        }
        for (seen, words) in self.words.iter_mut().zip(portion.words.drain(..)) {
            seen.add(words);
        }
        portion.end.take().map_or(Ok(()), Err)
    }

    /// Numbers what a taker met for the first time: whoever met it first stands in the log before all
    /// others that did.
    fn learn(&mut self, taker: usize, portion: &mut Portion) {
        let Self { taken, takers, device_numbers, .. } = self;
        let of = &mut takers[taker];
        of.agents.extend(portion.agents.drain(..).map(|name| taken.agents.add(name)));
        let device_names = &mut taken.device_names;
        of.device_names.extend(portion.device_names.drain(..).map(|name| device_names.add(name)));
        of.properties.extend(portion.properties.drain(..).map(|name| taken.properties.add(name)));
        for Device { agent, name } in portion.devices.drain(..) {
            let (agent, name) = (of.agents[agent as usize], of.device_names[name as usize]);
            of.devices.push(device_numbers.number(Device { agent, name }, &mut taken.devices));
        }
        taken.named.extend(portion.named.drain(..).map(|agent| of.agents[agent as usize]));
        taken.members.extend(portion.members.drain(..).map(|(property, agent)| {
            (of.properties[property as usize], of.agents[agent as usize])
        }));
    }

    /// All entries, sorted or to be sorted, and what else was taken.
    pub fn finish(mut self) -> (Sorter, Taken) {
        let words = |is_wanted: fn(Option<Word>) -> bool| {
            self.words.iter().flat_map(|words| words.seen(is_wanted)).collect()
        };
        self.taken.unknown_words = words(|meaning| meaning.is_none());
        self.taken.ignored_words = words(|meaning| meaning == Some(Word::Ignore));
        (self.sorter, self.taken)
    }
}
