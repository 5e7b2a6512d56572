//! Sets of what is possible: of a device, an agent, a property, a widget. Each is some bits.

use crate::history::Effect;
use crate::observation::{SeenStates, ShownState};
use lamplighter_core::model::{
    AgentStatus, Answer, Chat, Chosen, DeviceStatus, Presence, RuleSet, SchedulerState,
    WidgetStatus,
};
use lamplighter_core::rules::answer;

/// The statuses that a device could have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statuses(u8);

impl Statuses {
    /// Nobody is logged in on it.
    pub const LOGGED_OUT: Self = Self(1);
    /// No status at all: what something is made of, one after the other.
    pub const NONE: Self = Self(0);
    /// Whatever there is.
    pub const ANY: Self = Self(15);
    /// How many different sets there are.
    pub const COUNT: usize = 16;

    /// This status alone.
    pub fn only(status: DeviceStatus) -> Self {
        Self(match status {
            DeviceStatus::LoggedOut => 1,
            DeviceStatus::Invisible => 2,
            DeviceStatus::Away => 4,
            DeviceStatus::Online => 8,
        })
    }

    /// Whatever is in one of the two.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What team-mates could see of an agent of these statuses (rule P4).
    #[must_use]
    pub fn seen_by(self, rules: &RuleSet) -> Self {
        let is_hidden = rules.seen_as(AgentStatus::Invisible) == AgentStatus::Offline;
        let invisible = Self::only(DeviceStatus::Invisible).0;
        match is_hidden && self.0 & invisible != 0 {
            true => Self(self.0 & !invisible | Self::LOGGED_OUT.0),
            false => self,
        }
    }

    /// A number below [`COUNT`](Self::COUNT), another one for every set.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The set of a number below [`COUNT`](Self::COUNT).
    pub fn from_index(index: usize) -> Self {
        Self((index % Self::COUNT) as u8)
    }

    /// Whether the status is in the set.
    pub fn has(self, status: DeviceStatus) -> bool {
        self.0 & Self::only(status).0 != 0
    }

    /// Each status in the set, the lowest first.
    pub fn iter(self) -> impl Iterator<Item = DeviceStatus> {
        use DeviceStatus as D;
        [D::LoggedOut, D::Invisible, D::Away, D::Online]
            .into_iter()
            .filter(move |status| self.0 & Self::only(*status).0 != 0)
    }

    /// What an effect makes of whatever is in the set (rules P1 to P3). A status does not log in:
    /// where it was answered, the device was logged in, and a grace that has ended meanwhile ended
    /// after it.
    pub fn after(self, effect: Effect) -> Self {
        match effect {
            Effect::Login => Self::only(DeviceStatus::Online),
            Effect::Logout => Self::LOGGED_OUT,
            Effect::Status(chosen) => {
                let logged_out = self.0 & Self::LOGGED_OUT.0;
                let was_logged_in = self.0 != logged_out;
                Self(logged_out | if was_logged_in { Self::chosen(chosen).0 } else { 0 })
            }
            Effect::Connect => self,
        }
    }

    fn chosen(chosen: Chosen) -> Self {
        Self::only(match chosen {
            Chosen::Online => DeviceStatus::Online,
            Chosen::Away => DeviceStatus::Away,
            Chosen::Invisible => DeviceStatus::Invisible,
        })
    }
}

/// What several devices could add up to: the highest of them all (rules P4, P5), each having any of
/// its statuses whatever the others have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Highest {
    /// Bits of the statuses that the highest could be.
    could: u8,
    /// The bit of the least that it must be.
    at_least: u8,
}

impl Highest {
    /// Of no device: logged out.
    pub const NOBODY: Self = Self { could: 1, at_least: 1 };

    /// With one more device.
    #[must_use]
    pub fn with(self, device: Statuses) -> Self {
        let lowest = device.0 & device.0.wrapping_neg();
        Self { could: self.could | device.0, at_least: self.at_least.max(lowest) }
    }

    /// What it could be: of the statuses that some device could have those that are not below what
    /// another must have.
    pub fn statuses(self) -> Statuses {
        Statuses(self.could & !(self.at_least - 1))
    }

    /// What a property with these devices could be (rule P5).
    pub fn presences(self) -> Presences {
        let Statuses(bits) = self.statuses();
        Presences(u8::from(bits & 3 != 0) | bits >> 1 & 6)
    }
}

/// The presences that a property could have (rule P5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presences(u8);

impl Presences {
    /// Of no agent: nobody is there.
    pub const NOBODY: Self = Self(1);

    /// With one more agent, who has any of these statuses whatever the others have.
    #[must_use]
    pub fn with(self, rules: &RuleSet, agent: Statuses) -> Self {
        let counts = agent.iter().fold(0, |counts, status| {
            counts
                | match rules.counts_as(status.into()) {
                    Presence::Nobody => 1,
                    Presence::Away => 2,
                    Presence::Online => 4,
                }
        });
        let lowest = |bits: u8| bits & bits.wrapping_neg();
        let at_least = lowest(self.0).max(lowest(counts));
        Self((self.0 | counts) & !(at_least - 1))
    }

