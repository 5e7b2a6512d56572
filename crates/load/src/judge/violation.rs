//! A violation: an observation that is not admissible, and what was found of it.

use super::window::ReadWindow;
use crate::clock::Micros;
use crate::observation::Observation;
use crate::plan::AgentIndex;
use crate::result::Class;

/// An observation that could not be, by what is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Violation {
    /// What was seen, as it was read.
    pub observation: Observation,
    /// What is wrong with it.
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
    /// None.
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
