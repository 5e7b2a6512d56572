//! A process that speaks for a product which target files cannot describe: JSON objects, a line each,
//! on its standard input and output, paired by `id` (rules T50, T53 of target files).
//!
//! ```text
//! Driver ─▶ Adapter::call(request) ─▶ stdin ─▶ the process ─▶ the product
//!              ▲                                 │
//!              └── answers by `id`, pushes ◀─ stdout;  stderr is its log
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `error` | why an adapter cannot be used, or no more |
//! | `request` | what it can be asked to do, as a line |
//! | `message` | what it says, taken apart |
//! | `monotonic` | its times, by this machine's clock that never jumps |
//! | `lines` | lines of a bounded length, out of a pipe |
//! | `dispatcher` | who waits for what it says |
//! | `process` | the process from its start to its end |

mod dispatcher;
mod error;
mod lines;
mod message;
mod monotonic;
mod process;
mod request;

pub use dispatcher::Push;
pub use error::AdapterError;
pub use message::{ROWS, Reply, TimedReply};
pub use process::{Adapter, Command, Log};
pub use request::{AdapterCall, AdapterRequest};
