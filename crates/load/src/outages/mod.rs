//! Outages: times in which the target gave no right answer although it was asked, so that what failed
//! is blamed on who failed.
//!
//! An outage lasts from the last right answer before it, of any call of any kind, to the first one
//! behind it. It counts as one where ten calls had to do with it at least: half a second in which they
//! failed, refused, reset, unanswered or answered 5xx; or two in which those that were answered in the
//! end had to wait, and the generator was not late itself.
//!
//! | file | what it does |
//! | --- | --- |
//! | `watch` | finds them while a run goes on |
//! | `after` | what was asked for behind them, and whether it was right |
//! | `failure_side` | which failures are the target's |
//! | `unite` | outages of the parts of a run as those of the whole |

mod after;
mod failure_side;
mod unite;
mod watch;

pub use failure_side::{FailureSide, NO_CONNECTION_FREE, NO_TURN, UNANSWERED_AT_END, failure_side};
pub use unite::unite;
pub use watch::{OutageWatch, SpanOfCall};
