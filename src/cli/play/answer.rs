//! What a text says, as the page gets it in JSON.

use serde::Serialize;

use super::findings::{Finding, failures, faults, finding};
use super::now::Now;
use super::places::{Places, Units};
use crate::report::format::counted;
use crate::report::html::{ShownPicture, Stop};
use crate::report::text::observed;
use lamplighter_core::model::Millis;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Outcome, Verdict};

/// At most so many findings are told of a text.
const FINDINGS_MAX: usize = 100;

/// What a text says.
#[derive(Serialize)]
pub struct PlayAnswer {
    /// Of all its rows together: `passed`, `failed`, `invalid`, or `stopped` where it went on too long.
    pub outcome: &'static str,
    /// The same in words: `All 5 expectations hold`.
    pub headline: String,
    /// How much was played.
    pub facts: Vec<String>,
    /// The title of the scenario that is shown.
    pub title: String,
    /// The rows of its table; none without one.
    pub rows: Vec<Row>,
    /// How many more rows the table has, which were not played.
    pub rows_left_out: usize,
    /// The line of the row that is shown.
    pub row: Option<usize>,
    /// What is wrong, false or probably not meant, in the order of the lines.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub findings_left_out: usize,
    /// Each expectation of the scenario that is shown; none where it has faults.
    pub expectations: Vec<Expectation>,
    /// The `at` lines of the scenario that is shown.
    pub steps: Vec<Step>,
    /// The picture of the scenario that is shown.
    pub picture: Option<Picture>,
    /// What is so at the instant that was asked for.
    pub now: Option<Now>,
}

/// A row of a table of examples.
#[derive(Serialize)]
pub struct Row {
    line: usize,
    words: String,
    outcome: &'static str,
}

/// An expectation, and whether it is true.
#[derive(Serialize)]
pub struct Expectation {
    line: usize,
    holds: bool,
}

/// A line `at` of the text, by which the page steps through a run.
#[derive(Serialize)]
pub struct Step {
    line: usize,
    at_ms: i64,
}

/// A picture with the places at which a cursor stops.
#[derive(Serialize)]
pub struct Picture {
    markup: String,
    width: u32,
    stops: Vec<Stop>,
}

/// The scenario that is shown of a text.
pub struct ShownScenario<'a> {
    /// What its run gave.
    pub verdict: &'a Verdict,
    /// The statements in it that expect something.
    pub expected: &'a [Span],
    /// Its picture, if there is something to draw.
    pub picture: Option<ShownPicture>,
    /// What is so at the instant that was asked for.
    pub now: Option<Now>,
}

impl PlayAnswer {
    /// Puts together what a text says: of the scenario that is shown all, of its other rows the verdict.
    pub fn of(
        text: &str,
        shown: ShownScenario<'_>,
        verdicts: &[&Verdict],
        warnings: &[Diagnostic],
        rows_left_out: usize,
    ) -> Self {
        let ShownScenario { verdict, expected, picture, now } = shown;
        let places = Places::of(text, &verdict.file);
        let mut findings: Vec<Finding> =
            verdicts.iter().flat_map(|verdict| faults(verdict, &places)).collect();
        if verdict.outcome() == Outcome::Failed && !verdict.stopped {
            findings.extend(failures(verdict, &places));
        }
        findings.extend(warnings.iter().map(|one| finding("warning", one, &places, Vec::new())));
        findings.sort_by_key(|finding| finding.span);
        let findings_left_out = findings.len().saturating_sub(FINDINGS_MAX);
        findings.truncate(FINDINGS_MAX);
        Self {
            outcome: outcome_of(verdicts),
            headline: headline(verdict, verdicts),
            facts: facts(verdict),
            title: verdict.file.title.clone(),
            rows: verdicts.iter().filter_map(|verdict| row(verdict)).collect(),
            rows_left_out,
            row: verdict.file.row.as_ref().map(|row| row.line),
            findings,
            findings_left_out,
            expectations: expectations(verdict, expected, &places),
            steps: steps(verdict, &places),
            picture: picture.map(|ShownPicture { markup, width, stops }| Picture {
                markup,
                width,
                stops,
            }),
            now,
        }
    }
}

