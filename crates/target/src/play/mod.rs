//! Scenarios on a target that a file describes: the engine plays them, everything that happens is done
//! on the target, too, and what it shows is held against what is expected, clause by clause.
//!
//! ```text
//! files ─▶ rehearsal ─▶ schedule ─┬─▶ scenario::Stepper ─▶ World      what the rules say
//!           │    │                └─▶ observer ─▶ part ─▶ Driver ─▶ the target
//!           │    └─ reach: what of it can be tested at all
//!           └─ which time is kept in full
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `left_out` | why a scenario was not played |
//! | `reach`, `rules` | what of a scenario the target can be asked, and follows the same rules in |
//! | `spans`, `rehearsal` | time that is kept in full; a scenario before it is played on the target |
//! | `part` | one scenario there: its accounts, properties, devices, its steps as calls |
//! | `clock` | how time goes on there |
//! | `observer` | what the target shows, beside the engine |
//! | `schedule` | many scenarios, over one clock or side by side |

mod clock;
mod left_out;
mod observer;
mod part;
mod reach;
mod rehearsal;
mod rules;
mod schedule;
mod spans;

pub use clock::PlayClock;
pub use left_out::LeftOut;
pub use schedule::{Played, Playing, ScenarioInput, play};
