//! A row that is written as nearly all are: an instant in UTC, names in ASCII, an action, and nothing
//! to find fault with. Whatever is not quite so is for the reader to look at field by field.

use super::instant::UsualInstants;
use super::texts::{Text, WINDOW};
use crate::model::{Action, Instant, NAME_CODE_POINTS_MAX, NameKey};

/// A row that was found in a text.
#[derive(Clone, Copy)]
pub struct UsualRow {
    /// The instant of the row, read in full.
    pub at: Instant,
    /// The action of the row; it can be for all devices where no device is named.
    pub action: Action,
    /// The agent's name, as far as it is not too long for a key.
    pub agent: NameKey,
    /// The device's name, likewise; that of no letters for "on all devices".
    pub device: NameKey,
    /// Where in its text it begins.
    pub start: u32,
}

impl UsualRow {
    /// The names of the agent and of the device in the text in which a row was found that begins at a
    /// place.
    pub fn names(text: &Text, start: u32) -> (&str, &str) {
        let row = &text.window_bytes()[start as usize..];
        let mut fields = row.split(|byte| *byte == b',').skip(1);
        let mut name = || {
            let name = fields.next().map(str::from_utf8);
            name.and_then(Result::ok).unwrap_or_default()
        };
        (name(), name())
    }
}

/// Finds rows in texts.
pub struct UsualRows {
    instants: UsualInstants,
}

impl Default for UsualRows {
    fn default() -> Self {
        Self { instants: UsualInstants::new() }
    }
}

impl UsualRows {
    /// Adds the rows of a text from a place on that are written as nearly all are and do not lie before
    /// `last_at`, each not before the one in front of it; gives where the first row begins that is not so.
    pub fn find(
        &mut self,
        text: &Text,
        start: usize,
        last_at: &mut Instant,
        rows: &mut Vec<UsualRow>,
    ) -> usize {
        let bytes = text.window_bytes();
        let mut next = start;
        loop {
            // Blank lines, and the second half of an end of two bytes.
            while let Some(b'\r' | b'\n') = bytes.get(next) {
                next += 1;
            }
            match usual(bytes, next, &mut self.instants) {
                Some((row, end)) if row.at >= *last_at => {
                    *last_at = row.at;
                    rows.push(row);
                    next = end;
                }
                _ => return next,
            }
        }
    }
}

/// Takes the row apart that begins at a place of a text; gives it with the place behind it, its end of line
/// included. The last row of a text, which nothing stands behind, is not for it.
#[inline]
fn usual(text: &[u8], start: usize, instants: &mut UsualInstants) -> Option<(UsualRow, usize)> {
    let window: &[u8; WINDOW] = text.get(start..)?.first_chunk()?;
    let (at, at_end) = instants.read(window)?;
    let (agent, agent_end) = name(window, at_end)?;
    let (device, device_end) = name(window, agent_end)?;
    let (action, len) = action(window.get(device_end + 1..)?)?;
    let end = device_end + 1 + len;
    if at_end + 1 == agent_end
        || agent_end + 1 == device_end && !action.kind().can_be_for_all_devices()
        || !matches!(window.get(end), Some(b'\r' | b'\n'))
    {
        return None;
    }
    Some((UsualRow { at, action, agent, device, start: start as u32 }, start + end + 1))
}

/// The name between two commas, the first of which stands at `comma`, and where it ends: sixteen bytes at
/// a time, since with names of many lengths a processor guesses wrong where each ends.
#[inline]
fn name(window: &[u8; WINDOW], comma: usize) -> Option<(NameKey, usize)> {
    if window[comma] != b',' {
        return None;
    }
    let start = comma + 1;
    let word = u128::from_le_bytes(*window.get(start..)?.first_chunk()?);
    let others = no_name_128(word);
    if others == 0 {
        return Some((NameKey::TOO_LONG, long_name_end(window, start)?));
    }
    let len = others.trailing_zeros() as usize / 8;
    (window[start + len] == b',').then_some((NameKey::of_bytes(word, len), start + len))
}

/// Where a name ends that is longer than sixteen bytes.
#[inline(never)]
fn long_name_end(window: &[u8; WINDOW], start: usize) -> Option<usize> {
    let mut len = 0;
    while len <= NAME_CODE_POINTS_MAX {
        let others = no_name(u64::from_le_bytes(*window.get(start + len..)?.first_chunk()?));
        if others != 0 {
            len += others.trailing_zeros() as usize / 8;
            let is_good = len <= NAME_CODE_POINTS_MAX && window[start + len] == b',';
            return is_good.then_some(start + len);
        }
        len += 8;
    }
    None
}

