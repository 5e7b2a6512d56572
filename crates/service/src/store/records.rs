//! What is kept, and what a start gets back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lamplighter_core::model::Instant;

/// One thing to keep.
#[derive(Clone, Debug)]
pub enum Write {
    /// An account with its hashed password, made or changed.
    Account {
        /// The name of the agent whose account it is.
        agent: String,
        /// The password's hash, in the PHC format.
        password: String,
    },
    /// An account that is gone, with the tokens of its devices; its name stays, for the journal's sake.
    AccountGone(String),
    /// A property, made or changed.
    Property {
        /// The name of the property, and of its own widget.
        name: String,
        /// Its members and settings as the API has them, JSON.
        document: String,
    },
    /// A property that is gone, with its widgets; what visitors left is a matter of its own.
    PropertyGone(String),
    /// A further widget, made or changed.
    Widget {
        /// The full name of the widget, `property/widget`.
        name: String,
        /// Its settings as the API has them, JSON.
        document: String,
    },
    /// A further widget that is gone.
    WidgetGone(String),
    /// The token of a device; the one before it is void.
    Token {
        /// The name of the agent whose device it is.
        agent: String,
        /// The name of the device, which is the agent's own.
        device: String,
        /// The BLAKE2s-256 hash of the token; the token itself is kept nowhere.
        hash: [u8; 32],
    },
    /// A device's token that is void.
    TokenGone {
        /// The name of the agent whose device it is.
        agent: String,
        /// The name of the device.
        device: String,
    },
    /// Something that happened, as a row of the journal.
    Journal(JournalRow),
    /// What a visitor left.
    Message(StoredMessage),
    /// Messages that are deleted, by their numbers.
    MessagesGone(Vec<i64>),
    /// All messages of a property are deleted.
    MessagesOf(String),
    /// Messages from before an instant are deleted, the oldest first, and not too many at once.
    MessagesBefore(Instant),
    /// What was written with an admin key.
    Audit(StoredAudit),
    /// Single facts about the service: its settings, its admin key's hash, its clock, its versions.
    Fact(&'static str, String),
    /// The state of all devices behind the journal's last row.
    Snapshot(Snapshot),
}

impl Write {
    /// Whether somebody wants to be sure that something is no longer on the disk.
    pub fn erases(&self) -> bool {
        matches!(self, Self::MessagesGone(_) | Self::MessagesOf(_))
    }
}

/// A row of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalRow {
    /// The number of the row; they count up without a gap.
    pub seq: i64,
    /// The instant at which it happened.
    pub at: Instant,
    /// A word of the trace format; or `settings`, with what was set in the place of the agent; or `account`.
    pub action: Cow<'static, str>,
    /// The agent to whom it happened.
    pub agent: String,
    /// The device on which it happened; `None` for all of the agent's.
    pub device: Option<String>,
}

/// The name of the fact that says how far the numbers of messages have come, where the last ones are deleted.
pub const LAST_MESSAGE_FACT: &str = "last-message";

impl JournalRow {
    /// The action of a row that says what an admin set for the whole service.
    pub const SETTINGS: &str = "settings";

    /// The action of a row that says that an account begins whose name another one had.
    pub const ACCOUNT: &str = "account";

    /// Whether a row says what an admin did, which no trace has a word for.
    pub fn is_by_admin(&self) -> bool {
        self.action == Self::SETTINGS || self.action == Self::ACCOUNT
    }
}

/// What a visitor left (rule C2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredMessage {
    /// The number of the message; later ones are higher.
    pub id: i64,
    /// The instant at which it was left.
    pub at: Instant,
    /// The property whose members can read it.
    pub property: String,
    /// The full name of the widget that it was left on.
    pub widget: String,
    /// What the visitor is called, as the form was filled in.
    pub name: String,
    /// The address to answer to, as the form was filled in.
    pub email: String,
    /// The text; empty where a pre-chat form had none (rule C3).
    pub message: String,
}

/// Some of the rows that were asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part<T> {
    /// As many of them as were wanted, or all.
    pub rows: Vec<T>,
    /// Whether there are more behind the last of them.
    pub goes_on: bool,
}

/// What was written with an admin key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredAudit {
    /// The number of the write; later ones are higher.
    pub id: i64,
    /// The instant at which it took effect.
    pub at: Instant,
    /// The name of the key.
    pub by: String,
    /// The method of the call.
    pub method: String,
    /// The path of the call, without a query: it may hold what is to be erased.
    pub path: String,
}

/// The state of all devices at an instant, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last row of the journal that is in it.
    pub seq: i64,
    /// The instant at which the devices were in that state.
    pub at: Instant,
    /// A line of CSV for each device: its status, connection and countdowns.
    pub devices: String,
}

/// Everything that a service begins with.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Agents and the hashes of their passwords, in the order in which they were made; one that is gone has an empty
    /// hash.
    pub accounts: Vec<(String, String)>,
    /// Properties and their documents, in the order in which they were made.
    pub properties: Vec<(String, String)>,
    /// Further widgets by their full names, likewise.
    pub widgets: Vec<(String, String)>,
    /// Agent, device and the hash of the token.
    pub tokens: Vec<(String, String, [u8; 32])>,
    /// Facts about the service that are one of a kind, by name, as [`Write::Fact`] keeps them.
    pub facts: BTreeMap<String, String>,
    /// The latest state of all devices, from which a start goes on; `None` before the first.
    pub snapshot: Option<Snapshot>,
    /// The rows of the journal behind the snapshot, which a start plays again.
    pub tail: Vec<JournalRow>,
    /// The highest number of a message so far, be it deleted.
    pub last_message: i64,
    /// The number of the last write with an admin key.
    pub last_audit: i64,
    /// An instant that the service had reached before it ended, no more than some seconds before that.
    pub alive: Option<Instant>,
}
