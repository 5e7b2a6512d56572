//! Scenarios against a running service, through its HTTP API alone; and what else calls that API takes
//! its documents from here.
//!
//! ```text
//! files ─▶ tour ─┬─▶ scenario::Guided ─▶ World      what the rules say
//!                └─▶ stage ─▶ client, sockets ─▶ the service
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `tour` | many files over the one clock of a service, the earliest always next |
//! | `stage` | one file: its names there, its devices, its steps as calls |
//! | `look` | what the service says of a widget or an agent, held against the rules |
//! | `file` | target files: how to speak to a service that nobody here knows, as data |
//! | `wire` | what goes over the wire as JSON, for whoever calls and whoever answers |
//! | `host`, `stream` | where the service is, and the way there, by TLS or without |
//! | `client`, `socket`, `websocket` | calls, devices' sockets, and how a WebSocket is opened |
//! | `error` | why it cannot go on, and what to do |

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "client")]
mod host;
#[cfg(feature = "client")]
mod look;
#[cfg(feature = "client")]
mod socket;
#[cfg(feature = "client")]
mod stage;
#[cfg(feature = "client")]
mod stream;
#[cfg(feature = "client")]
mod tour;
#[cfg(feature = "client")]
pub mod websocket;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{Answer, Caller, Calls, Method};
#[cfg(feature = "client")]
pub use error::{HostError, LeftOut};
#[cfg(feature = "client")]
pub use host::{Host, Trust};
#[cfg(feature = "client")]
pub use stream::Stream;
#[cfg(feature = "client")]
pub use tour::{Piece, play};
