//! Why a plan cannot be put on a service, and what to do about it.

use thiserror::Error;

use lamplighter_target::driver::RunError;

/// Why a plan cannot be put on a service.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// A call failed, was refused, or was not answered as the target file says.
    #[error(transparent)]
    Call(#[from] RunError),
    /// There are fewer accounts or properties than the plan needs, and none can be made (rule T24).
    #[error("the plan needs {needed} {what}, and the target file has {there}")]
    TooFew {
        /// The kind of thing that is short: `accounts` or `properties`.
        what: &'static str,
        /// How many the plan needs.
        needed: usize,
        /// How many the target file has.
        there: usize,
    },
    /// The service does not take what is set on a widget, a membership or a scheduler.
    #[error("{what} of `{name}` is {why}")]
    NotSet {
        /// What was to be set.
        what: &'static str,
        /// The name of what it is set on, in the plan and on the service.
        name: String,
        /// What the service answered, for the message.
        why: String,
    },
    /// Somebody of accounts that were there beforehand is still logged in (rule T46).
    #[error("somebody is still seen in `{property}` after {waited_s} s")]
    NotQuiet {
        /// The property by its name on the service.
        property: String,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// It was stopped before all was there.
    #[error("stopped before all was on the service")]
    Stopped,
}

impl ProvisionError {
    /// What to do about it; `None` where the error is that of a call, see [`ProvisionError::Call`].
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Call(_) => None,
            Self::TooFew { .. } => Some(
                "give the file more of them, steps that make them, or take fewer with --properties \
                 and --agents",
            ),
            Self::NotSet { .. } => Some(
                "`lamplighter target try` shows the call and its answer; `can` says what it can",
            ),
            Self::NotQuiet { .. } => Some("does another run use the same accounts?"),
            Self::Stopped => Some("what had been put there was taken away again"),
        }
    }
}
