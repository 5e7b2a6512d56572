//! What is asked of chats.

use std::sync::Arc;

use lamplighter_core::model::Millis;
use lamplighter_scenario::synth::random::RandomStream;

use crate::arrivals::number::exponential;

/// What is asked of chats.
#[derive(Clone, Debug)]
pub struct StaffingOptions {
    /// How long a chat takes.
    pub handle: Handle,
    /// How many chats a member has in hand at most, at least one.
    pub concurrent: u32,
    /// How long somebody waits on average before leaving; `None` for ever.
    pub patience: Option<Millis>,
    /// Whether members who are away answer, too.
    pub away_answers: bool,
    /// How many repetitions are simulated; from two on, estimates tell how far they may be off.
    pub runs: u32,
    /// Within which time a chat is to be answered.
    pub answer_within: Millis,
    /// For each hour of the week: the share of chats that is to be answered within which time.
    pub wanted: Option<(f64, Millis)>,
    /// What everything random is drawn from.
    pub seed: u64,
}

/// How long a chat takes.
#[derive(Clone, Debug)]
pub enum Handle {
    /// Exponential, around a mean.
    Exponential(Millis),
    /// One of those that were recorded, in milliseconds; at least one of them is more than nothing.
    Recorded(Arc<[u64]>),
}

impl Handle {
    /// The mean, in milliseconds.
    pub fn mean_ms(&self) -> f64 {
        match self {
            Self::Exponential(mean) => mean.0 as f64,
            Self::Recorded(times) => times.iter().sum::<u64>() as f64 / times.len() as f64,
        }
    }

    /// How long the next chat takes, in milliseconds.
    pub(super) fn draw(&self, stream: &mut RandomStream) -> u64 {
        match self {
            Self::Exponential(mean) => (exponential(stream) * mean.0 as f64).round() as u64,
            Self::Recorded(times) => {
                let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
                times[stream.below(count) as usize]
            }
        }
    }
}
