//! Synthetic worlds and working days that look like life, for traces, load tests and benches.
//!
//! ```text
//! Knobs ─▶ Population ─┬─ properties ─▶ write_world ─▶ world.scenario
//!                      └─ events ─────▶ write_trace ─▶ trace.csv
//! ```
//!
//! Everything is drawn from one seed by integer arithmetic: the same knobs give the same bytes, on
//! every machine. Nothing here reads a clock or a file.

mod clock;
mod connections;
mod content;
mod day;
mod events;
mod knobs;
pub mod names;
mod population;
pub mod random;
mod sessions;
mod shift;
mod trace;
mod workplace;
mod world;
mod zones;

pub use events::{TraceEvent, TraceEvents};
pub use knobs::{AGENTS_MAX, GRACE_END, Knob, KnobError, Knobs, START_YEARS};
pub use population::{Agent, Population, PopulationError, Property, ShiftPart};
pub use trace::write_trace;
pub use workplace::{Trade, Workplace};
pub use world::{FORMAT, write_settings, write_world};
pub use zones::{MARKETS, Market};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
