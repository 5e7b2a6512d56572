//! Why a run on a target cannot go on: exit code 3, with the section and step at fault.

use thiserror::Error;

use super::timestamp::ClockError;
use crate::file::answer::Answer;
use crate::file::outcome::IndeterminateCause;
use crate::file::request::RequestError;
use crate::file::template::RenderError;

/// Why a run cannot go on. Texts are masked.
#[derive(Debug, Error)]
pub enum RunError {
    /// A step cannot be put together.
    #[error("step {step} of `{section}` cannot be sent")]
    CannotSend {
        /// The section, as `device.login`.
        section: &'static str,
        /// Which of its steps, from 1.
        step: usize,
        /// Why not.
        #[source]
        cause: RequestError,
    },
    /// A condition, or what stands behind an `else`, gives no value.
    #[error("what step {step} of `{section}` was answered cannot be judged")]
    CannotJudge {
        /// The section.
        section: &'static str,
        /// Which of its steps, from 1.
        step: usize,
        /// Why not.
        #[source]
        cause: RenderError,
    },
    /// Nobody takes a connection.
    #[error("cannot reach {address}: {why}")]
    Unreachable {
        /// Where the target is.
        address: String,
        /// What the machine says.
        why: String,
    },
    /// The session of the admin or the observer is over, again, right after it had logged in (T4).
    #[error(
        "the {caller}'s session is over right after its login: `{section}` is answered as gone"
    )]
    GoneAgain {
        /// Who called.
        caller: &'static str,
        /// What was to be done.
        section: &'static str,
    },
    /// Something without which nothing can be tested was not done.
    #[error("`{section}` is {what}{}", whom.as_deref().map_or(String::new(), |whom| format!(" for {whom}")))]
    NotDone {
        /// The section.
        section: &'static str,
        /// `refused`, or why nobody knows.
        what: String,
        /// For whom, by the made name.
        whom: Option<String>,
    },
    /// No answer says when it is (T43).
    #[error("no answer has a `Date`, and nothing else says what the target's clock reads")]
    NoDate,
    /// With nobody but the observer in, a widget does not read as nobody there (T30).
    #[error("with nobody but the observer logged in, `{property}` reads as {seen}")]
    ObserverIsSeen {
        /// The property by its made name.
        property: String,
        /// What was read.
        seen: String,
    },
    /// The clock cannot be put.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The adapter cannot be started, does not speak the protocol, or has ended.
    #[error("{why}")]
    Adapter {
        /// What became of it, with the last lines of its log.
        why: String,
    },
    /// This machine does not give what is needed.
    #[error("this machine gives no randomness: {why}")]
    Machine {
        /// What it says.
        why: String,
    },
}

impl RunError {
    /// Whether nothing else can be done on the target, either.
    pub fn is_of_all(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::GoneAgain { .. } | Self::Adapter { .. })
    }
}

/// What an answer looks like beside a doubt: its status.
pub fn indeterminate_cause(answer: Option<&Answer>, doubt: &IndeterminateCause) -> String {
    match answer {
        Some(answer) => format!("unknown: {doubt} (status {})", answer.status()),
        None => format!("unknown: {doubt}"),
    }
}
