//! What an agent does, and the word that traces and journals have for it.

use std::fmt;

use super::event_kind::EventKind;
use super::{Chosen, Millis};

/// What an agent does, on a device or on all of them: an event as traces, journals and working days have
/// it beside the agent and the device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// Logs in (rule P1).
    Login,
    /// Logs out (rule P3).
    Logout,
    /// Chooses a status (rule P2).
    SetStatus(Chosen),
    /// Chooses a status for a time, longer than zero (rule P9).
    SetStatusFor(Chosen, Millis),
    /// Loses the connection (rule P7).
    Disconnect,
    /// Is connected again (rule P7).
    Reconnect,
    /// Gives a sign of life (rule P8).
    Activity,
}

impl Action {
    const ALL: [Self; 8] = [
        Self::Login,
        Self::Logout,
        Self::SetStatus(Chosen::Online),
        Self::SetStatus(Chosen::Away),
        Self::SetStatus(Chosen::Invisible),
        Self::Disconnect,
        Self::Reconnect,
        Self::Activity,
    ];

    /// Every action that is one word.
    pub const WORDS: [(&str, Self); Self::ALL.len()] = {
        let mut words = [("", Self::Login); Self::ALL.len()];
        let mut index = 0;
        while index < words.len() {
            words[index] = (Self::ALL[index].word(), Self::ALL[index]);
            index += 1;
        }
        words
    };

    /// The word of traces and of the journal; the first one of a status for a time, behind which
    /// stands for how long.
    #[inline]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::SetStatus(Chosen::Online) | Self::SetStatusFor(Chosen::Online, _) => "online",
            Self::SetStatus(Chosen::Away) | Self::SetStatusFor(Chosen::Away, _) => "away",
            Self::SetStatus(Chosen::Invisible) | Self::SetStatusFor(Chosen::Invisible, _) => {
                "invisible"
            }
            Self::Disconnect => "disconnect",
            Self::Reconnect => "reconnect",
            Self::Activity => "active",
        }
    }

    /// How long a status is chosen for; `None` for good, and for all other actions.
    #[inline]
    pub fn length(self) -> Option<Millis> {
        match self {
            Self::SetStatusFor(_, length) => Some(length),
            _ => None,
        }
    }

    /// The action that the text of a trace or a journal stands for: a word, or a status for a time,
    /// `away for 30m`.
    #[inline]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter();
        match words.find(|(known, _)| *known == text) {
            Some(&(_, action)) => Some(action),
            None => Self::for_a_time(text),
        }
    }

    fn for_a_time(text: &str) -> Option<Self> {
        let (status, length) = text.split_once(" for ")?;
        let chosen = Chosen::from_word(status)?;
        let length: Millis = length.parse().ok()?;
        (length > Millis::ZERO).then_some(Self::SetStatusFor(chosen, length))
    }

    /// The kind of event that it is.
    #[inline]
    pub const fn kind(self) -> EventKind {
        match self {
            Self::Login => EventKind::Login,
            Self::Logout => EventKind::Logout,
            Self::SetStatus(_) | Self::SetStatusFor(..) => EventKind::SetStatus,
            Self::Disconnect => EventKind::Disconnect,
            Self::Reconnect => EventKind::Reconnect,
            Self::Activity => EventKind::Activity,
        }
    }
}

/// As traces and journals have it: `login`, `away for 30m`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        self.length().map_or(Ok(()), |length| write!(f, " for {length}"))
    }
}
