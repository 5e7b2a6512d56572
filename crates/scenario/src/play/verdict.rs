//! What a run of a scenario gave: the one model behind every report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::anomaly::Anomalies;
use super::facts::Fact;
use super::observations::Observations;
use super::picture::Picture;
use super::rules_answer::RulesAnswer;
use super::tested::Tested;
use super::words::Words;
use crate::language::ast::{Document, Name, PutIn};
use crate::language::diagnostic::Diagnostic;
use crate::language::span::{Source, Span};
use crate::language::{ExampleRow, Roster};
use lamplighter_core::hours::Zone;

use lamplighter_core::model::{DeviceId, Instant, Knob, Millis};
use lamplighter_core::trace;
use lamplighter_core::world::World;

/// Everything that is known of a scenario once it was played. Nothing of it changes any more: what a
/// run comes to meanwhile is for the player to keep.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The scenario as a file: what it is called and what it says of itself.
    pub file: ScenarioFile,
    /// The names that ids in this verdict stand for.
    pub roster: Roster,
    /// The zone of the file's local times, which reports tell instants in.
    pub zone: Arc<Zone>,
    /// What is wrong with the file, in the order of its lines; then nothing else counts.
    pub diagnostics: Vec<Diagnostic>,
    /// How many faults were told of a row before, and stand in words that all rows have.
    pub told_before: usize,
    /// What is wrong with its traces; then nothing else counts, either.
    pub trace_diagnostics: Vec<trace::Diagnostic>,
    /// The false expectations, in the order of the lines.
    pub failures: Vec<Failure>,
    /// What recordings came to that were held against the rules.
    pub observations: Observations,
    /// Rows of traces that cannot happen: real traces have them, and they fail nothing.
    pub anomalies: Anomalies,
    /// Lines that happened and changed nothing, which are rarely meant: they fail nothing.
    pub notices: Vec<Notice>,
    /// How many expectations, events and rows of traces were played.
    pub counts: Counts,
    /// What a service was tested for, clause by clause; nothing in a run in process.
    pub tested: Tested,
    /// What the target that it was played on calls what is in it; nothing in a run in process.
    pub made: Vec<MadeName>,
    /// The first and last instant of the run and what widgets show then; `None` where nothing was
    /// to be played.
    pub run: Option<RunSpan>,
    /// What the rules say at each expectation that was looked at, in the order of time, if it was asked for.
    pub answers: Vec<RulesAnswer>,
    /// What to draw, if it was asked for.
    pub picture: Option<Picture>,
    /// Whether the run was stopped before its end; then nothing else counts.
    pub stopped: bool,
}

/// What something of a scenario is called on the target that it was played on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MadeName {
    /// What it is: `agent`, `property` or `widget`.
    pub kind: &'static str,
    /// What the scenario calls it.
    pub name: String,
    /// The name that was made for it, so that a scenario meets nobody else there.
    pub made: String,
}

/// A scenario as a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ScenarioFile {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The row of its table of examples that it is; `None` where it has none.
    pub row: Option<ExampleRow>,
    /// The words that say by that row something else than they are written.
    pub put_in: PutIn,
    /// Its text, whose lines reports quote.
    pub source: Source,
    /// The title; empty in a file that has none.
    pub title: String,
    /// Where the expectations come from, as its `source` lines say.
    pub sources: Vec<String>,
    /// The labels to choose it by, as its `tags` lines say.
    pub tags: Vec<String>,
}

impl ScenarioFile {
    /// A file without a table, or all that its rows have in common.
    pub fn new(path: PathBuf, source: Source, document: &Document) -> Self {
        let header = &document.header;
        let nodes = |names: &[Name]| names.iter().map(|name| name.node.clone()).collect();
        Self {
            path,
            row: None,
            put_in: document.put_in.clone(),
            source,
            title: header.title.as_ref().map(|title| title.node.clone()).unwrap_or_default(),
            sources: nodes(&header.sources),
            tags: nodes(&header.tags),
        }
    }

    /// What it is called in reports: its path, and `:LINE` behind it where it is the row of a table.
    pub fn name(&self) -> String {
        match &self.row {
            None => self.path.display().to_string(),
            Some(row) => format!("{}:{}", self.path.display(), row.line),
        }
    }

    /// The path of the file in which a span stands: its own, or that of one that it includes.
    pub fn path_of(&self, span: Span) -> &Path {
        self.source.included_path(span.start).unwrap_or(&self.path)
    }
}

/// How much of a scenario was played and looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// How many expectations were looked at.
    pub expectations: usize,
    /// How many events were applied, those of traces included.
    pub events: u64,
    /// How many sound rows the traces have.
    pub trace_rows: u64,
}

/// When a run was, and what the widgets showed at its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunSpan {
    /// The first instant: that of the first `at` or trace row.
    pub first: Instant,
    /// The last instant, included: that of the last `at` or trace row, or of `until`.
    pub last: Instant,
    /// What the widgets show after the last instant.
    pub totals: Totals,
}

