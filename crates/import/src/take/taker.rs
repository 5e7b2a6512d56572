//! Takes rows: reads their columns, and puts what they say in order of time.

use std::collections::{BTreeSet, HashSet};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Action;
use lamplighter_core::model::{Chosen, Instant};
use lamplighter_core::trace::OpenQuote;

use super::columns::{NoText, Roles, roles, text};
use super::devices::{Device, DeviceNumbers};
use super::error::TakeError;
use super::fault::{FaultKind, Told};
use super::length::length_ms;
use super::only::Only;
use super::portion::Portion;
use super::step::Words;
use super::told;
use super::what::What;
use crate::clock::{Clock, NoTime, Unit};
use crate::log::{JsonLog, Next, NoRow, ReadLogError, Row, Shown};
use crate::mapping::{Mapping, Word};
use crate::names::Written;
use crate::sort::{ALL_DEVICES, Entry, LAST_PLACE};

/// Takes the rows of a log, or some of them.
pub struct Taker<'m> {
    mapping: &'m Mapping,
    roles: Roles,
    clock: Clock,
    steps: Vec<Words>,
    agents: Written,
    device_names: Written,
    properties: Written,
    only: Only<'m>,
    device_numbers: DeviceNumbers,
    /// Pairs of a property and an agent that rows name together.
    members: HashSet<(u32, u32)>,
    /// Agents whom rows about something else name together with a property that is asked for.
    named: HashSet<u32>,
    /// The kinds of faults that were met.
    fault_kinds: BTreeSet<FaultKind>,
    /// What was taken from the rows at hand.
    portion: Portion,
    /// Columns of several parts are put together here.
    joined: String,
}

/// The number of the name of a device that the log does not name, for every taker.
const NAMELESS: u32 = 0;

/// So many rows of a log of JSON are taken together.
const PORTION_ROWS: u64 = 4_096;

/// Why a row cannot be taken, and the column that is at fault.
type Refusal = (FaultKind, Option<usize>, Told);

impl<'m> Taker<'m> {
    /// A taker for rows of a log that was opened for the mapping's columns.
    ///
    /// # Errors
    /// When the mapping's zone is unknown.
    pub fn new(mapping: &'m Mapping, zones: &Zones) -> Result<Self, TakeError> {
        let zone = mapping.time.zone.as_ref().map(|zone| zones.get(&zone.node)).transpose()?;
        Ok(Self {
            clock: Clock::new(mapping.time.formats.clone(), zone),
            steps: mapping.actions.iter().map(Words::new).collect(),
            agents: Written::default(),
            device_names: Written::from_number(NAMELESS + 1),
            properties: Written::default(),
            only: Only::new(&mapping.property),
            device_numbers: DeviceNumbers::default(),
            members: HashSet::new(),
            named: HashSet::new(),
            fault_kinds: BTreeSet::new(),
            portion: Portion::default(),
            joined: String::new(),
            roles: roles(mapping).2,
            mapping,
        })
    }

