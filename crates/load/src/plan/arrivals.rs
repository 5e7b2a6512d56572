//! When visitors come. A process of arrivals is drawn once for the whole plan; each generator plays
//! those of its own properties, and so they add up to it exactly.

use super::knobs::{Arrivals, MANY_A_SECOND, RunKnobs, Stage, TOGETHER_US_MAX};
use super::model::{Arrival, StreamWatch, VisitorAction, VisitorKind, WidgetIndex};
use super::run_plan::RunPlan;
use crate::clock::{Micros, SECOND_US};
use lamplighter_scenario::synth::random::RandomStream;

/// A ramp goes up and down in steps of this length.
const STEP_US: Micros = 100_000;

/// The arrivals of a plan, in the order of time, for as long as the run lasts.
#[derive(Debug)]
pub struct AllArrivals<'p> {
    plan: &'p RunPlan,
    knobs: &'p RunKnobs,
    gaps: RandomStream,
    choices: RandomStream,
    /// Microseconds of the run, times 2^32 to keep what lies between them.
    now: u128,
    /// The latest instant that was given.
    last: Micros,
    number: u64,
}

/// One of anything, in the unit in which gaps are drawn.
const ONE: u64 = 1 << 32;

impl<'p> AllArrivals<'p> {
    /// Those of a plan that was drawn from these knobs.
    pub fn new(plan: &'p RunPlan, knobs: &'p RunKnobs) -> Self {
        let seed = knobs.world.seed;
        Self {
            plan,
            knobs,
            gaps: RandomStream::fork(seed, b"arrivals", 0, 0),
            choices: RandomStream::fork(seed, b"visitors", 0, 0),
            now: 0,
            last: 0,
            number: 0,
        }
    }

    /// The next instant, in microseconds of the run.
    fn next_at(&mut self) -> Option<Micros> {
        let (mut gap, together) = match self.knobs.arrivals {
            Arrivals::Poisson { together } => (exponential(&mut self.gaps), together),
            Arrivals::Constant => (ONE, 1),
        };
        let end = (self.knobs.duration_us() as u128) << 32;
        // A gap is used up faster where the rate is higher.
        while self.now < end {
            let at = (self.now >> 32) as Micros;
            let (rate, until) = rate_at(&self.knobs.visitors, at, self.knobs.duration_us());
            let left = ((until as u128) << 32) - self.now;
            // Visitors in a thousand seconds: a billion microseconds.
            let used_until = left * u128::from(rate) / 1_000_000_000;
            if used_until > u128::from(gap) {
                self.now += u128::from(gap) * 1_000_000_000 / u128::from(rate);
                let at = (self.now >> 32) as Micros;
                // The last of a ramp's step can begin with the first of the next.
                self.last = self.last.max(together_at(at, rate, together));
                return Some(self.last.min(self.knobs.duration_us() - 1));
            }
            gap -= used_until as u64;
            self.now = (until as u128) << 32;
        }
        None
    }
}

/// The instant at which who comes at a moment begins with others: never before that moment. `rate` is
/// of a thousand seconds.
fn together_at(at: Micros, rate: u64, together: u32) -> Micros {
    if rate <= MANY_A_SECOND * 1_000 {
        return at;
    }
    let apart = (u64::from(together) * 1_000_000_000 / rate) as Micros;
    match apart.min(TOGETHER_US_MAX) {
        apart if together > 1 && apart > 1 => (at + apart - 1) / apart * apart,
        _ => at,
    }
}

/// The rate at a moment, and until when it is the same.
fn rate_at(stages: &[Stage], at: Micros, end: Micros) -> (u64, Micros) {
    let mut from = 0;
    for (place, stage) in stages.iter().enumerate() {
        let is_last = place + 1 == stages.len();
        let to = match is_last || stage.length.0 == 0 {
            true => end.max(from + 1),
            false => from + (stage.length.0 * 1_000) as Micros,
        };
        if at < to {
            if stage.from == stage.to {
                return (stage.from, to);
            }
            // The middle of the step gives its rate.
            let step = (at - from) / STEP_US;
            let middle = (step * STEP_US + STEP_US / 2).min(to - from);
            let risen = (stage.to as i128 - stage.from as i128) * middle as i128;
            let rate = stage.from as i128 + risen / (to - from) as i128;
            return (u64::try_from(rate).unwrap_or(0), (from + (step + 1) * STEP_US).min(to));
        }
        from = to;
    }
    (0, end)
}

/// A length of time of mean one, as gaps between independent arrivals have it. By von Neumann's
/// comparisons, which need no logarithm: the same on every machine.
fn exponential(stream: &mut RandomStream) -> u64 {
    let mut whole = 0;
    loop {
        let first = stream.below(u32::MAX);
        let mut last = first;
        let mut is_odd = true;
        loop {
            let next = stream.below(u32::MAX);
            if next >= last {
                break;
            }
            last = next;
            is_odd = !is_odd;
        }
        if is_odd {
            return whole + u64::from(first);
        }
        whole += ONE;
    }
}

impl Iterator for AllArrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let at = self.next_at()?;
            self.number += 1;
            let widget: WidgetIndex = self.choices.below(self.plan.widgets.len() as u32);
            let visitor = self.choices.below(self.plan.visitors.len() as u32) as VisitorKind;
            let what = match self.choices.chance_per_mille(self.knobs.messages) {
                true => VisitorAction::Message,
                false => VisitorAction::Look,
            };
            if self.plan.is_own(widget) {
                return Some(Arrival { at, widget, visitor, number: self.number, what });
            }
        }
    }
}

/// The event streams of a plan: most are held from the first part of the run to its end, some for a
/// while.
pub fn watches(plan: &RunPlan, knobs: &RunKnobs) -> Vec<StreamWatch> {
    let end = knobs.duration_us();
    let ramp = knobs.ramp_us().max(1);
    let all = (0..u64::from(knobs.streams)).map(|number| {
        let mut stream = RandomStream::fork(knobs.world.seed, b"streams.", number, 0);
        let from = Micros::from(stream.below(ramp.min(Micros::from(u32::MAX)) as u32));
        let leaves_early = stream.chance(15);
        let stays = (end - from) / 100 * Micros::from(stream.between(20, 90));
        StreamWatch {
            from,
            to: if leaves_early { from + stays.max(SECOND_US) } else { end },
            widget: stream.below(plan.widgets.len() as u32),
            visitor: stream.below(plan.visitors.len() as u32) as VisitorKind,
            number,
            is_slow: stream.chance(knobs.slow_readers),
        }
    });
    all.filter(|watch| plan.is_own(watch.widget)).collect()
}
