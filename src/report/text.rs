//! For people in a terminal: a line a scenario, every fault and failure in full, a summary.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use super::Paint;
use super::format::{clean, counted, decimal, thousands};
use super::snippet::{Snippet, underline};
use super::summary::Summary;
use lamplighter_core::trace;
use lamplighter_scenario::language::ExampleRow;
use lamplighter_scenario::language::code::{Code, Severity};
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Source;
use lamplighter_scenario::play::{
    Failure, FalseRow, MadeName, Observations, Outcome, RunSpan, ScenarioFile, Verdict,
};

/// Writes a verdict: one line, and below it every false expectation. Faults are for
/// [`diagnostics`] to write.
///
/// # Errors
/// When `out` does not take it.
pub fn verdict(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let path = clean(&verdict.file.name());
    let title = &clean(&verdict.file.title);
    match verdict.outcome() {
        Outcome::Passed => writeln!(out, "{}   {path}  {title}", Paint::Good.on("ok"))?,
        Outcome::Failed => {
            writeln!(out, "{} {path}  {}", Paint::Bad.on("FAIL"), Paint::Strong.on(title))?;
            for (index, failed) in verdict.failures.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                failure(out, verdict, failed)?;
            }
            for (index, row) in verdict.observations.false_rows.iter().enumerate() {
                if index > 0 || !verdict.failures.is_empty() {
                    writeln!(out)?;
                }
                false_row(out, verdict, row)?;
            }
            if !verdict.made.is_empty() {
                let made = |one: &MadeName| format!("{} is {}", clean(&one.name), one.made);
                let made: Vec<String> = verdict.made.iter().map(made).collect();
                writeln!(out, "   = on the target {}", made.join(", "))?;
            }
            writeln!(out)?;
        }
        Outcome::Invalid => {
            let count = match verdict.error_count() {
                0 => "the errors of a row above".to_owned(),
                count => counted(count, "error"),
            };
            writeln!(out, "{}  {path}  {title}  ({count})", Paint::Bad.on("BAD"))?;
        }
    }
    anomalies(out, verdict)?;
    if let Some(observed) = observed(verdict) {
        writeln!(out, "     {observed}")?;
    }
    totals(out, verdict)
}

/// What recordings came to: `120 rows observed, 3 wrong: 2 stale, 1 early`; `None` where there are none.
pub fn observed(verdict: &Verdict) -> Option<String> {
    let Observations { rows, wrong, untold, .. } = &verdict.observations;
    if *rows == 0 || verdict.outcome() == Outcome::Invalid {
        return None;
    }
    let mut told = format!("{} observed", counted(*rows, "row"));
    let count = verdict.observations.wrong_count();
    if count > 0 {
        let ways = wrong.iter().map(|(word, count)| format!("{} {word}", thousands(*count)));
        let ways: Vec<String> = ways.collect();
        told.push_str(&format!(", {} wrong: {}", thousands(count), ways.join(", ")));
    }
    if *untold > 0 {
        told.push_str(&format!(" ({} of kinds that are not told)", thousands(*untold)));
    }
    Some(told)
}

/// More faults of one file than these are counted, not shown.
const DIAGNOSTICS_SHOWN_MAX: usize = 100;

/// Writes every fault of a scenario and its traces.
///
/// # Errors
/// When `out` does not take it.
pub fn diagnostics(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    for found in verdict.diagnostics.iter().take(DIAGNOSTICS_SHOWN_MAX) {
        of_file(out, &verdict.file, found)?;
    }
    for found in &verdict.trace_diagnostics {
        trace_diagnostic(out, found)?;
        writeln!(out)?;
    }
    if let Some(more @ 1..) = verdict.diagnostics.len().checked_sub(DIAGNOSTICS_SHOWN_MAX) {
        let more = counted(more as u64, "more error");
        let path = verdict.file.name();
        writeln!(out, "{}: and {more} in {path}\n", Paint::Bad.on("error"))?;
    }
    Ok(())
}

/// Writes one fault or warning of a scenario, and an empty line: in the file in which it stands, with the
/// row by which it is one, and its code, by which `lamplighter rule` explains it.
///
/// # Errors
/// When `out` does not take it.
pub fn of_file(
    out: &mut dyn Write,
    file: &ScenarioFile,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    let path = file.path_of(diagnostic.span).display().to_string();
    let row = file.row.iter().map(ExampleRow::told);
    let notes: Vec<String> = row.chain([code_note(diagnostic.code)]).collect();
    coded(out, &path, &file.source, diagnostic, &notes)?;
    writeln!(out)
}

/// Writes one fault or warning of a scenario, with its code below, by which `lamplighter rule` explains it.
///
/// # Errors
/// When `out` does not take it.
pub fn coded_diagnostic(
    out: &mut dyn Write,
    path: &str,
    source: &Source,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    coded(out, path, source, diagnostic, &[code_note(diagnostic.code)])
}

fn coded(
    out: &mut dyn Write,
    path: &str,
    source: &Source,
    diagnostic: &Diagnostic,
    notes: &[String],
) -> io::Result<()> {
    let (kind, paint) = match diagnostic.code.severity() {
        Severity::Error => ("error", Paint::Bad),
        Severity::Lint => ("warning", Paint::Warn),
    };
    with_notes(out, kind, paint, path, source, diagnostic, notes)
}

/// Writes one fault or warning of a file that is no scenario.
///
/// # Errors
/// When `out` does not take it.
pub fn diagnostic(
    out: &mut dyn Write,
    kind: &str,
    paint: Paint,
    path: &str,
    source: &Source,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    with_notes(out, kind, paint, path, source, diagnostic, &[])
}

