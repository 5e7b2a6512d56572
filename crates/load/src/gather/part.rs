//! What is known of one part.

use serde::Serialize;

use super::increment::IncrementDecoder;
use super::message::{PartIdentity, Readiness};
use super::offset::ClockOffset;
use crate::clock::Micros;
use crate::plan::Shard;
use lamplighter_core::model::Instant;

/// How a part is doing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartState {
    /// It puts its properties and accounts on the target.
    Preparing,
    /// All is there, and it waits for the others.
    Ready,
    /// It knows the start, and plays, or is about to.
    Playing,
    /// Its result is whole.
    Done,
    /// It failed, or nothing is heard of it any more, for this reason.
    Lost(String),
}

/// A part, as far as it has told.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which part of how many it is.
    pub shard: Shard,
    /// What it says of itself.
    pub identity: PartIdentity,
    /// The result of the part so far.
    pub received: IncrementDecoder,
    /// When something was heard of it last.
    pub heard_at: Micros,
    /// When it said that it is ready.
    pub ready_at: Micros,
    /// How far the part is.
    pub state: PartState,
}

/// What is shown of a part.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PartStatus {
    /// Which it is, as `2/4`.
    pub shard: String,
    /// How it is doing; `None` where nothing was heard of it yet.
    pub state: Option<PartState>,
    /// How far the gatherer's clock is ahead of its own.
    pub clock: ClockOffset,
    /// How much of the run it has told, in milliseconds.
    pub lasted_ms: u64,
    /// How many visitors it has sent.
    pub sent: u64,
    /// How many wrong answers it has found.
    pub wrong: u64,
}

impl Part {
    /// Whether it still says something.
    pub fn goes_on(&self) -> bool {
        !matches!(self.state, PartState::Done | PartState::Lost(_))
    }

    /// That it is ready, if it is.
    pub fn ready(&self) -> Option<Readiness> {
        self.identity.ready.filter(|_| self.goes_on())
    }

    /// The share of the whole plan that it has not played, or not told: of its properties, for as long as
    /// nothing is known of them.
    pub fn unjudged(&self) -> f64 {
        let lasted_ms = self.received.result().map_or(0, |result| result.about.lasted_ms);
        let rest = 1.0 - (lasted_ms as f64 / self.identity.duration_ms.max(1) as f64).min(1.0);
        rest * self.identity.properties as f64 / self.identity.properties_of_plan.max(1) as f64
    }

    /// When it starts on the gatherer's clock, in microseconds of 1970, by its own reckoning: what two parts
    /// differ in by this is how far apart they start.
    pub fn starts_at_us(&self, start: Instant) -> Option<ClockOffset> {
        let target = self.identity.ready?.target;
        let clock = self.identity.clock;
        Some(ClockOffset {
            ahead_us: start.as_millis() * 1_000 - target.ahead_us + clock.ahead_us,
            uncertain_us: target.uncertain_us + clock.uncertain_us,
        })
    }

    /// What is shown of it.
    pub fn status(&self) -> PartStatus {
        let result = self.received.result();
        PartStatus {
            shard: self.shard.to_string(),
            state: Some(self.state.clone()),
            clock: self.identity.clock,
            lasted_ms: result.map_or(0, |result| result.about.lasted_ms),
            sent: result.map_or(0, |result| result.rate.sent),
            wrong: result.map_or(0, |result| result.judged.wrong_count()),
        }
    }
}
