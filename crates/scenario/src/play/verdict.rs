//! What a run of a scenario gave: the one model behind every report.

use std::path::PathBuf;
use std::sync::Arc;

use crate::language::Roster;
use crate::language::diagnostic::Diagnostic;
use crate::language::span::{Source, Span};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    DeviceId, DeviceStatus, Impossible, Instant, Millis, SchedulerState, WidgetId,
};
use lamplighter_core::trace;
use lamplighter_core::world::World;

/// Everything that is known of a scenario once it was played.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Its text.
    pub source: Source,
    /// The title; empty in a file that has none.
    pub title: String,
    /// Where the expectations come from.
    pub sources: Vec<String>,
    /// The names.
    pub roster: Roster,
    /// The zone of the file's local times.
    pub zone: Arc<Zone>,
    /// What is wrong with the file; then nothing else counts.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with its traces.
    pub trace_diagnostics: Vec<trace::Diagnostic>,
    /// The false expectations, in the order of the lines.
    pub failures: Vec<Failure>,
    /// Rows of traces that cannot happen.
    pub anomalies: Anomalies,
    /// How many expectations were looked at.
    pub expectations: usize,
    /// How many events were applied.
    pub events: u64,
    /// The first and the last instant; `None` where nothing was to be played.
    pub run: Option<(Instant, Instant)>,
    /// What the widgets show after the last instant; `None` where nothing was to be played.
    pub at_the_end: Option<Totals>,
    /// How many sound rows the traces have.
    pub trace_rows: u64,
    /// What to draw, if it was asked for.
    pub picture: Option<Picture>,
    /// Whether the run was stopped before its end; then nothing else counts.
    pub stopped: bool,
}

/// How many widgets show what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Online.
    pub online: u64,
    /// Away.
    pub away: u64,
    /// Offline.
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
    /// Every expectation is true.
    Passed,
    /// An expectation is false.
    Failed,
    /// The file or a trace of it has a fault.
    Invalid,
}

impl Verdict {
    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        if !(self.diagnostics.is_empty() && self.trace_diagnostics.is_empty()) {
            Outcome::Invalid
        } else if !self.failures.is_empty() {
            Outcome::Failed
        } else {
            Outcome::Passed
        }
    }

    /// How long the run was, in simulated time.
    pub fn simulated(&self) -> Millis {
        self.run.map_or(Millis::ZERO, |(first, last)| last.since(first))
    }
}

/// A false expectation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The whole statement.
    pub statement: Span,
    /// The instant at which it is false.
    pub at: Instant,
    /// The words that are false.
    pub words: Span,
    /// What they say.
    pub expected: String,
    /// What is so instead, with the rule that decided.
    pub found: String,
    /// The facts behind it, a line each.
    pub notes: Vec<String>,
    /// What would make the statement true; `None` where words alone cannot.
    pub edits: Option<Vec<Edit>>,
}

/// A replacement of words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The words to replace.
    pub span: Span,
    /// What to write instead.
    pub text: String,
}

/// The rows of traces that cannot happen: all are counted, and only the first are kept, since there
/// may be millions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anomalies {
    /// How many there are.
    pub count: u64,
    /// The first of them, up to [`KEPT_MAX`](Self::KEPT_MAX).
    pub first: Vec<Anomaly>,
}

impl Anomalies {
    /// So many are kept.
    pub const KEPT_MAX: usize = 1_000;

    /// Counts one more.
    pub(super) fn add(&mut self, anomaly: impl FnOnce() -> Anomaly) {
        self.count += 1;
        if self.first.len() < Self::KEPT_MAX {
            self.first.push(anomaly());
        }
    }
}

/// A row of a trace that cannot happen: counted, and passed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anomaly {
    /// The trace.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// Why it cannot happen.
    pub why: Impossible,
}

/// What devices and widgets were over time, to be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    /// Each device and its statuses, from each instant on.
    pub devices: Vec<(DeviceId, Vec<(Instant, DeviceStatus)>)>,
    /// Each widget, what it showed and whether its hours were open, from each instant on.
    pub widgets: Vec<(WidgetId, Vec<(Instant, DrawnWidget)>)>,
    /// Each `at` block.
    pub steps: Vec<(Instant, Span)>,
    /// How many devices were left out, because there were too many to draw.
    pub devices_left_out: usize,
    /// How many widgets were left out.
    pub widgets_left_out: usize,
}

/// A widget's row of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrawnWidget {
    /// What it showed.
    pub answer: lamplighter_core::model::Answer,
    /// Whether its hours were open.
    pub scheduler: SchedulerState,
}
