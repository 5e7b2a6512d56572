//! The faults, by their names.

use std::fmt;
use std::str::FromStr;

/// What the proxy does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    None,
    StaleCache,
    LostStatus,
    EdgeLate,
    EdgeLateRelabelled,
    LogoutForgetsOne,
    InvisibleAsAway,
    GraceNeverEnds,
    OtherProperty,
    OtherPropertyNamed,
    VersionBack,
    VersionBackOld,
    LostMessage,
    LostPush,
    TeamHidesInvisible,
    LoginRestores,
    RetriedLate,
}

impl Fault {
    pub const ALL: [Self; 17] = [
        Self::None,
        Self::StaleCache,
        Self::LostStatus,
        Self::EdgeLate,
        Self::EdgeLateRelabelled,
        Self::LogoutForgetsOne,
        Self::InvisibleAsAway,
        Self::GraceNeverEnds,
        Self::OtherProperty,
        Self::OtherPropertyNamed,
        Self::VersionBack,
        Self::VersionBackOld,
        Self::LostMessage,
        Self::LostPush,
        Self::TeamHidesInvisible,
        Self::LoginRestores,
        Self::RetriedLate,
    ];

    /// Whether it shows by what the clock does, or is none, which must be right by that, too.
    pub fn is_by_the_clock(self) -> bool {
        matches!(
            self,
            Self::None | Self::EdgeLate | Self::EdgeLateRelabelled | Self::GraceNeverEnds
        )
    }

    /// Whether it shows in what a widget or a team-mate is said to be: not in versions, messages and events that
    /// do not come, nor in answers that are nearly as new as those that recordings must tolerate.
    pub fn shows_in_answers(self) -> bool {
        !matches!(
            self,
            Self::StaleCache
                | Self::VersionBack
                | Self::VersionBackOld
                | Self::LostMessage
                | Self::LostPush
        )
    }

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StaleCache => "stale-cache",
            Self::LostStatus => "lost-status",
            Self::EdgeLate => "edge-late",
            Self::EdgeLateRelabelled => "edge-late-relabelled",
            Self::LogoutForgetsOne => "logout-forgets-one",
            Self::InvisibleAsAway => "invisible-as-away",
            Self::GraceNeverEnds => "grace-never-ends",
            Self::OtherProperty => "other-property",
            Self::OtherPropertyNamed => "other-property-named",
            Self::VersionBack => "version-back",
            Self::VersionBackOld => "version-back-old",
            Self::LostMessage => "lost-message",
            Self::LostPush => "lost-push",
            Self::TeamHidesInvisible => "team-hides-invisible",
            Self::LoginRestores => "login-restores",
            Self::RetriedLate => "retried-late",
        }
    }

    /// What it does, in half a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::None => "passes everything on as it is",
            Self::StaleCache => "1 in 100 reads is answered from a copy up to 500 ms old",
            Self::LostStatus => "1 in 20 changes of a status is acknowledged and not passed on",
            Self::EdgeLate => "what the clock changes shows 3 s late, by reads and by pushes",
            Self::EdgeLateRelabelled => "the same, with the version of the answer held back",
            Self::LogoutForgetsOne => {
                "a logout is acknowledged and not passed on while the agent has another device"
            }
            Self::InvisibleAsAway => "invisible is set as away, and acknowledged as invisible",
            Self::GraceNeverEnds => "a socket that its client has dropped stays open",
            Self::OtherProperty => {
                "1 in 100 reads gets another property's answer under the name asked for"
            }
            Self::OtherPropertyNamed => "1 in 100 reads gets another property's answer as it is",
            Self::VersionBack => {
                "1 in 100 reads gets a version below one given on its connection before"
            }
            Self::VersionBackOld => "the same, with the answer of that version",
            Self::LostMessage => "1 in 5 messages is acknowledged and not passed on",
            Self::LostPush => "1 in 50 events on streams is left out",
            Self::TeamHidesInvisible => "looks at a team show invisible members as offline",
            Self::LoginRestores => "a login brings back the status that the device had before",
            Self::RetriedLate => "1 in 5 changes of a status is sent once more 2 s later",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|fault| fault.word() == text);
        found.ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|fault| fault.word()).collect();
            format!("there is no fault `{text}`; there are: {}", words.join(", "))
        })
    }
}
