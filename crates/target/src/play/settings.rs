//! How scenarios are played on a target.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lamplighter_core::hours::Zones;
use tokio::runtime::Handle;

use super::clock::PlayClock;
use crate::driver::Driver;

/// How scenarios are played on a target.
pub struct PlaySettings<'a> {
    /// The driver that calls the target.
    pub driver: Arc<Driver>,
    /// The clock of the target, and how it is put.
    pub clock: PlayClock,
    /// Whether a clock that is put can be put back.
    pub goes_back: bool,
    /// So long a scenario may wait on a real clock.
    pub real_time_max: Duration,
    /// Whether all that was made is left.
    pub keeps: bool,
    /// Whether all that is seen is held against the rules, asked for or not, where that costs no time.
    pub looks_around: bool,
    /// The runtime on which calls are made.
    pub runtime: Handle,
    /// The time zones that are known, shared by all scenarios.
    pub zones: &'a Arc<Zones>,
    /// Set from outside to clear up and end.
    pub stop: &'a AtomicBool,
}
