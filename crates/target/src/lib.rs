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
//! | `document` | settings as the API takes them |
//! | `host`, `stream` | where the service is, and the way there, by TLS or without |
//! | `client`, `socket` | calls and WebSockets |
//! | `error` | why it cannot go on, and what to do |

mod client;
mod document;
mod error;
mod host;
mod look;
mod socket;
mod stage;
mod stream;
mod tour;

pub use client::{Answer, Caller, Calls, Method};
pub use document::{of_settings, of_timing, of_visitor};
pub use error::{HostError, LeftOut};
pub use host::{Host, Trust};
pub use stream::Stream;
pub use tour::{Piece, play};
