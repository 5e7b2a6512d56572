//! Scenarios against a running service, through its HTTP API alone; and what else calls that API takes
//! its documents from here.
//!
//! ```text
//! files ─▶ schedule ─┬─▶ scenario::Stepper ─▶ World                  what the rules say
//!                    └─▶ observer ─▶ deployment ─▶ client, sockets ─▶ the service
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `schedule` | many files over the one clock of a service, the earliest always next |
//! | `service` | the service that they are played on, its clock and what holds for all of it |
//! | `deployment` | one file there: its names, its devices, its steps as calls |
//! | `observer`, `observation` | what the service shows meanwhile, held against the rules |
//! | `adapter` | a process that speaks for a product which no file can describe |
//! | `file` | target files: how to speak to a service that nobody here knows, as data |
//! | `driver`, `trial`, `play` | follows a target file on a service; walks one agent's life through it; plays scenarios |
//! | `wire` | what goes over the wire as JSON, for whoever calls and whoever answers |
//! | `host`, `resolver`, `transport` | where the service is, and the way there, by TLS or without |
//! | `client`, `socket`, `websocket` | calls, devices' sockets, and how a WebSocket is opened |
//! | `error` | why it cannot go on, and what to do |

#[cfg(all(feature = "client", feature = "file"))]
mod adapter;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod deployment;
#[cfg(all(feature = "client", feature = "file"))]
pub mod driver;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "client")]
mod host;
#[cfg(feature = "client")]
mod observation;
#[cfg(feature = "client")]
mod observer;
#[cfg(all(feature = "client", feature = "file"))]
pub mod play;
#[cfg(feature = "client")]
mod resolver;
#[cfg(feature = "client")]
mod schedule;
#[cfg(feature = "client")]
mod service;
#[cfg(feature = "client")]
mod socket;
#[cfg(feature = "client")]
mod transport;
#[cfg(all(feature = "client", feature = "file"))]
pub mod trial;
#[cfg(feature = "client")]
pub mod websocket;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{Caller, HttpClient, Method, Response};
#[cfg(feature = "client")]
pub use error::{HostError, LeftOut};
#[cfg(feature = "client")]
pub use host::{Host, Trust};
#[cfg(feature = "client")]
pub use schedule::{ScenarioInput, play};
#[cfg(feature = "client")]
pub use transport::Transport;
