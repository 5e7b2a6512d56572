//! What is kept, and what a start gets back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lamplighter_core::model::Instant;

/// One thing to keep.
#[derive(Clone, Debug)]
pub enum Write {
    /// An account with its hashed password, made or changed.
    Account {
        /// The agent.
        agent: String,
        /// The password's hash, in the PHC format.
        password: String,
    },
    /// A property, made or changed.
    Property {
        /// Its name.
        name: String,
        /// Its document, JSON.
        document: String,
    },
    /// A property that is gone, with its widgets; what visitors left stays.
    PropertyGone(String),
    /// A further widget, made or changed.
    Widget {
        /// Its full name: `property/widget`.
        name: String,
        /// Its document, JSON.
        document: String,
    },
    /// A further widget that is gone.
    WidgetGone(String),
    /// The token of a device; the one before it is void.
    Token {
        /// Whose device.
        agent: String,
        /// Which one.
        device: String,
        /// The token's hash.
        hash: [u8; 32],
    },
    /// Something that happened.
    Journal(JournalRow),
    /// What a visitor left.
    Message(StoredMessage),
    /// Single facts about the service: its settings, its admin key's hash, its clock, its versions.
    Fact(&'static str, String),
    /// The state of all devices behind the journal's last row.
    Snapshot(Snapshot),
}

/// A row of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalRow {
    /// Its number; they count up without a gap.
    pub seq: i64,
    /// The instant at which it happened.
    pub at: Instant,
    /// A word of the trace format; or `settings`, with what was set in the place of the agent.
    pub action: Cow<'static, str>,
    /// The agent to whom it happened.
    pub agent: String,
    /// Where; `None` for all devices.
    pub device: Option<String>,
}

/// What a visitor left (rule C2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredMessage {
    /// Its number; later ones are higher.
    pub id: i64,
    /// The instant at which it was left.
    pub at: Instant,
    /// The property that it reaches.
    pub property: String,
    /// The full name of the widget that it was left on.
    pub widget: String,
    /// The visitor's name.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What the visitor says.
    pub message: String,
}

/// The state of all devices at an instant, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last row of the journal that is in it.
    pub seq: i64,
    /// The instant.
    pub at: Instant,
    /// The devices, CSV.
    pub devices: String,
}

/// Everything that a service begins with.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Agents and the hashes of their passwords, in the order in which they were made.
    pub accounts: Vec<(String, String)>,
    /// Properties and their documents, likewise.
    pub properties: Vec<(String, String)>,
    /// Further widgets by their full names, likewise.
    pub widgets: Vec<(String, String)>,
    /// Agent, device and the hash of the token.
    pub tokens: Vec<(String, String, [u8; 32])>,
    /// Single facts.
    pub facts: BTreeMap<String, String>,
    /// The latest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The journal behind the snapshot.
    pub tail: Vec<JournalRow>,
    /// The highest number of a message so far.
    pub last_message: i64,
}