    fn iter(self) -> impl Iterator<Item = Presence> {
        [Presence::Nobody, Presence::Away, Presence::Online]
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 != 0)
            .map(|(_, presence)| presence)
    }
}

/// What a scheduler could say at an instant: one of its states, or, near an edge, one of two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SchedulerStates {
    /// Surely this.
    Surely(SchedulerState),
    /// Open or closed.
    Either,
}

impl SchedulerStates {
    fn iter(self) -> impl Iterator<Item = SchedulerState> {
        let (first, second) = match self {
            Self::Surely(state) => (state, None),
            Self::Either => (SchedulerState::Open, Some(SchedulerState::Closed)),
        };
        [Some(first), second].into_iter().flatten()
    }
}

/// The admissible states of a widget: what it could show (rules W1 to W6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Admissible(u8);

const SHOWN: [ShownState; 4] = [
    (WidgetStatus::Offline, Chat::No),
    (WidgetStatus::Away, Chat::Possible),
    (WidgetStatus::Online, Chat::No),
    (WidgetStatus::Online, Chat::Possible),
];

impl Admissible {
    /// Whatever the rules give for some combination.
    pub fn of(
        rules: &RuleSet,
        hours: SchedulerStates,
        presences: Presences,
        offline_when_all_agents_offline: bool,
    ) -> Self {
        let (mut admissible, setting) = (Self::default(), offline_when_all_agents_offline);
        for scheduler in hours.iter() {
            for presence in presences.iter() {
                let Answer { status, chat, .. } = answer(rules, scheduler, presence, setting);
                admissible.0 |= Self::bit((status, chat));
            }
        }
        admissible
    }

    /// A combination that no rules give has no bit.
    fn bit(shown: ShownState) -> u8 {
        SHOWN.iter().position(|known| *known == shown).map_or(0, |place| 1 << place)
    }

    /// Whether what was seen could be shown.
    pub fn has(self, seen: SeenStates) -> bool {
        self.iter().any(|shown| seen.can_be(shown))
    }

    /// Whatever is in one of the two.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The only one that could be, if there is just one.
    pub fn only(self) -> Option<ShownState> {
        let mut all = self.iter();
        all.next().filter(|_| all.next().is_none())
    }

    /// Each that could be.
    pub fn iter(self) -> impl Iterator<Item = ShownState> {
        SHOWN.into_iter().filter(move |shown| self.0 & Self::bit(*shown) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const L: u8 = 1;
    const I: u8 = 2;
    const A: u8 = 4;
    const O: u8 = 8;

    /// The highest of every combination, one after the other.
    fn by_hand(devices: &[u8]) -> u8 {
        let mut could = L;
        for device in devices {
            let mut next = 0;
            for before in [L, I, A, O].into_iter().filter(|bit| could & bit != 0) {
                for status in [L, I, A, O].into_iter().filter(|bit| device & bit != 0) {
                    next |= before.max(status);
                }
            }
            could = next;
        }
        could
    }

    #[test]
    fn what_devices_add_up_to_is_what_some_combination_gives() {
        for first in 1..16 {
            for second in 1..16 {
                for third in 1..16 {
                    let devices = [first, second, third];
                    let highest = devices
                        .iter()
                        .fold(Highest::NOBODY, |highest, bits| highest.with(Statuses(*bits)));
                    assert_eq!(highest.statuses().0, by_hand(&devices), "{devices:?}");
                }
            }
        }
    }

    #[test]
    fn invisible_and_logged_out_are_nobody() {
        let presences = |bits| Highest::NOBODY.with(Statuses(bits)).presences();
        for (bits, expected) in [(L, 1), (I, 1), (L | I, 1), (A, 2), (O, 4), (L | O, 5), (A | O, 6)]
        {
            assert_eq!(presences(bits), Presences(expected), "{bits}");
        }
    }

    #[test]
    fn a_status_sets_only_what_is_logged_in() {
        let away = Effect::Status(Chosen::Away);
        for (before, after) in [(L, L), (O, A), (I | O, A), (L | O, L | A)] {
            assert_eq!(Statuses(before).after(away), Statuses(after), "{before}");
        }
        assert_eq!(Statuses(L | A).after(Effect::Login), Statuses(O));
        assert_eq!(Statuses(A | O).after(Effect::Logout), Statuses(L));
    }

    #[test]
    fn what_a_widget_could_show_is_what_the_rules_give_for_some_combination() {
        let online_or_nobody = Presences(5);
        let admissible =
            Admissible::of(&RuleSet::BOOK, SchedulerStates::Either, online_or_nobody, true);
        let all: Vec<ShownState> = admissible.iter().collect();
        assert_eq!(
            all,
            [(WidgetStatus::Offline, Chat::No), (WidgetStatus::Online, Chat::Possible)]
        );
        assert_eq!(admissible.only(), None);
        let stays_up = Admissible::of(
            &RuleSet::BOOK,
            SchedulerStates::Surely(SchedulerState::Open),
            Presences(1),
            false,
        );
        assert_eq!(stays_up.only(), Some((WidgetStatus::Online, Chat::No)));
    }
}
