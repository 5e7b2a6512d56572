//! The classes of wrong answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The classes of wrong answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It was true before, and is not any more.
    Stale,
    /// It was never true, as far as is known.
    Phantom,
    /// A scheduler's edge, or the end of a grace, showed before it was due.
    EdgeEarly,
    /// A scheduler's edge, or the end of a grace, did not show when it was due.
    EdgeLate,
    /// Someone saw time go back.
    NonMonotonicRead,
    /// What a visitor left, and was told is kept, is not there.
    LostMessage,
    /// A team-mate is not as the team is told.
    TeamStatusWrong,
    /// A device was told that its session is over, while by the rules it is logged in.
    SessionLost,
}

impl Class {
    /// Every class once, in the order in which reports list them.
    pub const ALL: [Self; 8] = [
        Self::Stale,
        Self::Phantom,
        Self::EdgeEarly,
        Self::EdgeLate,
        Self::NonMonotonicRead,
        Self::LostMessage,
        Self::TeamStatusWrong,
        Self::SessionLost,
    ];

    /// As it stands in reports and gates.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Phantom => "phantom",
            Self::EdgeEarly => "edge-early",
            Self::EdgeLate => "edge-late",
            Self::NonMonotonicRead => "non-monotonic-read",
            Self::LostMessage => "lost-message",
            Self::TeamStatusWrong => "team-status-wrong",
            Self::SessionLost => "session-lost",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
