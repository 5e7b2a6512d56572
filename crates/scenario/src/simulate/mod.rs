//! Random worlds through engine and oracle, and what is wrong made small.
//!
//! ```text
//! seed ─▶ Swarm ─▶ Case ─┬─▶ engine ─┐
//!                        └─▶ oracle ─┴─▶ Difference ─▶ shrink ─▶ a scenario
//! ```

mod case;
mod checks;
mod coverage;
mod difference;
mod digest;
mod draw;
mod explained;
mod invariants;
mod places;
mod play;
#[cfg(lamplighter_mutations)]
mod proof;
mod question;
mod run;
mod shrink;
mod small;
mod swarm;
#[cfg(test)]
mod tests;
mod visitors;
mod write;

pub use case::{Case, Property, TimedEvent, Visit};
pub use checks::Extent;
pub use coverage::{Coverage, CoveragePoint};
pub use difference::{Difference, DifferenceKind, noticed_by};
pub use digest::Digest;
pub use draw::draw;
pub use invariants::{ALWAYS, Broken, Checked, Invariant};
pub use play::{PlayedCase, play};
#[cfg(lamplighter_mutations)]
pub use proof::{Caught, Proof, SEEDS_MAX, prove};
pub use question::{Finding, Question, Reply};
pub use run::{Counterexample, FULL_RUN, Run, counterexample, play_seed, run};
pub use shrink::{Shrunken, shrink};
pub use small::{SIZES, Size, Walked, walk};
pub use swarm::Swarm;
pub use write::{fails, line_count, write};