    /// Takes rows that follow each other, in the place of what a portion has.
    pub fn take_rows<'r>(&mut self, rows: impl Iterator<Item = Row<'r>>, portion: &mut Portion) {
        self.begin_portion(portion);
        for row in rows {
            if let Err(error) = self.take_row(&row) {
                self.portion.end = Some(error);
                break;
            }
        }
        self.end_portion(portion);
    }

    /// Counts the lines that a quote takes in which is not closed among the rows that cannot be taken: without
    /// it each would be one.
    pub fn leave_out(
        &mut self,
        quote: OpenQuote,
        show: impl FnOnce() -> Shown,
        portion: &mut Portion,
    ) {
        portion.rows += quote.lines;
        let fault = portion.faults.entry(FaultKind::Quote).or_default();
        fault.count += quote.lines;
        if self.fault_kinds.insert(FaultKind::Quote) {
            fault.first = Some((show(), told::open_quote()));
        }
    }

    /// Takes what comes next in a log of JSON, in the place of what a portion has; false at its end.
    ///
    /// # Errors
    /// When the log cannot be read on.
    pub fn take_next(
        &mut self,
        log: &mut JsonLog,
        portion: &mut Portion,
    ) -> Result<bool, ReadLogError> {
        self.begin_portion(portion);
        let mut is_more = true;
        while is_more && self.portion.rows < PORTION_ROWS && self.portion.end.is_none() {
            match log.read_next()? {
                Next::End => is_more = false,
                Next::NoRow(NoRow { why, shown }) => {
                    self.portion.rows += 1;
                    let (kind, told) = told::not_a_row(why);
                    self.fault(kind, || (shown, told));
                }
                Next::Row(row) => self.portion.end = self.take_row(&Row::Json(row)).err(),
            }
        }
        self.end_portion(portion);
        Ok(is_more)
    }

    fn begin_portion(&mut self, portion: &mut Portion) {
        std::mem::swap(&mut self.portion, portion);
        self.portion.clear();
    }

    fn end_portion(&mut self, portion: &mut Portion) {
        self.portion.skipped_and_repeated = self.clock.take_skipped_and_repeated();
        self.portion.agents = self.agents.take_new();
        self.portion.device_names = self.device_names.take_new();
        self.portion.properties = self.properties.take_new();
        self.portion.met_properties = self.only.take_met();
        self.portion.words = self.steps.iter_mut().map(Words::take_counts).collect();
        std::mem::swap(&mut self.portion, portion);
    }

    /// Takes a row, or counts it among those that cannot be taken.
    #[inline]
    fn take_row(&mut self, row: &Row<'_>) -> Result<(), TakeError> {
        self.portion.rows += 1;
        match self.row(row) {
            Ok(()) => Ok(()),
            Err(Stopped::Refused(refusal)) => {
                let (kind, column, told) = *refusal;
                self.fault(kind, || (row.show(column), told));
                Ok(())
            }
            Err(Stopped::ForGood(error)) => Err(error),
        }
    }

    /// Counts a row that could not be taken. Only the first of a kind is looked at.
    #[cold]
    fn fault(&mut self, kind: FaultKind, tell: impl FnOnce() -> (Shown, Told)) {
        let fault = self.portion.faults.entry(kind).or_default();
        fault.count += 1;
        if self.fault_kinds.insert(kind) {
            fault.first = Some(tell());
        }
    }

    /// Takes a row.
    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<(), Stopped> {
        let Some(action) = self.action(row)? else {
            self.portion.ignored += 1;
            self.note_named(row);
            return Ok(());
        };
        if !self.is_of_wanted_property(row)? {
            self.portion.of_others += 1;
            return Ok(());
        }
        let place = match self.mapping.log.newest_first {
            false => self.portion.rows,
            true => LAST_PLACE - self.portion.rows,
        };
        if self.mapping.is_of_intervals() {
            return self.interval(row, action, place);
        }
        let at = self.time(row, &Part::At)?;
        let who = self.who(row)?;
        let what = What::Event(action).to_byte();
        self.portion.entries.push(Entry::new(at.as_millis(), false, place, what, who));
        Ok(())
    }

    fn interval(&mut self, row: &Row<'_>, action: Action, place: u64) -> Result<(), Stopped> {
        let from = self.time(row, &Part::From)?;
        let to = self.end(row, from)?;
        let who = self.who(row)?;
        if to == Some(from) {
            self.portion.empty_intervals += 1;
            return Ok(());
        }
        let status = match action {
            Action::SetStatus(status) | Action::SetStatusFor(status, _) => Some(status),
            Action::Logout => None,
            _ => Some(Chosen::Online),
        };
        let begins = What::Begins { status, is_open: to.is_none() }.to_byte();
        let entries = &mut self.portion.entries;
        entries.push(Entry::new(from.as_millis(), false, place, begins, who));
        if let Some(to) = to {
            entries.push(Entry::new(to.as_millis(), true, place, What::Ends.to_byte(), who));
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
        if self.only.is_all() {
            return Ok(true);
        }
        let written = self.roles.property.text(row, &mut self.joined).map_err(no_text)?;
        Ok(self.only.has(written.trim()))
    }

    /// Whoever a row of a property that is asked for names is of it, whatever the row is about.
    fn note_named(&mut self, row: &Row<'_>) {
        if self.only.is_all() {
            return;
        }
        let Self { roles, joined, only, agents, portion, .. } = self;
        let is_wanted =
            roles.property.text(row, joined).is_ok_and(|name| only.has_named(name.trim()));
        if !is_wanted {
            return;
        }
        if let Ok(agent) = roles.agent.text(row, joined)
            && let Ok(agent) = agents.number(agent)
            && self.named.insert(agent)
        {
            portion.named.push(agent);
        }
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

    /// The second instant of a time that the clock read twice: an interval that begins before the clock is put
    /// back ends there where the first would lie before its beginning.
    #[cold]
    fn second_time(&mut self, row: &Row<'_>, part: &Part) -> Option<Instant> {
        let written = text(row, part.columns(&self.roles), &mut self.joined).ok()?;
        self.clock.read_second(trim(written))
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
            false => {
                let to = self.time(row, &part)?;
                if to < from { self.second_time(row, &part).unwrap_or(to) } else { to }
            }
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
        let Self { mapping, roles, joined, portion, .. } = self;
        let agent = {
            let written = roles.agent.text(row, joined).map_err(no_text)?;
            self.agents.number(written).map_err(|why| {
                refused(FaultKind::Agent, roles.agent.first(), told::no_name("an agent", why))
            })?
        };
        if !roles.property.is_none() {
            let written = roles.property.text(row, joined).map_err(no_text)?;
            let trimmed = trim(written);
            let is_none =
                trimmed.is_empty() || mapping.property.none.iter().any(|none| none == trimmed);
            if !is_none {
                let property = self.properties.number(written).map_err(|why| {
                    let told = told::no_name("a property", why);
                    refused(FaultKind::Property, roles.property.first(), told)
                })?;
                if self.members.insert((property, agent)) {
                    portion.members.push((property, agent));
                }
            }
        }
        let mut name = NAMELESS;
        if !roles.device.is_none() {
            let written = roles.device.text(row, joined).map_err(no_text)?;
            let trimmed = trim(written);
            if mapping.device.all.iter().any(|all| all == trimmed) {
                return Ok((agent, ALL_DEVICES));
            }
            if !trimmed.is_empty() {
                name = self.device_names.number(written).map_err(|why| {
                    refused(FaultKind::Device, roles.device.first(), told::no_name("a device", why))
                })?;
            }
        }
        Ok((agent, self.device_numbers.number(Device { agent, name }, &mut portion.devices)))
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
