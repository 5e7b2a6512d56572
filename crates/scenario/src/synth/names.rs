//! Names that look like life, made from an index alone: unique by their last part, and the same for
//! every seed, so that accounts once made fit every world of that size.
//!
//! A property's name has a `-` in its first part and an agent's has none, so the two never meet; and
//! no statement begins with a word that has a `.` in it.

/// What an agent's devices are called, the one most used first.
pub const DEVICES: [&str; 8] =
    ["laptop", "phone", "desk", "tablet", "home", "studio", "counter", "kiosk"];

/// What further widgets of a property are called.
pub const WIDGETS: [&str; 6] = ["sales", "support", "billing", "returns", "booking", "press"];

const PEOPLE: [&str; 64] = [
    "ada", "aiko", "alex", "ali", "ana", "anil", "ann", "ben", "bo", "carla", "chen", "cleo",
    "dan", "dara", "devi", "ed", "elif", "emma", "eva", "femi", "finn", "gabi", "gina", "hana",
    "hugo", "ida", "ines", "ivan", "jack", "jana", "jo", "jun", "kai", "kim", "lea", "leo", "lin",
    "lola", "luca", "maja", "marc", "mei", "mia", "nadia", "nia", "nils", "noah", "nora", "olga",
    "omar", "oscar", "paul", "priya", "rita", "rosa", "sam", "sara", "tara", "theo", "tom", "uma",
    "vera", "yuki", "zoe",
];

const FIRST_WORDS: [&str; 32] = [
    "amber", "apex", "birch", "blue", "bright", "cedar", "city", "clear", "copper", "coral",
    "delta", "east", "ember", "fern", "first", "gold", "green", "harbor", "iron", "lake", "maple",
    "north", "nova", "oak", "pine", "prime", "river", "silver", "solar", "stone", "sunny", "west",
];

const SECOND_WORDS: [&str; 32] = [
    "auto", "bakery", "bank", "bikes", "books", "care", "clinic", "cloud", "coffee", "dental",
    "design", "farm", "fit", "garden", "gear", "hotel", "house", "labs", "legal", "media",
    "mobile", "music", "optics", "pets", "print", "shoes", "shop", "tech", "tools", "tours",
    "travel", "yoga",
];

/// Adds an agent's name, such as `mia.3f9k`: at most 13 bytes.
pub fn push_agent(index: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(PEOPLE[pick(index, 64)].as_bytes());
    out.push(b'.');
    push_number(index, out);
}

/// No agent's name is longer, the room included that its parts are written into.
pub(super) const AGENT_BYTES_MAX: usize = 16;

/// Writes an agent's name at the start of a text that has room for [`AGENT_BYTES_MAX`]; gives where it ends.
#[inline]
pub(super) fn write_agent(index: u32, out: &mut [u8]) -> usize {
    let Some(room) = out.first_chunk_mut::<AGENT_BYTES_MAX>() else { return 0 };
    let (person, len) = PEOPLE_WITH_DOTS[pick(index, PEOPLE.len())];
    room[..person.len()].copy_from_slice(&person);
    let digits = number_digits(index);
    for (place, byte) in room[len..len + digits].iter_mut().enumerate() {
        *byte = DIGITS[(index >> (5 * (digits - 1 - place)) & 31) as usize];
    }
    len + digits
}

/// What stands before the number of an agent, in eight bytes, and how many of them it has.
const PEOPLE_WITH_DOTS: [([u8; 8], usize); PEOPLE.len()] = {
    let (mut all, mut person) = ([([0; 8], 0); PEOPLE.len()], 0);
    while person < PEOPLE.len() {
        let (name, text) = (PEOPLE[person].as_bytes(), &mut all[person]);
        while text.1 < name.len() {
            text.0[text.1] = name[text.1];
            text.1 += 1;
        }
        text.0[text.1] = b'.';
        text.1 += 1;
        person += 1;
    }
    all
};

/// Adds a property's name, such as `cedar-dental.12`: at most 21 bytes.
pub fn push_property(index: u32, out: &mut Vec<u8>) {
    let words = pick(index, 32 * 32);
    out.extend_from_slice(FIRST_WORDS[words / 32].as_bytes());
    out.push(b'-');
    out.extend_from_slice(SECOND_WORDS[words % 32].as_bytes());
    out.push(b'.');
    push_number(index, out);
}

/// The name of the agent with an index, unlike that of any other.
pub fn agent(index: u32) -> String {
    named(index, push_agent)
}

/// The name of the property with an index, unlike that of any other.
pub fn property(index: u32) -> String {
    named(index, push_property)
}

fn named(index: u32, push: impl Fn(u32, &mut Vec<u8>)) -> String {
    let mut name = Vec::new();
    push(index, &mut name);
    String::from_utf8(name).expect("names are made of ASCII")
}

/// Neighbours get different words: the upper bits of a multiplication that no two indices share.
fn pick(index: u32, count: usize) -> usize {
    let spread = index.wrapping_mul(0x9e37_79b1);
    ((u64::from(spread) * count as u64) >> 32) as usize
}

/// A number in digits and letters, without those that look like others.
fn push_number(number: u32, out: &mut Vec<u8>) {
    let places = (0..number_digits(number)).rev();
    out.extend(places.map(|place| DIGITS[(number >> (5 * place) & 31) as usize]));
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many digits a number has, each of five bits.
fn number_digits(number: u32) -> usize {
    ((u32::BITS - (number | 1).leading_zeros()).div_ceil(5)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::model::is_name;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_names_and_no_two_are_the_same() {
        let mut seen = BTreeSet::new();
        for index in (0..5_000).chain([999_999, 4_999_999, u32::MAX]) {
            for name in [agent(index), property(index)] {
                assert!(is_name(&name), "{name}");
                assert!(name.len() <= 21, "{name}");
                assert!(seen.insert(name));
            }
            let mut written = [0; AGENT_BYTES_MAX];
            let len = write_agent(index, &mut written);
            assert_eq!(written[..len], *agent(index).as_bytes());
        }
    }

    #[test]
    fn an_agent_is_never_called_like_a_property() {
        assert!((0..5_000).all(|index| agent(index).len() <= 13 && !agent(index).contains('-')));
        assert!((0..5_000).all(|index| property(index).contains('-')));
    }

    #[test]
    fn numbers_are_written_without_zeros_in_front() {
        for (number, text) in
            [(0, "0"), (31, "z"), (32, "10"), (1_024, "100"), (u32::MAX, "3zzzzzz")]
        {
            let mut out = Vec::new();
            push_number(number, &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }
}
