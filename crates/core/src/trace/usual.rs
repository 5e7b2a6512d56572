//! A row that is written as nearly all are: an instant in UTC, names in ASCII, an action, and nothing
//! to find fault with. Whatever is not quite so is for the reader to look at field by field.

use super::instant::{MILLISECONDS, UsualInstants};
use super::marks::{Marks, SHORT};
use super::texts::{Text, WINDOW};
use crate::model::{Action, ActionWord, Instant, NAME_CODE_POINTS_MAX, NameKey};

/// A row that was found in a text.
#[derive(Clone, Copy)]
pub struct UsualRow {
    /// The instant of the row, read in full.
    pub at: Instant,
    /// The agent's name, as far as it is not too long for a key.
    pub agent: NameKey,
    /// The device's name, likewise; that of no letters for "on all devices".
    pub device: NameKey,
    /// Where in its text it begins.
    pub start: u32,
    /// The action of the row; it can be for all devices where no device is named.
    pub action: ActionWord,
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
        let (mut next, mut last) = (start, *last_at);
        loop {
            while let Some((row, end)) = short_row(bytes, next, &mut self.instants)
                && row.at >= last
            {
                last = row.at;
                rows.push(row);
                next = end;
            }
            // What is not as short as nearly all rows are is taken apart name by name.
            next = behind_blank_lines(bytes, next);
            match long_row(bytes, next, &mut self.instants) {
                Some((row, end)) if row.at >= last => {
                    last = row.at;
                    rows.push(row);
                    next = end;
                }
                _ => break,
            }
        }
        *last_at = last;
        next
    }
}

/// Where the next row begins: behind blank lines, and the second half of an end of two bytes.
#[inline(never)]
fn behind_blank_lines(text: &[u8], start: usize) -> usize {
    let blank = text.iter().skip(start).take_while(|byte| matches!(byte, b'\r' | b'\n'));
    start + blank.count()
}

/// Takes the row apart that begins at a place of a text, if it ends soon behind its instant; gives it with the
/// place behind it, its end of line included. The last row of a text, which nothing stands behind, is not for it.
#[inline(always)]
pub(super) fn short_row(
    text: &[u8],
    start: usize,
    instants: &mut UsualInstants,
) -> Option<(UsualRow, usize)> {
    let window: &[u8; WINDOW] = text.get(start..)?.first_chunk()?;
    let (at, at_end) = instants.read(window)?;
    let fields: &[u8; WINDOW - MILLISECONDS] = window[at_end..].first_chunk()?;
    // All bytes are looked at before it is known what stands where: with names of many lengths a processor
    // guesses wrong where each ends.
    let Marks { commas, others } = Marks::of(fields.first_chunk()?);
    let to_device = commas & !1;
    let to_action = to_device & to_device.wrapping_sub(1);
    let [agent_end, device_end, end] =
        [to_device, to_action, others].map(|marks| marks.trailing_zeros() as usize);
    let (action, len) = action(fields[device_end + 1..].first_chunk()?)?;
    // Three commas, with names between them and the action behind them up to the end.
    let is_whole = commas & 1 == 1
        && agent_end != 1
        && (agent_end + 1 != device_end || action.can_be_for_all_devices())
        && device_end + 1 + len == end
        && end < SHORT;
    if !is_whole {
        return None;
    }
    let behind = match fields[end] {
        b'\n' => 1,
        b'\r' => 1 + usize::from(fields[end + 1] == b'\n'),
        _ => return None,
    };
    let agent = key(fields[1..].first_chunk()?, agent_end - 1);
    let device = key(fields[agent_end + 1..].first_chunk()?, device_end - agent_end - 1);
    let row = UsualRow { at, agent, device, start: start as u32, action };
    Some((row, start + at_end + end + behind))
}

/// The key of a name of so many bytes.
#[inline(always)]
fn key(bytes: &[u8; 16], len: usize) -> NameKey {
    match len < bytes.len() {
        true => NameKey::of_bytes(u128::from_le_bytes(*bytes), len),
        false => NameKey::TOO_LONG,
    }
}

/// The same of a row of any length that windows have.
#[inline(never)]
pub(super) fn long_row(
    text: &[u8],
    start: usize,
    instants: &mut UsualInstants,
) -> Option<(UsualRow, usize)> {
    let window: &[u8; WINDOW] = text.get(start..)?.first_chunk()?;
    let (at, at_end) = instants.read(window)?;
    let (agent, agent_end) = name(window, at_end)?;
    let (device, device_end) = name(window, agent_end)?;
    let (action, len) = action(window.get(device_end + 1..)?.first_chunk()?)?;
    let end = device_end + 1 + len;
    let is_whole = at_end + 1 != agent_end
        && (agent_end + 1 != device_end || action.can_be_for_all_devices())
        && matches!(window.get(end), Some(b'\r' | b'\n'));
    is_whole
        .then_some((UsualRow { at, agent, device, start: start as u32, action }, start + end + 1))
}

/// The name between two commas, the first of which stands at `comma`, and where it ends.
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
#[inline(always)]
fn action(bytes: &[u8; 16]) -> Option<(ActionWord, usize)> {
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
    action: ActionWord,
}

/// The actions, each at a place of its own.
const ACTIONS: [Known; PLACES] = {
    // What no text is.
    let nothing = Known { mask: 0, word: 1, len: 0, action: ActionWord::at(0) };
    let mut places = [nothing; PLACES];
    let mut index = 0;
    while index < Action::WORDS.len() {
        let action = ActionWord::at(index);
        let text = Action::WORDS[index].0;
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
            let action =
                |line: &str| action(line.as_bytes().first_chunk().expect("it is long enough"));
            let found = action(&line).map(|(word, len)| (word.action(), len));
            assert_eq!(found, Some((known, word.len())));
            assert_eq!(action(&line.to_uppercase()), None);
        }
        for byte in 0..=u8::MAX {
            assert_eq!(action(&[byte; 16]), None, "{byte}");
        }
    }
}
