//! Hours in a time zone: zone data, the wall-clock rule (rule S2), and the same compiled into
//! edges.

mod schedule;
pub mod wall;
mod zone;

pub use schedule::Schedule;
pub use zone::{Local, OpenError, UnknownZone, Zone, Zones};
