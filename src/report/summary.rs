//! What the scenarios of a run come to, for every report.

use lamplighter_core::model::Millis;
use lamplighter_scenario::play::{Outcome, Verdict};

/// What all scenarios of a run came to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Summary {
    /// Scenarios whose expectations are all true.
    pub passed: u64,
    /// Scenarios with a false expectation.
    pub failed: u64,
    /// Faulty scenarios.
    pub invalid: u64,
    /// Expectations that were looked at.
    pub expectations: u64,
    /// Those of them that are false.
    pub expectations_false: u64,
    /// Events that were applied.
    pub events: u64,
    /// Rows of traces that cannot happen.
    pub anomalies: u64,
    /// Simulated time, of all scenarios together.
    pub simulated: Millis,
}

impl Summary {
    /// Counts one more verdict in.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict.outcome() {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Invalid => {
                // What was played of it was only in search of more faults.
                self.invalid += 1;
                return;
            }
        }
        self.expectations += verdict.counts.expectations as u64;
        self.expectations_false += verdict.failures.len() as u64;
        self.events += verdict.counts.events;
        self.anomalies += verdict.anomalies.count;
        self.simulated.0 += verdict.simulated().0;
    }
}
