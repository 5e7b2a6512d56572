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
//! | `condition` | what a gate compares: a quantity, an operator, a limit |
//! | `parse`, `error` | reads a gate, and says what is wrong with one |
//! | `measurements`, `measure` | what gates ask of a run, and what it says to one |
//! | `needs` | what a run must meet for a gate to say anything |
//! | `documented` | holds the page for users to what the parser knows |

mod condition;
#[cfg(test)]
mod documented;
mod error;
mod measure;
mod measurements;
mod needs;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use super::result::{GateVerdict, LoadResult};
use condition::{ALL, Limit, Operator, Quantity, Statistic};

pub use error::{GateError, GateErrorKind, GateFileError};
pub use measure::Measured;
pub use measurements::Measurements;
pub use needs::UnmetGate;

/// A condition that fails a run of which it is true, such as `p99(widget) > 50ms`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gate {
    /// The gate as it was written, for reports.
    text: String,
    quantity: Quantity,
    operator: Operator,
    limit: Limit,
}

impl Gate {
    /// The gate that every run has: no answer is wrong.
    pub fn nothing_wrong() -> Self {
        Self {
            text: "wrong > 0".to_owned(),
            quantity: Quantity::Wrong(None),
            operator: Operator::Above,
            limit: Limit::Count(0),
        }
    }

    /// The gates that every run has beside it unless it is told otherwise: a target that refuses, or
    /// does not let visitors in, fails.
    pub fn defaults() -> [Self; 2] {
        [
            Self {
                text: "errors > 1%".to_owned(),
                quantity: Quantity::Errors(None),
                operator: Operator::Above,
                limit: Limit::MicroPercent(1_000_000),
            },
            Self {
                text: "rate < 95%".to_owned(),
                quantity: Quantity::Rate,
                operator: Operator::Below,
                limit: Limit::MicroPercent(95_000_000),
            },
        ]
    }

    /// Reads a gate: `QUANTITY OPERATOR LIMIT`.
    ///
    /// # Errors
    /// What is wrong with it, at which column, and what may have been meant.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        parse::gate(text)
    }

    /// Reads a file of gates: one a line; `#` begins a comment, empty lines are nothing.
    ///
    /// # Errors
    /// The first line that is no gate. The name of the file is for the caller to say.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, GateFileError> {
        let mut gates = Vec::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            // No part of a gate has this sign.
            let gate = line.split_once('#').map_or(line, |(gate, _)| gate);
            if !gate.trim().is_empty() {
                let gate = Self::parse(gate);
                gates.push(gate.map_err(|error| GateFileError { line: index + 1, error })?);
            }
        }
        Ok(gates)
    }

    /// What is measured for it.
    pub fn measure(&self, run: &impl Measurements) -> Measured {
        measure::measure(&self.quantity, self.limit, run)
    }

    /// Whether what was measured fails the run. Of a run that goes on it is of the run so far; where
    /// nothing was measured yet it is false.
    pub fn is_exceeded(&self, run: &impl Measurements) -> bool {
        self.measure(run).standing().is_some_and(|standing| self.operator.holds(standing))
    }

    /// Whether a run that exceeds it will do so at its end, whatever still comes: more wrong answers
    /// make no run pass, while a percentile may come down again.
    pub fn is_final(&self) -> bool {
        let grows = match (&self.quantity, self.limit) {
            (Quantity::Wrong(_) | Quantity::Errors(_), Limit::Count(_)) => true,
            (Quantity::Time(Statistic::Max, _) | Quantity::Within, _) => true,
            (Quantity::Time(Statistic::Percentile(share), _), _) => *share == ALL,
            _ => false,
        };
        grows && matches!(self.operator, Operator::Above | Operator::AtLeast)
    }

    /// The verdict on a run that is over.
    pub fn verdict(&self, result: &LoadResult) -> GateVerdict {
        let measured = self.measure(result);
        let fails = measured.standing().is_none_or(|standing| self.operator.holds(standing));
        GateVerdict { gate: self.text.clone(), passed: !fails, value: measured.to_string() }
    }

    /// Whether both are about the same, whatever their limits: then one stands for the other.
    pub fn is_on_the_same(&self, other: &Self) -> bool {
        self.quantity == other.quantity
    }
}

/// As it was written.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
