//! Where engine and rule book part, and what noticed it.

use std::fmt;

use super::invariants::Broken;
use super::question::{Finding, Question};
use lamplighter_core::model::Instant;

/// Where engine and rule book part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The instant at which the difference was seen.
    pub at: Instant,
    /// How many events had been played by then, for whoever looks at it step by step.
    pub after: usize,
    /// How engine and rule book differ.
    pub kind: DifferenceKind,
}

/// How engine and rule book differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DifferenceKind {
    /// A question is answered otherwise: a scenario can show it.
    Finding(Finding),
    /// Something that no scenario can ask for.
    Hidden {
        /// What was asked of both, in words.
        what: String,
        /// What the rule book (the oracle) says to that, in words.
        expected: String,
        /// What the engine says to it, in words.
        found: String,
    },
    /// An invariant does not hold.
    Broken(Broken),
    /// The engine or the oracle gave up.
    Panicked(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, after, kind } = self;
        match kind {
            DifferenceKind::Finding(finding) => write!(f, "{finding}")?,
            DifferenceKind::Hidden { what, expected, found } => {
                write!(f, "{what}: expected {expected}, found {found}")?;
            }
            DifferenceKind::Broken(Broken { name, detail }) => {
                write!(f, "{name} does not hold: {detail}")?
            }
            DifferenceKind::Panicked(message) => write!(f, "panicked: {message}")?,
        }
        write!(f, ", at {at} after {after} events")
    }
}

/// What noticed a difference: the question that was answered otherwise, what was reported, or an
/// invariant by its name.
pub fn noticed_by(kind: &DifferenceKind) -> &str {
    match kind {
        DifferenceKind::Finding(finding) => match finding.question {
            Question::Widget(_) => "what a widget shows",
            Question::Agent(_) => "what the team sees",
            Question::Visitor(..) => "visibility",
            Question::Next(..) => "next change",
            Question::LastEvent => "whether it can happen",
        },
        DifferenceKind::Hidden { what, .. } => what,
        DifferenceKind::Broken(broken) => broken.name,
        DifferenceKind::Panicked(_) => "a panic",
    }
}

/// How two things differ that no scenario can ask for; `None` where they don't.
pub fn unlike<T: PartialEq + fmt::Debug + ?Sized>(
    what: &str,
    expected: &T,
    found: &T,
) -> Option<DifferenceKind> {
    (expected != found).then(|| DifferenceKind::Hidden {
        what: what.to_owned(),
        expected: format!("{expected:?}"),
        found: format!("{found:?}"),
    })
}
