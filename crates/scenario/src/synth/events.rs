//! What all agents do, in the order of time.
//!
//! A run is cut into spans of time, and what happens in a span is found unordered: agent by agent each day is
//! drawn once, and what happens on it is put into the spans in which it does. Several threads can draw, and
//! put spans in order: an event has a number by which it is told apart from all others of its span, and so
//! what comes out hangs on none of it.
//!
//! At one instant the agents come in the order of their indices. The run's first instant finds everyone
//! where the days before left them: who is at work logs in there and then.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::clock::Clock;
use super::day;
use super::packed::{Packed, SPAN_BITS_MAX, TraceEvent};
use super::population::{Population, SHIFT_MINUTES};
use super::sessions::DeviceSessions;
use super::shift::{AFTER_MS, BEFORE_MS, DayStep, Shift, WorkingDay};
use super::workplace::Workplace;
use super::{DAY_MS, MINUTE_MS};
/// The events of a population. Made by [`Population::events`].
pub struct TraceEvents<'a> {
    drawn: DrawnSpans<'a>,
    /// The spans that are drawn and were not gone through.
    spans: Range<usize>,
    /// The span at hand: when it begins, its events, and how many of them were given.
    begins_ms: i64,
    events: Vec<Packed>,
    given: usize,
}

/// What happens on the days of a run, by span of time, as far as it is drawn and not let go of.
pub(super) struct DrawnSpans<'a> {
    population: &'a Population,
    cut: Cut,
    lanes: Vec<Lane>,
    /// The first span of what is drawn, and the first that is not drawn yet.
    first: usize,
    next: usize,
}

/// How the time of a run is cut up.
#[derive(Clone, Copy)]
struct Cut {
    start_ms: i64,
    end_ms: i64,
    /// A span has two to the power of so many milliseconds.
    bits: u32,
    /// So many spans are drawn together.
    together: usize,
}

/// A part of the run.
#[derive(Clone, Copy)]
struct Slice {
    /// Where it begins, and where the one after it does.
    from_ms: i64,
    to_ms: i64,
    is_first: bool,
}

/// What one thread has drawn, and what it draws with.
struct Lane {
    /// What happens in each span, in any order, from the first on that is not let go of.
    spans: VecDeque<Vec<Packed>>,
    clocks: Vec<Clock>,
    /// Room for one day of one agent, and for the working days of a property, in the slice and before the run.
    steps: Vec<DayStep>,
    days: Vec<WorkingDay>,
    days_before: Vec<WorkingDay>,
}

/// A span has so many events, roughly: they are put in order where the processor has them at hand.
const SPAN_EVENTS: u64 = 16_384;
/// So many are drawn together, roughly; those of a day where they are fewer.
const SLICE_EVENTS: u64 = 20_000_000;
/// Who works with so many devices does so many things a day, roughly, counting the days off.
const EVENTS_PER_DEVICE: u64 = 4;
/// A thread draws so many properties before it asks for more.
const PROPERTIES_A_TURN: u32 = 64;

impl Population {
    /// What the agents do, in the order of time.
    pub fn events(&self) -> TraceEvents<'_> {
        TraceEvents::of(DrawnSpans::new(self, 1))
    }
}

impl<'a> TraceEvents<'a> {
    fn of(drawn: DrawnSpans<'a>) -> Self {
        Self { drawn, spans: 0..0, begins_ms: 0, events: Vec::new(), given: 0 }
    }
}

impl Iterator for TraceEvents<'_> {
    type Item = TraceEvent;

    fn next(&mut self) -> Option<TraceEvent> {
        loop {
            if let Some(event) = self.events.get(self.given) {
                self.given += 1;
                return Some(event.unpacked(self.begins_ms));
            }
            match self.spans.next() {
                Some(span) => {
                    self.begins_ms = self.drawn.put_in_order(span, &mut self.events);
                    self.given = 0;
                }
                None => self.spans = self.drawn.draw_more()?,
            }
        }
    }
}

impl<'a> DrawnSpans<'a> {
    /// Those of a population, of which nothing is drawn yet, to be drawn by so many threads.
    pub fn new(population: &'a Population, threads: usize) -> Self {
        let a_day = u64::from(population.agent_count())
            * u64::from(population.knobs().devices)
            * EVENTS_PER_DEVICE;
        let span_ms = DAY_MS as u64 * SPAN_EVENTS / a_day.max(1);
        let bits = span_ms.max(1_024).ilog2().min(SPAN_BITS_MAX);
        let slices_a_day = a_day.div_ceil(SLICE_EVENTS).clamp(1, 24);
        Self::cut(population, bits, DAY_MS / slices_a_day as i64, threads)
    }

