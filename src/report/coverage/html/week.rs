//! The hours of a week as a heat map, a number in each.

use serde::Serialize;

use crate::report::coverage::words::{percent, weekday};
use crate::report::format::{counted, decimal};
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::{HourFigures, share};

/// The heat map of a week: an hour in each cell, a day in each row.
#[derive(Serialize)]
pub struct Week {
    hours: Vec<String>,
    days: Vec<Day>,
}

/// A day of the week in the heat map.
#[derive(Serialize)]
struct Day {
    name: String,
    cells: Vec<Cell>,
}

/// An hour of the week in the heat map.
#[derive(Serialize)]
struct Cell {
    /// How much it hurts: `h0` for an hour that is always staffed to `h4` for one that never is, `shut`
    /// for closed, `shut-there` for closed with people there.
    level: &'static str,
    /// The share of open time that was staffed, in percent; empty where it was never open.
    number: String,
    /// All figures of the hour in words, shown where one points at it.
    title: String,
}

/// Draws the hours of a week.
pub fn draw(hours: &[HourFigures]) -> Week {
    Week {
        hours: (0..24).map(|hour| format!("{hour:02}")).collect(),
        days: hours.chunks(24).enumerate().map(|(day, hours)| week_day(day, hours)).collect(),
    }
}

fn week_day(day: usize, hours: &[HourFigures]) -> Day {
    let name = weekday(day);
    let cells = hours.iter().enumerate().map(|(hour, figures)| cell(&name, hour, figures));
    Day { cells: cells.collect(), name: name.clone() }
}

fn cell(day: &str, hour: usize, figures: &HourFigures) -> Cell {
    let times = &figures.times;
    let level = match figures.staffed_share() {
        None if times.of(Class::AfterHours) > 0 => "shut-there",
        None => "shut",
        Some(share) if share >= 0.95 => "h0",
        Some(share) if share >= 0.75 => "h1",
        Some(share) if share >= 0.5 => "h2",
        Some(share) if share > 0.0 => "h3",
        Some(_) => "h4",
    };
    let number = figures.staffed_share().map_or_else(String::new, |share| {
        // What is not all is not 100.
        let floor = if share < 1.0 { 99.0 } else { 100.0 };
        format!("{}", (share * 100.0).round().min(floor))
    });
    let mut title = format!("{day} {hour:02}:00");
    match figures.staffed_share() {
        None => title.push_str(", closed"),
        Some(staffed) => {
            let empty = share(times.of(Class::Empty), times.open_ms()).unwrap_or(0.0);
            title.push_str(&format!(": {} staffed, {} empty", percent(staffed), percent(empty)));
        }
    }
    let online = figures.members_online().unwrap_or(0.0);
    let away = figures.members_away().unwrap_or(0.0);
    title.push_str(&format!("; {} online, {} away on average", decimal(online), decimal(away)));
    if figures.visitors > 0 {
        title.push_str(&format!("; {}", counted(figures.visitors, "visitor")));
    }
    Cell { level, number, title }
}
