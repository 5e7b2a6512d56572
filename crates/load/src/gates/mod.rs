//! Gates: what must not be, as people write it, and what a result says to it.
//!
//! A gate says when a run **fails**: `p99(widget) > 50ms` fails a run whose 99th percentile is above
//! 50 ms. A gate on something of which nothing was measured fails the run, too: it was asked for
//! because it matters, and a run that never looked must not pass by it.
//!
//! ```
//! use lamplighter_load::gates::Gate;
//!
//! let gate = Gate::parse("p99(widget) > 50ms").expect("a gate");
//! assert_eq!(gate.to_string(), "p99(widget) > 50ms");
//! let wrong = Gate::parse("p99(wigdet) > 50ms").expect_err("no gate");
//! assert_eq!(
//!     wrong.to_string(),
//!     "nothing is timed by the name `wigdet` (column 5); did you mean `widget`?"
//! );
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `gate` | a gate, and what a run comes to by it |
//! | `condition` | what a gate compares: a quantity, an operator, a limit |
//! | `parse`, `error` | reads a gate, and says what is wrong with one |
//! | `measurements`, `measure` | what gates ask of a run, and what it says to one |
//! | `needs` | what a run must meet for a gate to say anything |
//! | `documented` | holds the page for users to what the parser knows |

mod condition;
#[cfg(test)]
mod documented;
mod error;
mod gate;
mod measure;
mod measurements;
mod needs;
mod parse;
#[cfg(test)]
mod tests;

pub use error::{GateError, GateErrorKind, GateFileError};
pub use gate::Gate;
pub use measure::Measured;
pub use measurements::Measurements;
pub use needs::UnmetGate;
