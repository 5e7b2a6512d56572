//! What an event does to the device that it is about (rules P1 to P3, P7, P8), as a table: from each
//! state of a device, by each action, to the next one.

use super::device::Device;
use crate::model::{self, ActionWord, Chosen, DeviceId, DeviceStatus, Event, Impossible};
use crate::mutations::{Mutation, is_on};

/// What an event about one device does to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Action {
    /// Rule P1: the device logs in.
    LogIn,
    /// Rule P2, with each of the statuses.
    GoInvisible,
    GoAway,
    GoOnline,
    /// Rule P3: the device logs out.
    LogOut,
    /// Rule P7: the connection is lost, and the grace runs.
    Lose,
    /// Rule P7 without a grace: losing the connection is logging out.
    LoseForGood,
    /// Rule P7. Once the grace ran out it is too late: the device must log in again.
    Reconnect,
    /// Rule P8: a sign of life.
    BeActive,
}

/// What each word stands for.
const OF_WORDS: [Action; ActionWord::COUNT] = {
    let mut of_words = [Action::LogIn; ActionWord::COUNT];
    let mut place = 0;
    while place < of_words.len() {
        of_words[place] = match ActionWord::at(place).action() {
            model::Action::Login => Action::LogIn,
            model::Action::SetStatus(chosen) | model::Action::SetStatusFor(chosen, _) => {
                Action::of_status(chosen)
            }
            model::Action::Logout => Action::LogOut,
            model::Action::Disconnect => Action::Lose,
            model::Action::Reconnect => Action::Reconnect,
            model::Action::Activity => Action::BeActive,
        };
        place += 1;
    }
    of_words
};

/// What comes of an action.
type Next = Result<Device, Impossible>;

/// For each action, from each of the states.
static NEXT: [[Next; Device::STATES]; Action::ALL.len()] = {
    let mut next = [[Err(Impossible::NotLoggedIn); Device::STATES]; Action::ALL.len()];
    let mut action = 0;
    while action < Action::ALL.len() {
        let mut state = 0;
        while state < Device::STATES {
            next[action][state] = Action::ALL[action].by_the_book(Device::from_bits(state as u64));
            state += 1;
        }
        action += 1;
    }
    next
};

impl Action {
    /// All of them, each at its place.
    pub const ALL: [Self; 9] = [
        Self::LogIn,
        Self::GoInvisible,
        Self::GoAway,
        Self::GoOnline,
        Self::LogOut,
        Self::Lose,
        Self::LoseForGood,
        Self::Reconnect,
        Self::BeActive,
    ];

    /// To be given a status by hand (rule P2).
    #[inline]
    pub const fn of_status(chosen: Chosen) -> Self {
        match chosen {
            Chosen::Invisible => Self::GoInvisible,
            Chosen::Away => Self::GoAway,
            Chosen::Online => Self::GoOnline,
        }
    }

    /// What an event does to the device that it is about; `None` where it is about none alone.
    #[inline]
    pub fn of(event: &Event) -> Option<(DeviceId, Self)> {
        Some(match event {
            Event::Login(device) => (*device, Self::LogIn),
            Event::SetStatus(device, chosen) | Event::SetStatusFor(device, chosen, _) => {
                (*device, Self::of_status(*chosen))
            }
            Event::Logout(device) => (*device, Self::LogOut),
            Event::Disconnect(device) => (*device, Self::Lose),
            Event::Reconnect(device) => (*device, Self::Reconnect),
            Event::Activity(device) => (*device, Self::BeActive),
            _ => return None,
        })
    }

    /// What an agent does to the device on which that is done.
    #[inline]
    pub const fn of_word(word: ActionWord) -> Self {
        OF_WORDS[word.place()]
    }

    /// What becomes of a device.
    ///
    /// # Errors
    /// When it cannot happen to it.
    #[inline]
    pub fn on(self, device: Device) -> Next {
        self.mistaken(device).unwrap_or(NEXT[self as usize][device.bits() as usize])
    }

