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
//! | `said` | what it says, taken apart |
//! | `monotonic` | its times, by this machine's clock that never jumps |
//! | `lines` | lines of a bounded length, out of a pipe |
//! | `mailbox` | who waits for what it says |
//! | `process` | the process from its start to its end |

mod error;
mod lines;
mod mailbox;
mod monotonic;
mod process;
mod request;
mod said;

pub use error::AdapterError;
pub use mailbox::Push;
pub use process::{Adapter, Command, Log};
pub use request::{AdapterCall, AdapterRequest};
pub use said::{ROWS, Reply, TimedReply};
