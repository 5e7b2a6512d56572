//! What a text says, as the page gets it: JSON whose places are counted as scripts count them, in code
//! units of UTF-16.

use serde::Serialize;

use crate::report::explain::{Explained, explained};
use crate::report::format::counted;
use crate::report::html::{ShownPicture, Stop};
use crate::report::text::{more_rows, observed};
use lamplighter_core::model::{AgentId, Millis, Visitor, WidgetId};
use lamplighter_scenario::language::ExampleRow;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::time::write;
use lamplighter_scenario::play::{Facts, Outcome, ScenarioFile, Verdict};

/// At most so many findings are told of a text, and so many widgets and agents of an instant.
const FINDINGS_MAX: usize = 100;
const WIDGETS_MAX: usize = 40;
const AGENTS_MAX: usize = 60;

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

/// Something to say about words of the text.
#[derive(Serialize)]
pub struct Finding {
    /// `error`, `false` or `warning`.
    kind: &'static str,
    /// The code of its kind, which `lamplighter rule` explains; a false expectation has none.
    code: Option<&'static str>,
    message: String,
    label: Option<String>,
    help: Option<String>,
    notes: Vec<String>,
    /// What is so instead, in a few words; of false expectations alone.
    found: Option<String>,
    /// Where: `7:3`, and the path in front of it where it is another file.
    place: String,
    /// The line and the code units of the text; `None` in another file.
    span: Option<Units>,
}

/// A place in the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Units {
    /// The number of the line, from 1.
    line: usize,
    /// The first code unit, from the beginning of the text.
    start: usize,
    /// The one behind the last.
    end: usize,
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

/// What is so at an instant, after everything of it (rule T3).
#[derive(Serialize)]
pub struct Now {
    at_ms: i64,
    local: String,
    zone: String,
    utc: String,
    /// As `explain --json` has them.
    widgets: Vec<serde_json::Value>,
    widgets_left_out: usize,
    agents: Vec<AgentNow>,
    agents_left_out: usize,
}

/// A widget at an instant.
#[derive(Serialize)]
struct WidgetNow<'a> {
    #[serde(flatten)]
    explained: Explained<'a>,
    /// What the clock alone will change next, in words.
    next: String,
}

