//! A row that is written as nearly all are: an instant in UTC, names in ASCII, an action, and nothing
//! to find fault with. Whatever is not quite so is for the reader to look at field by field.

use super::instant::UsualInstants;
use crate::model::{Action, Instant, NAME_CODE_POINTS_MAX};

/// A row by the places of its fields.
#[derive(Clone, Copy)]
pub struct Usual {
    /// The instant of the row, read in full.
    pub at: Instant,
    /// The start and the end of the agent's name in the text, in bytes, the end excluded.
    pub agent: (usize, usize),
    /// The start and the end of the device's name, likewise; empty for "on all devices".
    pub device: (usize, usize),
    /// The action of the row; it can be for all devices where no device is named.
    pub action: Action,
    /// How long the row is, with the end of its line.
    pub len: usize,
}

/// Takes the row apart at the start of a text. The last row of a text, which nothing stands behind,
/// is not for it.
#[inline]
pub fn usual(text: &[u8], instants: &mut UsualInstants) -> Option<Usual> {
    let (at, at_end) = instants.read(text)?;
    let agent_end = name_end(text, at_end)?;
    let device_end = name_end(text, agent_end)?;
    let is_for_all = device_end == agent_end + 1;
    let (action, len) = action(&text[device_end + 1..])?;
    let end = device_end + 1 + len;
    if at_end + 1 == agent_end
        || is_for_all && !action.kind().can_be_for_all_devices()
        || !matches!(text.get(end), Some(b'\r' | b'\n'))
    {
        return None;
    }
    let (agent, device) = ((at_end + 1, agent_end), (agent_end + 1, device_end));
    Some(Usual { at, agent, device, action, len: end + 1 })
}

/// Where a name between two commas ends, the first of which stands at `comma`: eight bytes at a
/// time, since with names of many lengths a processor guesses wrong where each ends.
#[inline]
fn name_end(text: &[u8], comma: usize) -> Option<usize> {
    if text.get(comma) != Some(&b',') {
        return None;
    }
    let start = comma + 1;
    let mut at = start;
    while at - start <= NAME_CODE_POINTS_MAX {
        let word = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
        let others = !in_names(word) & EACH_HIGH;
        if others != 0 {
            let end = at + others.trailing_zeros() as usize / 8;
            let is_good = text[end] == b',' && end - start <= NAME_CODE_POINTS_MAX;
            return is_good.then_some(end);
        }
        at += 8;
    }
    None
}

const EACH: u64 = u64::from_le_bytes([1; 8]);
const EACH_HIGH: u64 = EACH << 7;

/// Which of eight bytes stand in names, of ASCII: the high bit of each that does. Blanks do so only
/// between others, which is for the reader to see.
#[inline]
fn in_names(word: u64) -> u64 {
    // Of seven bits nothing carries over into the next byte.
    let low = word & !EACH_HIGH;
    let from = |first: u8| low + EACH * u64::from(0x80 - first);
    let is = |byte: u8| from(byte) & !from(byte + 1);
    let printable = from(b'!') & !from(0x7f);
    printable & !is(b'"') & !is(b',') & !word & EACH_HIGH
}

/// The action at the start of a text, and how long its word is.
#[inline]
fn action(text: &[u8]) -> Option<(Action, usize)> {
    let bytes: &[u8; 16] = text.first_chunk()?;
    let (word, action, len) = ACTIONS[place(bytes[0], bytes[3])]?;
    let beyond = 128 - 8 * len as u32;
    let found = u128::from_le_bytes(*bytes) << beyond >> beyond;
    (found == word).then_some((action, len))
}

/// The actions, each at a place of its own: its word as a number, itself, and how long its word is.
const ACTIONS: [Option<(u128, Action, usize)>; PLACES] = {
    let mut places = [None; PLACES];
    let mut index = 0;
    while index < Action::WORDS.len() {
        let (word, action) = Action::WORDS[index];
        let word = word.as_bytes();
        let place = place(word[0], word[3]);
        assert!(places[place].is_none(), "two actions in one place");
        let (mut number, mut at) = (0, word.len());
        while at > 0 {
            at -= 1;
            number = number << 8 | word[at] as u128;
        }
        places[place] = Some((number, action, word.len()));
        index += 1;
    }
    places
};

const PLACES: usize = 32;

/// The place of a word by its first and fourth letters: no two actions share one.
#[inline]
const fn place(first: u8, fourth: u8) -> usize {
    (first as usize + fourth as usize) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::is_name_in_quotes;

    #[test]
    fn eight_bytes_at_a_time_are_in_names_when_each_alone_is() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                for beside in [b'a', b'~', 0, 0x80, 0xff] {
                    let mut bytes = [beside; 8];
                    bytes[at] = byte;
                    let found = in_names(u64::from_le_bytes(bytes)) >> (8 * at + 7) & 1 == 1;
                    let alone = byte.is_ascii()
                        && !matches!(byte, b'"' | b',')
                        && is_name_in_quotes(&char::from(byte).to_string());
                    assert_eq!(found, alone, "{byte} among {beside}");
                }
            }
        }
    }

    #[test]
    fn every_action_has_a_place_and_nothing_else_is_one() {
        for (word, known) in Action::WORDS {
            let line = format!("{word}\n                ");
            assert_eq!(action(line.as_bytes()), Some((known, word.len())));
            assert_eq!(action(line.to_uppercase().as_bytes()), None);
        }
    }
}
