//! What rows of traces nearly always say that an agent does, in a byte.

use super::Action;

/// An action that is one word, as all are but a status for a time.
///
/// ```
/// use lamplighter_core::model::{Action, ActionWord, Chosen, Millis};
/// let away = ActionWord::of(Action::SetStatus(Chosen::Away));
/// assert_eq!(away.map(ActionWord::action), Some(Action::SetStatus(Chosen::Away)));
/// assert_eq!(ActionWord::of(Action::SetStatusFor(Chosen::Away, Millis(1))), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ActionWord(u8);

impl ActionWord {
    /// So many there are.
    pub const COUNT: usize = Action::WORDS.len();
    /// Those that can be for all devices of an agent, a bit each.
    const FOR_ALL: u32 = {
        let (mut bits, mut index) = (0, 0);
        while index < Self::COUNT {
            if Action::WORDS[index].1.kind().can_be_for_all_devices() {
                bits |= 1 << index;
            }
            index += 1;
        }
        bits
    };

    /// The word at a place of [`Action::WORDS`].
    ///
    /// # Panics
    /// When there is no such place.
    #[inline]
    pub const fn at(place: usize) -> Self {
        assert!(place < Self::COUNT, "a place of the table");
        Self(place as u8)
    }

    /// That of an action; `None` of a status for a time.
    pub fn of(action: Action) -> Option<Self> {
        Action::WORDS.iter().position(|(_, other)| *other == action).map(Self::at)
    }

    /// Its place in [`Action::WORDS`].
    #[inline]
    pub const fn place(self) -> usize {
        // None is beyond the table, and so nobody needs to look.
        self.0 as usize % Self::COUNT
    }

    /// The action.
    #[inline]
    pub const fn action(self) -> Action {
        Action::WORDS[self.place()].1
    }

    /// Whether it can be for all devices of an agent.
    #[inline]
    pub const fn can_be_for_all_devices(self) -> bool {
        Self::FOR_ALL >> self.0 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_says_of_its_action_what_that_says_of_itself() {
        for (place, (_, action)) in Action::WORDS.into_iter().enumerate() {
            let word = ActionWord::of(action).expect("it is one word");
            assert_eq!((word.place(), word.action()), (place, action));
            let for_all = action.kind().can_be_for_all_devices();
            assert_eq!(word.can_be_for_all_devices(), for_all, "{action:?}");
        }
    }
}
