//! What is wrong with a target file, gathered while it is read, so that one run says all of it.

use std::cell::RefCell;

use lamplighter_scenario::language::diagnostic::Diagnostic;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// No run can follow the file as it stands.
    Error,
    /// A run can, but the author will hardly want it so.
    Warning,
}

/// One thing that is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Whether a run can follow the file all the same.
    pub severity: Severity,
    /// Where, what, why, and what to do about it.
    pub diagnostic: Diagnostic,
}

/// Takes findings from whoever reads a part of the file.
#[derive(Debug, Default)]
pub struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    /// Takes an error.
    pub fn error(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(Finding { severity: Severity::Error, diagnostic });
    }

    /// Takes a warning.
    pub fn warning(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(Finding { severity: Severity::Warning, diagnostic });
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.0.borrow().iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The one that was found first.
    pub fn first(&self) -> Option<Finding> {
        self.0.borrow().first().cloned()
    }

    /// All of them in the order of the file, each once.
    pub fn into_sorted(self) -> Vec<Finding> {
        let mut all = self.0.into_inner();
        all.sort_by_key(|finding| (finding.diagnostic.span, finding.severity));
        all.dedup();
        all
    }
}
