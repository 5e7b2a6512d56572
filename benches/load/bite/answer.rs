//! The answers that faults are made of, with their fields in the order in which the service has them.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// What a widget shows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Widget {
    pub widget: String,
    pub status: String,
    pub chat: bool,
    pub shown: bool,
    pub hidden_because: Option<String>,
    pub greeting: String,
    pub form: String,
    pub next_change: Option<String>,
    pub version: u64,
}

impl Widget {
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
pub struct LoggedIn {
    pub token: String,
    pub agent: String,
    pub device: String,
    pub version: BTreeMap<String, u64>,
}

/// What a change of a status says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Device {
    pub agent: String,
    pub device: String,
    pub status: String,
    pub version: BTreeMap<String, u64>,
}

/// What every write says.
#[derive(Deserialize)]
pub struct Written {
    pub version: BTreeMap<String, u64>,
}

/// What a change of a status asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PutStatus {
    pub status: String,
    #[serde(default)]
    pub everywhere: bool,
}

/// What a logout asks for.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Logout {
    pub everywhere: bool,
}

/// A team-mate.
#[derive(Serialize, Deserialize)]
pub struct Member {
    pub agent: String,
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
