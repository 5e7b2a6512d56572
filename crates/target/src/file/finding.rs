//! What is wrong with a target file, gathered while it is read, so that one run says all of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use lamplighter_scenario::language::diagnostic::{Diagnostic, nearest};

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
    /// The message: where, what, why, and what to do about it.
    pub diagnostic: Diagnostic,
}

/// Takes findings from whoever reads a part of the file.
#[derive(Debug, Default)]
pub struct Findings {
    found: RefCell<Vec<Finding>>,
    /// What is missing, by the keys that would make it be there.
    missing: RefCell<Vec<(Vec<String>, Diagnostic)>>,
    /// Keys that were meant, most likely, where an unknown one stands.
    meant: RefCell<BTreeSet<String>>,
    /// Names that would be kept, were it not for what is wrong with their place.
    unkept: RefCell<BTreeSet<String>>,
}

impl Findings {
    /// Takes an error.
    pub fn error(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(Finding { severity: Severity::Error, diagnostic });
    }

    /// Takes a warning.
    pub fn warning(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(Finding { severity: Severity::Warning, diagnostic });
    }

    /// Takes an error about something that one of these keys would give. Where such a key stands with a
    /// slip of the pen, that is said alone.
    pub fn missing(&self, keys: &[&str], diagnostic: Diagnostic) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.missing.borrow_mut().push((keys, diagnostic));
    }

    /// Remembers a name that would be kept, were it not for what was said of its place: that nothing gives
    /// it, or keeps it, is the same slip of the pen.
    pub fn unkept(&self, name: &str) {
        self.unkept.borrow_mut().insert(name.to_owned());
    }

    /// Whether a name would be kept, were it not for what was said of its place.
    pub fn is_unkept(&self, name: &str) -> bool {
        self.unkept.borrow().contains(name)
    }

    /// Takes an error about a key that nobody knows.
    pub fn unknown<'a>(
        &self,
        key: &str,
        known: impl IntoIterator<Item = &'a str>,
        diagnostic: Diagnostic,
    ) {
        if let Some(near) = nearest(key, known) {
            self.meant.borrow_mut().insert(near.to_owned());
            self.error(diagnostic.help(format!("did you mean `{near}`?")));
        } else {
            self.error(diagnostic);
        }
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        !self.missing.borrow().is_empty() || self.found.borrow().iter().any(is_error)
    }

    /// All of them in the order of the file, each once.
    pub fn into_sorted(self) -> Vec<Finding> {
        let meant = self.meant.into_inner();
        let missing = self.missing.into_inner().into_iter();
        let missing = missing.filter(|(keys, _)| !keys.iter().any(|key| meant.contains(key)));
        let error = |(_, diagnostic)| Finding { severity: Severity::Error, diagnostic };
        let mut all = self.found.into_inner();
        all.extend(missing.map(error));
        all.sort_by_key(|finding| (finding.diagnostic.span, finding.severity));
        all.dedup();
        all
    }
}
