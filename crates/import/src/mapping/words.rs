//! What the words of a log can mean.

use lamplighter_core::model::Action;
use lamplighter_core::model::Chosen;

/// What a word of a log means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// It is this action of a trace.
    Action(Action),
    /// The row is about something else.
    Ignore,
    /// The next column says it.
    Next,
}

impl Word {
    /// Meanings and their keys in mapping files and options.
    pub const WORDS: [(&str, Self); 10] = [
        ("login", Self::Action(Action::Login)),
        ("logout", Self::Action(Action::Logout)),
        ("online", Self::Action(Action::SetStatus(Chosen::Online))),
        ("away", Self::Action(Action::SetStatus(Chosen::Away))),
        ("invisible", Self::Action(Action::SetStatus(Chosen::Invisible))),
        ("disconnect", Self::Action(Action::Disconnect)),
        ("reconnect", Self::Action(Action::Reconnect)),
        ("active", Self::Action(Action::Activity)),
        ("ignore", Self::Ignore),
        ("next", Self::Next),
    ];

    /// Whether it is an action.
    pub fn is_action(self) -> bool {
        matches!(self, Self::Action(_))
    }

    /// Whether an interval can be such a state: one in which somebody stays for a while.
    pub fn can_last(self) -> bool {
        !matches!(self, Self::Action(Action::Disconnect | Action::Reconnect | Action::Activity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_a_trace_has_its_own_word() {
        for (word, action) in Action::WORDS {
            assert!(Word::WORDS.contains(&(word, Word::Action(action))), "{word}");
        }
        let actions = Word::WORDS.iter().filter(|(_, word)| word.is_action());
        assert_eq!(actions.count(), Action::WORDS.len());
    }
}
