//! Takes rows: reads their columns, and puts what they say in order of time.

use std::collections::BTreeSet;
use std::io;

use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::Action;
use lamplighter_core::model::{Chosen, Instant};
use lamplighter_scenario::language::begins_statement;
use thiserror::Error;

use super::columns::{NoText, Roles, text};
use super::devices::{Device, DeviceNumbers};
use super::fault::{FaultKind, Faults, Told};
use super::length::length_ms;
use super::step::Words;
use super::told;
use super::what::What;
use crate::clock::{Clock, NoTime, Unit};
use crate::log::{Next, NoRow, Row, Shown};
use crate::mapping::{Mapping, Word};
use crate::names::Named;
use crate::pseudonym::Key;
use crate::sort::{ALL_DEVICES, Entry, LAST_PLACE, Sorter};

/// Takes the rows of a log.
pub struct Taker<'m> {
    mapping: &'m Mapping,
    roles: Roles,
    clock: Clock,
    steps: Vec<Words>,
    taken: Taken,
    device_numbers: DeviceNumbers,
    /// The name of a device that the log does not name.
    nameless: u32,
    sorter: Sorter,
    /// Columns of several parts are put together here.
    joined: String,
}

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

/// Why no more rows can be taken.
#[derive(Debug, Error)]
pub enum TakeError {
    /// The mapping's zone is none.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// The log has local times, and nobody said of which zone.
    #[error("`{text}` is a local time, and nothing says of which zone")]
    WithoutZone {
        /// The local time as the log has it.
        text: String,
        /// The line in which it stands.
        shown: Shown,
    },
    /// What is sorted does not fit into memory, nor into files.
    #[error("cannot write what is sorted into a temporary file")]
    Sort(#[from] io::Error),
}

/// Why a row cannot be taken, and the column that is at fault.
type Refusal = (FaultKind, Option<usize>, Told);

impl<'m> Taker<'m> {
    /// A taker for the rows of a log that was opened for the mapping's columns.
    ///
    /// # Errors
    /// When the mapping's zone is unknown.
    pub fn new(
        mapping: &'m Mapping,
        roles: Roles,
        zones: &Zones,
        key: Option<&Key>,
        sorter: Sorter,
    ) -> Result<Self, TakeError> {
        let zone = mapping.time.zone.as_ref().map(|zone| zones.get(&zone.node)).transpose()?;
        let named = |kind, is_taken| Named::new(kind, key.cloned(), is_taken);
        let mut device_names = named("device", |_| false);
        let nameless = device_names.number_of_own(&mapping.device.name.node);
        Ok(Self {
            clock: Clock::new(mapping.time.formats.clone(), zone),
            steps: mapping.actions.iter().map(Words::new).collect(),
            taken: Taken {
                agents: named("agent", begins_statement),
                device_names,
                devices: Vec::new(),
                properties: named("property", |_| false),
                members: BTreeSet::new(),
                faults: Faults::default(),
                rows: 0,
                ignored: 0,
                of_others: 0,
                empty_intervals: 0,
                skipped_times: 0,
                repeated_times: 0,
                unknown_words: Vec::new(),
                ignored_words: Vec::new(),
            },
            device_numbers: DeviceNumbers::default(),
            nameless,
            sorter,
            joined: String::new(),
            mapping,
            roles,
        })
    }

    /// Takes what comes next in a log; false at its end.
    ///
    /// # Errors
    /// When it is a local time without a zone, or what is sorted fits nowhere.
    pub fn take(&mut self, next: Next<'_>) -> Result<bool, TakeError> {
        let row = match next {
            Next::End => return Ok(false),
            Next::NoRow(no_row) => {
                self.taken.rows += 1;
                let NoRow { why, shown } = no_row;
                let (kind, told) = told::not_a_row(why);
                self.taken.faults.add(kind, || (shown, told));
                return Ok(true);
            }
            Next::Row(row) => row,
        };
        self.taken.rows += 1;
        match self.row(&row) {
            Ok(()) => Ok(true),
            Err(Stopped::Refused(refusal)) => {
                let (kind, column, told) = *refusal;
                self.taken.faults.add(kind, || (row.show(column), told));
                Ok(true)
            }
            Err(Stopped::ForGood(error)) => Err(error),
        }
    }

