//! Two load tests beside each other, in the terminal.

use std::io::{self, Write};

use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_load::compare::{Comparison, Judgement};

/// Writes a comparison: a line for each figure, then what it comes to. `quiet` leaves out what did
/// not change.
///
/// # Errors
/// When `out` does not take it.
pub fn comparison(out: &mut dyn Write, comparison: &Comparison, quiet: bool) -> io::Result<()> {
    for unlike in &comparison.unlike {
        writeln!(out, "{}: {}", Paint::Warn.on("not alike"), clean(unlike))?;
    }
    if !comparison.unlike.is_empty() {
        writeln!(out, "what differs below may come from this, and not from the target\n")?;
    }
    let shown: Vec<_> = comparison
        .lines
        .iter()
        .filter(|line| !quiet || matches!(line.verdict, Judgement::Worse | Judgement::Better))
        .collect();
    let width = |of: fn(&lamplighter_load::compare::ComparisonLine) -> &String| {
        shown.iter().map(|line| of(line).chars().count()).max().unwrap_or(0)
    };
    let (what, before, after) =
        (width(|line| &line.what), width(|line| &line.before), width(|line| &line.after));
    for line in &shown {
        let paint = match line.verdict {
            Judgement::Worse => Paint::Bad,
            Judgement::Better => Paint::Good,
            _ => Paint::Faint,
        };
        writeln!(
            out,
            "{:<what$}  {:>before$} → {:<after$}  {}",
            line.what,
            line.before,
            line.after,
            paint.on(line.told())
        )?;
    }
    if !shown.is_empty() {
        writeln!(out)?;
    }
    let count =
        |wanted: Judgement| comparison.lines.iter().filter(|line| line.verdict == wanted).count();
    let (worse, better) = (count(Judgement::Worse), count(Judgement::Better));
    let paint = match (worse, better) {
        (1.., _) => Paint::Bad,
        (0, 1..) => Paint::Good,
        (0, 0) => Paint::Strong,
    };
    let told = format!("{worse} worse, {better} better");
    writeln!(out, "{} of {} figures", paint.on(told), comparison.lines.len())
}
