//! A run whose plan is on the target, and whose first instant is known.

use tokio::runtime::Runtime;

use super::config::RunConfig;
use crate::clock::Micros;
use crate::context::RunContext;
use crate::judge::{StalenessBound, StalenessBounds};
use crate::plan::RunKnobs;
use crate::skew::Skew;

/// A run that is about to start.
pub struct LoadRun<'c> {
    /// What it is started with.
    pub config: &'c RunConfig,
    /// The runtime in which the agents play.
    pub runtime: &'c Runtime,
    /// What the plan was drawn from, its first instant included.
    pub knobs: RunKnobs,
    /// How far the target's clock is ahead.
    pub skew: Skew,
    /// What agents and visitors share.
    pub context: RunContext,
    /// The length of a stretch in the result.
    pub interval_ms: u64,
    /// The time of processors that this process had taken before.
    pub cpu_before_us: u64,
}

impl LoadRun<'_> {
    /// How stale answers may be.
    pub fn bound(&self) -> StalenessBound {
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
