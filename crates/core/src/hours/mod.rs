//! Hours in a time zone: zone data, the wall-clock rule (rule S2), and the same compiled into
//! edges.

mod dated;
mod schedule;
pub mod wall;
mod week;
mod zone;

pub use schedule::{LastAnswer, Schedule, WEEK_MS, into_week_ms};
pub use week::WeekEdge;
pub use zone::{Clock, Local, OffsetSpan, OpenError, UnknownZone, Zone, Zones};
