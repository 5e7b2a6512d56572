//! What chats of a property came to, each figure with how far it may lie from the truth.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::PropertyId;

/// A mean of several repetitions, and how far the true value may lie from it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The mean of the repetitions.
    pub mean: f64,
    /// Half the width of the interval that holds the true value in 95 of 100 cases; `None` of a single
    /// repetition.
    pub plus_minus: Option<f64>,
}

/// What chats of a property came to.
#[derive(Clone, Debug)]
pub struct StaffingFigures {
    /// The property whose members answer them.
    pub property: PropertyId,
    /// The zone in which its hours are told: that of its first widget.
    pub zone: Arc<Zone>,
    /// How many chats were started, in a repetition on average.
    pub chats: Estimate,
    /// How long those waited that were answered, in milliseconds: the mean, and what half and nine of
    /// ten of them waited at most; `None` where none was answered.
    pub waits: Option<Waits>,
    /// The share of all chats that were answered within the time that was asked for.
    pub answered_within: Option<Estimate>,
    /// How many chats nobody answered.
    pub missed: Estimate,
    /// The share of the room of the members who were there that chats took.
    pub occupancy: Option<Estimate>,
    /// Each hour of the week, from Monday 00:00, over all repetitions.
    pub hours: Vec<StaffingHour>,
}

/// How long chats waited, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Waits {
    /// The mean wait, in milliseconds.
    pub mean: Estimate,
    /// What half of them waited at most.
    pub p50: Estimate,
    /// What nine of ten waited at most.
    pub p90: Estimate,
}

/// What chats of an hour of the week came to, all weeks of a repetition together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StaffingHour {
    /// How many chats were started, in a repetition on average.
    pub chats: Estimate,
    /// The share of them that were answered in time; `None` of none.
    pub answered_within: Option<Estimate>,
    /// How many of them nobody answered, in a repetition on average.
    pub missed: Estimate,
    /// How long those waited that were answered, in milliseconds on average; `None` of none.
    pub wait_ms: Option<Estimate>,
    /// The share of the members' room that chats took; `None` where nobody was there.
    pub occupancy: Option<Estimate>,
    /// How many members were there on average while the property was open, away ones only where they
    /// answer.
    pub members: Option<f64>,
    /// The smallest number of members that would have answered as many in time as was asked for;
    /// `None` where nobody came, or nobody asked.
    pub needed: Option<u32>,
}
