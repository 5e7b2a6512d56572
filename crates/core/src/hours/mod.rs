//! Hours in a time zone: zone data, the wall-clock rule (rule S2), and the same compiled into
//! edges.
//!
//! | file | what it does |
//! | --- | --- |
//! | `zone` | offsets from UTC, and which instants a reading stands for |
//! | `database` | releases of the zone database, and zones by their names |
//! | `zone_names` | what people write for a zone elsewhere |
//! | `named` | which dates an entry names (rule S7) |
//! | `wall` | the wall-clock rule, word by word |
//! | `week` | a week as edges on a circle |
//! | `day`, `lookup` | what starts on a day, and days found by their dates |
//! | `dated`, `far_edge` | hours with dated entries, cuts or weeks that take turns; an edge far ahead, kept |
//! | `matter` | when anything but the weekdays can matter |
//! | `settled` | when hours never open or close again |
//! | `schedule` | all of it in a zone: an instant looked up, the next edge found |

mod database;
mod dated;
mod day;
mod far_edge;
mod lookup;
mod matter;
mod named;
mod schedule;
mod settled;
pub mod wall;
mod week;
mod zone;
pub mod zone_names;

pub use database::{UnknownZone, ZoneDataError, Zones};
pub use named::names;
pub use schedule::{LastAnswer, Schedule, WEEK_MS, into_week_ms};
pub use week::WeekEdge;
pub use zone::{Local, OffsetSpan, ReferenceClock, Zone};
