//! Random worlds through engine and oracle, and what is wrong made small.
//!
//! ```text
//! seed ─▶ Swarm ─▶ Case ─┬─▶ engine ─┐
//!                        └─▶ oracle ─┴─▶ Difference ─▶ shrink ─▶ a scenario
//! ```

mod case;
mod digest;
mod draw;
mod invariants;
mod look;
mod play;
#[cfg(lamplighter_faults)]
mod proof;
mod question;
mod races;
mod run;
mod shrink;
mod small;
mod swarm;
#[cfg(test)]
mod tests;
mod write;

pub use case::{Case, Property, Step, Visit};
pub use digest::Digest;
pub use draw::draw;
pub use invariants::{ALWAYS, Broken, Checked, Extent, Invariant};
pub use play::{Difference, Kind, Played, noticed_by, play};
#[cfg(lamplighter_faults)]
pub use proof::{Caught, Proof, SEEDS_MAX, prove};
pub use question::{Finding, Question, Reply};
pub use races::{Race, Races};
pub use run::{FULL_RUN, Failure, Run, failure, play_seed, run};
pub use shrink::{Shrunken, shrink};
pub use small::{SIZES, Size, Walked, walk};
pub use swarm::Swarm;
pub use write::{fails, line_count, write};
