//! What all agents do, in the order of time, a slice of time after the other: memory holds one slice,
//! however long the run is.
//!
//! Several threads can work on a slice, each on the agents of its lane; what comes out is the same.
//!
//! At one instant the agents come in the order of their indices. The run's first instant finds everyone
//! where the days before left them: who is at work logs in there and then.

use std::ops::Range;

use super::clock::Clock;
use super::day;
use super::population::{Population, SHIFT_MINUTES};
use super::sessions::DeviceSessions;
use super::shift::{AFTER_MS, ALL_DEVICES, BEFORE_MS, DayStep, Shift};
use super::{DAY_MS, MINUTE_MS};
use lamplighter_core::model::Action;
use lamplighter_core::model::Instant;

/// What an agent does at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceEvent {
    /// The instant at which it happens.
    pub at: Instant,
    /// The agent who does it, by the index in the population.
    pub agent: u32,
    /// The device's place in [`DEVICES`](super::names::DEVICES); `None` for all of the agent's.
    pub device: Option<u8>,
    /// What the agent or the agent's connection does, in the words of a trace.
    pub action: Action,
}

/// The events of a population. Made by [`Population::events`].
pub struct TraceEvents<'a> {
    population: &'a Population,
    slice_ms: i64,
    slice: Slice,
    lanes: Vec<Lane>,
}

/// A part of the run.
#[derive(Clone, Copy)]
struct Slice {
    /// Where it begins, and where the one after it does.
    from_ms: i64,
    to_ms: i64,
}

/// Some of the agents, and what they do in a slice.
struct Lane {
    agents: Range<u32>,
    clocks: Vec<Clock>,
    queue: Vec<Queued>,
    next: usize,
    /// Room for one day of one agent.
    steps: Vec<DayStep>,
}

/// An event of a slice; ordered by instant, agent, and the order in which the agent does it.
#[derive(Clone, Copy)]
struct Queued {
    key: u64,
    device: u8,
    action: Action,
}

/// Bits of a key, from the lowest: the number among an agent's events of one millisecond, the agent, and
/// the milliseconds since the slice began. Of 24 hours these have 27.
const NUMBER_BITS: u32 = 6;
const AGENT_BITS: u32 = 31;

/// A slice holds so many events, roughly.
const SLICE_EVENTS: u64 = 10_000_000;
/// Who works with so many devices does so many things a day, roughly, counting the days off.
const EVENTS_PER_DEVICE: u64 = 4;

impl Population {
    /// What the agents do, in the order of time.
    pub fn events(&self) -> TraceEvents<'_> {
        self.events_by(1)
    }

    /// The same, found by so many threads.
    pub fn events_by(&self, threads: usize) -> TraceEvents<'_> {
        let a_day =
            u64::from(self.agent_count()) * u64::from(self.knobs().devices) * EVENTS_PER_DEVICE;
        let slices_a_day = a_day.div_ceil(SLICE_EVENTS).clamp(1, 24);
        TraceEvents::in_slices(self, DAY_MS / slices_a_day as i64, threads)
    }
}

impl<'a> TraceEvents<'a> {
    fn in_slices(population: &'a Population, slice_ms: i64, threads: usize) -> Self {
        let count = population.agent_count();
        let threads = u32::try_from(threads).unwrap_or(u32::MAX).clamp(1, count.max(1));
        let end = |lane: u32| (u64::from(count) * u64::from(lane) / u64::from(threads)) as u32;
        let lane = |lane| Lane {
            agents: end(lane)..end(lane + 1),
            clocks: population.zones().iter().map(|zone| Clock::new(zone.clone())).collect(),
            queue: Vec::new(),
            next: 0,
            steps: Vec::new(),
        };
        let start_ms = population.knobs().start.as_millis();
        let mut events = Self {
            population,
            slice_ms,
            slice: Slice { from_ms: start_ms, to_ms: start_ms },
            lanes: (0..threads).map(lane).collect(),
        };
        events.fill();
        events
    }

    fn end_ms(&self) -> i64 {
        self.population.knobs().end().as_millis()
    }

    /// Goes to the next slice.
    fn fill(&mut self) {
        let from_ms = self.slice.to_ms;
        self.slice = Slice { from_ms, to_ms: (from_ms + self.slice_ms).min(self.end_ms()) };
        let (population, slice) = (self.population, self.slice);
        let Some((own, others)) = self.lanes.split_first_mut() else { return };
        std::thread::scope(|threads| {
            for lane in others {
                threads.spawn(move || lane.fill(population, slice));
            }
            own.fill(population, slice);
        });
    }
}

impl Lane {
    /// Goes to another slice.
    fn fill(&mut self, population: &Population, slice: Slice) {
        let is_first = slice.from_ms == population.knobs().start.as_millis();
        self.queue.clear();
        self.next = 0;
        let mut steps = std::mem::take(&mut self.steps);
        for agent in self.agents.clone() {
            let begins = self.queue.len();
            if is_first {
                self.arrive(population, agent, slice, &mut steps);
            }
            self.shifts(population, agent, slice, &mut steps, |this, steps| {
                this.queue_steps(agent, begins, slice, steps);
            });
        }
        self.steps = steps;
        self.queue.sort_unstable_by_key(|queued| queued.key);
    }

