//! Everything as one JSON object, for programs.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::observed::Observed;
use super::summary;
use super::tested::{Reason, Skipped, TestedRow, TestedTotals};
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::play::{
    CameTo, ClauseTested, Failure, MadeName, Outcome, RunSpan, Verdict,
};

#[derive(Serialize)]
struct Report<'a> {
    lamplighter: &'static str,
    zone_data: &'a str,
    summary: Summary,
    scenarios: Vec<Scenario<'a>>,
    /// What was tested on a target; absent in a run in process.
    #[serde(skip_serializing_if = "Option::is_none")]
    tested: Option<Tested>,
    /// Scenarios that were not played on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedScenario<'a>>,
}

#[derive(Serialize)]
struct Tested {
    by_capability: Vec<TestedRow>,
    not_tested: Vec<Reason>,
}

#[derive(Serialize)]
struct SkippedScenario<'a> {
    path: String,
    why: &'a str,
}

#[derive(Serialize)]
struct Summary {
    scenarios: u64,
    passed: u64,
    failed: u64,
    invalid: u64,
    /// How many expected nothing.
    expecting_nothing: u64,
    /// How many were left out by tags and texts; absent where none was.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: u64,
    expectations: u64,
    expectations_false: u64,
    /// Rows of recordings, and how many of them are wrong.
    #[serde(skip_serializing_if = "is_zero")]
    observed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    observed_wrong: u64,
    events: u64,
    anomalies: u64,
    simulated_ms: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    path: String,
    /// The row of its table of examples; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<Row<'a>>,
    title: &'a str,
    sources: &'a [String],
    /// The labels to choose it by; absent where it has none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    outcome: &'static str,
    expectations: usize,
    events: u64,
    /// The first and the last instant of the run, in UTC.
    from: Option<String>,
    to: Option<String>,
    timezone: &'a str,
    /// Sound rows of its traces.
    trace_rows: u64,
    /// How many widgets show what after the last instant.
    at_the_end: Option<Totals>,
    failures: Vec<FalseExpectation<'a>>,
    /// What its recordings came to; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Observed<'a>>,
    errors: Vec<Error<'a>>,
    /// How many rows of traces cannot happen.
    anomalies_count: u64,
    /// The first of them.
    anomalies: Vec<Anomaly>,
    /// What the target calls what is in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    made: Vec<Made<'a>>,
    /// What each clause came to on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clauses: Vec<Clause<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    line: usize,
    values: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Made<'a> {
    kind: &'static str,
    name: &'a str,
    made: &'a str,
}

#[derive(Serialize)]
struct Clause<'a> {
    #[serde(flatten)]
    place: Place,
    clause: &'a str,
    capability: &'static str,
    /// `held`, `false` or `not tested`.
    came_to: &'static str,
    /// Why it was not tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Totals {
    online: u64,
    away: u64,
    offline: u64,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    /// The column behind the last one.
    end_column: usize,
}

#[derive(Serialize)]
struct FalseExpectation<'a> {
    #[serde(flatten)]
    words: Place,
    statement: &'a str,
    at: String,
    expected: &'a str,
    found: &'a str,
    /// The knobs of other rules than the rule book's that decided, by their names in a file of rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    knobs: BTreeMap<&'static str, &'a str>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Error<'a> {
    path: String,
    #[serde(flatten)]
    place: Place,
    /// What kind of fault it is: `lamplighter rule` explains it.
    code: &'static str,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    /// How many more rows of a trace have the same fault, and are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    more: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct Anomaly {
    path: String,
    line: u64,
    why: String,
}

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn json(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    skipped: &[Skipped],
    summary: &summary::Summary,
    zone_data: &str,
) -> Result<(), serde_json::Error> {
    let totals = TestedTotals::of(verdicts);
    let by_capability = totals.rows();
    let tested =
        (!by_capability.is_empty()).then(|| Tested { by_capability, not_tested: totals.reasons() });
    let skipped = skipped.iter();
    let report = Report {
        lamplighter: env!("CARGO_PKG_VERSION"),
        zone_data,
        summary: Summary {
            scenarios: summary.passed + summary.failed + summary.invalid,
            passed: summary.passed,
            failed: summary.failed,
            invalid: summary.invalid,
            expecting_nothing: summary.expecting_nothing,
            left_out: summary.left_out,
            expectations: summary.expectations,
            expectations_false: summary.expectations_false,
            observed: summary.observed,
            observed_wrong: summary.observed_wrong,
            events: summary.events,
            anomalies: summary.anomalies,
            simulated_ms: summary.simulated.0,
        },
        scenarios: verdicts.iter().map(scenario).collect(),
        tested,
        skipped: skipped
            .map(|one| SkippedScenario { path: one.path.display().to_string(), why: &one.why })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out).map_err(serde_json::Error::io)
}

