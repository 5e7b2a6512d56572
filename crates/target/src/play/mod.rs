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
//! | `reach`, `rules` | what of a scenario the target can be asked; which of it is another by the target's rules |
//! | `spans`, `rehearsal` | time that is kept in full; a scenario before it is played on the target |
//! | `course`, `moving` | when everything comes on a real clock, and schedulers that are moved there |
//! | `part` | one scenario there: its accounts, properties, devices, its steps as calls |
//! | `setting` | what is set on its widgets, hours among it |
//! | `clock` | how time goes on there |
//! | `looks` | what is seen though nothing is expected of it |
//! | `observer` | what the target shows, beside the engine |
//! | `playing`, `quiet` | how they are played; that each begins with nobody there |
//! | `running` | one scenario on its way |
//! | `schedule` | many scenarios, over one clock or side by side |

mod clock;
mod course;
mod left_out;
mod looks;
mod moving;
mod observer;
mod part;
mod playing;
mod quiet;
mod reach;
mod rehearsal;
mod rules;
mod running;
mod schedule;
mod setting;
mod spans;

pub use clock::PlayClock;
pub use left_out::SkipReason;
pub use playing::PlaySettings;
pub(crate) use rehearsal::own_grace;
pub(crate) use schedule::AT_ONCE_MAX;
pub use schedule::{MadeWhen, PlayResult, ScenarioInput, Take, play, play_within, within_run};
