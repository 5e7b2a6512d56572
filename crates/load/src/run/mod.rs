//! A run from its begin to its end: the target is looked at and filled, agents and visitors are let
//! loose, what they record is judged meanwhile, and when all is quiet the rest.
//!
//! | file | what it does |
//! | --- | --- |
//! | `start` | lays the plan around a first instant, with all of it on the target |
//! | `players` | agents and visitors, each on a thread of their own |
//! | `supervise` | judges meanwhile, and ends a run early that is to end |
//! | `drain` | what is still to be seen once all have played |
//! | `goals` | what the plan was to meet, and what was met |
//! | `assemble` | one result of it all |

mod assemble;
mod drain;
mod goals;
mod players;
mod start;
mod supervise;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;
use tokio::runtime::Runtime;

use super::agents::AttackError;
use super::clock::{Micros, RunClock};
use super::context::RunContext;
use super::gates::Gate;
use super::judge::{StalenessBound, WrongAnswer};
use super::plan::{RunKnobs, RunPlan, start_from};
use super::product::Product;
use super::provision::{ProvisionError, provision};
use super::result::LoadResult;
use super::skew::{self, Skew, SkewError};
use super::tally::Tally;
use super::visitors::{CheckError, VisitorsError};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::PopulationError;
use lamplighter_target::{Host, HostError};

use assemble::Taken;
use players::Players;
use start::Preparation;
use supervise::Judging;

/// How many stretches of time a result has at most, so that runs of days stay small.
const INTERVALS_MAX: u64 = 600;

/// What a run is started with.
#[derive(Debug)]
pub struct RunConfig {
    /// What is played. Its `start` counts only where `starts_at` is set.
    pub knobs: RunKnobs,
    /// When it starts, where that was said: all parts of a run start at the same instant.
    pub starts_at: Option<Instant>,
    /// The product whose calls are made.
    pub product: Arc<dyn Product>,
    /// The target, where it is and who its admin is.
    pub host: Host,
    /// What the target has promised, see [`AboutRun::within_ms`](crate::result::AboutRun::within_ms).
    pub within_ms: u64,
    /// Whether what was put on the target stays there.
    pub keep: bool,
    /// The gates that the run is held against.
    pub gates: Vec<Gate>,
    /// Whether the run ends once it is sure to fail.
    pub abort_on_fail: bool,
    /// Connections of visitors at most.
    pub connections_max: usize,
}

