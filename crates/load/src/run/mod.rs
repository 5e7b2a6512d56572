//! A run from its begin to its end: the target is looked at and filled, agents and visitors are let
//! loose, what they record is judged meanwhile, and when all is quiet the rest.
//!
//! | file | what it does |
//! | --- | --- |
//! | `start` | lays the plan around a first instant, with all of it on the target |
//! | `threads` | agents and visitors, each on a thread of their own |
//! | `supervise` | judges meanwhile, and ends a run early that is to end |
//! | `drain` | what is still to be seen once all have played |
//! | `goals` | what the plan was to meet, and what was met |
//! | `assemble` | one result of it all |

mod assemble;
mod drain;
mod goals;
mod start;
mod supervise;
mod threads;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;
use tokio::runtime::Runtime;

use super::clock::{Micros, RunClock};
use super::context::RunContext;
use super::gates::Gate;
use super::gather::{LinkError, Readiness, StopCause};
use super::judge::{StalenessBound, StalenessBounds, WrongAnswer};
use super::plan::{RunKnobs, RunPlan, start_from};
use super::provision::{self, ProvisionError, Provisioned};
use super::result::LoadResult;
use super::skew::{self, Skew, SkewError};
use super::tally::Tally;
use super::wait_budget::WaitBudget;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::PopulationError;
use lamplighter_target::HostError;
use lamplighter_target::driver::{Driver, Leftovers};

use assemble::RunOutcome;
use drain::DrainResult;
use start::Preparation;
use supervise::{EarlyEnd, JudgeTask};
use threads::RunThreads;

/// How many stretches of time a result has at most, so that runs of days stay small.
const INTERVALS_MAX: u64 = 600;

