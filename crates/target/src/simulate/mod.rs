//! Random worlds on a service that a target file describes: what it answers is held against the rules,
//! what differs is made small by playing smaller worlds there, and what is alike is told once.
//!
//! ```text
//! seed ─▶ draw ─▶ Case ─▶ batch ─▶ play ─▶ the target
//!                           │
//!                           └─▶ FailingWorld ─▶ shrink ⇄ the target ─▶ group ─▶ a scenario that fails there
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `draw` | the world of a seed, as far as the target can be told it |
//! | `batch` | worlds played together: each as a scenario that asks for all that shows |
//! | `shrink` | whether a smaller world fails on the target, too |
//! | `isolation` | a world alone, and among those that were there with it |
//! | `group` | what was found, each kind of it once |
//! | `run` | many seeds, one batch after another |

mod batch;
mod draw;
mod group;
mod isolation;
mod run;
mod shrink;

pub use batch::SimulationCounts;
pub use group::Group;
pub use run::{Simulated, Simulation, simulate};
