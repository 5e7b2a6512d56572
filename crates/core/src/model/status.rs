//! What devices, agents, properties and widgets can be, and the answers about them.

/// What an agent can choose for a device (rule P2). Ordered: online > away > invisible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Chosen {
    /// Logged in, but counted as nobody (rule P5).
    Invisible,
    /// May or may not answer at once.
    Away,
    /// Available to answer chats.
    Online,
}

/// The status of one device: chosen, or not logged in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeviceStatus {
    /// The agent is not logged in on it: it adds nothing (rule P4).
    LoggedOut,
    /// Logged in, but counted as nobody (rule P5).
    Invisible,
    /// Logged in, and away by hand or by the clock (rules P2, P8).
    Away,
    /// Logged in and available to answer chats.
    Online,
}

/// The status of an agent, which is what team-mates see: the highest over the agent's devices
/// (rule P4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AgentStatus {
    /// Logged in on no device.
    Offline,
    /// Logged in, and invisible everywhere.
    Invisible,
    /// Away on some device, online on none.
    Away,
    /// Online on some device: the green dot shows.
    Online,
}

/// What the active members of a property add up to (rule P5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Presence {
    /// No active member is online or away.
    Nobody,
    /// Some active member is away, none is online.
    Away,
    /// Some active member is online.
    Online,
}

/// The three statuses of a widget. Hidden is not one of them: it is [`Visibility`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WidgetStatus {
    /// Visitors can leave a message.
    Offline,
    /// Someone is there, perhaps not at once.
    Away,
    /// Someone is there, or should be (rule W6).
    Online,
}

/// The scheduler's part in a widget's status (rules S1, S2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SchedulerState {
    /// No scheduler: hours never matter (rule S1).
    Off,
    /// The wall clock reads a time within the hours.
    Open,
    /// The wall clock reads a time outside the hours.
    Closed,
}

/// Whether a visitor can start a chat.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Chat {
    /// Nobody would take it.
    No,
    /// Someone who is online or away would take it (rules W2, W3).
    Possible,
}

/// Why a widget has its status (rules W1 to W6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The scheduler is on and closed: `scheduler-closed` (rule W1).
    SchedulerClosed,
    /// An active member is online: `agent-online` (rule W2).
    AgentOnline,
    /// An active member is away and none online: `agent-away` (rule W3).
    AgentAway,
    /// No active member is online or away: `nobody-present` (rules W4, W5).
    NobodyPresent,
    /// The scheduler is open and keeps it up though nobody is there: `scheduler-open` (rule W6).
    SchedulerOpen,
}

/// What a widget shows, whether a chat can start, and why.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Answer {
    /// The status that visitors see; W6 is `online` though nobody is there.
    pub status: WidgetStatus,
    /// Whether a visitor can start a chat: only in W2 and W3, where somebody is there.
    pub chat: Chat,
    /// Why it shows that: the word of the rule that decided (rules W1 to W6).
    pub reason: Reason,
    /// The number of the rule that decided: 1 for W1 to 6 for W6.
    pub rule: u8,
}

impl Answer {
    /// Whether nobody who chats notices the step from `self` to `other`: status and chat are the same,
    /// whatever the reason. What comes next by the clock goes by it; timelines list reasons, too
    /// (rule T3).
    pub fn shows_as(self, other: Self) -> bool {
        self.status == other.status && self.chat == other.chat
    }

    /// Whether a timeline has no row for the step from `self` to `other`: the reason is the same, too
    /// (rule T3). The number of the rule alone is nothing that it lists.
    pub fn is_listed_as(self, other: Self) -> bool {
        self.shows_as(other) && self.reason == other.reason
    }
}

/// The form that the widget opens with (rules C2, C3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// The chat begins without a form.
    None,
    /// Name and email (and a message while away) before the chat.
    PreChat,
    /// Name, email and message instead of a chat.
    Offline,
}

/// Which rule hides a widget from a visitor, in the order in which they are asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HiddenBecause {
    /// The page is not among those to show it on, or among those to hide it on (rule V1).
    Page,
    /// The visitor's country is not among those that see it (rule V2).
    Country,
    /// The visitor's kind of device does not see it (rule V3).
    Device,
    /// It is offline and hides then (rule V4).
    Offline,
}

