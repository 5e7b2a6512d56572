//! For people in a terminal: a line a scenario, every fault and failure in full, a summary.

use std::io::{self, Write};
use std::time::Duration;

use super::Paint;
use super::snippet::Snippet;
use lamplighter_core::model::Millis;
use lamplighter_core::trace;
use lamplighter_scenario::language::fault::Fault;
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::{Failure, Outcome, Verdict};

/// Writes a verdict: one line, and below it every false expectation. Faults are for
/// [`faults`] to write.
///
/// # Errors
/// When `out` does not take it.
pub fn verdict(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let path = clean(&verdict.path.display().to_string());
    let title = &clean(&verdict.title);
    match verdict.outcome() {
        Outcome::Passed => writeln!(out, "{}   {path}  {title}", Paint::Good.on("ok"))?,
        Outcome::Failed => {
            writeln!(out, "{} {path}  {}", Paint::Bad.on("FAIL"), Paint::Strong.on(title))?;
            for (index, failed) in verdict.failures.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                failure(out, &path, &verdict.source, failed)?;
            }
            writeln!(out)?;
        }
        Outcome::Invalid => {
            let count = verdict.faults.len() + verdict.trace_faults.len();
            let count = counted(count as u64, "error");
            writeln!(out, "{}  {path}  {title}  ({count})", Paint::Bad.on("BAD"))?;
        }
    }
    anomalies(out, verdict)?;
    totals(out, verdict)
}

/// More faults of one file than these are counted, not shown.
const FAULTS_SHOWN_MAX: usize = 100;

/// Writes every fault of a scenario and its traces.
///
/// # Errors
/// When `out` does not take it.
pub fn faults(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let path = verdict.path.display().to_string();
    for found in verdict.faults.iter().take(FAULTS_SHOWN_MAX) {
        fault(out, "error", Paint::Bad, &path, &verdict.source, found)?;
        writeln!(out)?;
    }
    for found in &verdict.trace_faults {
        trace_fault(out, found)?;
        writeln!(out)?;
    }
    if let Some(more @ 1..) = verdict.faults.len().checked_sub(FAULTS_SHOWN_MAX) {
        let more = counted(more as u64, "more error");
        writeln!(out, "{}: and {more} in {path}\n", Paint::Bad.on("error"))?;
    }
    Ok(())
}

/// Writes one fault or warning.
///
/// # Errors
/// When `out` does not take it.
pub fn fault(
    out: &mut dyn Write,
    kind: &str,
    paint: Paint,
    path: &str,
    source: &Source,
    fault: &Fault,
) -> io::Result<()> {
    writeln!(out, "{}: {}", paint.on(kind), Paint::Strong.on(&fault.message))?;
    let (line, underlined, text) = underline(source, fault.span);
    let help: Vec<String> = fault.help.iter().map(|help| format!("help: {help}")).collect();
    Snippet {
        path,
        line: line as u64,
        column: underlined.start + 1,
        text,
        underlined,
        label: std::slice::from_ref(&fault.label),
        notes: &help,
        paint,
    }
    .write(out)
}

fn trace_fault(out: &mut dyn Write, fault: &trace::Fault) -> io::Result<()> {
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(&fault.message))?;
    Snippet {
        path: &fault.path.display().to_string(),
        line: fault.line,
        column: fault.column,
        text: &fault.text,
        underlined: fault.column - 1..fault.column - 1 + fault.width,
        label: std::slice::from_ref(&fault.label),
        notes: &[],
        paint: Paint::Bad,
    }
    .write(out)
}

fn failure(out: &mut dyn Write, path: &str, source: &Source, failed: &Failure) -> io::Result<()> {
    let (line, underlined, text) = underline(source, failed.words);
    let label = [format!("expected {}", failed.expected), format!("found    {}", failed.found)];
    Snippet {
        path,
        line: line as u64,
        column: source.position(failed.statement.start).column,
        text,
        underlined,
        label: &label,
        notes: &failed.notes,
        paint: Paint::Bad,
    }
    .write(out)
}

/// The line of a span, the characters of it that the span covers, and its text.
pub(super) fn underline(source: &Source, span: Span) -> (usize, std::ops::Range<usize>, &str) {
    let position = source.position(span.start);
    let (line_start, text) = source.line(position.line);
    let end = span.end.clamp(span.start, line_start + text.len());
    let width = source.slice(Span::new(span.start.min(end), end)).chars().count();
    let start = position.column - 1;
    (position.line, start..start + width, text)
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
    let Some(totals) = verdict.at_the_end else { return Ok(()) };
    if verdict.outcome() == Outcome::Invalid || verdict.trace_rows == 0 {
        return Ok(());
    }
    let counts = [totals.online, totals.away, totals.offline];
    let [online, away, offline] = counts.map(thousands);
    let s = if totals.online == 1 { "" } else { "s" };
    writeln!(out, "     at the end: {online} widget{s} online, {away} away, {offline} offline")
}

/// What all scenarios of a run came to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Summary {
    /// Scenarios whose expectations are all true.
    pub passed: u64,
    /// Scenarios with a false expectation.
    pub failed: u64,
    /// Faulty scenarios.
    pub invalid: u64,
    /// Expectations that were looked at.
    pub expectations: u64,
    /// Those of them that are false.
    pub expectations_false: u64,
    /// Events that were applied.
    pub events: u64,
    /// Rows of traces that cannot happen.
    pub anomalies: u64,
    /// Simulated time, of all scenarios together.
    pub simulated: Millis,
}

impl Summary {
    /// Counts one more verdict in.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict.outcome() {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Invalid => {
                // What was played of it was only in search of more faults.
                self.invalid += 1;
                return;
            }
        }
        self.expectations += verdict.expectations as u64;
        self.expectations_false += verdict.failures.len() as u64;
        self.events += verdict.events;
        self.anomalies += verdict.anomalies.count;
        self.simulated.0 += verdict.simulated().0;
    }
}

/// Writes the summary: the last lines of a run.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(out: &mut dyn Write, summary: &Summary, took: Duration) -> io::Result<()> {
    let all = summary.passed + summary.failed + summary.invalid;
    let worst = match (summary.invalid, summary.failed) {
        (1.., _) | (0, 1..) => Paint::Bad,
        (0, 0) => Paint::Good,
    };
    writeln!(
        out,
        "{}: {} passed, {} failed, {} invalid",
        worst.on(counted(all, "scenario")),
        thousands(summary.passed),
        thousands(summary.failed),
        thousands(summary.invalid)
    )?;
    writeln!(
        out,
        "{} ({} false), {}, {} simulated days in {:.3} s",
        counted(summary.expectations, "expectation"),
        thousands(summary.expectations_false),
        counted(summary.events, "event"),
        decimal(summary.simulated.as_days()),
        took.as_secs_f64()
    )
}

/// A text from outside without what could command a terminal.
pub fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), "\u{fffd}")
}

/// `1 row`, `1,204 rows`
pub fn counted(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {noun}{s}", thousands(count))
}

/// `1,204.5`
pub fn decimal(number: f64) -> String {
    let tenths = (number * 10.0).round() as u64;
    format!("{}.{}", thousands(tenths / 10), tenths % 10)
}

/// `1,204`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
