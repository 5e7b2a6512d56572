//! What an entry is, in a byte.

use lamplighter_core::model::Action;
use lamplighter_core::model::Chosen;

/// What a row of a log says: an event, or an end of an interval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Something happens at an instant, as an action of a trace.
    Event(Action),
    /// An interval begins: with a status, or of being logged out. Open ones last until the next.
    Begins {
        /// The status that the device has from then on; `None` when it is logged out.
        status: Option<Chosen>,
        /// Whether nothing says when it ends.
        is_open: bool,
    },
    /// The interval that this row began ends.
    Ends,
}

const STATUSES: [Option<Chosen>; 4] =
    [None, Some(Chosen::Online), Some(Chosen::Away), Some(Chosen::Invisible)];
const BEGINS: u8 = 16;
const OPEN: u8 = 4;
const ENDS: u8 = 32;

impl What {
    /// The same as one byte, by which entries are sorted and kept.
    pub fn to_byte(self) -> u8 {
        let place = |place: Option<usize>| place.expect("each is in its list") as u8;
        match self {
            Self::Event(action) => {
                place(Action::WORDS.iter().position(|(_, known)| *known == action))
            }
            Self::Begins { status, is_open } => {
                let status = place(STATUSES.iter().position(|known| *known == status));
                BEGINS + status + if is_open { OPEN } else { 0 }
            }
            Self::Ends => ENDS,
        }
    }

    /// From a byte that was one.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            ENDS => Self::Ends,
            BEGINS.. => Self::Begins {
                status: STATUSES[usize::from(byte - BEGINS) % STATUSES.len()],
                is_open: byte - BEGINS >= OPEN,
            },
            _ => Self::Event(Action::WORDS[usize::from(byte) % Action::WORDS.len()].1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_what_was_put_into_it() {
        let events = Action::WORDS.iter().map(|(_, action)| What::Event(*action));
        let begins = STATUSES
            .iter()
            .flat_map(|&status| [true, false].map(|is_open| What::Begins { status, is_open }));
        for what in events.chain(begins).chain([What::Ends]) {
            assert_eq!(What::from_byte(what.to_byte()), what);
        }
    }
}