/// Why there is no result.
#[derive(Debug, Error)]
pub enum RunError {
    /// The target's address, or the way to it.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The knobs cannot be used.
    #[error(transparent)]
    Plan(#[from] PopulationError),
    /// A zone that nobody knows.
    #[error(transparent)]
    Zone(#[from] lamplighter_core::hours::UnknownZone),
    /// The target's clock cannot be told.
    #[error(transparent)]
    Skew(#[from] SkewError),
    /// The plan cannot be put on the target.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The run was to start before all was there.
    #[error("the run was to start at {starts_at}, and only at {ready_at} all was on the target")]
    TooLate {
        /// The first instant, as it was asked for.
        starts_at: Instant,
        /// The instant at which all was there.
        ready_at: Instant,
    },
    /// Agents cannot begin.
    #[error(transparent)]
    Agents(#[from] AttackError),
    /// Visitors cannot go about.
    #[error(transparent)]
    Visitors(#[from] VisitorsError),
    /// The messages cannot be looked for.
    #[error(transparent)]
    Messages(#[from] CheckError),
    /// The machine has nothing left.
    #[error("the machine cannot run a load test: {0}")]
    Machine(#[from] std::io::Error),
    /// A mistake in the program.
    #[error("{0} have panicked")]
    Panicked(&'static str),
}

/// Told how far a run is.
pub trait RunWatcher {
    /// What is being done before the run starts, and after its end.
    fn says(&mut self, what: &str);
    /// Wrong answers were found, in this order; each is told once.
    fn found(&mut self, wrong: &[WrongAnswer]);
    /// The run goes on.
    fn goes_on(&mut self, at: Micros, wrong: u64, tally: &Tally);
}

/// Plays a plan against a target, and judges all that it answers.
///
/// # Errors
/// When it cannot begin, or the machine fails. What the target does wrong is in the result.
pub fn run(
    config: &RunConfig,
    zones: &Zones,
    stop: &AtomicBool,
    watcher: &mut dyn RunWatcher,
) -> Result<LoadResult, RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("agents")
        .enable_all()
        .build()?;
    runtime.block_on(config.host.check())?;
    let now = wall_now();
    let clock = RunClock::new(now, now);
    watcher.says("looking at the target's clock");
    let skew = skew::measure(&config.host, "/healthz", &clock)?;

    watcher.says("putting properties and accounts on the target");
    let preparation = Preparation { config, zones, runtime: &runtime, clock, skew };
    let (knobs, plan) = preparation.draw(config.starts_at.unwrap_or(now))?;
    let mut provisioned =
        runtime.block_on(provision(&plan, &config.product, config.host.clone()))?;
    let started = preparation.start(knobs, plan, &mut provisioned);
    let played = started.and_then(|run| {
        watcher.says(&waiting(-run.context.clock.now()));
        run.play(zones, stop, watcher)
    });
    // Whatever became of it, nothing is left behind.
    if !config.keep {
        watcher.says("taking everything away again");
        let taken = runtime.block_on(provisioned.take_away());
        if played.is_ok() {
            taken?;
        }
    }
    played
}

/// A run that is about to start.
struct LoadRun<'c> {
    config: &'c RunConfig,
    /// The runtime in which the agents play.
    runtime: &'c Runtime,
    /// What the plan was drawn from, its first instant included.
    knobs: RunKnobs,
    /// How far the target's clock is ahead.
    skew: Skew,
    /// What agents and visitors share.
    context: RunContext,
    /// The length of a stretch in the result.
    interval_ms: u64,
}

impl LoadRun<'_> {
    fn play(
        &self,
        zones: &Zones,
        stop: &AtomicBool,
        watcher: &mut dyn RunWatcher,
    ) -> Result<LoadResult, RunError> {
        let mut judging = Judging::new(&self.context, self.bound(), zones)?;
        let cpu_before = cpu_us(ClockId::ProcessCPUTime);
        let (ended_early, drained) = thread::scope(|scope| {
            let players = Players::start(self, scope);
            let ended_early = self.supervise(&players, &mut judging, stop, watcher);
            watcher.says("looking for the messages that visitors left");
            let drained = self.drain(players, judging)?;
            watcher.found(&drained.report.wrong);
            Ok::<_, RunError>((ended_early, drained))
        })?;
        let agents = drained.agents?;
        let goose = agents.tables.clone();
        self.runtime.block_on(agents.release());
        drained.visitors?;
        let taken = Taken {
            ended_early,
            judging_us: drained.judging_us,
            generator_us: cpu_us(ClockId::ProcessCPUTime) - cpu_before,
        };
        Ok(self.result(drained.report, goose, taken))
    }

    /// How stale answers may be.
    fn bound(&self) -> StalenessBound {
        StalenessBound {
            within: (self.config.within_ms * 1_000) as Micros,
            clock_ahead: self.skew.ahead_us,
            // Instants of edges are told to the millisecond.
            clock_uncertain: self.skew.uncertain_us + 1_000,
        }
    }
}

/// The plan of a run as it would be were it to start now, or at the instant that was asked for.
///
/// # Errors
/// When a knob of the world is out of its range, or the zone data lack a zone.
pub fn foreseen(
    knobs: &RunKnobs,
    starts_at: Option<Instant>,
    zones: &Zones,
) -> Result<(RunKnobs, RunPlan), PopulationError> {
    let start = starts_at.unwrap_or_else(|| start_from(wall_now(), knobs.duration));
    let knobs = RunKnobs { start, ..knobs.clone() };
    let plan = RunPlan::draw(&knobs, zones)?;
    Ok((knobs, plan))
}

/// What is being waited for, so many microseconds before the start.
fn waiting(wait_us: Micros) -> String {
    match wait_us / 1_000_000 {
        ..5 => "waiting for the start".to_owned(),
        seconds => format!(
            "waiting {seconds}s for the start, so that a full minute, at which hours begin and end, lies \
             in the run"
        ),
    }
}

fn wall_now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Instant::from_millis(ms).unwrap_or(Instant::MAX)
}

/// The time of a processor that this process, or this thread, has taken so far.
fn cpu_us(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec * 1_000_000 + time.tv_nsec / 1_000).unsigned_abs()
}