/// An agent at an instant.
#[derive(Serialize)]
struct AgentNow {
    name: String,
    status: &'static str,
    /// With devices and why: `ann is away (laptop away, phone logged out 2 min ago)`.
    words: String,
    /// What the clock alone will change next, in words.
    next: String,
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

/// Counts places as scripts count them.
struct Places<'a> {
    file: &'a ScenarioFile,
    /// The code unit with which each line of the text begins.
    line_starts: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &str, file: &'a ScenarioFile) -> Self {
        let source = &file.source;
        // A byte order mark in front is not part of the source.
        let mut at = usize::from(text.starts_with('\u{feff}'));
        let (mut line_starts, mut before) = (Vec::with_capacity(source.line_count()), 0);
        for number in 1..=source.line_count() {
            let (start, _) = source.line(number);
            at += units(source.slice(Span::new(before, start)));
            before = start;
            line_starts.push(at);
        }
        Self { file, line_starts }
    }

    /// Where a span stands; `None` in another file.
    fn units(&self, span: Span) -> Option<Units> {
        let source = &self.file.source;
        if source.included_path(span.start).is_some() {
            return None;
        }
        let line = source.position(span.start).line;
        let (start, text) = source.line(line);
        let end = span.end.clamp(span.start, start + text.len().max(span.start - start));
        let from = self.line_starts[line - 1] + units(source.slice(Span::new(start, span.start)));
        Some(Units {
            line,
            start: from,
            end: from + units(source.slice(Span::new(span.start, end))),
        })
    }

    /// Where a span stands, for people.
    fn told(&self, span: Span) -> String {
        let source: &Source = &self.file.source;
        let position = source.position(span.start);
        let place = format!("{}:{}", position.line, position.column);
        match source.included_path(span.start) {
            None => place,
            Some(path) => format!("{}:{place}", path.display()),
        }
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
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

fn finding(
    kind: &'static str,
    found: &Diagnostic,
    places: &Places<'_>,
    notes: Vec<String>,
) -> Finding {
    Finding {
        kind,
        code: Some(found.code.name()),
        message: found.message.clone(),
        label: Some(found.label.clone()),
        help: found.help.clone(),
        notes,
        found: None,
        place: places.told(found.span),
        span: places.units(found.span),
    }
}

/// What is wrong with a scenario and its traces.
fn faults(verdict: &Verdict, places: &Places<'_>) -> Vec<Finding> {
    let row = || verdict.file.row.iter().map(ExampleRow::told).collect();
    let own = verdict.diagnostics.iter().map(|found| finding("error", found, places, row()));
    let of_traces = verdict.trace_diagnostics.iter().map(|fault| Finding {
        kind: "error",
        code: Some(Code::of_fault(fault.fault).name()),
        message: fault.message.clone(),
        label: Some(fault.label.clone()),
        help: fault.help.clone(),
        notes: more_rows(fault).into_iter().collect(),
        found: None,
        place: format!("{}:{}:{}", fault.path.display(), fault.line, fault.column),
        span: None,
    });
    own.chain(of_traces).collect()
}

/// What is false in a scenario: expectations, and rows of recordings.
fn failures(verdict: &Verdict, places: &Places<'_>) -> Vec<Finding> {
    let false_one = |span: Span, expected: &str, found: String, notes: Vec<String>| Finding {
        kind: "false",
        code: None,
        message: format!("expected {expected}, found {found}"),
        label: None,
        help: None,
        notes,
        found: Some(found),
        place: places.told(span),
        span: places.units(span),
    };
    let own = verdict.failures.iter().map(|failure| {
        let notes = verdict.notes(failure);
        false_one(failure.words, &failure.expected, failure.found.clone(), notes)
    });
    let rows = verdict.observations.false_rows.iter().map(|row| {
        let words = verdict.words();
        let place = format!("{}:{}: {}", row.path.display(), row.line, row.text);
        let notes = std::iter::once(place).chain(row.notes(words)).collect();
        false_one(row.statement, &row.expected(words), row.found(), notes)
    });
    own.chain(rows).collect()
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

impl Now {
    /// What is so in a world at the instant that it has reached.
    pub fn of(facts: Facts<'_>) -> Self {
        let (words, now) = (facts.words(), facts.now());
        let (widgets, agents) = (facts.roster.widgets.len(), facts.roster.agents.len());
        let widget = |index: usize| {
            let widget = WidgetId::new(index);
            let next = facts.world.next_change(widget);
            let told = WidgetNow {
                explained: explained(facts, (widget, &Visitor::default())),
                next: words.next_change(next.as_ref(), now),
            };
            // Texts, numbers and lists alone: there is nothing that JSON could not hold.
            serde_json::to_value(told).unwrap_or_default()
        };
        let agent = |index: usize| {
            let id = AgentId::new(index);
            let agent = facts.agent(id);
            let next = facts.world.next_agent_change(id);
            AgentNow {
                name: facts.roster.agents.name(id).to_owned(),
                status: agent.status.word(),
                words: words.agent(&agent, now),
                next: words.next_change_of_agent(next.as_ref(), now),
            }
        };
        Self {
            at_ms: now.as_millis(),
            local: write(now, facts.zone),
            zone: facts.zone.name().to_owned(),
            utc: now.to_string(),
            widgets: (0..widgets.min(WIDGETS_MAX)).map(widget).collect(),
            widgets_left_out: widgets.saturating_sub(WIDGETS_MAX),
            agents: (0..agents.min(AGENTS_MAX)).map(agent).collect(),
            agents_left_out: agents.saturating_sub(AGENTS_MAX),
        }
    }
}
