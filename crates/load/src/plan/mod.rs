//! The plan of a run: the properties, who works there, what every agent does and every visitor asks,
//! and when. Plain data: the same knobs give the same plan, on every machine.
//!
//! | file | what it does |
//! | --- | --- |
//! | `model` | what a plan is made of, as plain data |
//! | `run_plan` | the whole of it, drawn from its knobs |
//! | `knobs`, `shard` | what a run is drawn from, and which part of it a generator plays |
//! | `limits` | what of it the target can play |
//! | `world`, `given_world` | a world whose schedulers lie around the run, or that of a scenario |
//! | `day`, `team_reads` | what an agent does: a working day in some minutes, with looks at teams behind writes |
//! | `quota`, `hours`, `hand_over`, `goals` | what a run surely meets: edges, changes of shifts, ends of graces |
//! | `arrivals`, `rate` | when visitors come, and how many a product allows |

mod arrivals;
mod day;
mod given_world;
mod goals;
mod hand_over;
mod hours;
pub mod knobs;
mod limits;
mod model;
mod quota;
mod rate;
mod run_plan;
mod shard;
mod team_reads;
#[cfg(test)]
pub(crate) mod tests;
mod world;

pub use arrivals::{AllArrivals, watches};
pub use given_world::GivenWorld;
pub use goals::PlanGoals;
pub use hand_over::HandOver;
pub use knobs::RunKnobs;
pub use limits::TargetLimits;
pub use model::{
    AgentAction, AgentIndex, Arrival, DeviceSlot, PlannedAgent, PlannedProperty, PlannedStep,
    PlannedWidget, PropertyIndex, RequestId, StreamWatch, VisitorAction, VisitorKind, WidgetIndex,
};
pub use quota::{HandOverSpan, PROMISED_FROM, start_from};
pub use rate::{TooManyCalls, fit_rate};
pub use run_plan::RunPlan;
pub use shard::Shard;
