//! Why a scenario was not played on a target, or not to its end. The others are played all the same.

use std::time::Duration;

use lamplighter_core::model::Instant;
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::NotTested;
use thiserror::Error;

use crate::driver::RunError;

/// Why a scenario was not played.
#[derive(Debug, Error)]
pub enum SkipReason {
    /// It replays traces: what happened long ago can be done again only where the clock can be put.
    #[error("it replays a trace, and those are played where the clock can be put")]
    Replays,
    /// Nothing in it can be tested on this target (T41).
    #[error("nothing in it can be tested on this target")]
    NothingLeft {
        /// Each clause, and why not.
        untested: Vec<NotTested>,
    },
    /// By the target's grace and auto-away something in it cannot happen (T42).
    #[error("by the target's grace and auto-away something in it cannot happen")]
    OtherRules,
    /// It begins before the instant that the target's clock has reached (T47).
    #[error("it begins at {begins}, and the target's clock has reached {clock}")]
    ClockIsPast {
        /// The first instant of the scenario.
        begins: Instant,
        /// What the target's clock reads.
        clock: Instant,
    },
    /// The target does not put its clock to its first instant (T47).
    #[error("it begins at {begins}, and {why}")]
    ClockNotPut {
        /// The first instant of the scenario.
        begins: Instant,
        /// What the target answers to the call that would put it.
        why: String,
    },
    /// Grace and auto-away are of the whole target, and others of this run have others.
    #[error("its grace or auto-away is another than the target was busy with")]
    OtherTiming {
        /// The grace and auto-away of the scenario.
        own: Timing,
        /// The first instant of the scenario.
        begins: Instant,
    },
    /// It would have to wait for longer than a run may (`--real-time`).
    #[error("it waits {} s {waits_for}, and may wait {} s", needs.as_secs(), may.as_secs())]
    TooLong {
        /// How long it would wait, in all.
        needs: Duration,
        /// What it waits for, in words behind "it waits 5 s".
        waits_for: &'static str,
        /// How long it may wait.
        may: Duration,
    },
    /// A clock change lies within it, which cannot be moved to the present.
    #[error("the clock of {zone} changes within it, and that cannot be moved to the present")]
    ClockChange {
        /// The zone of a scheduler.
        zone: String,
    },
    /// The target has fewer accounts or properties than it needs (T24).
    #[error("it needs {needs} {what}, and the target file has {has}")]
    TooFew {
        /// The kind of thing that is short: `accounts` or `properties`.
        what: &'static str,
        /// How many it needs.
        needs: usize,
        /// How many the target file has.
        has: usize,
    },
    /// The target failed on the way.
    #[error(transparent)]
    Run(#[from] RunError),
}
