//! A gate: what it compares with what, and what a run comes to by it.

use std::fmt;

use super::condition::{ALL, Limit, Operator, Quantity, Statistic};
use super::measure::{Measured, measure};
use super::measurements::Measurements;
use crate::result::{GateVerdict, LoadResult};

/// A condition that fails a run of which it is true, such as `p99(widget) > 50ms`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gate {
    /// The gate as it was written, for reports.
    pub(super) text: String,
    pub(super) quantity: Quantity,
    pub(super) operator: Operator,
    pub(super) limit: Limit,
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

    /// What is measured for it.
    pub fn measure(&self, run: &impl Measurements) -> Measured {
        measure(&self.quantity, self.limit, run)
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
