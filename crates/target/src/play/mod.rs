//! Scenarios on a target that a file describes: the engine plays them, everything that happens is done
//! on the target, too, and what it shows is held against what is expected, clause by clause.
//!
//! ```text
//! files ─▶ rehearsal ─▶ schedule ─┬─▶ scenario::Stepper ─▶ World      what the rules say
//!           │    │                └─▶ observer ─▶ on_target ─▶ Driver ─▶ the target
//!           │    └─ testable: what of it can be tested at all
//!           └─ which time is kept in full
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `skip` | why a scenario was not played |
//! | `testable`, `rules` | what of a scenario the target can be asked; which of it is another by the target's rules |
//! | `real_time_spans`, `rehearsal` | time that is kept in full; a scenario before it is played on the target |
//! | `real_time`, `scheduler_shift` | when everything comes on a real clock, and schedulers that are moved there |
//! | `on_target` | one scenario there: its accounts, properties, devices, its steps as calls |
//! | `unknown_writes` | writes of which nobody knows whether they have happened, and what hangs on them |
//! | `widget_settings` | what is set on its widgets, hours among it |
//! | `clock` | how time goes on there |
//! | `implicit_checks` | what is seen though nothing is expected of it |
//! | `observer` | what the target shows, beside the engine |
//! | `settings`, `quiescence` | how they are played; that each begins with nobody there |
//! | `running` | one scenario on its way |
//! | `schedule` | many scenarios, over one clock or side by side |

mod clock;
mod implicit_checks;
mod observer;
mod on_target;
mod quiescence;
mod real_time;
mod real_time_spans;
mod rehearsal;
mod rules;
mod running;
mod schedule;
mod scheduler_shift;
mod settings;
mod skip;
mod testable;
mod unknown_writes;
mod widget_settings;

pub use clock::PlayClock;
pub(crate) use rehearsal::own_grace;
pub(crate) use schedule::AT_ONCE_MAX;
pub use schedule::{MadeWhen, PlayResult, ScenarioInput, Take, play, play_within, within_run};
pub use settings::PlaySettings;
pub use skip::SkipReason;
