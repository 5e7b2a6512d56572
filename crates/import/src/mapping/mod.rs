//! Mapping files: how a foreign log is read. Which columns say when, who, on which device and what, and
//! what the log's words mean. TOML, checked whole, every mistake with its place.
//!
//! ```toml
//! format = 1
//! name   = "Our phone system"
//!
//! [time]
//! at     = ["Date", "Time"]
//! format = "%d/%m/%Y %H:%M:%S"
//! zone   = "Europe/London"
//!
//! [agent]
//! column = "User"
//!
//! [[action]]
//! column = "State"
//! online = ["Ready", "On call"]
//! away   = ["Break"]
//! logout = ["Signed out"]
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `words` | what a log's words can mean |
//! | `table` | a TOML table, key by key, and what is wrong with it |
//! | `read` | a mapping file into a [`Mapping`] |
//! | `check` | whether its parts make a whole |
//! | `builtin` | those that are built in |

mod builtin;
mod check;
mod read;
mod table;
mod words;

pub use builtin::{BUILT_IN, BuiltIn, built_in};
pub use check::check;
pub use read::read;
pub use words::Word;

use crate::clock::{Format, Unit};
use lamplighter_core::model::Millis;
use lamplighter_scenario::language::span::Spanned;

/// How a foreign log is read. What has a place has it in the mapping file; what was given by options
/// stands at the empty place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// What the log is, for people.
    pub name: String,
    /// Where its maker documents it.
    pub source: Option<String>,
    /// Whether it was tried on a log of its maker, or only written from documents.
    pub tried: bool,
    /// How its rows are told apart.
    pub log: Shape,
    /// Where the time of a row stands, and how it is written.
    pub time: Time,
    /// Where the name of the agent stands.
    pub agent: Called,
    /// On which device.
    pub device: Devices,
    /// In which property; a log can have several.
    pub property: Properties,
    /// What: the first of these that says it.
    pub actions: Vec<Step>,
}

/// Columns of one value, their texts with a blank between. In a log of JSON a column is a pointer from
/// its row, such as `/state/name`, or `../../userId` from two levels above.
pub type Columns = Vec<Spanned<String>>;

/// How a log's rows are told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// What stands on its lines.
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
        /// The separator.
        separator: u8,
        /// Whether `"` quotes a field, as RFC 4180 has it.
        quotes: bool,
        /// What the columns are called, where the log has no header that says it.
        columns: Option<Columns>,
    },
    /// Values of JSON, one a line or as they come.
    Json {
        /// Where in each value the rows are: pointers in which `*` is every element. The first that
        /// leads somewhere counts; none is the value itself.
        rows: Vec<Spanned<String>>,
    },
}

/// When something happens in a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Time {
    /// Of a log of events: when it happens.
    pub at: Columns,
    /// Of a log of intervals: when it begins.
    pub from: Columns,
    /// When an interval ends; empty while it lasts.
    pub to: Columns,
    /// Or how long it lasts.
    pub duration: Columns,
    /// What a duration without colons counts.
    pub duration_unit: Option<Unit>,
    /// How times are written; the first that fits.
    pub formats: Vec<Format>,
    /// The zone of local times.
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
    /// Their words.
    pub const WORDS: [(&str, Self); 2] = [("logged-out", Self::LoggedOut), ("holds", Self::Holds)];
}

/// How something is called in a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Called {
    /// The columns of its name.
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
    /// Where there are any: the properties whose rows are taken, beside those of none.
    pub only: Vec<String>,
}

/// A column that says what happens, or in which state somebody is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The column.
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
