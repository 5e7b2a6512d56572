//! Coverage of a folder in a terminal: a line for each file, and one for all together.

use std::io::{self, Write};

use super::words::{length, percent_or_dash};
use crate::report::format::{counted, thousands};
use crate::report::style::Paint;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::share;
use lamplighter_coverage::many::{FileTotals, ManyCoverage};

/// Writes a line for each file, and one for all together.
///
/// # Errors
/// When `out` does not take it.
pub fn report(out: &mut dyn Write, many: &ManyCoverage) -> io::Result<()> {
    let totals = many.totals();
    let scenarios = counted(many.files.len() as u64, "scenario");
    let events = counted(totals.events, "event");
    writeln!(out, "{}", Paint::Strong.on(format!("Coverage of {scenarios}, {events}")))?;
    let names = many.files.iter().map(|file| file.name.chars().count());
    let width = names.max().unwrap_or(0).max("scenario".len());
    let lost = if totals.visitors.is_some() { "  lost visitors" } else { "" };
    writeln!(
        out,
        "  {:<width$}  staffed  away-only    empty    empty time   after hours   false light{lost}",
        "scenario"
    )?;
    for file in &many.files {
        match &file.totals {
            Ok(Some(totals)) => line(out, &file.name, width, totals)?,
            Ok(None) => {
                writeln!(
                    out,
                    "  {:<width$}  {}",
                    file.name,
                    Paint::Faint.on("of a single instant")
                )?;
            }
            Err(why) => {
                writeln!(out, "  {:<width$}  {}", file.name, Paint::Bad.on(why))?;
            }
        }
    }
    line(out, "all", width, &totals)
}

fn line(out: &mut dyn Write, name: &str, width: usize, totals: &FileTotals) -> io::Result<()> {
    let FileTotals { times, false_light_ms, visitors, .. } = totals;
    let of = |class| percent_or_dash(share(times.of(class), times.open_ms()));
    let lost = visitors.map_or_else(String::new, |(came, empty)| {
        format!("  {} of {}", thousands(empty), thousands(came))
    });
    writeln!(
        out,
        "  {name:<width$}  {:>7}  {:>9}  {:>7}  {:>12}  {:>12}  {:>12}{lost}",
        of(Class::Staffed),
        of(Class::AwayOnly),
        of(Class::Empty),
        length(times.of(Class::Empty)),
        length(times.of(Class::AfterHours)),
        length(*false_light_ms),
    )
}