fn outcome(verdict: &Verdict) -> &'static str {
    match verdict.outcome() {
        Outcome::Invalid => "invalid",
        _ if verdict.stopped => "stopped",
        Outcome::Failed => "failed",
        Outcome::Passed => "passed",
    }
}

fn outcome_of(verdicts: &[&Verdict]) -> &'static str {
    let outcomes = || verdicts.iter().map(|verdict| outcome(verdict));
    let worst = ["invalid", "stopped", "failed"];
    worst.into_iter().find(|worst| outcomes().any(|one| one == *worst)).unwrap_or("passed")
}

fn headline(verdict: &Verdict, verdicts: &[&Verdict]) -> String {
    if verdicts.len() > 1 {
        let held = verdicts.iter().filter(|verdict| outcome(verdict) == "passed").count();
        return match verdicts.len() {
            all if held == all => format!("All {all} rows hold"),
            all => format!("{held} of {all} rows hold"),
        };
    }
    let expectations = verdict.counts.expectations;
    match (outcome(verdict), verdict.failures.len()) {
        ("invalid", _) => {
            let count = verdict.error_count();
            format!("{} to mend before it can be played", counted(count, "fault"))
        }
        ("stopped", _) => "It goes on for too long to be shown here".to_owned(),
        ("failed", 0) => "What was seen is not as the rules say".to_owned(),
        ("failed", 1) if expectations == 1 => "The expectation is false".to_owned(),
        ("failed", 1) => format!("1 of {expectations} expectations is false"),
        ("failed", count) => format!("{count} of {expectations} expectations are false"),
        _ if verdict.expects_nothing() => "Nothing is expected of it".to_owned(),
        _ if expectations == 1 => "The expectation holds".to_owned(),
        _ => format!("All {expectations} expectations hold"),
    }
}

fn facts(verdict: &Verdict) -> Vec<String> {
    match outcome(verdict) {
        "invalid" => return Vec::new(),
        "stopped" => {
            let more = "`lamplighter scenario FILE` plays it whole, and `--html` draws it";
            return vec![more.to_owned()];
        }
        _ => {}
    }
    let mut facts: Vec<String> = observed(verdict).into_iter().collect();
    facts.push(counted(verdict.counts.events, "event"));
    facts.push(match verdict.simulated() {
        Millis::ZERO => "one instant".to_owned(),
        length => format!("{length} simulated"),
    });
    if verdict.anomalies.count > 0 {
        facts.push(format!("{} of traces cannot happen", counted(verdict.anomalies.count, "row")));
    }
    facts
}

fn row(verdict: &Verdict) -> Option<Row> {
    let row = verdict.file.row.as_ref()?;
    Some(Row { line: row.line, words: row.told(), outcome: outcome(verdict) })
}

fn expectations(verdict: &Verdict, expected: &[Span], places: &Places<'_>) -> Vec<Expectation> {
    if !matches!(outcome(verdict), "passed" | "failed") {
        return Vec::new();
    }
    let of_rows = verdict.observations.false_rows.iter().map(|row| row.statement);
    let is_false: Vec<Span> =
        verdict.failures.iter().map(|failure| failure.statement).chain(of_rows).collect();
    let held = expected.iter().filter_map(|span| {
        let Units { line, .. } = places.units(*span)?;
        Some(Expectation { line, holds: !is_false.contains(span) })
    });
    held.collect()
}

fn steps(verdict: &Verdict, places: &Places<'_>) -> Vec<Step> {
    let steps = verdict.picture.iter().flat_map(|picture| &picture.steps);
    let step = |(at, span): &(lamplighter_core::model::Instant, Span)| {
        Some(Step { line: places.units(*span)?.line, at_ms: at.as_millis() })
    };
    steps.filter_map(step).collect()
}
