//! What each knob can be set to: the positions in which products were found.

use std::borrow::Cow;

use super::status::words;
use super::time::Millis;

/// Rules P2, P4: what has a status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Devices {
    /// Each device has its own.
    Each,
    /// The agent has one, whatever device set it; it is kept while logged out, and counts while a
    /// device is logged in.
    OneStatus,
}

/// Rule P4: which device's status is the agent's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Merge {
    /// The highest status of any of the agent's devices.
    Highest,
    /// That of the logged-in device that was last logged in or given a status, by hand or by the
    /// clock; a device that ends leaves it to the next newest.
    Newest,
}

/// Rule P1: the status that a login gives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LoginGives {
    /// Online, whatever it was before.
    Online,
    /// What it had at its last logout, the first time online.
    Keeps,
    /// The device is away, whatever it was before.
    Away,
    /// The device is invisible, whatever it was before.
    Invisible,
}

/// Rule P3: what logging out on one device ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LogoutEnds {
    /// The device that logs out, and no other.
    Device,
    /// All devices of the agent.
    Account,
    /// None: the device loses its connection, and rule P7 follows.
    Never,
}

/// Rule P5: what an away member counts for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AwayIs {
    /// An away member counts as away.
    Away,
    /// An away member counts as online.
    Online,
    /// An away member counts as nobody.
    Offline,
}

/// Rule P5: what an invisible member counts for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum InvisibleIs {
    /// An invisible member counts as nobody.
    Offline,
    /// An invisible member counts as away.
    Away,
    /// An invisible member counts as online.
    Online,
}

/// Rule P4: what team-mates see of an invisible agent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TeamSeesInvisible {
    /// That the agent is invisible.
    Invisible,
    /// As if the agent were logged in nowhere.
    Offline,
}

/// Rule P8: what idleness does to an online device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IdleMeans {
    /// The device goes away, and stays logged in.
    Away,
    /// It is logged out, as when its grace ran out.
    LoggedOut,
}

/// Rule P7: how long a lost connection keeps its status where a scenario does not say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Grace {
    /// The status is kept for this long, in milliseconds.
    For(Millis),
    /// For ever: that it was lost is never noticed.
    Never,
}

impl Grace {
    /// The length after which the grace ends; [`Millis::FOREVER`] where it never does.
    pub const fn length(self) -> Millis {
        match self {
            Self::For(length) => length,
            Self::Never => Millis::FOREVER,
        }
    }
}

/// Rules W1 to W6: what hours do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HoursAre {
    /// Closed is offline, whoever is there.
    Gate,
    /// Whoever is there counts even when closed.
    OrPresent,
    /// Open is online and closed is offline, whoever is there.
    Replace,
    /// Nothing: schedulers are not looked at.
    None,
}

/// Rule W6: what is shown within the hours while nobody is there, where the setting *offline when
/// all agents offline* is not on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OpenAndNobody {
    /// Online, and no chat can start.
    Online,
    /// Online, and a chat can start.
    OnlineChat,
    /// Offline, as if it were outside the hours.
    Offline,
}

/// Rule S3: whether the end minute of an interval is still open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndMinute {
    /// The end minute is closed: an interval that ends at 17:00 is closed from 17:00:00 on.
    Closed,
    /// It is: hours end a minute later.
    Open,
}

/// Rule S4: what an interval is whose end is before its start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Overnight {
    /// An interval past midnight: it ends on the next day.
    Wraps,
    /// An interval that is never open.
    NeverOpens,
}

words! {
    Devices { Each = "each", OneStatus = "one-status" }
    Merge { Highest = "highest", Newest = "newest" }
    LoginGives { Online = "online", Keeps = "keeps", Away = "away", Invisible = "invisible" }
    LogoutEnds { Device = "device", Account = "account", Never = "never" }
    AwayIs { Away = "away", Online = "online", Offline = "offline" }
    InvisibleIs { Offline = "offline", Away = "away", Online = "online" }
    TeamSeesInvisible { Invisible = "invisible", Offline = "offline" }
    IdleMeans { Away = "away", LoggedOut = "logged-out" }
    HoursAre { Gate = "gate", OrPresent = "or-present", Replace = "replace", None = "none" }
    OpenAndNobody { Online = "online", OnlineChat = "online-chat", Offline = "offline" }
    EndMinute { Closed = "closed", Open = "open" }
    Overnight { Wraps = "wraps", NeverOpens = "never-opens" }
}

/// What a knob can be set to: the rule book's position, and all of them from and to words.
pub trait Position: Copy + PartialEq {
    /// The rule book's, which is the first.
    const BOOK: Self;

    /// The words of all of them.
    fn words() -> Vec<&'static str>;
    /// The one that a word stands for.
    fn of(word: &str) -> Option<Self>;
    /// Its word, or its length of time.
    fn text(self) -> Cow<'static, str>;
}

macro_rules! positions {
    ($($type:ident)*) => {$(
        impl Position for $type {
            const BOOK: Self = Self::WORDS[0].1;

            fn words() -> Vec<&'static str> {
                Self::WORDS.iter().map(|(word, _)| *word).collect()
            }

            fn of(word: &str) -> Option<Self> {
                Self::from_word(word)
            }

            fn text(self) -> Cow<'static, str> {
                self.word().into()
            }
        }
    )*};
}

positions! {
    Devices Merge LoginGives LogoutEnds AwayIs InvisibleIs TeamSeesInvisible IdleMeans HoursAre
    OpenAndNobody EndMinute Overnight
}

const NEVER: &str = "never";

impl Position for Grace {
    const BOOK: Self = Self::For(Millis::DEFAULT_GRACE);

    fn words() -> Vec<&'static str> {
        vec![NEVER]
    }

    fn of(word: &str) -> Option<Self> {
        match word {
            NEVER => Some(Self::Never),
            length => length.parse().ok().map(Self::For),
        }
    }

    fn text(self) -> Cow<'static, str> {
        match self {
            Self::For(length) => length.to_string().into(),
            Self::Never => NEVER.into(),
        }
    }
}
