//! The ways in which products differ, one table of them, and a product's rules as positions in it.

use std::borrow::Cow;
use std::fmt;

use super::positions::Position;
pub use super::positions::{
    AwayIs, Devices, EndMinute, Grace, HoursAre, IdleMeans, InvisibleIs, LoginGives, LogoutEnds,
    Merge, OpenAndNobody, Overnight, TeamSeesInvisible,
};
use super::status::{AgentStatus, Chosen, Presence};

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
    use crate::model::Millis;

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