/// How many widgets show what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// How many are online, with or without a chat.
    pub online: u64,
    /// How many are away (rule W3).
    pub away: u64,
    /// How many are offline (rules W1, W4, W5).
    pub offline: u64,
}

impl Totals {
    /// What the widgets of a world show now.
    pub fn of(world: &World) -> Self {
        let mut totals = Self::default();
        let mut rest = world.widget_count() as u64;
        let words = world.statuses().flat_map(|all| all.online.into_iter().zip(all.away));
        for (online, away) in words {
            // The bits beyond the last widget mean nothing.
            let count = rest.min(64);
            let there = if count == 64 { !0 } else { (1 << count) - 1 };
            let online = u64::from((online & there).count_ones());
            let away = u64::from((away & there).count_ones());
            totals.online += online;
            totals.away += away;
            totals.offline += count - online - away;
            rest -= count;
        }
        totals
    }
}

/// How a scenario ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Every expectation is true, and every row of what was observed right.
    Passed,
    /// An expectation is false, or a row of what was observed.
    Failed,
    /// The file or a trace of it has a fault.
    Invalid,
}

impl Verdict {
    /// How the scenario ended: invalid before failed before passed.
    pub fn outcome(&self) -> Outcome {
        let is_sound = self.diagnostics.is_empty() && self.trace_diagnostics.is_empty();
        if !is_sound || self.told_before > 0 {
            Outcome::Invalid
        } else if !self.failures.is_empty() || self.observations.wrong_count() > 0 {
            Outcome::Failed
        } else {
            Outcome::Passed
        }
    }

    /// How many faults the file and its traces have, those included that stand in many rows of a trace
    /// and are told once.
    pub fn error_count(&self) -> u64 {
        let of_traces: u64 = self.trace_diagnostics.iter().map(|fault| 1 + fault.more).sum();
        self.diagnostics.len() as u64 + of_traces
    }

    /// Whether nothing was expected of it: then it passes, whatever its widgets show.
    pub fn expects_nothing(&self) -> bool {
        self.outcome() != Outcome::Invalid
            && self.counts.expectations == 0
            && self.observations.rows == 0
    }

    /// How long the run was, in simulated time.
    pub fn simulated(&self) -> Millis {
        self.run.map_or(Millis::ZERO, |run| run.last.since(run.first))
    }

    /// What puts facts into the words of this scenario.
    pub fn words(&self) -> Words<'_> {
        Words { roster: &self.roster, zone: &self.zone }
    }

    /// When a failure was and the facts behind it, a line each, but for what was found says itself.
    pub fn notes(&self, failure: &Failure) -> Vec<String> {
        let words = self.words();
        let at = format!("at {}", words.instant(failure.at));
        let is_new = |fact: &&Fact| {
            fact.knob_and_position().is_none_or(|knob| !failure.found.contains(&knob))
        };
        let facts = failure.facts.iter().filter(is_new).map(|fact| words.fact(fact, failure.at));
        let row = self.file.row.iter().map(ExampleRow::told);
        row.chain([at]).chain(facts).collect()
    }
}

/// Leaves out of the verdicts of one file what was told of a row before.
pub fn tell_once<'a>(verdicts: impl IntoIterator<Item = &'a mut Verdict>) {
    let mut told = BTreeSet::new();
    for verdict in verdicts {
        let count = verdict.diagnostics.len();
        verdict.diagnostics.retain(|found| told.insert((found.span, found.message.clone())));
        verdict.told_before = count - verdict.diagnostics.len();
    }
}

impl Failure {
    /// The knobs of other rules than the rule book's that decided what is so, each with its position.
    pub fn knobs(&self) -> impl Iterator<Item = (Knob, &str)> {
        self.facts.iter().filter_map(|fact| match fact {
            Fact::DecidedBy(knob, position) => Some((*knob, position.as_str())),
            _ => None,
        })
    }
}

/// An expectation that is false, with the facts that explain it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The whole statement, by which failures are told apart and sorted.
    pub statement: Span,
    /// The instant at which it is false.
    pub at: Instant,
    /// The words that are false, to be underlined.
    pub words: Span,
    /// What the false words say, in the words of a message.
    pub expected: String,
    /// What is so instead, with the rule that decided.
    pub found: String,
    /// The facts behind it; [`Verdict::notes`] puts them into words.
    pub facts: Vec<Fact>,
    /// What would make the statement true; `None` where words alone cannot.
    pub edits: Option<Vec<Edit>>,
}

/// A line of an `at` block that happened and changed nothing, or not what it looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Where the line stands in the file, whole.
    pub statement: Span,
    /// The device that it is about.
    pub device: DeviceId,
    /// The reason why it is told.
    pub what: Unchanged,
}

/// Why a line changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unchanged {
    /// A login on a device that is logged in (rule P1).
    LoggedInAlready,
    /// A reconnect after the grace has run out (rule P7).
    ReconnectsTooLate,
}

/// A replacement of words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The words of the file that are to be replaced.
    pub span: Span,
    /// What is to stand in their place, as the language writes it.
    pub text: String,
}