    /// The same by spans of two to the power of so many milliseconds, of which so long a time is drawn
    /// together.
    fn cut(population: &'a Population, bits: u32, slice_ms: i64, threads: usize) -> Self {
        let knobs = population.knobs();
        let (start_ms, end_ms) = (knobs.start.as_millis(), knobs.end().as_millis());
        let together = (slice_ms >> bits).max(1) as usize;
        let turns = knobs.properties.div_ceil(PROPERTIES_A_TURN) as usize;
        Self {
            population,
            cut: Cut { start_ms, end_ms, bits, together },
            lanes: (0..threads.clamp(1, turns)).map(|_| Lane::new(population)).collect(),
            first: 0,
            next: 0,
        }
    }

    /// Lets go of all that is drawn, and draws more; `None` at the end of the run.
    pub fn draw_more(&mut self) -> Option<Range<usize>> {
        let (spans, slice) = self.cut.slice(self.next)?;
        let let_go = self.next - self.first;
        (self.first, self.next) = (spans.start, spans.end);
        let (population, cut, properties) =
            (self.population, &self.cut, self.population.knobs().properties);
        let turns = AtomicU32::new(0);
        let draw = |lane: &mut Lane| {
            lane.let_go(let_go);
            loop {
                let first = turns.fetch_add(1, Ordering::Relaxed).saturating_mul(PROPERTIES_A_TURN);
                if first >= properties {
                    return;
                }
                for property in first..properties.min(first + PROPERTIES_A_TURN) {
                    lane.draw(population, property, slice, cut);
                }
            }
        };
        let (own, others) = self.lanes.split_first_mut()?;
        std::thread::scope(|threads| {
            others.iter_mut().for_each(|lane| drop(threads.spawn(|| draw(lane))));
            draw(own);
        });
        Some(spans)
    }

    /// Puts into `events` what happens in a span that is drawn, in its order; gives when the span begins.
    pub fn put_in_order(&self, span: usize, events: &mut Vec<Packed>) -> i64 {
        events.clear();
        for lane in &self.lanes {
            events.extend(lane.spans.get(span - self.first).into_iter().flatten());
        }
        events.sort_unstable();
        self.cut.begins_ms(span)
    }
}

impl Cut {
    fn begins_ms(&self, span: usize) -> i64 {
        self.start_ms + ((span as i64) << self.bits)
    }

    /// The spans from one on that are drawn together, if there are any, and the time that they are of.
    fn slice(&self, first: usize) -> Option<(Range<usize>, Slice)> {
        let from_ms = self.begins_ms(first);
        let to_ms = self.begins_ms(first + self.together).min(self.end_ms);
        let count = (to_ms - from_ms + (1 << self.bits) - 1) >> self.bits;
        (from_ms < self.end_ms).then(|| {
            (first..first + count as usize, Slice { from_ms, to_ms, is_first: first == 0 })
        })
    }
}

impl Lane {
    fn new(population: &Population) -> Self {
        Self {
            spans: VecDeque::new(),
            clocks: population.zones().iter().map(|zone| Clock::new(zone.clone())).collect(),
            steps: Vec::new(),
            days: Vec::new(),
            days_before: Vec::new(),
        }
    }

    /// Lets go of so many spans, and keeps their room for others.
    fn let_go(&mut self, count: usize) {
        let count = count.min(self.spans.len());
        self.spans.iter_mut().take(count).for_each(Vec::clear);
        self.spans.rotate_left(count);
    }

    /// Draws the days of a property's agents that begin in a slice of the run; in the first one, those that
    /// began before and reach into it as well.
    fn draw(&mut self, population: &Population, property: u32, slice: Slice, cut: &Cut) {
        let workplace = population.workplace(property);
        let clock = &mut self.clocks[workplace.market_index()];
        let (days, before) = (&mut self.days, &mut self.days_before);
        working_days(workplace, clock, slice, days);
        let start_ms = slice.from_ms;
        if slice.is_first {
            let from_ms = start_ms - BACK_MS;
            working_days(workplace, clock, Slice { from_ms, to_ms: start_ms, ..slice }, before);
        }
        for agent in population.agents_of(property) {
            let mut last = Last { at_ms: i64::MIN, place: 0 };
            if slice.is_first {
                let shifts = before.iter().filter_map(|day| {
                    Shift::new(population, clock, agent, day)
                        .filter(|shift| shift.is_near(start_ms - BACK_MS, start_ms))
                });
                arrive(population, (agent, start_ms), shifts, &mut self.steps);
                put(&mut self.spans, agent, &self.steps, (slice, cut), &mut last);
            }
            for day in days.iter() {
                let shift = Shift::new(population, clock, agent, day);
                let is_drawn = |shift: &Shift| match slice.is_first {
                    true => shift.is_near(slice.from_ms, slice.to_ms),
                    false => (slice.from_ms..slice.to_ms).contains(&(shift.start_ms - BEFORE_MS)),
                };
                if let Some(shift) = shift.filter(is_drawn) {
                    day::steps(&shift, population, &mut self.steps);
                    put(&mut self.spans, agent, &self.steps, (slice, cut), &mut last);
                }
            }
        }
    }
}

