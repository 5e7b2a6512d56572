//! What a run comes to while it goes on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::anomaly::Anomalies;
use super::observations::Observations;
use super::picture::Picture;
use super::rules_answer::RulesAnswer;
use super::tested::Tested;
use super::verdict::{Counts, Failure, Notice, RunSpan, ScenarioFile, Verdict};
use crate::language::Roster;
use crate::language::diagnostic::Diagnostic;
use lamplighter_core::hours::Zone;
use lamplighter_core::trace::{self, DETAILED_MAX, Fault};

/// What a run has come to so far, in the order in which it was found.
#[derive(Debug, Default)]
pub struct Record {
    /// What is wrong with the file; with any, nothing else counts.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with rows of its traces; with any, nothing else counts, either.
    pub trace_diagnostics: Vec<trace::Diagnostic>,
    /// The expectations that were found false, in the order in which they were.
    pub failures: Vec<Failure>,
    /// What recordings came to; nothing until the end is reached.
    pub observations: Observations,
    /// The rows of traces that cannot happen; they fail nothing.
    pub anomalies: Anomalies,
    /// Lines that happened and changed nothing.
    pub notices: Vec<Notice>,
    /// How many expectations, events and rows were played so far.
    pub counts: Counts,
    /// What a service was tested for.
    pub tested: Tested,
    /// The first and last instant and what widgets show then; `None` until the end is reached.
    pub run: Option<RunSpan>,
    /// What the rules say at each expectation; nothing until the end is reached, or where nobody asks.
    pub answers: Vec<RulesAnswer>,
    /// What is to be drawn; `None` until the end is reached, or where nothing is.
    pub picture: Option<Picture>,
    /// Whether the run was stopped before its end, so that it says nothing of the scenario.
    pub stopped: bool,
}

impl Record {
    /// Before anything is played: what reading and planning found.
    pub fn new(diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, ..Self::default() }
    }

    /// Whether anything is wrong with the file or a trace: then no timeline means anything.
    pub fn is_faulty(&self) -> bool {
        !(self.diagnostics.is_empty() && self.trace_diagnostics.is_empty())
    }

    /// The verdict. What was found in the order of time is told in that of the file.
    pub fn into_verdict(mut self, file: ScenarioFile, roster: Roster, zone: Arc<Zone>) -> Verdict {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        self.diagnostics.dedup();
        let trace_diagnostics = told_once(std::mem::take(&mut self.trace_diagnostics));
        self.failures.sort_by_key(|failure| failure.statement);
        let Self {
            diagnostics,
            trace_diagnostics: _,
            failures,
            observations,
            anomalies,
            notices,
            counts,
            tested,
            run,
            answers,
            picture,
            stopped,
        } = self;
        Verdict {
            file,
            roster,
            zone,
            diagnostics,
            told_before: 0,
            trace_diagnostics,
            failures,
            observations,
            anomalies,
            notices,
            counts,
            tested,
            made: Vec::new(),
            run,
            answers,
            picture,
            stopped,
        }
    }
}

/// The faults of traces, where one that stands in very many rows is told for the first of them alone.
fn told_once(found: Vec<trace::Diagnostic>) -> Vec<trace::Diagnostic> {
    let mut told: Vec<trace::Diagnostic> = Vec::with_capacity(found.len());
    // Faults of words are told by their words once there are many of them together.
    let mut of_words: BTreeMap<(Fault, PathBuf), u64> = BTreeMap::new();
    for one in found.iter().filter(|one| one.word.is_some()) {
        *of_words.entry((one.fault, one.path.clone())).or_default() += 1 + one.more;
    }
    for one in found {
        let is_same = |first: &&mut trace::Diagnostic| {
            let count = of_words.get(&(first.fault, first.path.clone())).copied();
            (first.more > 0 || count.is_some_and(|count| count > DETAILED_MAX))
                && (first.fault, &first.path) == (one.fault, &one.path)
                && first.word == one.word
                && (one.fault != Fault::Stranger || first.message == one.message)
        };
        match told.iter_mut().find(is_same) {
            Some(first) => first.more += 1 + one.more,
            None => told.push(one),
        }
    }
    told
}
