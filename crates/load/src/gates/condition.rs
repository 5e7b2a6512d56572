//! What a gate compares: a quantity, an operator, a limit.

use crate::result::Class;

/// 100 percent, as [`Statistic::Percentile`] counts.
pub const ALL: u32 = 10_000_000;

/// What is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Quantity {
    /// A statistic of lengths of time.
    Time(Statistic, Timed),
    /// Wrong answers, of one class or of all.
    Wrong(Option<Class>),
    /// Calls that failed, of one operation or of all.
    Errors(Option<String>),
    /// Visitors sent, of those asked for.
    Rate,
    /// Reads of which one answer only was admissible.
    Decisive,
    /// The smallest promise with which no edge would have been early or late.
    Within,
}

/// Of lengths of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistic {
    /// That so many of 10,000,000 are not longer than.
    Percentile(u32),
    Mean,
    Max,
}

/// Whose lengths of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Timed {
    /// Of an operation, from the intended instant.
    Operation(String),
    /// Of an operation, from the first byte sent.
    Service(String),
    PropagationPush,
    PropagationPoll,
    EdgePush,
    EdgePoll,
    /// How late visitors were sent.
    Sending,
    /// How late the generator itself was.
    Generator,
}

/// How what was measured stands to the limit, where the run fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// With its unit. Whole numbers, so that a limit of a decimal fraction is met exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// A length of time, in nanoseconds.
    Nanos(u64),
    /// A share, in millionths of a percent.
    MicroPercent(u64),
    /// A number of things.
    Count(u64),
    /// How many in a thousand seconds.
    PerThousandSeconds(u64),
}

impl Operator {
    /// Whether the comparison is true where what was measured stands so to the limit.
    pub fn holds(self, standing: std::cmp::Ordering) -> bool {
        match self {
            Self::Above => standing.is_gt(),
            Self::AtLeast => standing.is_ge(),
            Self::Below => standing.is_lt(),
            Self::AtMost => standing.is_le(),
        }
    }
}
