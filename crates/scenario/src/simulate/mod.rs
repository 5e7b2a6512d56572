//! Random worlds through engine and oracle, and what is wrong made small.
//!
//! ```text
//! seed ─▶ Swarm ─▶ Case ─┬─▶ engine ─┐
//!                        └─▶ oracle ─┴─▶ Difference ─▶ shrink ─▶ a scenario
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `swarm` | what kind of world a seed gets: which features, and how often |
//! | `draw`, `places`, `visitors` | the world and the events of a seed |
//! | `calendar` | what calendars bring to hours: dates of every kind, cuts, turns |
//! | `settings` | what is drawn of each kind of setting, and what is plainer than a value |
//! | `case` | both as plain data |
//! | `play` | a case through engine and oracle side by side |
//! | `question`, `explained` | what can be asked of both, and the facts behind an answer |
//! | `difference` | where they part, and what noticed it |
//! | `invariants`, `checks` | what must always be so, by name, and how each is checked |
//! | `coverage`, `probe` | what a run must have met, or it has proved little; who counts it on the way |
//! | `exam` | a case as a scenario that asks for all that shows, for a service that is nothing but asked |
//! | `moved`, `beside` | a case at another time of the calendar; cases together as one |
//! | `small_world`, `small` | a few agents and devices; all states of theirs, and what happens in each |
//! | `renumber` | events under other ids |
//! | `shrink`, `write` | a case made small, and written as a scenario |
//! | `run`, `digest` | many seeds on many threads, and a number that stands for all they said |
//! | `proof` | each deliberate mutation, and what finds it |

mod beside;
mod calendar;
mod case;
mod checks;
mod coverage;
mod difference;
mod digest;
mod draw;
mod exam;
mod explained;
mod invariants;
mod moved;
mod places;
mod play;
mod probe;
#[cfg(lamplighter_mutations)]
mod proof;
mod question;
mod renumber;
mod run;
mod settings;
mod shrink;
mod small;
mod small_world;
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
pub use exam::{Aspect, Exam, ExamQuestion, exam, write_question};
pub use invariants::{ALWAYS, Broken, Checked, Invariant};
pub use play::{PlayedCase, play};
#[cfg(lamplighter_mutations)]
pub use proof::{Caught, Proof, SEEDS_MAX, prove};
pub use question::{Finding, Inquiry, Question, Reply, without_impossible};
pub use run::{Counterexample, FULL_RUN, Run, SHRUNKEN_MAX, counterexample, play_seed, run};
pub use shrink::{Inquirer, Shrunken, shrink, shrink_finding};
pub use small::{Walked, rules_in_pairs, walk, walk_all};
pub use small_world::{SIZES, Size};
pub use swarm::{Kind, Swarm};
pub use write::{Written, fails, line_count, write};
