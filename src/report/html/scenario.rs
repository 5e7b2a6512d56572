//! A scenario of the page, as plain data.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::Value;
use serde::Serialize;

use crate::report::format::counted;
use crate::report::snippet::underline;
use crate::report::text::{more_rows, observed};
use lamplighter_core::model::Millis;
use lamplighter_core::model::text::two_units;
use lamplighter_core::trace;
use lamplighter_scenario::language::ExampleRow;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::play::{CameTo, Outcome, Verdict};

/// More lines of a scenario than these are not shown.
const LINES_MAX: usize = 1_000;

/// What the page says of one scenario.
#[derive(Serialize)]
pub struct Scenario {
    /// The heading of the rows that begin with it; `None` where it is the first of none.
    pub group: Option<String>,
    number: usize,
    outcome: &'static str,
    is_open: bool,
    title: String,
    path: String,
    sources: Vec<String>,
    facts: Vec<String>,
    failures: Vec<Quote>,
    faults: Vec<Quote>,
    /// Clauses that were not tested on a target, and why.
    not_tested: Vec<NotTested>,
    anomalies: Option<String>,
    picture: Option<Value>,
    lines: Vec<Line>,
    lines_left_out: usize,
}

/// A line with words marked, and what there is to say about them.
#[derive(Serialize)]
struct Quote {
    message: Option<String>,
    path: String,
    line: u64,
    column: usize,
    before: String,
    marked: String,
    after: String,
    expected: Option<String>,
    found: Option<String>,
    label: Option<String>,
    notes: Vec<String>,
    help: Option<String>,
    /// What had happened, as a scenario.
    scenario: Option<String>,
    /// Whether it is a row of a recording rather than an expectation.
    is_row: bool,
}

#[derive(Serialize)]
struct NotTested {
    line: usize,
    clause: String,
    why: String,
}

#[derive(Serialize)]
struct Line {
    text: String,
    is_bad: bool,
}

/// Puts together what the page says of a scenario.
pub fn tell(verdict: &Verdict, number: usize, is_open: bool, picture: Option<Value>) -> Scenario {
    let path = verdict.file.path.display().to_string();
    let faults = faults(verdict);
    let failures = match verdict.outcome() {
        Outcome::Invalid => Vec::new(),
        Outcome::Failed | Outcome::Passed => failures(verdict, &path),
    };
    let in_this_file = failures.iter().chain(&faults).filter(|quote| quote.path == path);
    let bad: BTreeSet<u64> = in_this_file.map(|quote| quote.line).collect();
    let source = &verdict.file.source;
    let lines = (1..=source.line_count().min(LINES_MAX)).map(|number| Line {
        text: source.line(number).1.to_owned(),
        is_bad: bad.contains(&(number as u64)),
    });
    let mut lines: Vec<Line> = lines.collect();
    if lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    Scenario {
        group: None,
        number,
        outcome: match verdict.outcome() {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Invalid => "invalid",
        },
        is_open,
        title: verdict.file.title.clone(),
        sources: verdict.file.sources.clone(),
        facts: facts(verdict),
        failures,
        faults,
        not_tested: not_tested(verdict),
        anomalies: anomalies(verdict),
        picture,
        lines_left_out: source.line_count().saturating_sub(LINES_MAX),
        lines,
        path: verdict.file.name(),
    }
}

fn not_tested(verdict: &Verdict) -> Vec<NotTested> {
    let source = &verdict.file.source;
    let tested = verdict.tested.clauses.iter();
    let not = tested.filter_map(|(span, tested)| match &tested.came_to {
        CameTo::NotTested(why) => Some(NotTested {
            line: source.position(span.start).line,
            clause: source.slice(*span).to_owned(),
            why: why.0.clone(),
        }),
        CameTo::Held | CameTo::False => None,
    });
    not.collect()
}