impl HiddenBecause {
    /// The rules of visibility, from the first to the last.
    pub const RULES: (&'static str, &'static str) = ("V1", "V4");

    /// The rule that hides it: `V1` to `V4`.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Page => "V1",
            Self::Country => "V2",
            Self::Device => "V3",
            Self::Offline => "V4",
        }
    }
}

/// Whether a visitor sees the widget at all (rules V1 to V4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Visibility {
    /// The visitor sees it.
    Shown,
    /// The visitor does not, and why.
    Hidden(HiddenBecause),
}

impl From<Chosen> for DeviceStatus {
    fn from(chosen: Chosen) -> Self {
        match chosen {
            Chosen::Invisible => Self::Invisible,
            Chosen::Away => Self::Away,
            Chosen::Online => Self::Online,
        }
    }
}

impl From<DeviceStatus> for AgentStatus {
    fn from(device: DeviceStatus) -> Self {
        match device {
            DeviceStatus::LoggedOut => Self::Offline,
            DeviceStatus::Invisible => Self::Invisible,
            DeviceStatus::Away => Self::Away,
            DeviceStatus::Online => Self::Online,
        }
    }
}

/// What one active member adds to the presence: invisible counts as nobody (rule P5).
impl From<AgentStatus> for Presence {
    fn from(agent: AgentStatus) -> Self {
        match agent {
            AgentStatus::Offline | AgentStatus::Invisible => Self::Nobody,
            AgentStatus::Away => Self::Away,
            AgentStatus::Online => Self::Online,
        }
    }
}

/// One of a few things that have words.
pub trait Word: Copy + 'static {
    /// Every value with its word, in the order of the rule book.
    const ALL: &'static [(&'static str, Self)];

    /// Its place among them, from zero, in whatever order.
    fn place(self) -> usize;
}

/// The words of the language, the reports and the API for an enum's values.
macro_rules! words {
    ($($type:ident { $($value:ident = $word:literal),* $(,)? })*) => {$(
        impl $type {
            /// Every value with its word, in the order of the rule book.
            pub const WORDS: &[(&'static str, Self)] = &[$(($word, Self::$value)),*];

            /// The word of the language, the reports and the API.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word),* }
            }

            /// The value that a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)* _ => None }
            }
        }

        impl $crate::model::Word for $type {
            const ALL: &'static [(&'static str, Self)] = Self::WORDS;

            fn place(self) -> usize {
                self as usize
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_word(&word).ok_or_else(|| {
                    let words: Vec<String> =
                        Self::WORDS.iter().map(|(word, _)| format!("`{word}`")).collect();
                    serde::de::Error::custom(format_args!(
                        "`{word}` is none of {}",
                        words.join(", ")
                    ))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    )*};
}
pub(super) use words;

words! {
    Chosen { Online = "online", Away = "away", Invisible = "invisible" }
    DeviceStatus { Online = "online", Away = "away", Invisible = "invisible", LoggedOut = "logged out" }
    AgentStatus { Online = "online", Away = "away", Invisible = "invisible", Offline = "offline" }
    Presence { Online = "online", Away = "away", Nobody = "nobody" }
    WidgetStatus { Online = "online", Away = "away", Offline = "offline" }
    Chat { Possible = "chat possible", No = "no chat" }
    Reason {
        SchedulerClosed = "scheduler-closed",
        AgentOnline = "agent-online",
        AgentAway = "agent-away",
        NobodyPresent = "nobody-present",
        SchedulerOpen = "scheduler-open",
    }
    Form { PreChat = "pre-chat", Offline = "offline", None = "none" }
    HiddenBecause { Page = "page", Country = "country", Device = "device", Offline = "offline" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_visibility_are_asked_in_their_order() {
        let rules: Vec<&str> =
            HiddenBecause::WORDS.iter().map(|(_, because)| because.rule()).collect();
        assert!(rules.is_sorted(), "{rules:?}");
        assert_eq!((rules.first(), rules.last()), {
            let (first, last) = &HiddenBecause::RULES;
            (Some(first), Some(last))
        });
    }
}
