//! The ways in which products differ, one table of them, and a product's rules as positions in it.

use std::borrow::Cow;
use std::fmt;

use super::status::{AgentStatus, Chosen, Presence, words};
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
trait Position: Copy + PartialEq {
    const BOOK: Self;

    fn words() -> Vec<&'static str>;
    fn of(word: &str) -> Option<Self>;
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

macro_rules! knobs {
    ($($knob:ident $key:literal $rules:literal $field:ident: $type:ident, $doc:literal;)*) => {
        /// One way in which products differ.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Knob {
            $(#[doc = $doc] $knob,)*
        }

        impl Knob {
            /// Every knob, in the order of the rules.
            pub const ALL: &[Self] = &[$(Self::$knob),*];

            /// Its key in a table `[rules]`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$knob => $key),* }
            }

            /// The rules of the rule book that it changes.
            pub const fn rules(self) -> &'static str {
                match self { $(Self::$knob => $rules),* }
            }

            /// What it decides, as a sentence.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$knob => $doc),* }
            }

            /// Its positions, the rule book's first; [`Knob::Grace`] takes lengths of time as well.
            pub fn positions(self) -> Vec<&'static str> {
                match self { $(Self::$knob => <$type as Position>::words()),* }
            }
        }

        /// A product's rules: a position of every knob. The default is the rule book.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct RuleSet {
            $(#[doc = $doc] pub $field: $type,)*
        }

        impl RuleSet {
            /// The rule book: every knob in its first position.
            pub const BOOK: Self = Self { $($field: <$type as Position>::BOOK,)* };

            /// Puts a knob into a position.
            ///
            /// # Errors
            /// When the knob has no such position; then nothing has changed.
            pub fn put(&mut self, knob: Knob, position: &str) -> Result<(), NoPosition> {
                match knob {
                    $(Knob::$knob => match Position::of(position) {
                        Some(position) => self.$field = position,
                        None => return Err(NoPosition { knob }),
                    },)*
                }
                Ok(())
            }

            /// The word of a knob's position, or its length of time.
            pub fn position(&self, knob: Knob) -> Cow<'static, str> {
                match knob { $(Knob::$knob => self.$field.text(),)* }
            }

            /// Takes over the position of one knob from other rules.
            pub fn copy_from(&mut self, knob: Knob, other: &Self) {
                match knob { $(Knob::$knob => self.$field = other.$field,)* }
            }

            /// The knobs whose positions are not those of other rules, in the order of the rules.
            pub fn unlike(&self, other: &Self) -> impl Iterator<Item = Knob> + use<> {
                let unlike = [$((Knob::$knob, self.$field != other.$field)),*];
                unlike.into_iter().filter_map(|(knob, unlike)| unlike.then_some(knob))
            }
        }
    };
}

knobs! {
    Devices "devices" "P2, P4" devices: Devices,
        "Whether each device has a status, or the agent one (rules P2, P4).";
    Merge "merge" "P4" merge: Merge,
        "Which device's status is the agent's (rule P4).";
    Login "login" "P1" login: LoginGives,
        "The status that a login gives (rule P1).";
    Logout "logout" "P3" logout: LogoutEnds,
        "What logging out on one device ends (rule P3).";
    AwayIs "away_is" "P5" away_is: AwayIs,
        "What an away member counts for (rule P5).";
    InvisibleIs "invisible_is" "P5" invisible_is: InvisibleIs,
        "What an invisible member counts for (rule P5).";
    TeamSeesInvisible "team_sees_invisible" "P4" team_sees_invisible: TeamSeesInvisible,
        "What team-mates see of an invisible agent (rule P4).";
    Idle "idle" "P8" idle: IdleMeans,
        "What idleness does to an online device (rule P8).";
    Grace "grace" "P7" grace: Grace,
        "How long a lost connection keeps its status where nothing else is said (rule P7).";
    Hours "hours" "W1 to W6" hours: HoursAre,
        "What hours do to a widget's status (rules W1 to W6).";
    OpenAndNobody "open_and_nobody" "W6" open_and_nobody: OpenAndNobody,
        "What is shown within the hours while nobody is there (rule W6).";
    EndMinute "end_minute" "S3" end_minute: EndMinute,
        "Whether the end minute of an interval is still open (rule S3).";
    Overnight "overnight" "S4" overnight: Overnight,
        "What an interval is whose end is before its start (rule S4).";
}

impl Knob {
    /// Its name in messages: `open-and-nobody`.
    pub fn word(self) -> String {
        self.name().replace('_', "-")
    }

    /// The knob of a key.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|knob| knob.name() == name)
    }

    /// What can stand as its position, in words: one of its positions, or a length of time.
    pub fn expected(self) -> String {
        let positions = self.positions().into_iter().map(|position| format!("`{position}`"));
        match self {
            Self::Grace => "a duration such as `2m`, or `never`".to_owned(),
            _ => positions.collect::<Vec<_>>().join(", "),
        }
    }
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::BOOK
    }
}