fn code_note(code: Code) -> String {
    format!("code: {code}")
}

fn with_notes(
    out: &mut dyn Write,
    kind: &str,
    paint: Paint,
    path: &str,
    source: &Source,
    diagnostic: &Diagnostic,
    notes: &[String],
) -> io::Result<()> {
    writeln!(out, "{}: {}", paint.on(kind), Paint::Strong.on(&diagnostic.message))?;
    let (line, underlined, text) = underline(source, diagnostic.span);
    let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
    let notes: Vec<String> = help.chain(notes.iter().cloned()).collect();
    Snippet {
        path,
        line: line as u64,
        column: underlined.start + 1,
        text,
        underlined,
        label: std::slice::from_ref(&diagnostic.label),
        notes: &notes,
        paint,
    }
    .write(out)
}

fn trace_diagnostic(out: &mut dyn Write, diagnostic: &trace::Diagnostic) -> io::Result<()> {
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(&diagnostic.message))?;
    let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
    let more = more_rows(diagnostic).map(|more| format!("note: {more}"));
    let code = [code_note(Code::of_fault(diagnostic.fault))];
    Snippet {
        path: &diagnostic.path.display().to_string(),
        line: diagnostic.line,
        column: diagnostic.column,
        text: &diagnostic.text,
        underlined: diagnostic.column - 1..diagnostic.column - 1 + diagnostic.width,
        label: std::slice::from_ref(&diagnostic.label),
        notes: &help.chain(more).chain(code).collect::<Vec<_>>(),
        paint: Paint::Bad,
    }
    .write(out)
}

/// How many more rows of its trace have a fault, where they are not told one by one.
pub fn more_rows(diagnostic: &trace::Diagnostic) -> Option<String> {
    (diagnostic.more > 0).then(|| match diagnostic.more {
        1 => "1 more row has such a fault".to_owned(),
        more => format!("{} more rows have such a fault", thousands(more)),
    })
}

fn failure(out: &mut dyn Write, verdict: &Verdict, failed: &Failure) -> io::Result<()> {
    let path = verdict.file.path.display().to_string();
    let source = &verdict.file.source;
    let (line, underlined, text) = underline(source, failed.words);
    let label = [format!("expected {}", failed.expected), format!("found    {}", failed.found)];
    Snippet {
        path: &path,
        line: line as u64,
        column: source.position(failed.statement.start).column,
        text,
        underlined,
        label: &label,
        notes: &verdict.notes(failed),
        paint: Paint::Bad,
    }
    .write(out)
}

/// A wrong row of a recording, like a false expectation.
fn false_row(out: &mut dyn Write, verdict: &Verdict, row: &FalseRow) -> io::Result<()> {
    let words = verdict.words();
    let label = [format!("expected {}", row.expected(words)), format!("found    {}", row.found())];
    Snippet {
        path: &row.path.display().to_string(),
        line: row.line,
        column: 1,
        text: &row.text,
        underlined: 0..row.text.chars().count(),
        label: &label,
        notes: &row.notes(words),
        paint: Paint::Bad,
    }
    .write(out)
}

fn anomalies(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let Some(first) = verdict.anomalies.first.first() else { return Ok(()) };
    let count = verdict.anomalies.count;
    writeln!(
        out,
        "     {} of the traces cannot happen and {} passed over; the first is {}:{}: {}",
        counted(count, "row"),
        if count == 1 { "was" } else { "were" },
        first.path.display(),
        first.line,
        first.why
    )
}

/// Of many widgets that a trace has moved nobody has asked for each; what they came to is said.
fn totals(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let Some(RunSpan { totals, .. }) = verdict.run else { return Ok(()) };
    if verdict.outcome() == Outcome::Invalid || verdict.counts.trace_rows == 0 {
        return Ok(());
    }
    let counts = [totals.online, totals.away, totals.offline];
    let [online, away, offline] = counts.map(thousands);
    let s = if totals.online == 1 { "" } else { "s" };
    writeln!(out, "     at the end: {online} widget{s} online, {away} away, {offline} offline")
}

/// Writes the summary: the last lines of a run. `left_out_by` are the options that left scenarios out.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(
    out: &mut dyn Write,
    summary: &Summary,
    left_out_by: &dyn Display,
    took: Duration,
) -> io::Result<()> {
    let all = summary.passed + summary.failed + summary.invalid;
    let worst = match (summary.invalid, summary.failed) {
        (1.., _) | (0, 1..) => Paint::Bad,
        (0, 0) => Paint::Good,
    };
    writeln!(
        out,
        "{}: {} passed, {} failed, {} invalid{}",
        worst.on(counted(all, "scenario")),
        thousands(summary.passed),
        thousands(summary.failed),
        thousands(summary.invalid),
        match summary.expecting_nothing {
            0 => String::new(),
            1 => " (1 expects nothing)".to_owned(),
            count => format!(" ({} expect nothing)", thousands(count)),
        }
    )?;
    if summary.left_out > 0 {
        writeln!(out, "{} left out by {left_out_by}", counted(summary.left_out, "scenario"))?;
    }
    writeln!(
        out,
        "{} ({} false), {}{}, {} simulated days in {:.3} s",
        counted(summary.expectations, "expectation"),
        thousands(summary.expectations_false),
        match summary.observed {
            0 => String::new(),
            rows => {
                let wrong = thousands(summary.observed_wrong);
                format!("{} observed ({wrong} wrong), ", counted(rows, "row"))
            }
        },
        counted(summary.events, "event"),
        decimal(summary.simulated.as_days()),
        took.as_secs_f64()
    )
}
