//! Which of a few statuses something can have, where an answer does not tell them apart (rule T38 of
//! target files).

use std::fmt;
use std::marker::PhantomData;

use lamplighter_core::model::{AgentStatus, Presence, WidgetStatus};

/// A status that is one of a few.
pub trait Status: Copy + Ord + fmt::Debug + 'static {
    /// Every value with its word.
    const WORDS: &'static [(&'static str, Self)];

    /// Which bit stands for it.
    fn bit(self) -> u8;
}

impl Status for AgentStatus {
    const WORDS: &'static [(&'static str, Self)] = Self::WORDS;

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Status for WidgetStatus {
    const WORDS: &'static [(&'static str, Self)] = Self::WORDS;

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A few statuses, one of which it is; judged right if one of them is right. Never none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PossibleStatuses<T> {
    bits: u8,
    of: PhantomData<T>,
}

impl<T: Status> PossibleStatuses<T> {
    /// Exactly this one.
    pub fn just(status: T) -> Self {
        Self { bits: status.bit(), of: PhantomData }
    }

    /// One of these; `None` for none.
    pub fn of(statuses: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut statuses = statuses.into_iter();
        let first = Self::just(statuses.next()?);
        Some(statuses.fold(first, |all, status| all.or(Self::just(status))))
    }

    /// One of these, or one of those.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, of: PhantomData }
    }

    /// Whether it can be this one.
    pub fn can_be(self, status: T) -> bool {
        self.bits & status.bit() != 0
    }

    /// The one that it is, where there is but one.
    pub fn only(self) -> Option<T> {
        self.iter().next().filter(|_| self.bits.count_ones() == 1)
    }

    /// All that it can be.
    pub fn iter(self) -> impl Iterator<Item = T> {
        let words = T::WORDS.iter().map(|(_, status)| *status);
        words.filter(move |status| self.can_be(*status))
    }

    /// The highest of both, whatever each is (rules P4, P5).
    #[must_use]
    pub fn highest(self, other: Self) -> Self {
        let pairs = self.iter().flat_map(|one| other.iter().map(move |other| one.max(other)));
        pairs.map(Self::just).reduce(Self::or).unwrap_or(self)
    }
}

impl<T: Status> fmt::Debug for PossibleStatuses<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// `online`, or `online or away`.
impl<T: Status> fmt::Display for PossibleStatuses<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = T::WORDS.iter().filter(|(_, status)| self.can_be(*status));
        let words: Vec<&str> = words.map(|(word, _)| *word).collect();
        f.write_str(&words.join(" or "))
    }
}

/// For what each member counts as presence: two knobs of the rules (`away_is`, `invisible_is`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountsAs {
    /// What an away member counts for.
    pub away: Presence,
    /// What an invisible member counts for.
    pub invisible: Presence,
}

impl Default for CountsAs {
    /// As the rule book has it: away is away, invisible is nobody (rule P5).
    fn default() -> Self {
        Self { away: Presence::Away, invisible: Presence::Nobody }
    }
}

/// What a widget without scheduler and settings shows for a team that was read: the members folded by
/// rule P5, then rules W2 to W4 (T39).
pub fn fold(
    members: impl IntoIterator<Item = PossibleStatuses<AgentStatus>>,
    counts: CountsAs,
) -> PossibleStatuses<WidgetStatus> {
    let of_presence = |presence| match presence {
        Presence::Nobody => WidgetStatus::Offline,
        Presence::Away => WidgetStatus::Away,
        Presence::Online => WidgetStatus::Online,
    };
    let of_member = |status| match status {
        AgentStatus::Offline => Presence::Nobody,
        AgentStatus::Invisible => counts.invisible,
        AgentStatus::Away => counts.away,
        AgentStatus::Online => Presence::Online,
    };
    let nobody = PossibleStatuses::just(WidgetStatus::Offline);
    members.into_iter().fold(nobody, |shown, member| {
        let shows =
            member.iter().map(|status| PossibleStatuses::just(of_presence(of_member(status))));
        shown.highest(shows.reduce(PossibleStatuses::or).unwrap_or(nobody))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of(words: &str) -> PossibleStatuses<AgentStatus> {
        let status = |word| AgentStatus::from_word(word).expect(word);
        PossibleStatuses::of(words.split(' ').map(status)).expect("some")
    }

    #[test]
    fn t38_a_status_can_be_one_of_several() {
        let both = one_of("online away");
        assert_eq!((both.only(), one_of("away").only()), (None, Some(AgentStatus::Away)));
        assert!(both.can_be(AgentStatus::Online) && !both.can_be(AgentStatus::Offline));
        assert_eq!(both.to_string(), "online or away");
        assert_eq!(PossibleStatuses::<AgentStatus>::of([]), None);
    }

    #[test]
    fn t36_several_that_were_said_are_the_highest_of_any_choice() {
        for (one, other, highest) in [
            ("online", "away", "online"),
            ("invisible", "offline", "invisible"),
            ("online offline", "away", "online away"),
            ("away offline", "invisible offline", "away invisible offline"),
        ] {
            assert_eq!(one_of(one).highest(one_of(other)), one_of(highest), "{one} | {other}");
            assert_eq!(one_of(other).highest(one_of(one)), one_of(highest), "{one} | {other}");
        }
    }

    #[test]
    fn t39_a_team_is_folded_by_p5_and_what_away_and_invisible_count_for() {
        let book = CountsAs::default();
        let other = CountsAs { away: Presence::Nobody, invisible: Presence::Online };
        for (members, counts, shown) in [
            (&[][..], book, "offline"),
            (&["offline", "invisible"], book, "offline"),
            (&["away", "invisible"], book, "away"),
            (&["away", "online"], book, "online"),
            (&["away"], other, "offline"),
            (&["invisible"], other, "online"),
            (&["online away", "offline"], book, "online or away"),
            (&["offline away", "away"], book, "away"),
        ] {
            let folded = fold(members.iter().map(|words| one_of(words)), counts);
            assert_eq!(folded.to_string(), shown, "{members:?}");
        }
    }
}
