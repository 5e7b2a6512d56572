//! The start of a run: schedulers lie around its first instant, and that is known only once all else is
//! on the target.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::time::ClockId;
use tokio::runtime::Runtime;

use super::config::RunConfig;
use super::error::RunError;
use super::load_run::LoadRun;
use super::processor_time::cpu_us;
use super::watcher::RunWatcher;
use crate::clock::RunClock;
use crate::context::RunContext;
use crate::gather::{ClockOffset, Readiness};
use crate::history::History;
use crate::plan::{RunKnobs, RunPlan, start_from};
use crate::provision::Provisioned;
use crate::skew::Skew;
use crate::tally::Tally;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_target::file::section::Section;

/// How many stretches of time a result has at most, so that runs of days stay small.
const INTERVALS_MAX: u64 = 600;

/// A run whose first instant is not known yet.
pub struct Preparation<'c> {
    /// What it is started with.
    pub config: &'c RunConfig,
    /// The zone data by which schedulers are laid.
    pub zones: &'c Zones,
    /// Where calls of the target wait.
    pub runtime: &'c Runtime,
    /// A clock that began when the run was asked for.
    pub clock: RunClock,
    /// How far the target's clock is ahead.
    pub skew: Skew,
}

impl<'c> Preparation<'c> {
    /// The plan of a run with this first instant, and what it is drawn from.
    ///
    /// # Errors
    /// When a knob of the world is out of its range, or the zone data lack a zone.
    pub fn draw(&self, start: Instant) -> Result<(RunKnobs, Arc<RunPlan>), RunError> {
        let knobs = RunKnobs { start, ..self.config.knobs.clone() };
        let plan = Arc::new(RunPlan::draw(&knobs, self.zones)?);
        Ok((knobs, plan))
    }

    /// What the target's clock reads.
    fn target_now(&self) -> Instant {
        let ms = (self.clock.now() + self.skew.ahead_us).div_euclid(1_000);
        let start = self.clock.start();
        Instant::from_millis(start.as_millis() + ms).unwrap_or(start)
    }

    /// The run, whose plan is on the target and whose first instant lies ahead.
    ///
    /// # Errors
    /// When the target does not take a plan, or all was there only after the instant that was asked
    /// for, or that is common to all parts; and where there will be none such.
    pub fn start(
        self,
        knobs: RunKnobs,
        plan: Arc<RunPlan>,
        provisioned: &mut Provisioned,
        stop: &AtomicBool,
        watcher: &mut dyn RunWatcher,
    ) -> Result<LoadRun<'c>, RunError> {
        let common = watcher.common_start(self.readiness(&plan), stop)?;
        let (knobs, plan) = match common {
            Some(start) => self.draw(start)?,
            None => (knobs, plan),
        };
        if let Some(starts_at) = common.or(self.config.starts_at) {
            self.runtime.block_on(provisioned.set_hours(&plan, stop))?;
            let ready_at = self.target_now();
            return match ready_at < starts_at {
                true => Ok(self.run(knobs, plan, provisioned)),
                false => Err(RunError::TooLate { starts_at, ready_at }),
            };
        }
        // Schedulers are laid around a start that leaves the time to set them.
        let mut lead_ms = 2_000 + self.setting_hours_ms(&plan);
        loop {
            let ready = Instant::from_millis(self.target_now().as_millis() + lead_ms);
            let start = start_from(ready.unwrap_or(Instant::MAX), self.config.knobs.duration);
            let (knobs, plan) = self.draw(start)?;
            self.runtime.block_on(provisioned.set_hours(&plan, stop))?;
            if self.target_now() < knobs.start {
                return Ok(self.run(knobs, plan, provisioned));
            }
            lead_ms *= 2;
        }
    }

    /// All is on the target but for the hours, for which there is twice the time that they take, about.
    fn readiness(&self, plan: &RunPlan) -> Readiness {
        Readiness {
            target_now_ms: self.target_now().as_millis(),
            lead_ms: 2_000 + 2 * self.setting_hours_ms(plan),
            target: ClockOffset {
                ahead_us: self.skew.ahead_us,
                uncertain_us: self.skew.uncertain_us,
            },
        }
    }

    /// How long it takes, about, to set the schedulers of a plan.
    fn setting_hours_ms(&self, plan: &RunPlan) -> i64 {
        let file = self.config.driver.file();
        let steps = file.steps(Section::HoursSet).map_or(0, <[_]>::len) as i64;
        let calls = steps * plan.widgets.len() as i64;
        let limit = file.timing.calls_per_second_max.map_or(0.0, |calls| 1_000.0 / calls);
        calls * 4 + (calls as f64 * limit).ceil() as i64
    }

    fn run(self, knobs: RunKnobs, plan: Arc<RunPlan>, provisioned: &Provisioned) -> LoadRun<'c> {
        let service = Arc::clone(provisioned.service());
        let Self { config, runtime, clock, skew, .. } = self;
        let interval_ms = (knobs.duration.0 / INTERVALS_MAX).max(1_000);
        let context = RunContext {
            plan,
            service,
            clock: clock.restarted(knobs.start),
            history: History::default(),
            tally: Arc::new(Tally::new(interval_ms)),
        };
        // What the plan took to be put there says nothing of the run.
        config.driver.forget_waits();
        let cpu_before_us = cpu_us(ClockId::ProcessCPUTime);
        LoadRun { config, runtime, knobs, skew, context, interval_ms, cpu_before_us }
    }
}