fn scenario(verdict: &Verdict) -> Scenario<'_> {
    let valid = verdict.outcome() != Outcome::Invalid;
    let run = verdict.run.filter(|_| valid);
    Scenario {
        path: verdict.file.path.display().to_string(),
        row: verdict.file.row.as_ref().map(|row| Row {
            line: row.line,
            values: row.values.iter().map(|(name, value)| (&**name, &**value)).collect(),
        }),
        title: &verdict.file.title,
        sources: &verdict.file.sources,
        tags: &verdict.file.tags,
        outcome: match verdict.outcome() {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Invalid => "invalid",
        },
        expectations: if valid { verdict.counts.expectations } else { 0 },
        events: if valid { verdict.counts.events } else { 0 },
        from: run.map(|run| run.first.to_string()),
        to: run.map(|run| run.last.to_string()),
        timezone: verdict.zone.name(),
        trace_rows: if valid { verdict.counts.trace_rows } else { 0 },
        at_the_end: run.map(|RunSpan { totals, .. }| Totals {
            online: totals.online,
            away: totals.away,
            offline: totals.offline,
        }),
        failures: verdict.failures.iter().map(|failure| expectation(verdict, failure)).collect(),
        observed: (valid && verdict.observations.rows > 0).then(|| Observed::of(verdict)),
        errors: errors(verdict),
        anomalies_count: verdict.anomalies.count,
        anomalies: verdict
            .anomalies
            .first
            .iter()
            .map(|anomaly| Anomaly {
                path: anomaly.path.display().to_string(),
                line: anomaly.line,
                why: anomaly.why.to_string(),
            })
            .collect(),
        made: verdict
            .made
            .iter()
            .map(|MadeName { kind, name, made }| Made { kind, name, made })
            .collect(),
        clauses: clauses(verdict),
    }
}

fn clauses(verdict: &Verdict) -> Vec<Clause<'_>> {
    let source = &verdict.file.source;
    let tested = verdict.tested.clauses.iter();
    let clause = tested.map(|(span, ClauseTested { capability, came_to })| Clause {
        place: place(source, *span),
        clause: source.slice(*span),
        capability: capability.word(),
        came_to: came_to.word(),
        why: match came_to {
            CameTo::NotTested(why) => Some(why.0.as_str()),
            CameTo::Held | CameTo::False => None,
        },
    });
    clause.collect()
}

fn expectation<'a>(verdict: &'a Verdict, failure: &'a Failure) -> FalseExpectation<'a> {
    let source = &verdict.file.source;
    FalseExpectation {
        words: place(source, failure.words),
        statement: source.slice(failure.statement),
        at: failure.at.to_string(),
        expected: &failure.expected,
        found: &failure.found,
        knobs: failure.knobs().map(|(knob, position)| (knob.name(), position)).collect(),
        notes: verdict.notes(failure),
    }
}

fn errors(verdict: &Verdict) -> Vec<Error<'_>> {
    let of_scenario = verdict.diagnostics.iter().map(|diagnostic| Error {
        path: verdict.file.path_of(diagnostic.span).display().to_string(),
        place: place(&verdict.file.source, diagnostic.span),
        code: diagnostic.code.name(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        more: 0,
    });
    let of_traces = verdict.trace_diagnostics.iter().map(|diagnostic| Error {
        path: diagnostic.path.display().to_string(),
        place: Place {
            line: diagnostic.line as usize,
            column: diagnostic.column,
            end_column: diagnostic.column + diagnostic.width,
        },
        code: Code::of_fault(diagnostic.fault).name(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        more: diagnostic.more,
    });
    of_scenario.chain(of_traces).collect()
}

fn place(source: &Source, span: Span) -> Place {
    let from = source.position(span.start);
    let to = source.position(span.end.max(span.start));
    Place { line: from.line, column: from.column, end_column: to.column.max(from.column) }
}
