//! A run from its begin to its end: the target is looked at and filled, agents and visitors are let
//! loose, what they record is judged meanwhile, and when all is quiet the rest.
//!
//! | file | what it does |
//! | --- | --- |
//! | `config`, `error` | what a run is started with, and why there is no result |
//! | `watcher` | who is told how far a run is |
//! | `load_run` | a run whose first instant is known |
//! | `start` | lays the plan around a first instant, with all of it on the target |
//! | `play` | from there to the result, by the files below |
//! | `threads` | agents and visitors, each on a thread of their own |
//! | `supervise` | judges meanwhile, and ends a run early that is to end |
//! | `drain` | what is still to be seen once all have played |
//! | `goals` | what the plan was to meet, and what was met |
//! | `assemble` | one result of it all |
//! | `processor_time` | what this program itself takes |

mod assemble;
mod config;
mod drain;
mod error;
mod goals;
mod load_run;
mod play;
mod processor_time;
mod start;
mod supervise;
mod threads;
mod watcher;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Runtime;

use super::clock::{Micros, RunClock};
use super::plan::{RunKnobs, RunPlan, start_from};
use super::provision::{self, Provisioned};
use super::result::LoadResult;
use super::skew;
use super::wait_budget::WaitBudget;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::PopulationError;

use start::Preparation;

pub use config::RunConfig;
pub use error::RunError;
pub use watcher::RunWatcher;

/// So long a target that fails is waited for once a run is over, all in all.
const PATIENCE: Duration = Duration::from_secs(10);

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
