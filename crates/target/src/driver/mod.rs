//! Follows a target file over HTTP/1.1: makes agents, properties and widgets, logs devices in, holds
//! them, reads what team-mates and visitors see, and clears up. Every call has a time-out, every body
//! a limit, every secret is masked before anybody is shown anything.
//!
//! ```text
//! TargetFile ─▶ Driver ─ perform(section, context) ─▶ calls ─▶ client (pool) ─▶ connection ─▶ the service
//!                 │                                     │
//!                 │                                     └─▶ ExchangeListener: every exchange, masked
//!                 └─ create, device (hold, socket), read, push, clock, cleanup
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `error` | why a run cannot go on |
//! | `endpoint`, `counted_stream`, `connection`, `pool` | where the service is; bytes, connections, those that wait |
//! | `client` | what sends the calls: a pool of ours, or a client that counts them |
//! | `rate_limit` | how fast the service may be called |
//! | `shared_names`, `session` | names that were kept; cookies, counters and connections of one caller |
//! | `generated_names`, `row_pool`, `given` | names and passwords of a run; what is lent; settings as templates are given them |
//! | `exchange`, `call`, `perform` | what is told of a call; one call; a list of them |
//! | `privileged` | the admin and the observer, who log in by themselves |
//! | `shared` | the whole: file, endpoint, callers |
//! | `by_adapter` | what an adapter does in place of steps |
//! | `objects`, `create`, `cleanup` | agents, properties, members, widgets; how they are made, and deleted |
//! | `hours` | their schedulers |
//! | `device`, `device_actions`, `hold`, `hold_tracker`, `renewal`, `socket` | one device, what it does, what keeps it connected, how far that has come, and sessions that end after a time |
//! | `read`, `push` | what team-mates and visitors see, asked for or told |
//! | `prepared_request`, `sse` | visitors' calls that are the same each time, for others to send; event streams |
//! | `clock`, `timestamp` | a clock that can be put or asked; the file of one under libfaketime |

mod by_adapter;
mod call;
mod cleanup;
mod client;
mod clock;
mod connection;
mod counted_stream;
mod create;
mod device;
mod device_actions;
mod endpoint;
mod error;
mod exchange;
mod generated_names;
mod given;
mod hold;
mod hold_tracker;
mod hours;
mod objects;
mod perform;
mod pool;
mod prepared_request;
mod privileged;
mod push;
mod rate_limit;
mod read;
mod renewal;
mod row_pool;
mod session;
mod shared;
mod shared_names;
mod socket;
mod sse;
mod timestamp;

pub use crate::timestamp::Timestamp;
pub use cleanup::{DeleteError, Leftovers};
pub use client::{ClientResponse, HttpClient, ResponseFuture};
pub use connection::RawAnswer;
pub use device::{Device, SessionEnd, WriteOutcome};
pub use endpoint::{Endpoint, EndpointError};
pub use error::RunError;
pub use exchange::{Exchange, ExchangeListener, ExchangeResult, MaskedResponse};
pub use hold_tracker::{ConnectFailure, HoldEvent, HoldListener};
pub use objects::{Agent, CreatedObjects, Member, Property, Widget};
pub use perform::StepsResult;
pub use pool::{Limits, Pool};
pub use prepared_request::{PreparedRequest, WidgetReading};
pub use push::{PushEvent, PushStream};
pub use read::{ReadError, ReadOptions, ReadResult};
pub use shared::{Driver, DriverOptions};
pub use sse::SseParser;
pub use timestamp::{ClockError, timestamp, write_timestamp};
