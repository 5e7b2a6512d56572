//! Dense ids for whatever a fleet has many of, and what may be a name. Names live where texts come in and go out: below
//! that everything is an id.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $id(u32);

        impl $id {
            /// The id with this index; ids count from zero in the order of declaration.
            #[inline]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("a fleet has fewer than 2^32 of anything"))
            }

            /// The place of this id in arrays.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $id {
            #[inline]
            fn from(index: usize) -> Self {
                Self::new(index)
            }
        }

        impl From<u32> for $id {
            fn from(index: u32) -> Self {
                Self(index)
            }
        }

        impl From<$id> for u32 {
            #[inline]
            fn from(id: $id) -> Self {
                id.0
            }
        }

        impl From<$id> for usize {
            fn from(id: $id) -> Self {
                id.index()
            }
        }
    )*};
}

ids! {
    /// A property: a site or business with members and widgets.
    PropertyId
    /// A widget; every property has one of its own name, further ones are `property/widget`.
    WidgetId
    /// An agent: a person's account.
    AgentId
}

/// A device: one place where an agent is logged in. Whose it is stands in the id, so that nothing
/// needs to be looked up to find the agent.
#[derive(Clone, Copy, Debug)]
pub struct DeviceId {
    agent: AgentId,
    slot: u32,
    /// Where an engine keeps it; no part of what the id means.
    hint: u32,
}

impl DeviceId {
    /// The hint of an id that nobody has looked up yet.
    const NO_HINT: u32 = u32::MAX;

    /// The device of an agent with this index; an agent's devices count from zero in the order in
    /// which they were first mentioned.
    #[inline]
    pub fn new(agent: AgentId, index: usize) -> Self {
        let slot = u32::try_from(index).expect("an agent has fewer than 2^32 devices");
        Self { agent, slot, hint: Self::NO_HINT }
    }

    /// The same id with what an engine needs to find the device at once. For engines alone: the
    /// hint of another device, or of another world, leads there.
    #[inline]
    pub fn with_hint(self, hint: u32) -> Self {
        Self { hint, ..self }
    }

    /// What [`with_hint`](Self::with_hint) was given; more than any place where nothing was.
    #[inline]
    pub fn hint(self) -> u32 {
        self.hint
    }

    /// Whose device it is.
    #[inline]
    pub fn agent(self) -> AgentId {
        self.agent
    }

    /// Which of the agent's devices it is, from zero.
    #[inline]
    pub fn slot(self) -> usize {
        self.slot as usize
    }

    fn key(self) -> (AgentId, u32) {
        (self.agent, self.slot)
    }
}

impl PartialEq for DeviceId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for DeviceId {}

impl PartialOrd for DeviceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By agent, then by slot.
impl Ord for DeviceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for DeviceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// The longest name, in code points.
pub const NAME_CODE_POINTS_MAX: usize = 64;

/// Whether a property, widget, agent or device may be called so: letters, marks and digits of any
/// script, `.`, `_` and `-`; one to [`NAME_CODE_POINTS_MAX`] code points.
pub fn is_name(text: &str) -> bool {
    if text.is_ascii() {
        let is_good = |byte: u8| is_name_char(char::from(byte));
        return (1..=NAME_CODE_POINTS_MAX).contains(&text.len()) && text.bytes().all(is_good);
    }
    (1..=NAME_CODE_POINTS_MAX).contains(&text.chars().count()) && text.chars().all(is_name_char)
}

/// Whether an agent or a device may be called so where its name stands in quotes or in a field of its
/// own, as in a trace: any printable characters and single blanks between them; one to
/// [`NAME_CODE_POINTS_MAX`] code points. Whatever [`is_name`] takes, this takes, too.
pub fn is_name_in_quotes(text: &str) -> bool {
    let mut before = ' ';
    let mut count = 0;
    for c in text.chars() {
        // A blank stands between two others: not first, not last, not behind another one.
        if !is_printable(c) && (c != ' ' || before == ' ') {
            return false;
        }
        before = c;
        count += 1;
    }
    before != ' ' && count <= NAME_CODE_POINTS_MAX
}

/// Whether a character shows: no control, no format character but the two that join letters or keep
/// them apart (U+200C, U+200D), no separator of lines or paragraphs, no blank of any width.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    match c.general_category() {
        GeneralCategory::Format => matches!(c, '\u{200c}' | '\u{200d}'),
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::SpaceSeparator => false,
        _ => true,
    }
}

fn is_name_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    }
    matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
        || c.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_marks_and_digits_of_any_script() {
        for good in ["ann", "Zoë", "अनु", "७", "a.b_c-d", "李雷", "e\u{301}", &"x".repeat(64)]
        {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "a@b", "a,b", "😀", "½", "a\u{200b}", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn names_in_quotes_are_printable_with_single_blanks_between() {
        let as_long = format!("{} é", "x".repeat(62));
        for good in [
            "ann",
            "Zoë",
            "ann@example.com",
            "PJSIP/2001",
            "Ann O'Neil",
            "a, b",
            "say \"hi\"",
            "😀",
            "½",
            "a\u{200d}b",
            "می\u{200c}خواهم",
            "#1",
            &as_long,
        ] {
            assert!(is_name_in_quotes(good), "{good}");
        }
        let too_long = format!("x{as_long}");
        for bad in [
            "",
            " ",
            " ann",
            "ann ",
            "ann  lee",
            "a\tb",
            "a\u{a0}b",
            "a\u{3000}b",
            "a\u{200b}b",
            "a\u{202e}b",
            "a\u{2028}b",
            "a\u{feff}",
            "a\nb",
            "\u{7f}",
            &too_long,
        ] {
            assert!(!is_name_in_quotes(bad), "{bad:?}");
        }
    }
}
