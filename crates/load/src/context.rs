//! What all who play a run share.

use std::sync::Arc;

use super::clock::RunClock;
use super::history::History;
use super::plan::RunPlan;
use super::service::Service;
use super::tally::Tally;

/// What agents and visitors play, on what, and where they say what became of it. A clone is the
/// same run.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// What is played: who does what, and when.
    pub plan: Arc<RunPlan>,
    /// The service under test, with what of the plan stands on it.
    pub service: Arc<Service>,
    /// How far the run is: the one clock by which everything is done and recorded.
    pub clock: RunClock,
    /// Where everyone records what was done and seen, for the judge.
    pub history: History,
    /// Where everyone counts calls, and what is open.
    pub tally: Arc<Tally>,
}
