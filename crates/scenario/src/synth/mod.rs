//! Synthetic worlds and working days that look like life, for traces, load tests and benches.
//!
//! ```text
//! Knobs ─▶ Plan ─┬─ properties ─▶ write_world ─▶ world.scenario
//!                └─ events ─────▶ write_trace ─▶ trace.csv
//! ```
//!
//! Everything is drawn from one seed by integer arithmetic: the same knobs give the same bytes, on
//! every machine. Nothing here reads a clock or a file.

mod clock;
mod content;
mod day;
mod desk;
mod events;
mod knobs;
mod lines;
pub mod names;
mod plan;
pub mod random;
mod seats;
mod trace;
mod world;
mod zones;

pub use desk::{Desk, Trade};
pub use events::{Event, Events};
pub use knobs::{AGENTS_MAX, GRACE_END, Knob, KnobError, Knobs, START_YEARS};
pub use plan::{Agent, Part, Plan, PlanError, Property};
pub use trace::write_trace;
pub use world::{FORMAT, write_settings, write_world};
pub use zones::{PLACES, Place};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
