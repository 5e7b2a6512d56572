//! What chats came to, in a terminal.

use std::io::{self, Write};

use super::words::{estimate, estimate_or_dash, length, percent, weekday};
use crate::report::format::{decimal, thousands};
use crate::report::style::Paint;
use lamplighter_coverage::figures::{Coverage, StaffingFigures, StaffingHour};

/// So many properties are told; the rest stands in the other forms.
const PROPERTIES_MAX: usize = 4;
/// Of so many of them each hour is told.
const BY_HOUR_MAX: usize = 1;

/// Writes what chats came to, property by property, those with the most missed ones first.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
    let mut ranked: Vec<&StaffingFigures> = coverage.staffing.iter().collect();
    ranked.sort_by(|a, b| b.missed.mean.total_cmp(&a.missed.mean));
    for (place, figures) in ranked.iter().take(PROPERTIES_MAX).enumerate() {
        let name = coverage.roster.properties.name(figures.property);
        writeln!(out, "{}", Paint::Strong.on(format!("Chats of {name}")))?;
        let number = |number: f64| decimal(number);
        writeln!(out, "  chats        {}", estimate(figures.chats, number))?;
        let ms = |ms: f64| length(seconds(ms));
        if let Some(waits) = figures.waits {
            writeln!(
                out,
                "  waits        mean {}, half of them up to {}, nine of ten up to {}",
                estimate(waits.mean, ms),
                estimate(waits.p50, ms),
                estimate(waits.p90, ms),
            )?;
        }
        if let Some(within) = figures.answered_within {
            writeln!(out, "  in time      {}", estimate(within, percent))?;
        }
        writeln!(out, "  missed       {}", estimate(figures.missed, number))?;
        if let Some(occupancy) = figures.occupancy {
            writeln!(out, "  occupancy    {}", estimate(occupancy, percent))?;
        }
        if place < BY_HOUR_MAX {
            hours(out, figures)?;
        }
        writeln!(out)?;
    }
    match ranked.len().checked_sub(PROPERTIES_MAX) {
        Some(more @ 1..) => {
            writeln!(out, "  and {} more properties in the other forms\n", thousands(more as u64))
        }
        _ => Ok(()),
    }
}

/// A length to the second, as a simulation knows it.
fn seconds(ms: f64) -> u64 {
    match ms {
        10_000.0.. => (ms / 1_000.0).round() as u64 * 1_000,
        _ => ms.round() as u64,
    }
}

fn hours(out: &mut dyn Write, figures: &StaffingFigures) -> io::Result<()> {
    let needs = figures.hours.iter().any(|hour| hour.needed.is_some());
    let hours: Vec<(usize, &StaffingHour)> = figures
        .hours
        .iter()
        .enumerate()
        .filter(|(_, hour)| hour.chats.mean > 0.0 || hour.needed.is_some())
        .collect();
    if hours.is_empty() {
        return Ok(());
    }
    let header = ["hour", "chats", "in time", "missed", "mean wait", "occupied", "there", "needed"];
    let columns = if needs { header.len() } else { header.len() - 1 };
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(hours.into_iter().map(|(index, hour)| {
        let there = hour.members.map_or_else(|| "-".to_owned(), |members| format!("{members:.1}"));
        [
            format!("{} {:02}:00", weekday(index / 24), index % 24),
            estimate(hour.chats, decimal),
            estimate_or_dash(hour.answered_within, percent),
            estimate(hour.missed, decimal),
            estimate_or_dash(hour.wait_ms, |ms| length(seconds(ms))),
            estimate_or_dash(hour.occupancy, percent),
            there,
            hour.needed.map_or_else(|| "-".to_owned(), |needed| needed.to_string()),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).filter_map(width).collect();
    for row in &rows {
        write!(out, "  {:<1$}", row[0], widths[0])?;
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
