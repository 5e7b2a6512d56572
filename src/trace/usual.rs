//! A row that is written as nearly all are: an instant in UTC, names in ASCII, an action, and nothing
//! to find fault with. Whatever is not quite so is for the reader to look at field by field.

use super::Action;
use super::instant::UsualInstants;
use crate::model::{Instant, NAME_CODE_POINTS_MAX};

/// A row by the places of its fields.
#[derive(Clone, Copy)]
pub struct Usual {
    pub at: Instant,
    pub agent: (usize, usize),
    /// Empty for "on all devices".
    pub device: (usize, usize),
    pub action: Action,
    /// How long the row is, with the end of its line.
    pub len: usize,
}

/// What stands in names, of ASCII.
const IN_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        byte += 1;
    }
    table
};

/// Takes the row apart at the start of a text.
#[inline]
pub fn usual(text: &[u8], instants: &mut UsualInstants) -> Option<Usual> {
    let (at, at_end) = instants.read(text)?;
    let agent_end = name_end(text, at_end)?;
    let device_end = name_end(text, agent_end)?;
    if at_end + 1 == agent_end {
        return None;
    }
    let rest = &text[device_end + 1..];
    let word = rest.iter().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(rest.len());
    let action = Action::from_word(&rest[..word])?;
    let end = match rest.get(word) {
        Some(b'\r' | b'\n') => 1,
        Some(_) => return None,
        None => 0,
    };
    if device_end == agent_end + 1 && !action.can_be_for_all_devices() {
        return None;
    }
    Some(Usual {
        at,
        agent: (at_end + 1, agent_end),
        device: (agent_end + 1, device_end),
        action,
        len: device_end + 1 + word + end,
    })
}

/// Where a name between two commas ends, the first of which stands at `comma`.
#[inline]
fn name_end(text: &[u8], comma: usize) -> Option<usize> {
    if text.get(comma) != Some(&b',') {
        return None;
    }
    let name = &text[comma + 1..];
    let len = name.iter().position(|&byte| !IN_NAMES[usize::from(byte)])?;
    (len <= NAME_CODE_POINTS_MAX && name[len] == b',').then_some(comma + 1 + len)
}
