//! When an agent works, and what is noted of a working day.

use super::clock::Clock;
use super::population::Population;
use super::random::{Label, RandomStream};
use super::workplace::{Day, WorkSpan};
use super::{DAY_MS, MINUTE_MS};
use lamplighter_core::model::Action;

/// The device of a step that is for all of them.
pub(super) const ALL_DEVICES: u8 = u8::MAX;

/// Nothing happens earlier than so long before the shift.
pub(super) const BEFORE_MS: i64 = 60 * MINUTE_MS;
/// Nothing happens later than so long after the shift.
pub(super) const AFTER_MS: i64 = 270 * MINUTE_MS;

/// What an agent does at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DayStep {
    /// The instant of the step, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The device by its number, or [`ALL_DEVICES`].
    pub device: u8,
    /// What the agent or the agent's connection does.
    pub action: Action,
}

/// A date, and when a property works from it on.
pub(super) type WorkingDay = (Day, [Option<WorkSpan>; 2]);

/// When an agent works, as instants.
#[derive(Clone, Copy)]
pub(super) struct Shift {
    /// The agent's index in the whole population.
    pub agent: u32,
    /// The date on which the shift starts, by the wall clock of the workplace.
    pub day: Day,
    /// The instant at which the shift starts, in milliseconds since 1970 UTC.
    pub start_ms: i64,
    /// The instant at which it ends, likewise; later than the start.
    pub end_ms: i64,
}

/// When a device is in use.
#[derive(Clone, Copy)]
pub(super) struct DeviceUse {
    /// The device by its place in [`DEVICES`](super::names::DEVICES).
    pub device: u8,
    /// The instant from which the agent uses it, in milliseconds since 1970 UTC.
    pub from_ms: i64,
    /// The instant until which the agent uses it, likewise.
    pub to_ms: i64,
    /// Whether the agent comes back to it even after that.
    pub for_ever: bool,
}

impl Shift {
    /// The shift of an agent on a date on which the property works, if there is one.
    pub fn new(
        population: &Population,
        clock: &mut Clock,
        agent: u32,
        &(day, spans): &WorkingDay,
    ) -> Option<Self> {
        let (start, end) = population.shift(agent, day, spans)?;
        let start_ms = clock.instant(day * DAY_MS + i64::from(start) * MINUTE_MS)?;
        let end_ms = clock.instant(day * DAY_MS + i64::from(end) * MINUTE_MS)?;
        (start_ms < end_ms).then_some(Self { agent, day, start_ms, end_ms })
    }

    /// Whether something of it can lie between two instants.
    pub fn is_near(&self, from_ms: i64, to_ms: i64) -> bool {
        self.start_ms - BEFORE_MS < to_ms && from_ms <= self.end_ms + AFTER_MS
    }

    /// The random numbers of this day for a topic.
    pub fn stream(&self, population: &Population, label: &Label, further: u64) -> RandomStream {
        let (property, place) =
            (self.agent / population.knobs().agents, self.agent % population.knobs().agents);
        let who = u64::from(property) << 16 | u64::from(place);
        // A day of the years until 9999 has less than 32 bits, and is not negative.
        RandomStream::fork(population.knobs().seed, label, who, further << 32 | self.day as u64)
    }
}
