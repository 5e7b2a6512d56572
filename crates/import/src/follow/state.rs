//! What is known of a device.

use lamplighter_core::model::Chosen;

/// What is known of a device at an instant.
#[derive(Clone, Default, Debug)]
pub struct State {
    /// The status that the device has; `None` while it is logged out.
    pub status: Option<Chosen>,
    /// Whether its connection was lost, and nothing was heard of it since.
    pub is_lost: bool,
    /// The intervals that go on, in the order in which they began.
    pub going: Vec<Going>,
    /// The row that logs it out, as long as the next interval may take it back, and its status before.
    pub leaving: Option<(u64, Option<Chosen>)>,
}

/// An interval that goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Going {
    /// The place in the log of the row that began it: its end is of the same row.
    pub place: u64,
    /// The status in it; `None` for one of being logged out.
    pub status: Option<Chosen>,
    /// Whether nothing says when it ends.
    pub is_open: bool,
}
