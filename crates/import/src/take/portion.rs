//! What was taken from some rows of a log, by the numbers of whoever took it.

use std::collections::BTreeMap;

use super::devices::Device;
use super::error::TakeError;
use super::fault::{CountedFault, FaultKind};
use super::only::MetProperties;
use super::step::CountedWord;
use crate::sort::Entry;

/// What was taken from some rows that follow each other. Names and devices have the numbers that the taker
/// gave them; those that it met in these rows for the first time come with them, in the order of their
/// numbers.
#[derive(Default)]
pub struct Portion {
    /// What the rows say; the first has the place 1.
    pub entries: Vec<Entry>,
    /// How many rows there are, whatever became of them.
    pub rows: u64,
    /// How many of them were about something else.
    pub ignored: u64,
    /// How many rows were of other properties than those that were asked for.
    pub of_others: u64,
    /// How many intervals were over as soon as they began.
    pub empty_intervals: u64,
    /// How many local times were read that the clock skipped, and that it read twice.
    pub skipped_and_repeated: (u64, u64),
    /// The names of agents that are new to the taker.
    pub agents: Vec<String>,
    /// The names of devices that are new to the taker.
    pub device_names: Vec<String>,
    /// The devices that are new to the taker.
    pub devices: Vec<Device>,
    /// The names of properties that are new to the taker.
    pub properties: Vec<String>,
    /// Pairs of a property and an agent that are new to the taker.
    pub members: Vec<(u32, u32)>,
    /// The properties that are new to the taker, where some alone are asked for.
    pub met_properties: MetProperties,
    /// Agents, new to the taker, whom rows about something else name with a property that is asked for.
    pub named: Vec<u32>,
    /// The words of each column that says what happens.
    pub words: Vec<Vec<CountedWord>>,
    /// The rows that could not be taken, by kind.
    pub faults: BTreeMap<FaultKind, CountedFault>,
    /// Why no more rows can be taken.
    pub end: Option<TakeError>,
}

impl Portion {
    /// Forgets all of it, but for its room.
    pub fn clear(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.clear();
        *self = Self { entries, ..Self::default() };
    }
}
