//! What is wrong with a text, false or probably not meant, at its places.

use serde::Serialize;

use super::places::{Places, Units};
use crate::report::text::more_rows;
use lamplighter_scenario::language::ExampleRow;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::Verdict;

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
    pub span: Option<Units>,
}

/// A diagnostic, as the page gets it.
pub fn finding(
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
pub fn faults(verdict: &Verdict, places: &Places<'_>) -> Vec<Finding> {
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
pub fn failures(verdict: &Verdict, places: &Places<'_>) -> Vec<Finding> {
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