    /// Whether it is a sign of life of the device (rule P8).
    #[inline]
    pub fn is_a_sign_of_life(self) -> bool {
        match self {
            Self::LogIn | Self::GoInvisible | Self::GoAway | Self::GoOnline => true,
            Self::BeActive => !is_on(Mutation::ActivityNotCounted),
            Self::LogOut | Self::Lose | Self::LoseForGood | Self::Reconnect => false,
        }
    }

    /// The same by the rule book, for those who make no mistakes.
    ///
    /// # Errors
    /// When it cannot happen.
    pub const fn by_the_book(self, device: Device) -> Next {
        match self {
            Self::LogIn => Ok(Device::LOGGED_IN),
            Self::Reconnect if device.is_lost() => Ok(device.with_connection(false)),
            Self::Reconnect if device.has_run_out() => Ok(device),
            Self::Reconnect => Err(Impossible::NotLost),
            _ if !device.is_logged_in() => Err(Impossible::NotLoggedIn),
            Self::GoInvisible => Ok(device.given(DeviceStatus::Invisible)),
            Self::GoAway => Ok(device.given(DeviceStatus::Away)),
            Self::GoOnline => Ok(device.given(DeviceStatus::Online)),
            Self::LogOut => Ok(Device::LOGGED_OUT),
            Self::Lose | Self::LoseForGood if device.is_lost() => Err(Impossible::AlreadyLost),
            Self::Lose => Ok(device.with_connection(true)),
            Self::LoseForGood => Ok(Device::RAN_OUT),
            Self::BeActive if device.is_away_by_rule() => Ok(device.given(DeviceStatus::Online)),
            Self::BeActive => Ok(device),
        }
    }

    /// What a mistake makes of a device instead; nothing is left of it where there are none.
    #[inline]
    fn mistaken(self, device: Device) -> Option<Next> {
        let logged_in = device.is_logged_in();
        let mistaken = match self {
            Self::LogIn if is_on(Mutation::LoginKeepsStatus) && logged_in => {
                device.with_connection(false)
            }
            Self::LogIn if is_on(Mutation::CountdownSurvivesLogin) => {
                Device::LOGGED_IN.with_connection(device.is_lost())
            }
            Self::GoInvisible if is_on_a_status() && logged_in => {
                device.with_status(DeviceStatus::Invisible)
            }
            Self::GoAway if is_on_a_status() && logged_in => device.with_status(DeviceStatus::Away),
            Self::GoOnline if is_on_a_status() && logged_in => {
                device.with_status(DeviceStatus::Online)
            }
            Self::Lose if is_on(Mutation::SecondLossRestartsCountdown) && device.is_lost() => {
                device
            }
            Self::LoseForGood
                if is_on(Mutation::SecondLossRestartsCountdown) && device.is_lost() =>
            {
                Device::RAN_OUT
            }
            Self::BeActive if device.is_away_by_rule() && is_on(Mutation::ActivityLeavesAway) => {
                device
            }
            Self::BeActive if device.is_away_by_rule() && is_on_a_status() => {
                device.with_status(DeviceStatus::Online)
            }
            Self::BeActive
                if is_on(Mutation::ActivityUndoesAwayByHand)
                    && device.status() == DeviceStatus::Away =>
            {
                device.with_status(DeviceStatus::Online)
            }
            _ => return None,
        };
        Some(Ok(mistaken))
    }
}

/// Whether a device that is given a status is given it by mistake otherwise.
fn is_on_a_status() -> bool {
    is_on(Mutation::StatusEndsCountdown) || is_on(Mutation::MarkSurvivesStatus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_action_in_its_row() {
        for (row, action) in Action::ALL.into_iter().enumerate() {
            assert_eq!(action as usize, row);
            for bits in 0..Device::STATES as u64 {
                let device = Device::from_bits(bits);
                assert_eq!(action.on(device), action.by_the_book(device), "{action:?} {device:?}");
            }
        }
    }
}
