//! What chats of a property came to.

use serde::Serialize;

use crate::figures::{Estimate, StaffingFigures, StaffingHour};
use lamplighter_scenario::language::Roster;

/// A mean, and how far the true value may lie from it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct EstimateTold {
    /// The mean of the repetitions.
    mean: f64,
    /// Half the width of the interval that holds the true value in 95 of 100 cases; null of one repetition.
    plus_minus: Option<f64>,
}

/// What chats of a property came to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffingTold<'a> {
    /// The property whose members answer.
    property: &'a str,
    /// The zone in which its hours are told.
    timezone: &'a str,
    /// How many chats were started.
    chats: EstimateTold,
    /// How long those waited who were answered, on average; null where nobody was.
    wait_mean_ms: Option<EstimateTold>,
    /// How long half of them waited at most.
    wait_p50_ms: Option<EstimateTold>,
    /// How long nine of ten of them waited at most.
    wait_p90_ms: Option<EstimateTold>,
    /// The share answered in time; null of none.
    answered_within: Option<EstimateTold>,
    /// How many chats nobody answered.
    missed: EstimateTold,
    /// The share of the members' room that chats took.
    occupancy: Option<EstimateTold>,
    /// The hours of the week from Monday 00:00.
    #[cfg_attr(feature = "schema", schemars(length(equal = 168)))]
    hours: Vec<StaffingHourTold>,
}

/// What chats of an hour of the week came to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StaffingHourTold {
    /// How many chats were started.
    chats: EstimateTold,
    /// The share answered in time; null of none.
    answered_within: Option<EstimateTold>,
    /// How many chats nobody answered.
    missed: EstimateTold,
    /// The mean wait of those who were answered.
    wait_ms: Option<EstimateTold>,
    /// The share of the members' room that chats took.
    occupancy: Option<EstimateTold>,
    /// Members there on average while open.
    members: Option<f64>,
    /// The smallest number of members that reaches the service level; null where nobody came, or nobody asked.
    members_needed: Option<u32>,
}

impl From<Estimate> for EstimateTold {
    fn from(Estimate { mean, plus_minus }: Estimate) -> Self {
        Self { mean, plus_minus }
    }
}

impl<'a> StaffingTold<'a> {
    pub fn of(of: &'a StaffingFigures, roster: &'a Roster) -> Self {
        Self {
            property: roster.properties.name(of.property),
            timezone: of.zone.name(),
            chats: of.chats.into(),
            wait_mean_ms: of.waits.map(|waits| waits.mean.into()),
            wait_p50_ms: of.waits.map(|waits| waits.p50.into()),
            wait_p90_ms: of.waits.map(|waits| waits.p90.into()),
            answered_within: of.answered_within.map(EstimateTold::from),
            missed: of.missed.into(),
            occupancy: of.occupancy.map(EstimateTold::from),
            hours: of.hours.iter().map(StaffingHourTold::of).collect(),
        }
    }
}

impl StaffingHourTold {
    fn of(hour: &StaffingHour) -> Self {
        let &StaffingHour { chats, answered_within, missed, wait_ms, occupancy, members, needed } =
            hour;
        Self {
            chats: chats.into(),
            answered_within: answered_within.map(EstimateTold::from),
            missed: missed.into(),
            wait_ms: wait_ms.map(EstimateTold::from),
            occupancy: occupancy.map(EstimateTold::from),
            members,
            members_needed: needed,
        }
    }
}