    /// The number of the name of devices that the log does not name.
    pub fn nameless(&self) -> u32 {
        self.nameless
    }

    /// All entries, sorted or to be sorted, and what else was taken.
    pub fn finish(mut self) -> (Sorter, Taken) {
        let (skipped, repeated) = self.clock.skipped_and_repeated();
        self.taken.skipped_times = skipped;
        self.taken.repeated_times = repeated;
        let words = |is_wanted: fn(Option<Word>) -> bool| {
            self.steps.iter().flat_map(|step| step.seen(is_wanted)).collect()
        };
        self.taken.unknown_words = words(|meaning| meaning.is_none());
        self.taken.ignored_words = words(|meaning| meaning == Some(Word::Ignore));
        (self.sorter, self.taken)
    }

    /// Takes a row.
    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<(), Stopped> {
        let Some(action) = self.action(row)? else {
            self.taken.ignored += 1;
            return Ok(());
        };
        if !self.is_of_wanted_property(row)? {
            self.taken.of_others += 1;
            return Ok(());
        }
        let place = match self.mapping.log.newest_first {
            false => self.taken.rows,
            true => LAST_PLACE - self.taken.rows,
        };
        if self.mapping.is_of_intervals() {
            return self.interval(row, action, place);
        }
        let at = self.time(row, &Part::At)?;
        let who = self.who(row)?;
        let what = What::Event(action).to_byte();
        self.push(Entry::new(at.as_millis(), false, place, what, who))
    }

    fn push(&mut self, entry: Entry) -> Result<(), Stopped> {
        self.sorter.push(entry).map_err(|error| Stopped::ForGood(TakeError::Sort(error)))
    }

    fn interval(&mut self, row: &Row<'_>, action: Action, place: u64) -> Result<(), Stopped> {
        let from = self.time(row, &Part::From)?;
        let to = self.end(row, from)?;
        let who = self.who(row)?;
        if to == Some(from) {
            self.taken.empty_intervals += 1;
            return Ok(());
        }
        let status = match action {
            Action::SetStatus(status) | Action::SetStatusFor(status, _) => Some(status),
            Action::Logout => None,
            _ => Some(Chosen::Online),
        };
        let begins = What::Begins { status, is_open: to.is_none() }.to_byte();
        self.push(Entry::new(from.as_millis(), false, place, begins, who))?;
        if let Some(to) = to {
            self.push(Entry::new(to.as_millis(), true, place, What::Ends.to_byte(), who))?;
        }
        Ok(())
    }

    /// What the row says: an action, or nothing.
    #[inline]
    fn action(&mut self, row: &Row<'_>) -> Result<Option<Action>, Stopped> {
        for (step, &column) in self.steps.iter_mut().zip(&self.roles.actions) {
            let word = text(row, &[column], &mut self.joined).map_err(no_text)?;
            match step.meaning(word) {
                Some(Word::Next) => {}
                Some(Word::Ignore) => return Ok(None),
                Some(Word::Action(action)) => return Ok(Some(action)),
                None => return Err(refused(FaultKind::Word, column, told::unknown_word(word))),
            }
        }
        unreachable!("`next` in the last column is found when a mapping is checked")
    }

    /// Whether the row is of a property that is asked for, or of none.
    #[inline]
    fn is_of_wanted_property(&mut self, row: &Row<'_>) -> Result<bool, Stopped> {
        let property = &self.mapping.property;
        if property.only.is_empty() {
            return Ok(true);
        }
        let written = self.roles.property.text(row, &mut self.joined).map_err(no_text)?.trim();
        let is_in = |list: &[String]| list.iter().any(|one| one == written);
        Ok(written.is_empty() || is_in(&property.none) || is_in(&property.only))
    }

