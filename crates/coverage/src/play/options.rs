//! What is asked of a coverage report.

use std::path::PathBuf;
use std::sync::Arc;

use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::language::plan::Alternative;

use crate::arrivals::Curve;
use crate::staffing::StaffingOptions;

/// What a report is asked for: its time, its visitors, its chats.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first instant of the report; `None` for that of the scenario, and none is earlier.
    pub from: Option<Instant>,
    /// The first instant behind the report; `None` for the end of the scenario. Behind that the clock
    /// alone goes on.
    pub to: Option<Instant>,
    /// How long a device may keep a widget lit alone without any event of its own.
    pub ghost_after: Millis,
    /// The visitors who come to the widgets within the report.
    pub visitors: Visitors,
    /// What visitors and chats are drawn from.
    pub seed: u64,
    /// What is asked of chats; `None` for nothing.
    pub staffing: Option<StaffingOptions>,
    /// What would be with other settings.
    pub alternatives: Vec<Alternative>,
    /// How many threads play worlds.
    pub jobs: usize,
}

/// Where the visitors of a report come from.
#[derive(Clone, Debug)]
pub enum Visitors {
    /// Nothing is known of visitors: none come.
    None,
    /// As a file recorded them.
    File(PathBuf),
    /// Drawn along a curve.
    Drawn {
        /// How many come to each widget on a day, on average.
        per_day: f64,
        /// How they spread over the hours of the week.
        curve: Arc<Curve>,
    },
}