/// What an agent does is known by what the agent did so long before.
const BACK_MS: i64 = 2 * DAY_MS;

/// The dates on which a property works, as far as shifts that begin on them are near a slice of the run.
fn working_days(
    workplace: &Workplace,
    clock: &mut Clock,
    Slice { from_ms, to_ms, is_first }: Slice,
    days: &mut Vec<WorkingDay>,
) {
    // Clocks are put by two hours at most.
    const CLOCK_CHANGE_MS: i64 = 120 * MINUTE_MS;
    const LONGEST_MS: i64 = SHIFT_MINUTES.end as i64 * MINUTE_MS + CLOCK_CHANGE_MS;
    const LATEST_MS: i64 = BEFORE_MS + CLOCK_CHANGE_MS - SHIFT_MINUTES.start as i64 * MINUTE_MS;
    let earliest_ms = LONGEST_MS + if is_first { AFTER_MS } else { -BEFORE_MS };
    let reading_ms = clock.reading(from_ms);
    // Rounded up: the date before ends too early.
    let first = -(earliest_ms - reading_ms).div_euclid(DAY_MS);
    let last = (reading_ms + (to_ms - from_ms) + LATEST_MS).div_euclid(DAY_MS);
    days.clear();
    days.extend((first..=last).map(|day| (day, workplace.spans_on(day))));
    days.retain(|(_, spans)| spans[0].is_some());
}

/// Makes an agent at the start what the shifts before have made.
fn arrive(
    population: &Population,
    (agent, start_ms): (u32, i64),
    shifts: impl Iterator<Item = Shift>,
    steps: &mut Vec<DayStep>,
) {
    let never_logs_out = population.agent(agent).never_logs_out;
    let mut sessions = DeviceSessions::new(population.knobs(), never_logs_out);
    for shift in shifts {
        day::steps(&shift, population, steps);
        steps.iter().filter(|step| step.at_ms < start_ms).for_each(|step| sessions.take(step));
    }
    steps.clear();
    sessions.as_steps(start_ms, steps);
}

/// The last that an agent has done: when, and its place among what the agent did then.
struct Last {
    at_ms: i64,
    place: u32,
}

/// Puts those of an agent's steps that lie in the run into their spans, the first of which is that with which
/// a slice begins.
fn put(
    spans: &mut VecDeque<Vec<Packed>>,
    agent: u32,
    steps: &[DayStep],
    (slice, cut): (Slice, &Cut),
    last: &mut Last,
) {
    for step in steps.iter().filter(|step| (slice.from_ms..cut.end_ms).contains(&step.at_ms)) {
        let place = if step.at_ms == last.at_ms { last.place + 1 } else { 0 };
        *last = Last { at_ms: step.at_ms, place };
        // Not negative.
        let since = (step.at_ms - slice.from_ms) as u64;
        let span = (since >> cut.bits) as usize;
        if spans.len() <= span {
            spans.resize_with(span + 1, Vec::new);
        }
        let since_ms = since & ((1 << cut.bits) - 1);
        spans[span].push(Packed::new(since_ms, agent, place, step));
    }
}

#[cfg(test)]
mod tests {
    use super::super::knobs::Knobs;
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn it_does_not_matter_how_time_is_cut_nor_by_how_many_it_is_drawn() {
        // Nights reach furthest into another day.
        let knobs =
            Knobs { properties: 200, odd_hours: 80, days: 3, flakiness: 100, ..Knobs::default() };
        let population = Population::new(knobs, &Zones::bundled()).expect("knobs in their ranges");
        let whole: Vec<TraceEvent> = population.events().collect();
        assert!(whole.len() > 10_000 && whole.is_sorted_by_key(|event| (event.at, event.agent)));
        for slice_ms in [DAY_MS, DAY_MS / 24, DAY_MS / 7, 1_234_567, 100 * DAY_MS] {
            for bits in [10, 17, SPAN_BITS_MAX] {
                for threads in [1, 2, 5, 1_000] {
                    let drawn = DrawnSpans::cut(&population, bits, slice_ms, threads);
                    let events = TraceEvents::of(drawn);
                    assert!(events.eq(whole.iter().copied()), "{slice_ms} {bits} {threads}");
                }
            }
        }
    }
}
