//! A row of a trace to be, as following a log brings it forth.

use lamplighter_core::model::{Action, Chosen, Instant};

/// A row of a trace to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The instant at which it happened.
    pub at: Instant,
    /// The number of the device in [`Taken::devices`](crate::take::Taken::devices), which also says
    /// whose it is.
    pub device: u32,
    /// What happened, in the words of a trace.
    pub action: Action,
    /// The device's status from then on; `None` when it is logged out.
    pub status: Option<Chosen>,
}