/// So long a target that fails is waited for once a run is over, all in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run is started with.
#[derive(Debug)]
pub struct RunConfig {
    /// What is played. Its `start` counts only where `starts_at` is set.
    pub knobs: RunKnobs,
    /// When it starts, where that was said: all parts of a run start at the same instant.
    pub starts_at: Option<Instant>,
    /// What follows the target file on the service.
    pub driver: Arc<Driver>,
    /// What the target has promised, see [`AboutRun::within_ms`](crate::result::AboutRun::within_ms).
    pub within_ms: u64,
    /// Whether what was put on the target stays there.
    pub keep: bool,
    /// The gates that the run is held against.
    pub gates: Vec<Gate>,
    /// Whether the run ends once it is sure to fail.
    pub abort_on_fail: bool,
    /// How often the result so far is handed out, to be kept should the generator die.
    pub so_far_every: Duration,
    /// How many connections visitors hold at most; who finds none free waits, and that counts.
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
    /// There is no start that is common to all parts.
    #[error(transparent)]
    Gatherer(#[from] LinkError),
    /// A signal asked for the end before the run began: nothing was played, and nothing is reported.
    #[error("interrupted before the run began; {cleaned}")]
    Interrupted {
        /// What became of what had been put on the target.
        cleaned: &'static str,
    },
    /// The machine has nothing left.
    #[error("the machine cannot run a load test: {0}")]
    Machine(#[from] std::io::Error),
}

/// Told how far a run is.
pub trait RunWatcher {
    /// What is being done before the run starts, and after its end.
    fn says(&mut self, what: &str);
    /// Wrong answers were found, in this order; each is told once.
    fn found(&mut self, wrong: &[WrongAnswer]);
    /// Something went wrong that ends nothing.
    fn warns(&mut self, of: &str);
    /// What stays on the target, for its file has no steps that delete it (rule T48 of target files).
    fn on_leftovers(&mut self, left: Leftovers);
    /// The run goes on.
    fn on_progress(&mut self, at: Micros, wrong: u64, tally: &Tally);
    /// What the run came to so far, now and then: all that is left should the generator die. It says
    /// itself that the run was not over.
    fn so_far(&mut self, result: LoadResult);
    /// All is on the target but for the hours: the start that is common to all parts, once all are ready;
    /// `None` where the run starts by itself.
    ///
    /// # Errors
    /// When there will be none.
    fn common_start(&mut self, _: Readiness, _: &AtomicBool) -> Result<Option<Instant>, LinkError> {
        Ok(None)
    }
    /// Why all parts of the run are to end now, if they are.
    fn asked_end(&mut self) -> Option<StopCause> {
        None
    }
}

/// Plays a plan against a target, and judges all that it answers. Once it has begun there is a result,
/// whatever becomes of the target: what could not be read or cleaned up at the end stands in it, and a
/// target that fails is waited for ten seconds more, and what it has promised. `stop` ends it early.
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
    let ran = run_in(&runtime, config, zones, stop, watcher);
    // Nobody waits for what may still be under way in it.
    runtime.shutdown_background();
    ran
}

fn run_in(
    runtime: &Runtime,
    config: &RunConfig,
    zones: &Zones,
    stop: &AtomicBool,
    watcher: &mut dyn RunWatcher,
) -> Result<LoadResult, RunError> {
    // Once: what becomes of its name later is nothing that is tested here.
    runtime.block_on(config.driver.endpoint().look_up())?;
    let now = wall_now();
    let clock = RunClock::new(now, now);
    watcher.says("looking at the target's clock");
    let skew = skew::of_target(&config.driver, runtime, &clock)?;

    watcher.says("putting properties and accounts on the target");
    let preparation = Preparation { config, zones, runtime, clock, skew };
    let (knobs, plan) = preparation.draw(config.starts_at.unwrap_or(now))?;
    let mut provisioned = Provisioned::nothing(&plan, &config.driver);
    let lent = provision::lend(&config.driver, &plan, knobs.shard);
    let put = lent.and_then(|()| runtime.block_on(provisioned.put(stop))).map_err(RunError::from);
    let started =
        put.and_then(|()| preparation.start(knobs, plan, &mut provisioned, stop, watcher));
    let mut budget = WaitBudget::of(PATIENCE);
    let played = started.and_then(|run| {
        watcher.says(&waiting(-run.context.clock.now()));
        run.play(zones, stop, watcher, &mut budget)
    });
    // Whatever became of it, nothing is left behind.
    let mut left = Vec::new();
    if !config.keep {
        watcher.says("taking everything away again");
        let (failed, undeletable) = runtime.block_on(provisioned.take_away(&mut budget));
        left = failed;
        watcher.on_leftovers(undeletable);
    }
    match played {
        Ok(mut result) => {
            result.unfinished.extend(left);
            Ok(result)
        }
        Err(error) => {
            left.iter().for_each(|line| watcher.warns(line));
            Err(error.cleaned(config.keep, left.is_empty()))
        }
    }
}

impl RunError {
    /// The same, once it is known what became of all that had been put on the target.
    fn cleaned(self, is_kept: bool, is_clean: bool) -> Self {
        match self {
            Self::Interrupted { .. }
            | Self::Provision(ProvisionError::Stopped)
            | Self::Gatherer(LinkError::Ended) => {
                let cleaned = match is_clean {
                    _ if is_kept => "what was put on the target stays there",
                    true => "what had been put on the target was taken away again",
                    false => "not all that had been put on the target could be taken away again",
                };
                Self::Interrupted { cleaned }
            }
            other => other,
        }
    }
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
    /// The time of processors that this process had taken before.
    cpu_before_us: u64,
}

impl LoadRun<'_> {
    fn play(
        &self,
        zones: &Zones,
        stop: &AtomicBool,
        watcher: &mut dyn RunWatcher,
        budget: &mut WaitBudget,
    ) -> Result<LoadResult, RunError> {
        let mut judge_task = JudgeTask::new(&self.context, self.bound(), zones)?;
        let (end, drain_result) = thread::scope(|scope| {
            let threads = RunThreads::start(self, scope);
            let end = self.supervise(&threads, &mut judge_task, stop, watcher);
            watcher.says("looking for the messages that visitors left");
            budget.spend(end.spent());
            let drain_result = self.drain(threads, judge_task, budget);
            (end, drain_result)
        });
        if end.at < 0 && end.early == Some(EarlyEnd::Interrupted) {
            return Err(RunError::Interrupted { cleaned: "" });
        }
        watcher.found(&drain_result.report.wrong);
        let DrainResult { report, judging_us, goose, unfinished, failed } = drain_result;
        let interrupted = failed.is_some() || end.early == Some(EarlyEnd::Interrupted);
        let ended_early = failed.or(match end.early {
            Some(EarlyEnd::Interrupted) => Some("Ctrl-C, or a signal to end".to_owned()),
            Some(EarlyEnd::Gate(gate)) => Some(format!("a gate failed: {gate}")),
            Some(EarlyEnd::Failed) | None => None,
        });
        let outcome = RunOutcome {
            report,
            judging_us,
            goose,
            ended_at: end.at,
            ended_early,
            interrupted,
            unfinished,
        };
        Ok(self.result(outcome))
    }

    /// How stale answers may be.
    fn bound(&self) -> StalenessBound {
        let within = (self.config.within_ms * 1_000) as Micros;
        StalenessBound {
            within: within.max(StalenessBounds::edge_within(self.config.driver.file())),
            bounds: StalenessBounds::of(self.config.driver.file(), self.knobs.grace),
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
