//! Follows a target file over HTTP/1.1: makes agents, properties and widgets, logs devices in, holds
//! them, reads what team-mates and visitors see, and clears up. Every call has a time-out, every body
//! a limit, every secret is masked before anybody is shown anything.
//!
//! ```text
//! TargetFile ─▶ Driver ─ perform(section, turn) ─▶ calls ─▶ pool ─▶ connection ─▶ wire ─▶ the service
//!                 │                                  │
//!                 │                                  └─▶ Listener: every exchange, masked
//!                 └─ making, device (hold, socket), reading, push, clock, clean
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `error` | why a run cannot go on |
//! | `site`, `wire`, `connection`, `pool` | where the service is; bytes, connections, those that wait |
//! | `carrier` | who carries calls: a pool of ours, or somebody who counts them |
//! | `pace` | how fast the service may be called |
//! | `place`, `session` | names that were kept; cookies, counters and connections of one caller |
//! | `made`, `stock`, `given` | names and passwords of a run; what is lent; settings as templates are given them |
//! | `exchange`, `calling`, `perform` | what is told of a call; one call; a list of them |
//! | `officials` | the admin and the observer, who log in by themselves |
//! | `shared` | the whole: file, site, callers |
//! | `by_adapter` | what an adapter does in place of steps |
//! | `standing`, `making`, `clearing` | agents, properties, members, widgets; how they are made, and deleted |
//! | `hours` | their schedulers |
//! | `device`, `life`, `hold`, `holding`, `socket` | one device, what it does, what keeps it connected, and how far that has come |
//! | `reading`, `push` | what team-mates and visitors see, asked for or told |
//! | `prepared`, `sse` | visitors' calls that are the same each time, for others to send; event streams |
//! | `clock`, `timestamp` | a clock that can be put or asked; the file of one under libfaketime |

mod by_adapter;
mod calling;
mod carrier;
mod clearing;
mod clock;
mod connection;
mod device;
mod error;
mod exchange;
mod given;
mod hold;
mod holding;
mod hours;
mod life;
mod made;
mod making;
mod officials;
mod pace;
mod perform;
mod place;
mod pool;
mod prepared;
mod push;
mod reading;
mod session;
mod shared;
mod site;
mod socket;
mod sse;
mod standing;
mod stock;
mod timestamp;
mod wire;

pub use crate::stamp::Stamp;
pub use carrier::{ClientResponse, HttpClient, ResponseFuture};
pub use clearing::{DeleteError, Leftovers};
pub use connection::RawAnswer;
pub use device::{Device, SessionEnd, WriteOutcome};
pub use error::RunError;
pub use exchange::{Exchange, ExchangeListener, ExchangeResult, MaskedResponse};
pub use holding::{ConnectFailure, HoldEvent, HoldListener};
pub use perform::StepsResult;
pub use pool::{Limits, Pool};
pub use prepared::{PreparedRequest, WidgetReading};
pub use push::{PushEvent, PushStream};
pub use reading::{ReadError, ReadOptions, ReadResult};
pub use shared::{Driver, DriverOptions};
pub use site::{Site, SiteError};
pub use sse::SseParser;
pub use standing::{Agent, CreatedObjects, Member, Property, Widget};
pub use timestamp::{ClockError, timestamp, write_timestamp};
