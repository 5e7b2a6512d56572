//! What is wrong in a few lines, for those who show it beside the words themselves: annotations, editors.

use super::text::more_rows;
use lamplighter_core::trace;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::play::{Failure, FalseRow, Verdict};

/// A fault or a warning: what is wrong and why, and what to do in a line below.
pub fn fault(Diagnostic { message, label, help, .. }: &Diagnostic) -> String {
    in_lines(message, label, help.iter().cloned())
}

/// A fault of a trace, with how many more of its rows have such a one.
pub fn fault_of_trace(found: &trace::Diagnostic) -> String {
    in_lines(&found.message, &found.label, found.help.iter().cloned().chain(more_rows(found)))
}

/// A false expectation: what was expected, what is so, and the facts behind it.
pub fn failure(verdict: &Verdict, failure: &Failure) -> String {
    let Failure { expected, found, .. } = failure;
    format!("expected {expected}\nfound {found}\n{}", verdict.notes(failure).join("\n"))
}

/// A wrong row of a recording, likewise.
pub fn false_row(verdict: &Verdict, row: &FalseRow) -> String {
    let words = verdict.words();
    let (expected, notes) = (row.expected(words), row.notes(words).join("\n"));
    format!("expected {expected}\nfound {}\n{notes}", row.found())
}

fn in_lines(message: &str, label: &str, more: impl Iterator<Item = String>) -> String {
    let first = format!("{message}: {label}");
    std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n")
}