fn facts(verdict: &Verdict) -> Vec<String> {
    if verdict.outcome() == Outcome::Invalid {
        return vec![counted(verdict.error_count(), "fault")];
    }
    let mut facts = vec![counted(verdict.counts.expectations as u64, "expectation")];
    if !verdict.failures.is_empty() {
        facts.push(format!("{} false", verdict.failures.len()));
    }
    facts.extend(observed(verdict));
    facts.push(counted(verdict.counts.events, "event"));
    facts.push(match verdict.simulated() {
        Millis::ZERO => "one instant".to_owned(),
        length => format!("{} simulated", two_units(length)),
    });
    facts
}

fn failures(verdict: &Verdict, path: &str) -> Vec<Quote> {
    let failures = verdict.failures.iter().map(|failure| {
        let (line, marked, text) = underline(&verdict.file.source, failure.words);
        let column = verdict.file.source.position(failure.statement.start).column;
        Quote {
            expected: Some(failure.expected.clone()),
            found: Some(failure.found.clone()),
            notes: verdict.notes(failure),
            ..quote(path, line as u64, column, text, marked)
        }
    });
    let rows = verdict.observations.false_rows.iter().map(|row| {
        let words = verdict.words();
        let marked = 0..row.text.chars().count();
        Quote {
            expected: Some(row.expected(words)),
            found: Some(row.found()),
            notes: row.notes(words),
            scenario: row.scenario.clone(),
            is_row: true,
            ..quote(&row.path.display().to_string(), row.line, 1, &row.text, marked)
        }
    });
    failures.chain(rows).collect()
}

fn faults(verdict: &Verdict) -> Vec<Quote> {
    let own = verdict.diagnostics.iter().map(|fault| {
        let (line, marked, text) = underline(&verdict.file.source, fault.span);
        let path = verdict.file.path_of(fault.span).display().to_string();
        Quote {
            message: Some(fault.message.clone()),
            label: Some(fault.label.clone()),
            help: fault.help.clone(),
            notes: {
                let row = verdict.file.row.iter().map(ExampleRow::told);
                row.chain([format!("code: {}", fault.code)]).collect()
            },
            ..quote(&path, line as u64, marked.start + 1, text, marked)
        }
    });
    let of_traces = verdict.trace_diagnostics.iter().map(|fault| {
        let marked = fault.column - 1..fault.column - 1 + fault.width;
        let path = fault.path.display().to_string();
        Quote {
            message: Some(fault.message.clone()),
            label: Some(fault.label.clone()),
            help: fault.help.clone(),
            notes: more_rows(fault).into_iter().chain([code_of(fault)]).collect(),
            ..quote(&path, fault.line, fault.column, &fault.text, marked)
        }
    });
    own.chain(of_traces).collect()
}

fn code_of(fault: &trace::Diagnostic) -> String {
    format!("code: {}", Code::of_fault(fault.fault))
}

/// A line and the characters of it to mark; behind its end stands a blank that can be marked.
fn quote(path: &str, line: u64, column: usize, text: &str, marked: Range<usize>) -> Quote {
    let byte = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte);
    let (start, end) = (byte(marked.start), byte(marked.end));
    let words = if start < end { &text[start..end] } else { " " };
    Quote {
        message: None,
        path: path.to_owned(),
        line,
        column,
        before: text[..start].to_owned(),
        marked: words.to_owned(),
        after: text[end.max(start)..].to_owned(),
        expected: None,
        found: None,
        label: None,
        notes: Vec::new(),
        help: None,
        scenario: None,
        is_row: false,
    }
}

fn anomalies(verdict: &Verdict) -> Option<String> {
    let first = verdict.anomalies.first.first()?;
    let count = verdict.anomalies.count;
    Some(format!(
        "{} of the traces cannot happen and {} passed over; the first is {}:{}: {}",
        counted(count, "row"),
        if count == 1 { "was" } else { "were" },
        first.path.display(),
        first.line,
        first.why
    ))
}
