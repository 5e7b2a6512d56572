//! The answers that faults are made of, with their fields in the order in which the service has them.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// What a widget shows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WidgetBody {
    /// Its full name.
    pub widget: String,
    /// `online`, `away` or `offline`.
    pub status: String,
    /// Whether a chat can start.
    pub chat: bool,
    /// Whether this visitor sees it.
    pub shown: bool,
    /// What hides it, if anything.
    pub hidden_because: Option<String>,
    /// The greeting that goes with the status.
    pub greeting: String,
    /// The form that goes with it.
    pub form: String,
    /// When it will next change by the clock alone, RFC 3339.
    pub next_change: Option<String>,
    /// The version of its property that the answer knew.
    pub version: u64,
}

impl WidgetBody {
    /// The property that it belongs to.
    pub fn property(&self) -> &str {
        property(&self.widget)
    }

    /// When it will next change by the clock, in milliseconds since 1970.
    pub fn next_change_ms(&self) -> Option<i64> {
        let instant = self.next_change.as_deref()?.parse::<Instant>();
        instant.ok().map(|instant| instant.as_millis())
    }
}

/// The property of a widget's full name.
pub fn property(widget: &str) -> &str {
    widget.split_once('/').map_or(widget, |(property, _)| property)
}

/// What a login says.
#[derive(Deserialize)]
pub struct LoginBody {
    /// The token of the device's further calls.
    pub token: String,
    /// Who has logged in.
    pub agent: String,
    /// On which device.
    pub device: String,
    /// By property the version at which that took effect.
    pub version: BTreeMap<String, u64>,
}

/// What a change of a status says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeviceBody {
    /// Whose device it is.
    pub agent: String,
    /// What it is called.
    pub device: String,
    /// What it is now.
    pub status: String,
    /// By property the version at which that took effect.
    pub version: BTreeMap<String, u64>,
}

/// What every write says.
#[derive(Serialize, Deserialize)]
pub struct WriteBody {
    /// By property the version at which it took effect.
    pub version: BTreeMap<String, u64>,
}

/// What a change of a status asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StatusBody {
    /// The status that is chosen.
    pub status: String,
}

/// A team-mate.
#[derive(Serialize, Deserialize)]
pub struct MemberBody {
    /// Who it is.
    pub agent: String,
    /// What team-mates see.
    pub status: String,
}

/// What a body says, if it says such a thing.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// The body that says it.
pub fn write<T: Serialize>(said: &T) -> Bytes {
    serde_json::to_vec(said).expect("plain structs are JSON").into()
}
