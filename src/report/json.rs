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

/// What scenarios came to. Instants are RFC 3339 in UTC.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "lamplighter scenario --json"))]
pub(super) struct Report<'a> {
    /// The version that wrote it.
    lamplighter: &'static str,
    /// The release of the time zone database.
    zone_data: &'a str,
    /// What all of them came to.
    summary: Summary,
    /// Each scenario, in the order of their paths.
    scenarios: Vec<Scenario<'a>>,
    /// What was tested on a target; absent in a run in process.
    #[serde(skip_serializing_if = "Option::is_none")]
    tested: Option<Tested>,
    /// Scenarios that were not played on the target; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedScenario<'a>>,
}

/// What was tested on a target.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tested {
    /// What was tested, by capability.
    by_capability: Vec<TestedRow>,
    /// Why something was not tested.
    not_tested: Vec<Reason>,
}

/// A scenario that was not played.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SkippedScenario<'a> {
    /// The file.
    path: String,
    /// Why it was not played.
    why: &'a str,
}

/// What all scenarios came to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// Scenarios that were run.
    scenarios: u64,
    /// Those of which every expectation is true.
    passed: u64,
    /// Those with a false expectation, or a wrong row of what was observed.
    failed: u64,
    /// Those with a fault.
    invalid: u64,
    /// Those that expect nothing.
    expecting_nothing: u64,
    /// Those that tags and texts left out; absent where none was.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: u64,
    /// Expectations that were looked at.
    expectations: u64,
    /// Those of them that are false.
    expectations_false: u64,
    /// Rows of recordings; absent where there are none.
    #[serde(skip_serializing_if = "is_zero")]
    observed: u64,
    /// Those of them that are wrong; absent where none is.
    #[serde(skip_serializing_if = "is_zero")]
    observed_wrong: u64,
    /// Events that happened.
    events: u64,
    /// Rows of traces that could not happen.
    anomalies: u64,
    /// How long the runs were, in simulated milliseconds.
    simulated_ms: u64,
}

/// What a scenario came to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Scenario<'a> {
    /// The file.
    path: String,
    /// The row of its table of examples that it is; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<Row<'a>>,
    /// Its title.
    title: &'a str,
    /// Where its expectations come from.
    sources: &'a [String],
    /// Its labels; absent where it has none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    /// What it came to.
    #[cfg_attr(test, schemars(extend("enum" = ["passed", "failed", "invalid"])))]
    outcome: &'static str,
    /// Expectations that were looked at.
    expectations: usize,
    /// Events that happened.
    events: u64,
    /// The first instant of the run.
    from: Option<String>,
    /// The last instant of the run, included.
    to: Option<String>,
    /// The zone of its local times.
    timezone: &'a str,
    /// Sound rows of its traces.
    trace_rows: u64,
    /// How many widgets show what after the last instant; `null` where nothing was played.
    at_the_end: Option<Totals>,
    /// False expectations, in the order of the lines.
    failures: Vec<FalseExpectation<'a>>,
    /// What its recordings came to; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Observed<'a>>,
    /// What is wrong with it and its traces.
    errors: Vec<Error<'a>>,
    /// Rows of traces that cannot happen.
    anomalies_count: u64,
    /// The first of them.
    anomalies: Vec<Anomaly>,
    /// What the target calls what is in it; absent elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    made: Vec<Made<'a>>,
    /// What each clause came to on a target; absent elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clauses: Vec<Clause<'a>>,
}

/// A row of a table of examples.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// The line of the file in which the row stands.
    #[cfg_attr(test, schemars(range(min = 1)))]
    line: usize,
    /// What stands in its cells, by the names of the columns.
    values: BTreeMap<&'a str, &'a str>,
}

/// What a target calls something.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Made<'a> {
    /// `agent`, `property` or `widget`.
    kind: &'static str,
    /// What the scenario calls it.
    name: &'a str,
    /// What the target calls it.
    made: &'a str,
}

/// What a clause came to on a target.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Clause<'a> {
    #[serde(flatten)]
    place: SourceRange,
    /// The clause.
    clause: &'a str,
    /// What it asks for.
    capability: &'static str,
    /// What it came to.
    #[cfg_attr(test, schemars(extend("enum" = ["held", "false", "not tested"])))]
    came_to: &'static str,
    /// Why it was not tested; absent elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// How many widgets show what.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Totals {
    /// Those that are online.
    online: u64,
    /// Those that are away.
    away: u64,
    /// Those that are offline.
    offline: u64,
}

/// Where words stand in a line of the file, both numbers from 1, columns in characters.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SourceRange {
    /// The line, from 1.
    line: usize,
    /// The first column, in characters from 1.
    column: usize,
    /// The column behind the last one.
    end_column: usize,
}

/// A false expectation.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FalseExpectation<'a> {
    #[serde(flatten)]
    words: SourceRange,
    /// The whole statement.
    statement: &'a str,
    /// The instant at which it is false.
    at: String,
    /// What was expected.
    expected: &'a str,
    /// What was so instead.
    found: &'a str,
    /// The knobs of other rules than the rule book's that decided, by their names in a file of rules; absent where none did.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    knobs: BTreeMap<&'static str, &'a str>,
    /// When it was, and the facts behind it.
    notes: Vec<String>,
}

/// What is wrong with a scenario.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Error<'a> {
    /// The file that has it: the scenario, or one of its traces.
    path: String,
    #[serde(flatten)]
    place: SourceRange,
    /// What kind of fault it is: `lamplighter rule` explains it.
    code: &'static str,
    /// What is wrong.
    message: &'a str,
    /// What was expected there, or the rule.
    label: &'a str,
    /// What to do.
    help: Option<&'a str>,
    /// How many more rows of a trace have the same fault, and are not listed; absent where none has.
    #[serde(skip_serializing_if = "is_zero")]
    more: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A row of a trace that cannot happen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Anomaly {
    /// The trace.
    path: String,
    /// Its line, from 1.
    line: u64,
    /// Why it cannot happen.
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
        place: source_range(source, *span),
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
        words: source_range(source, failure.words),
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
        place: source_range(&verdict.file.source, diagnostic.span),
        code: diagnostic.code.name(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        more: 0,
    });
    let of_traces = verdict.trace_diagnostics.iter().map(|diagnostic| Error {
        path: diagnostic.path.display().to_string(),
        place: SourceRange {
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

fn source_range(source: &Source, span: Span) -> SourceRange {
    let from = source.position(span.start);
    let to = source.position(span.end.max(span.start));
    SourceRange { line: from.line, column: from.column, end_column: to.column.max(from.column) }
}
