//! Hours in a time zone: zone data, the wall-clock rule (rule S2), and the same compiled into
//! edges.

mod dated;
mod schedule;
pub mod wall;
mod week;
mod zone;

pub use schedule::{LastAnswer, Schedule, WEEK_MS, into_week_ms};
pub use week::WeekEdge;
pub use zone::{Local, OffsetSpan, ReferenceClock, UnknownZone, Zone, ZoneDataError, Zones};
