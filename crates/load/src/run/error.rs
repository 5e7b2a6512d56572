//! Why there is no result.

use thiserror::Error;

use crate::gather::LinkError;
use crate::provision::ProvisionError;
use crate::skew::SkewError;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::PopulationError;
use lamplighter_target::HostError;

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

impl RunError {
    /// The same, once it is known what became of all that had been put on the target.
    pub(super) fn cleaned(self, is_kept: bool, is_clean: bool) -> Self {
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