    #[inline]
    fn time(&mut self, row: &Row<'_>, part: &Part) -> Result<Instant, Stopped> {
        let columns = part.columns(&self.roles);
        let written = trim(text(row, columns, &mut self.joined).map_err(no_text)?);
        let no_time = match self.clock.read(written) {
            Ok(at) => return Ok(at),
            Err(no_time) => no_time,
        };
        if no_time == NoTime::WithoutZone {
            let shown = row.show(columns.first().copied());
            let text = written.to_owned();
            return Err(Stopped::ForGood(TakeError::WithoutZone { text, shown }));
        }
        Err(refused(FaultKind::Time, columns[0], told::no_time(written, no_time)))
    }

    /// When an interval ends; `None` while it lasts.
    fn end(&mut self, row: &Row<'_>, from: Instant) -> Result<Option<Instant>, Stopped> {
        let by_length = self.roles.to.is_empty();
        let part = if by_length { Part::Duration } else { Part::To };
        let column = part.columns(&self.roles)[0];
        let written =
            text(row, part.columns(&self.roles), &mut self.joined).map_err(no_text)?.trim();
        if written.is_empty() {
            return Ok(None);
        }
        let to = match by_length {
            false => self.time(row, &part)?,
            true => {
                let unit = self.mapping.time.duration_unit.unwrap_or(Unit::Seconds);
                let refuse = |told| refused(FaultKind::Duration, column, told);
                let length_ms = length_ms(written, unit);
                let length_ms = length_ms.ok_or_else(|| refuse(told::no_length(written)))?;
                let end = Instant::from_millis(from.as_millis().saturating_add(length_ms));
                end.ok_or_else(|| refuse(told::too_long(written)))?
            }
        };
        if to < from {
            return Err(refused(FaultKind::Backwards, column, told::backwards(from, to)));
        }
        Ok(Some(to))
    }

    /// Whose it is, and on which device.
    #[inline]
    fn who(&mut self, row: &Row<'_>) -> Result<(u32, u32), Stopped> {
        let Self { mapping, roles, taken, joined, .. } = self;
        let agent = {
            let written = roles.agent.text(row, joined).map_err(no_text)?;
            taken.agents.number(written).map_err(|why| {
                refused(FaultKind::Agent, roles.agent.first(), told::no_name("an agent", why))
            })?
        };
        if !roles.property.is_none() {
            let written = roles.property.text(row, joined).map_err(no_text)?;
            let trimmed = trim(written);
            let is_none =
                trimmed.is_empty() || mapping.property.none.iter().any(|none| none == trimmed);
            if !is_none {
                let property = taken.properties.number(written).map_err(|why| {
                    let told = told::no_name("a property", why);
                    refused(FaultKind::Property, roles.property.first(), told)
                })?;
                taken.members.insert((property, agent));
            }
        }
        let mut name = self.nameless;
        if !roles.device.is_none() {
            let written = roles.device.text(row, joined).map_err(no_text)?;
            let trimmed = trim(written);
            if mapping.device.all.iter().any(|all| all == trimmed) {
                return Ok((agent, ALL_DEVICES));
            }
            if !trimmed.is_empty() {
                name = taken.device_names.number(written).map_err(|why| {
                    refused(FaultKind::Device, roles.device.first(), told::no_name("a device", why))
                })?;
            }
        }
        Ok((agent, self.device_numbers.number(Device { agent, name }, &mut taken.devices)))
    }
}

/// A text without the blanks around it, which hardly any has.
#[inline]
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Why the taking of a row stopped.
enum Stopped {
    Refused(Box<Refusal>),
    ForGood(TakeError),
}

/// Which of the row's times.
enum Part {
    At,
    From,
    To,
    Duration,
}

impl Part {
    fn columns<'r>(&self, roles: &'r Roles) -> &'r [usize] {
        match self {
            Self::At => &roles.at,
            Self::From => &roles.from,
            Self::To => &roles.to,
            Self::Duration => &roles.duration,
        }
    }
}

#[cold]
fn refused(kind: FaultKind, column: usize, told: Told) -> Stopped {
    Stopped::Refused(Box::new((kind, Some(column), told)))
}

#[cold]
fn no_text(why: NoText) -> Stopped {
    let (kind, column, told) = told::no_text(why);
    Stopped::Refused(Box::new((kind, column, told)))
}
