//! The reads of a property that are pending: no verdict before all writes that they overlap have
//! returned. And the versions that its reads must know.

use std::collections::VecDeque;

use crate::clock::{Micros, SECOND_US};
use crate::history::WriteId;
use crate::observation::{Observation, SessionId};

/// Versions are remembered for so long.
const REMEMBERED_FOR: Micros = 120 * SECOND_US;

/// What waits for its verdict.
#[derive(Clone, PartialEq, Debug)]
pub enum PendingRead {
    /// An observation must be admissible.
    Observation(Observation),
    /// A stream has ended: what came last on it must have been so until then.
    StreamEnd {
        /// The session that its events belong to.
        session: SessionId,
        /// The moment at which the session ended, in microseconds of the run.
        at: Micros,
    },
}

impl PendingRead {
    /// The first moment at which what was seen can have been current.
    pub fn begins(&self) -> Micros {
        match self {
            Self::Observation(observation) => observation.invoked,
            Self::StreamEnd { at, .. } => *at,
        }
    }

    /// The moment up to which everything must be known.
    pub fn at(&self) -> Micros {
        match self {
            Self::Observation(observation) => observation.returned,
            Self::StreamEnd { at, .. } => *at,
        }
    }
}

/// Versions as they became known, each with the moment; only higher ones are kept.
#[derive(Clone, Debug, Default)]
pub struct KnownVersions(VecDeque<(Micros, u64)>);

impl KnownVersions {
    /// A version is known from this moment on.
    pub fn add(&mut self, at: Micros, version: u64) {
        if self.0.back().is_some_and(|(_, highest)| *highest >= version) {
            return;
        }
        self.0.push_back((at, version));
        // The last that is too old still counts: it is the highest of its time.
        while self.0.get(1).is_some_and(|(then, _)| *then < at - REMEMBERED_FOR) {
            self.0.pop_front();
        }
    }

    /// Since when something higher than this version is known, if it was before a moment.
    pub fn higher_since(&self, version: u64, before: Micros) -> Option<(Micros, u64)> {
        let place = self.0.partition_point(|(_, known)| *known <= version);
        self.0.get(place).copied().filter(|(at, _)| *at < before)
    }
}

/// What is pending at a property.
#[derive(Clone, Debug, Default)]
pub struct PendingReads {
    /// The writes in flight, with the moment of their invocation: reads that returned later wait.
    pub in_flight: Vec<(WriteId, Micros)>,
    waiting: VecDeque<PendingRead>,
    /// The versions at which writes were acknowledged: no read invoked later may know less
    /// (read-your-writes, whoever wrote).
    pub acknowledged: KnownVersions,
    /// The versions that reads have returned: no read invoked later may know less (monotonic reads,
    /// whoever read).
    pub read: KnownVersions,
}

impl PendingReads {
    /// Something comes in, behind all that did before.
    pub fn push(&mut self, pending: PendingRead) {
        self.waiting.push_back(pending);
    }

    /// All that is pending, in the order in which it came in.
    pub fn waiting(&self) -> impl Iterator<Item = &PendingRead> {
        self.waiting.iter()
    }

    /// The next of which everything is known: no write that was invoked before its end is still in
    /// flight.
    pub fn next(&mut self) -> Option<PendingRead> {
        let first = self.waiting.front()?;
        let waits = self.in_flight.iter().any(|(_, invoked)| *invoked <= first.at());
        if waits { None } else { self.waiting.pop_front() }
    }

    /// How many things are kept.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        let known = self.acknowledged.0.len() + self.read.0.len();
        self.in_flight.len() + self.waiting.len() + known
    }

    /// The next, whatever is still in flight.
    pub fn next_at_once(&mut self) -> Option<PendingRead> {
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Observed;

    #[test]
    fn a_read_waits_for_the_writes_that_were_invoked_before_its_end() {
        let mut reads = PendingReads { in_flight: vec![(1, 100)], ..PendingReads::default() };
        let team = |at| {
            PendingRead::Observation(Observation {
                property: 0,
                session: 0,
                invoked: at,
                returned: at,
                version: None,
                seen: Observed::Team(Vec::new()),
                request: None,
                exchange: None,
            })
        };
        reads.push(team(99));
        reads.push(team(100));
        assert_eq!(reads.next(), Some(team(99)));
        assert_eq!(reads.next(), None);
        reads.in_flight.clear();
        assert_eq!(reads.next(), Some(team(100)));
    }

    #[test]
    fn a_version_must_be_known_from_the_moment_of_its_answer_on() {
        let mut known = KnownVersions::default();
        known.add(10, 5);
        known.add(20, 4);
        known.add(30, 8);
        assert_eq!(known.higher_since(4, 11), Some((10, 5)));
        assert_eq!(known.higher_since(4, 10), None);
        assert_eq!(known.higher_since(5, 40), Some((30, 8)));
        assert_eq!(known.higher_since(8, 1_000), None);
    }
}
