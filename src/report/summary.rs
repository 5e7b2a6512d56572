//! What the scenarios of a run come to, for every report.

use lamplighter_core::model::Millis;
use lamplighter_scenario::play::{Outcome, Verdict};

/// What all scenarios of a run came to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Summary {
    /// How many scenarios had only true expectations.
    pub passed: u64,
    /// How many scenarios had a false expectation, their files and traces being sound.
    pub failed: u64,
    /// How many scenarios had a faulty file or trace; nothing else of theirs is counted.
    pub invalid: u64,
    /// How many scenarios expected nothing: they pass, whatever their widgets show.
    pub expecting_nothing: u64,
    /// How many scenarios were not asked for, and not run.
    pub left_out: u64,
    /// How many expectations were looked at.
    pub expectations: u64,
    /// How many of them are false.
    pub expectations_false: u64,
    /// How many rows of recordings were held against the rules.
    pub observed: u64,
    /// How many of them are wrong.
    pub observed_wrong: u64,
    /// How many events were applied, those of traces included.
    pub events: u64,
    /// How many rows of traces cannot happen.
    pub anomalies: u64,
    /// How much simulated time all scenarios took together.
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
        self.expecting_nothing += u64::from(verdict.expects_nothing());
        self.expectations += verdict.counts.expectations as u64;
        self.expectations_false += verdict.failures.len() as u64;
        self.observed += verdict.observations.rows;
        self.observed_wrong += verdict.observations.wrong_count();
        self.events += verdict.counts.events;
        self.anomalies += verdict.anomalies.count;
        self.simulated.0 += verdict.simulated().0;
    }
}
