//! Random worlds on a service that a target file describes: what it answers is held against the rules,
//! what differs is made small by playing smaller worlds there, and what is alike is told once.
//!
//! ```text
//! seed ─▶ within ─▶ Case ─▶ sitting ─▶ play ─▶ the target
//!                              │
//!                              └─▶ Wrong ─▶ small ⇄ the target ─▶ group ─▶ a scenario that fails there
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `within` | the world of a seed, as far as the target can be told it |
//! | `sitting` | worlds played together: each as a scenario that asks for all that shows |
//! | `small` | whether a smaller world fails on the target, too |
//! | `among` | a world alone, and among those that were there with it |
//! | `group` | what was found, each kind of it once |
//! | `run` | many seeds, one sitting after another |

mod among;
mod group;
mod run;
mod sitting;
mod small;
mod within;

pub use group::Group;
pub use run::{Simulated, Simulation, simulate};
pub use sitting::SimulationCounts;
