//! What a run is started with.

use std::sync::Arc;
use std::time::Duration;

use crate::gates::Gate;
use crate::plan::RunKnobs;
use lamplighter_core::model::Instant;
use lamplighter_target::driver::Driver;

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
