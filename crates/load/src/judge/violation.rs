//! A violation: an observation that is not admissible, and what was found of it.

use super::window::ReadWindow;
use crate::clock::Micros;
use crate::observation::Observation;
use crate::plan::{AgentIndex, PropertyIndex};
use crate::result::{Class, Evidence};

/// An observation that could not be, by what is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Violation {
    /// What was seen, as it was read.
    pub observation: Observation,
    /// In which way it is wrong, by how much, and what would have been right.
    pub diagnosis: Diagnosis,
}

/// What is wrong with an observation.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnosis {
    /// In which way it is wrong.
    pub class: Class,
    /// By how much, and why, in a sentence.
    pub why: String,
    /// Which staleness bound would have been enough for it.
    pub bound_needed: BoundNeeded,
    /// What could have been seen instead, in words.
    pub admissible: Vec<String>,
    /// The members whom it is about; none where it is about all of them.
    pub agents: Vec<AgentIndex>,
    /// The version by which the admissible was found, where the answer's own told; then exactly the
    /// writes up to it count.
    pub version: Option<u64>,
    /// The window in which it may still turn out to be admissible, once a lost connection is learnt
    /// of; none where it is wrong whatever comes to be known.
    pub recheck: Option<ReadWindow>,
}

impl Diagnosis {
    /// Wrong whatever comes to be known, and whatever the staleness bound.
    pub fn new(class: Class, why: impl Into<String>) -> Self {
        Self {
            class,
            why: why.into(),
            bound_needed: BoundNeeded::Any,
            admissible: Vec::new(),
            agents: Vec::new(),
            version: None,
            recheck: None,
        }
    }

    /// The same, which another staleness bound would have made right, or none.
    pub fn but_for(self, bound_needed: BoundNeeded) -> Self {
        Self { bound_needed, ..self }
    }
}

/// Which staleness bound would have been enough for an observation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoundNeeded {
    /// The bound is not what it was wrong about.
    Any,
    /// One of as much.
    AtLeast(Micros),
    /// No bound would have been: it was early, and not stale.
    None,
}

impl BoundNeeded {
    /// What is enough for it and for others.
    pub fn and(self, others: Option<Micros>) -> Option<Micros> {
        match self {
            Self::Any => others,
            Self::AtLeast(needed) => others.map(|enough| enough.max(needed)),
            Self::None => None,
        }
    }
}

/// A kind of wrong answers: those of one look the same to whoever looks for the cause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ViolationKind {
    /// The property that they are of.
    pub property: PropertyIndex,
    /// In which way they are wrong.
    pub class: Class,
    /// What was said, without its version.
    pub said: String,
    /// What could have been said.
    pub admissible: Vec<String>,
}

/// What is known of a kind of wrong answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KindState {
    /// Whether one with evidence is pending.
    pub is_pending: bool,
    /// The number of the evidence, from 1 on, once it counts.
    pub number: Option<usize>,
    /// How many have counted.
    pub count: u64,
}

/// A wrong answer as it is listed: in a line.
#[derive(Clone, PartialEq, Debug)]
pub struct WrongAnswer {
    /// The answer's instant on the target's clock, RFC 3339.
    pub at: String,
    /// When it was answered, in microseconds of the run.
    pub answered_us: Micros,
    /// In which way it is wrong.
    pub class: Class,
    /// The widget, or the property, by its name in the plan.
    pub about: String,
    /// Its name on the service, where that is known.
    pub there: Option<String>,
    /// Who was answered.
    pub who: String,
    /// The id of the request; `None` of agents, whose requests have none.
    pub request_id: Option<String>,
    /// What was answered.
    pub answered: String,
    /// What could have been answered.
    pub admissible: Vec<String>,
    /// In a sentence: by how much it is wrong, and why.
    pub why: String,
    /// The number of the evidence of its kind, from 1 on; `None` where no more is kept.
    pub evidence: Option<usize>,
}

/// A violation that does not count yet.
#[derive(Clone, PartialEq, Debug)]
pub struct PendingViolation {
    pub(super) violation: Violation,
    pub(super) kind: ViolationKind,
    /// How many observations had been judged when it was found.
    pub(super) judged_before: u64,
    /// What is kept of it, if it is the first of its kind. What is known is known best when it is
    /// found: later some of it is forgotten.
    pub(super) evidence: Option<Box<Evidence>>,
}

impl PendingViolation {
    /// The first moment of the window in which it is checked once more, where it is.
    pub fn begins(&self) -> Option<Micros> {
        self.violation.diagnosis.recheck.map(|window| window.from)
    }
}
