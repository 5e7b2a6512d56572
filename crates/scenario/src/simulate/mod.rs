//! Random worlds through engine and oracle, and what is wrong made small.
//!
//! ```text
//! seed ─▶ Swarm ─▶ Case ─┬─▶ engine ─┐
//!                        └─▶ oracle ─┴─▶ Difference ─▶ shrink ─▶ a scenario
//! ```

mod case;
mod checks;
mod difference;
mod digest;
mod draw;
mod explained;
mod invariants;
mod look;
mod places;
mod play;
#[cfg(lamplighter_mutations)]
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
pub use checks::Extent;
pub use difference::{Difference, Kind, noticed_by};
pub use digest::Digest;
pub use draw::draw;
pub use invariants::{ALWAYS, Broken, Checked, Invariant};
pub use play::{Played, play};
#[cfg(lamplighter_mutations)]
pub use proof::{Caught, Proof, SEEDS_MAX, prove};
pub use question::{Finding, Question, Reply};
pub use races::{Race, Races};
pub use run::{FULL_RUN, Failure, Run, failure, play_seed, run};
pub use shrink::{Shrunken, shrink};
pub use small::{SIZES, Size, Walked, walk};
pub use swarm::Swarm;
pub use write::{fails, line_count, write};