/// The knobs that are not in the rule book's position, in words.
impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.unlike(&Self::BOOK).peekable();
        if said.peek().is_none() {
            return f.write_str("of the rule book");
        }
        for (place, knob) in said.enumerate() {
            let between = if place == 0 { "" } else { " " };
            write!(f, "{between}{}={}", knob.name(), self.position(knob))?;
        }
        Ok(())
    }
}

/// A knob was to be put into a position that it does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{}` takes {}", knob.name(), knob.expected())]
pub struct NoPosition {
    /// The knob that has other positions.
    pub knob: Knob,
}

/// Two positions that do not go together: with one status for all devices there is nothing to merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`merge = \"newest\"` does not go together with `devices = \"one-status\"`")]
pub struct NothingToMerge;

impl RuleSet {
    /// Whether all positions go together.
    ///
    /// # Errors
    /// When they do not: [`Merge::Newest`] beside [`Devices::OneStatus`].
    pub fn check(&self) -> Result<(), NothingToMerge> {
        match (self.devices, self.merge) {
            (Devices::OneStatus, Merge::Newest) => Err(NothingToMerge),
            _ => Ok(()),
        }
    }

    /// The knobs that are not in the rule book's position, as a file of rules.
    pub fn to_toml(&self) -> String {
        let said = self.unlike(&Self::BOOK);
        let lines = said.map(|knob| format!("{} = \"{}\"\n", knob.name(), self.position(knob)));
        format!("[rules]\n{}", lines.collect::<String>())
    }

    /// What a member of a status counts for (rule P5).
    pub const fn counts_as(&self, status: AgentStatus) -> Presence {
        match (status, self.away_is, self.invisible_is) {
            (AgentStatus::Offline, ..) => Presence::Nobody,
            (AgentStatus::Invisible, _, InvisibleIs::Offline) => Presence::Nobody,
            (AgentStatus::Invisible, _, InvisibleIs::Away) => Presence::Away,
            (AgentStatus::Invisible, _, InvisibleIs::Online) => Presence::Online,
            (AgentStatus::Away, AwayIs::Away, _) => Presence::Away,
            (AgentStatus::Away, AwayIs::Online, _) => Presence::Online,
            (AgentStatus::Away, AwayIs::Offline, _) => Presence::Nobody,
            (AgentStatus::Online, ..) => Presence::Online,
        }
    }

    /// What team-mates see of an agent (rule P4).
    pub const fn seen_as(&self, status: AgentStatus) -> AgentStatus {
        match (status, self.team_sees_invisible) {
            (AgentStatus::Invisible, TeamSeesInvisible::Offline) => AgentStatus::Offline,
            (status, _) => status,
        }
    }

    /// The status that a login gives (rule P1), where the last one that was chosen is `kept`.
    pub fn login_gives(&self, kept: Option<Chosen>) -> Chosen {
        match self.login {
            LoginGives::Online => Chosen::Online,
            LoginGives::Keeps => kept.unwrap_or(Chosen::Online),
            LoginGives::Away => Chosen::Away,
            LoginGives::Invisible => Chosen::Invisible,
        }
    }

    /// Whether anything of what agents and their devices do is not as in the rule book (rules P1 to
    /// P5, P8); the grace is no matter of it.
    pub fn concern_people(&self) -> bool {
        let Self { grace, hours, open_and_nobody, end_minute, overnight, .. } = *self;
        *self != Self { grace, hours, open_and_nobody, end_minute, overnight, ..Self::BOOK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_of_every_knob_is_put_and_read_back() {
        let book = RuleSet::BOOK;
        for &knob in Knob::ALL {
            assert_eq!(Knob::of(knob.name()), Some(knob));
            for position in knob.positions() {
                let mut rules = book;
                rules.put(knob, position).expect("a position of its own");
                assert_eq!(rules.position(knob), position);
                let is_the_books = book.position(knob) == position;
                assert_eq!(rules.unlike(&book).next(), (!is_the_books).then_some(knob));
                let mut copied = book;
                copied.copy_from(knob, &rules);
                assert_eq!(copied, rules);
            }
            assert_eq!({ book }.put(knob, "sideways"), Err(NoPosition { knob }));
            if knob != Knob::Grace {
                assert_eq!(knob.positions()[0], book.position(knob), "the rule book's first");
            }
        }
        let mut rules = book;
        assert_eq!(rules.put(Knob::Grace, "300s"), Ok(()));
        assert_eq!(rules.grace.length(), Millis(300_000));
        assert_eq!(rules.position(Knob::Grace), "5m");
        assert_eq!(
            NoPosition { knob: Knob::Idle }.to_string(),
            "`idle` takes `away`, `logged-out`"
        );
    }

    #[test]
    fn what_concerns_people_is_told_from_what_concerns_hours() {
        for &knob in Knob::ALL {
            let mut rules = RuleSet::BOOK;
            rules.put(knob, knob.positions().pop().expect("it has some")).expect("its own");
            let people = &knob.rules()[..1] == "P" && knob != Knob::Grace;
            assert_eq!(rules.concern_people(), people, "{}", knob.name());
        }
    }
}