    /// The days of an agent that have something between two instants, each with its steps.
    fn shifts(
        &mut self,
        population: &Population,
        agent: u32,
        Slice { from_ms, to_ms }: Slice,
        steps: &mut Vec<DayStep>,
        mut take: impl FnMut(&mut Self, &[DayStep]),
    ) {
        // Clocks are put by two hours at most.
        const CLOCK_CHANGE_MS: i64 = 120 * MINUTE_MS;
        const EARLIEST_MS: i64 = SHIFT_MINUTES.end as i64 * MINUTE_MS + AFTER_MS + CLOCK_CHANGE_MS;
        const LATEST_MS: i64 = BEFORE_MS + CLOCK_CHANGE_MS - SHIFT_MINUTES.start as i64 * MINUTE_MS;
        let place = population.workplace_of(agent).market_index();
        let reading_ms = self.clocks[place].reading(from_ms);
        // Rounded up: the date before ends too early.
        let first = -(EARLIEST_MS - reading_ms).div_euclid(DAY_MS);
        let last = (reading_ms + (to_ms - from_ms) + LATEST_MS).div_euclid(DAY_MS);
        for day in first..=last {
            let shift = Shift::new(population, &mut self.clocks[place], agent, day);
            let near = |shift: &Shift| {
                shift.start_ms - BEFORE_MS < to_ms && from_ms <= shift.end_ms + AFTER_MS
            };
            if let Some(shift) = shift.filter(near) {
                day::steps(&shift, population, steps);
                debug_assert!(steps.iter().all(|step| {
                    (shift.start_ms - BEFORE_MS..=shift.end_ms + AFTER_MS).contains(&step.at_ms)
                }));
                take(self, steps);
            }
        }
    }

    /// Queues what makes an agent at the start what the two days before have made.
    fn arrive(
        &mut self,
        population: &Population,
        agent: u32,
        slice: Slice,
        steps: &mut Vec<DayStep>,
    ) {
        const BACK_MS: i64 = 2 * DAY_MS;
        let start_ms = slice.from_ms;
        let habits = population.agent(agent);
        let mut sessions = DeviceSessions::new(population.knobs(), habits.never_logs_out);
        let before = Slice { from_ms: start_ms - BACK_MS, to_ms: start_ms };
        self.shifts(population, agent, before, steps, |_, steps| {
            steps.iter().filter(|step| step.at_ms < start_ms).for_each(|step| sessions.take(step));
        });
        steps.clear();
        sessions.as_steps(start_ms, steps);
        self.queue_steps(agent, self.queue.len(), slice, steps);
    }

    /// Queues those of an agent's steps that lie in the slice; the agent's events of this slice begin
    /// at `begins`.
    fn queue_steps(&mut self, agent: u32, begins: usize, slice: Slice, steps: &[DayStep]) {
        let Slice { from_ms, to_ms } = slice;
        for step in steps.iter().filter(|step| (from_ms..to_ms).contains(&step.at_ms)) {
            // At most a slice, which has 27 bits.
            let since = (step.at_ms - from_ms) as u64;
            let first = since << (AGENT_BITS + NUMBER_BITS) | u64::from(agent) << NUMBER_BITS;
            let last = self.queue[begins..].last().map_or(0, |queued| queued.key + 1);
            let key = first.max(last);
            self.queue.push(Queued { key, device: step.device, action: step.action });
        }
    }
}

impl Iterator for TraceEvents<'_> {
    type Item = TraceEvent;

    fn next(&mut self) -> Option<TraceEvent> {
        let queued = loop {
            // No key is another agent's, and an agent is in one lane.
            let lanes = self.lanes.iter_mut().filter(|lane| lane.next < lane.queue.len());
            if let Some(lane) = lanes.min_by_key(|lane| lane.queue[lane.next].key) {
                lane.next += 1;
                break lane.queue[lane.next - 1];
            }
            if self.slice.to_ms >= self.end_ms() {
                return None;
            }
            self.fill();
        };
        let since = (queued.key >> (AGENT_BITS + NUMBER_BITS)) as i64;
        let agent = (queued.key >> NUMBER_BITS) as u32 & ((1 << AGENT_BITS) - 1);
        let at = Instant::from_millis(self.slice.from_ms + since);
        Some(TraceEvent {
            at: at.expect("a run lies within the years 1970 to 9999"),
            agent,
            device: (queued.device != ALL_DEVICES).then_some(queued.device),
            action: queued.action,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::knobs::Knobs;
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn it_does_not_matter_how_time_is_sliced_nor_by_how_many() {
        // Nights reach furthest into another day.
        let knobs =
            Knobs { properties: 60, odd_hours: 80, days: 3, flakiness: 100, ..Knobs::default() };
        let population = Population::new(knobs, &Zones::bundled()).expect("knobs in their ranges");
        let whole: Vec<TraceEvent> = population.events().collect();
        for slice_ms in [DAY_MS, DAY_MS / 24, DAY_MS / 7, 1_234_567] {
            for threads in [1, 2, 5] {
                let events = TraceEvents::in_slices(&population, slice_ms, threads);
                assert!(events.eq(whole.iter().copied()), "{slice_ms} {threads}");
            }
        }
        // More than there are agents.
        assert!(population.events_by(1_000).eq(whole.iter().copied()));
    }
}