const EACH: u64 = u64::from_le_bytes([1; 8]);
const EACH_HIGH: u64 = EACH << 7;

#[inline]
fn no_name_128(word: u128) -> u128 {
    u128::from(no_name(word as u64)) | u128::from(no_name((word >> 64) as u64)) << 64
}

/// Which of eight bytes is the first that does not stand in names of ASCII: the lowest bit that is set is
/// the high bit of that byte. There are no quotes. Blanks stand in names only between others, which is for
/// the reader to see.
#[inline]
fn no_name(word: u64) -> u64 {
    // What is borrowed or carried over comes from a byte that is none itself.
    let commas = word ^ (EACH * u64::from(b','));
    let comma = commas.wrapping_sub(EACH) & !commas;
    let low = word.wrapping_sub(EACH * u64::from(b'!')) & !word;
    let high = word.wrapping_add(EACH) | word;
    (comma | low | high) & EACH_HIGH
}

/// The action at the start of a text, and how long its word is.
#[inline]
fn action(text: &[u8]) -> Option<(Action, usize)> {
    let bytes: &[u8; 16] = text.first_chunk()?;
    let known = &ACTIONS[place(bytes[0], bytes[3])];
    (u128::from_le_bytes(*bytes) & known.mask == known.word).then_some((known.action, known.len))
}

/// An action and its word.
#[derive(Clone, Copy)]
struct Known {
    /// As many bytes as the word has.
    mask: u128,
    /// The word as a number.
    word: u128,
    len: usize,
    action: Action,
}

/// The actions, each at a place of its own.
const ACTIONS: [Known; PLACES] = {
    // What no text is.
    let nothing = Known { mask: 0, word: 1, len: 0, action: Action::Login };
    let mut places = [nothing; PLACES];
    let mut index = 0;
    while index < Action::WORDS.len() {
        let (text, action) = Action::WORDS[index];
        let text = text.as_bytes();
        let place = place(text[0], text[3]);
        assert!(places[place].len == 0, "two actions in one place");
        let (mut word, mut mask, mut at) = (0, 0, text.len());
        while at > 0 {
            at -= 1;
            word = word << 8 | text[at] as u128;
            mask = mask << 8 | 0xff;
        }
        places[place] = Known { mask, word, len: text.len(), action };
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
    use proptest::prelude::*;

    use super::*;
    use crate::model::is_name_in_quotes;

    /// Whether a byte alone stands in names, as far as a usual row has them.
    fn is_in_names(byte: u8) -> bool {
        byte.is_ascii() && byte != b',' && is_name_in_quotes(&char::from(byte).to_string())
    }

    #[test]
    fn each_byte_is_in_names_when_it_alone_is() {
        for byte in (0..=u8::MAX).filter(|&byte| byte != b'"') {
            for at in 0..8 {
                for behind in [b'a', b'~', b'!', b',', 0, 0x7f, 0x80, 0xff] {
                    let mut bytes = [b'a'; 8];
                    bytes[at] = byte;
                    bytes[at + 1..].fill(behind);
                    let first = bytes.iter().position(|&byte| !is_in_names(byte));
                    let found = no_name(u64::from_le_bytes(bytes));
                    let place = (found != 0).then(|| found.trailing_zeros() as usize / 8);
                    assert_eq!(place, first, "{byte} at {at} before {behind}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn sixteen_bytes_end_where_the_first_is_that_stands_in_no_name(
            bytes in prop::array::uniform16(prop_oneof![9 => b'!'..=b'~', 1 => prop::num::u8::ANY]),
        ) {
            let first = bytes.iter().position(|&byte| !is_in_names(byte) && byte != b'"');
            let found = no_name_128(u128::from_le_bytes(bytes));
            let place = (found != 0).then(|| found.trailing_zeros() as usize / 8);
            prop_assert_eq!(place, first);
        }
    }

    #[test]
    fn every_action_has_a_place_and_nothing_else_is_one() {
        for (word, known) in Action::WORDS {
            let line = format!("{word}\n                ");
            assert_eq!(action(line.as_bytes()), Some((known, word.len())));
            assert_eq!(action(line.to_uppercase().as_bytes()), None);
        }
        for byte in 0..=u8::MAX {
            assert_eq!(action(&[byte; 16]), None, "{byte}");
        }
    }
}
