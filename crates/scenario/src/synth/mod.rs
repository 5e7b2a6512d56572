//! Synthetic worlds and working days that look like life, for traces, load tests and benches.
//!
//! ```text
//! Knobs ─▶ Population ─┬─ properties ─▶ write_world ─▶ world.scenario
//!                      └─ events ─────▶ write_trace ─▶ trace.csv
//! ```
//!
//! Everything is drawn from one seed by integer arithmetic: the same knobs give the same bytes, on
//! every machine. Nothing here reads a clock or a file.
//!
//! | file | what it does |
//! | --- | --- |
//! | `knobs` | what can be asked for: names, ranges and defaults |
//! | `random`, `chacha` | random streams, forked from the seed by a label |
//! | `population`, `workplace` | who works where and how; when a property works |
//! | `zones`, `clock` | where businesses are; from the wall clock to instants, fast |
//! | `content`, `names` | what is set on widgets; names that look like life |
//! | `day`, `shift` | what an agent does on one working day, and when |
//! | `sessions`, `connections` | where an agent is logged in; connections that are lost and come back |
//! | `events`, `packed` | what all agents do, in the order of time |
//! | `world`, `trace` | the population as a scenario, its events as a trace |
//! | `in_turn` | pages of both, filled by several threads and taken in their order |

mod chacha;
mod clock;
mod connections;
mod content;
mod day;
mod events;
mod in_turn;
mod knobs;
pub mod names;
mod packed;
mod population;
pub mod random;
mod sessions;
mod shift;
mod trace;
mod workplace;
mod world;
mod zones;

pub use events::TraceEvents;
pub use knobs::{AGENTS_MAX, GRACE_END, Knob, KnobError, Knobs, START_YEARS};
pub use packed::TraceEvent;
pub use population::{Agent, Population, PopulationError, Property, ShiftPart};
pub use trace::{write_trace, write_trace_by};
pub use workplace::{Trade, Workplace};
pub use world::{FORMAT, write_world, write_world_by};
pub use zones::{MARKETS, Market};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
