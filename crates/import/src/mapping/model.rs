//! What a mapping says of a log, as plain data.

use super::words::Word;
use crate::clock::{Format, Unit};
use lamplighter_core::model::Millis;
use lamplighter_scenario::language::span::Spanned;

/// How a foreign log is read. What has a place has it in the mapping file; what was given by options
/// stands at the empty place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// What the log is, for people.
    pub name: String,
    /// The address at which the maker documents the log's format; `None` where nobody does.
    pub source: Option<String>,
    /// Whether it was tried on a log of its maker, or only written from documents.
    pub tried: bool,
    /// How its rows are told apart.
    pub log: Shape,
    /// The columns of a row's times, and how these are written.
    pub time: Time,
    /// The columns of the agent's name.
    pub agent: Called,
    /// The columns of the device's name, and what stands for none or all of them.
    pub device: Devices,
    /// The columns of the property's name; a log can have several properties.
    pub property: Properties,
    /// The columns that say what happens: the first whose word means something decides.
    pub actions: Vec<Step>,
}

/// Columns of one value, their texts with a blank between. In a log of JSON a column is a pointer from
/// its row, such as `/state/name`, or `../../userId` from two levels above.
pub type Columns = Vec<Spanned<String>>;

/// How a log's rows are told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Whether the lines are fields with a separator or values of JSON.
    pub kind: Kind,
    /// Whether the newest row stands first. It matters for rows of one instant only: they happen in
    /// the order of the log, or against it.
    pub newest_first: bool,
}

/// What stands on the lines of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Fields with a separator between.
    Csv {
        /// The character between two fields, in ASCII: a comma, a semicolon or a tab, for instance.
        separator: u8,
        /// Whether `"` quotes a field, as RFC 4180 has it.
        quotes: bool,
        /// What the columns are called, where the log has no header that says it.
        columns: Option<Columns>,
    },
    /// Values of JSON, one a line or as they come.
    Json {
        /// The places of the rows in each value: pointers in which `*` is every element. The first
        /// that leads somewhere counts; none is the value itself.
        rows: Vec<Spanned<String>>,
    },
}

/// When something happens in a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Time {
    /// The columns of the instant at which an event happens, for a log of events.
    pub at: Columns,
    /// The columns of the instant at which an interval begins, for a log of intervals.
    pub from: Columns,
    /// The columns of the instant at which an interval ends; empty while it lasts.
    pub to: Columns,
    /// The columns of how long an interval lasts, for logs that name no end.
    pub duration: Columns,
    /// The unit of a duration that has no colons; seconds where none is said.
    pub duration_unit: Option<Unit>,
    /// How times are written; the first that fits.
    pub formats: Vec<Format>,
    /// The IANA zone of times that are written without an offset; `None` where the log says or the
    /// caller must.
    pub zone: Option<Spanned<String>>,
    /// What it means that no interval of an agent's device goes on.
    pub gap: Gap,
    /// A shorter gap between two intervals is none: some logs cut off fractions of seconds.
    pub gap_min: Millis,
}

/// What it means that no interval of an agent's device goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Gap {
    /// That the device is logged out.
    #[default]
    LoggedOut,
    /// Nothing: the last state holds until the next interval.
    Holds,
}

impl Gap {
    /// The words of a mapping that name what a gap means.
    pub const WORDS: [(&str, Self); 2] = [("logged-out", Self::LoggedOut), ("holds", Self::Holds)];
}

/// How something is called in a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Called {
    /// The columns that together give its name, the texts with a blank between.
    pub columns: Columns,
    /// The columns to look at where those are empty.
    pub or: Columns,
}

/// How a log names devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Devices {
    /// The columns of a device's name; there may be none.
    pub called: Called,
    /// What a device is called that the log does not name.
    pub name: Spanned<String>,
    /// What the log writes for "on all devices".
    pub all: Vec<String>,
}

impl Default for Devices {
    fn default() -> Self {
        let name = Spanned::new("desk".to_owned(), Default::default());
        Self { called: Called::default(), name, all: Vec::new() }
    }
}

/// How a log names properties.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Properties {
    /// The columns of a property's name; there may be none.
    pub called: Called,
    /// What the log writes for "in none".
    pub none: Vec<String>,
    /// The properties whose rows are taken, beside the rows of none; empty for all.
    pub only: Vec<String>,
}

/// A column that says what happens, or in which state somebody is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The column whose words are looked up, or in JSON the pointer to it.
    pub column: Spanned<String>,
    /// The log's words and what they mean. They are compared without regard to case.
    pub words: Vec<(Spanned<String>, Word)>,
    /// What a word means that is not among them. Without it such a row cannot be taken.
    pub other: Option<Word>,
}

impl Mapping {
    /// A mapping that says nothing yet but how the rows are told apart.
    pub fn new(kind: Kind) -> Self {
        Self {
            name: String::new(),
            source: None,
            tried: true,
            log: Shape { kind, newest_first: false },
            time: Time { formats: vec![Format::Iso], ..Time::default() },
            agent: Called::default(),
            device: Devices::default(),
            property: Properties::default(),
            actions: Vec::new(),
        }
    }

    /// That of Lamplighter's own traces, whose rows may come in any order.
    pub fn of_traces() -> Self {
        let columns = |name: &str| vec![Spanned::new(name.to_owned(), Default::default())];
        let kind = Kind::Csv { separator: b',', quotes: true, columns: None };
        let mut mapping = Self::new(kind);
        mapping.name = "a trace".to_owned();
        mapping.time.at = columns("at");
        mapping.agent.columns = columns("agent");
        mapping.device.called.columns = columns("device");
        mapping.device.all = vec![String::new()];
        mapping.actions = vec![Step::of_own_words("action", false)];
        mapping
    }

    /// Whether it is of a log of intervals.
    pub fn is_of_intervals(&self) -> bool {
        !self.time.from.is_empty()
    }
}

impl Step {
    /// A column in which every action stands by its own word; of intervals, every one that can last.
    pub fn of_own_words(column: &str, is_of_intervals: bool) -> Self {
        let own = |(text, word): &(&str, Word)| {
            (Spanned::new((*text).to_owned(), Default::default()), *word)
        };
        let is_meant = |word: &Word| word.is_action() && (word.can_last() || !is_of_intervals);
        Self {
            column: Spanned::new(column.to_owned(), Default::default()),
            words: Word::WORDS.iter().filter(|(_, word)| is_meant(word)).map(own).collect(),
            other: None,
        }
    }
}
