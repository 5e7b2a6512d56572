//! A service from outside: how to speak to it, as a target file says or an adapter does; scenarios on it.
//!
//! ```text
//! files ─▶ play ─┬─▶ scenario::Stepper ─▶ World             what the rules say
//!                └─▶ driver ─▶ HTTP, sockets, adapter ─▶ the service
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `adapter` | a process that speaks for a product which no file can describe |
//! | `file` | target files: how to speak to a service that nobody here knows, as data |
//! | `driver`, `trial`, `play` | follows a target file on a service; tries all of it with one agent; plays scenarios |
//! | `simulate` | random worlds on a service, and what is wrong made small there |
//! | `wire` | what goes over the wire of the reference service as JSON, for whoever calls and whoever answers |
//! | `host`, `transport` | where a service is, and the way there, by TLS or without |
//! | `websocket` | how a WebSocket is opened |
//! | `error`, `timestamp` | why a service cannot be called; when something went out or came back |

#[cfg(feature = "client")]
mod error;
#[cfg(all(feature = "client", feature = "file"))]
mod timestamp;
#[cfg(feature = "client")]
mod transport;
pub mod wire;

#[cfg(feature = "file")]
pub mod file;
#[cfg(feature = "client")]
mod host;

#[cfg(all(feature = "client", feature = "file"))]
mod adapter;
#[cfg(feature = "client")]
pub mod websocket;

#[cfg(all(feature = "client", feature = "file"))]
pub mod driver;

#[cfg(all(feature = "client", feature = "file"))]
pub mod play;
#[cfg(all(feature = "client", feature = "file"))]
pub mod trial;

#[cfg(all(feature = "client", feature = "file"))]
pub mod simulate;

#[cfg(feature = "client")]
pub use error::HostError;
#[cfg(feature = "client")]
pub use host::{Host, Trust};
#[cfg(feature = "client")]
pub use transport::Transport;
