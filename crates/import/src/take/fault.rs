//! What could not be taken: counted by kind, with the first of each in full.

use std::collections::BTreeMap;

use crate::log::Shown;

/// What is wrong with a row, by kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FaultKind {
    /// A line is no JSON.
    NoJson,
    /// A value of JSON has no rows where they should be.
    NoRows,
    /// A quote is not closed: each line that it takes in counts as a row.
    Quote,
    /// A row has too few fields.
    Missing,
    /// A row is not UTF-8.
    NotUtf8,
    /// A word means nothing in the mapping.
    Word,
    /// A text is no time.
    Time,
    /// A text is no length of time.
    Duration,
    /// An interval ends before it begins.
    Backwards,
    /// Nobody is named, or by what cannot be a name.
    Agent,
    /// A device is called what cannot be a name.
    Device,
    /// A property is called what cannot be a name.
    Property,
}

/// The first row of a kind that could not be taken, and how many there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The kind under which rows with this fault are counted.
    pub kind: FaultKind,
    /// How many rows have a fault of this kind, the one shown included.
    pub count: u64,
    /// The line of the first of them, with what is underlined in it.
    pub shown: Shown,
    /// What is wrong with that first row, in one sentence.
    pub message: String,
    /// What was expected at the underlined characters.
    pub label: String,
    /// What to change in the log, the mapping or the options; `None` where there is no advice.
    pub help: Option<String>,
    /// What to say in place of the message and the advice where no text of the log may be shown; `None` where
    /// they have none.
    pub hidden: Option<Hidden>,
}

/// What to say of a fault where no text of the log may be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hidden {
    /// What is wrong, in one sentence.
    pub message: &'static str,
    /// What to change; `None` where there is no advice.
    pub help: Option<String>,
}

/// Rows of a kind that one taker could not take.
#[derive(Default)]
pub struct CountedFault {
    /// How many there are.
    pub count: u64,
    /// The first of them, where it is the first of its kind that the taker met.
    pub first: Option<(Shown, Told)>,
}

/// What could not be taken so far.
#[derive(Clone, Default, Debug)]
pub struct Faults {
    kinds: BTreeMap<FaultKind, Fault>,
}

/// What is wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// What is wrong with the row, in one sentence.
    pub message: String,
    /// What was expected at the underlined characters, written beside them.
    pub label: String,
    /// What to change so that such rows can be taken; `None` where there is no advice.
    pub help: Option<String>,
    /// What to say instead where no text of the log may be shown, if that has any.
    pub hidden: Option<Hidden>,
}

impl Told {
    /// Without what to do.
    pub fn new(message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { message: message.into(), label: label.into(), help: None, hidden: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to say in place of a message, and of advice, that has text of the log.
    #[must_use]
    pub fn hidden(mut self, message: &'static str, help: Option<String>) -> Self {
        self.hidden = Some(Hidden { message, help });
        self
    }
}

impl Faults {
    /// Adds rows of a kind behind those that were added before.
    ///
    /// # Panics
    /// When they are the first of their kind, and the first of them is not shown.
    pub fn add_counted(&mut self, kind: FaultKind, fault: CountedFault) {
        let CountedFault { count, first } = fault;
        if let Some(fault) = self.kinds.get_mut(&kind) {
            fault.count += count;
            return;
        }
        let first = first.expect("whoever takes the first row of a kind has taken none before");
        let (shown, Told { message, label, help, hidden }) = first;
        self.kinds.insert(kind, Fault { kind, count, shown, message, label, help, hidden });
    }

    /// How many rows have a fault, of all kinds together.
    pub fn count(&self) -> u64 {
        self.kinds.values().map(|fault| fault.count).sum()
    }

    /// The faults by kind, with the first row of each.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.kinds.values()
    }
}
