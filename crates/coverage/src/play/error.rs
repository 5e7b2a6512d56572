//! Why there is no report.

use lamplighter_core::model::Instant;
use thiserror::Error;

use crate::arrivals::ArrivalsError;

/// Why there is no report.
#[derive(Debug, Error)]
pub enum CoverageError {
    /// The scenario or a trace is faulty; playing the scenario says in which way.
    #[error("the scenario is faulty")]
    Faulty,
    /// Nothing happens in the scenario.
    #[error("nothing happens in the scenario: it has no `at` and no rows of traces")]
    Nothing,
    /// The report would be of no time.
    #[error("the report would begin at {from} and end at {to}")]
    NoTime {
        /// The first instant that was asked for.
        from: Instant,
        /// The first instant behind the report, which is not later than `from`.
        to: Instant,
    },
    /// The visitors cannot be read.
    #[error(transparent)]
    Arrivals(#[from] ArrivalsError),
    /// Whoever asked for the report stopped it before it was whole.
    #[error("stopped")]
    Stopped,
}
