//! Coverage for a browser: one page that holds everything, needs no network and no script, and can be
//! shown in a meeting.
//!
//! | file | what it does |
//! | --- | --- |
//! | `class_row` | classes of time, as bars and in numbers |
//! | `widget` | a widget: its week, its days, its longest gaps |
//! | `week` | the hours of a week, as a heat map |
//! | `days` | classes of time over the days, as bars |
//! | `alternatives` | other settings beside what was |
//! | `chats` | what chats came to |

mod alternatives;
mod chats;
mod class_row;
mod days;
mod week;
mod widget;

use std::io::Write;

use minijinja::Value;
use serde::Serialize;

use super::words::{length, percent_or_dash, visitors_outside, when};
use crate::report::format::{counted, thousands};
use crate::report::template::{PageError, Templates};
use lamplighter_coverage::calendar::DAY_MS;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::{Coverage, Totals, WidgetFigures, share};

use class_row::{ClassRow, class_rows};

const PAGE: &str = "page.html";
const WIDGET: &str = "widget.html";
const WEEK: &str = "week.html";

/// So many widgets are shown in full, those that cost the most: the page is to stay one that opens.
const FULL_MAX: usize = 60;
/// So many of them are open from the start.
const OPEN_MAX: usize = 3;

/// What the whole page says.
#[derive(Serialize)]
struct Page {
    style: Value,
    title: String,
    span: String,
    facts: Vec<String>,
    headline: String,
    classes: Vec<ClassRow>,
    week: Value,
    ranking: Vec<Ranked>,
    has_visitors: bool,
    alternatives: Option<alternatives::Table>,
    widgets: Vec<Value>,
    left_out: usize,
    chats: Vec<chats::Chats>,
}

/// A widget in the ranking.
#[derive(Serialize)]
struct Ranked {
    name: String,
    /// Where it is shown in full; 0 where it is not.
    place: usize,
    staffed: String,
    away_only: String,
    empty: String,
    empty_time: String,
    lost: String,
    came: String,
}

/// Writes the page: the whole, the ranking, alternatives, then the widgets in full.
///
/// # Errors
/// When `out` does not take it.
pub fn page(out: &mut dyn Write, title: &str, coverage: &Coverage) -> Result<(), PageError> {
    let templates = Templates::new(&[
        (PAGE, include_str!("page.html")),
        (WIDGET, include_str!("widget.html")),
        (WEEK, include_str!("week.html")),
    ])?;
    let ranking = coverage.ranking();
    let mut widgets = Vec::new();
    for (place, figures) in ranking.iter().take(FULL_MAX).enumerate() {
        let week = templates.part(WEEK, &week::draw(&figures.hours))?;
        let told = widget::tell(coverage, figures, (place + 1, place < OPEN_MAX), week);
        widgets.push(templates.part(WIDGET, &told)?);
    }
    let totals = coverage.totals();
    let ranked = ranking.iter().enumerate();
    let page = Page {
        style: Value::from_safe_string(include_str!("style.css").to_owned()),
        title: title.to_owned(),
        span: format!(
            "{} to {} {}",
            when(coverage.from, &coverage.zone),
            when(coverage.to, &coverage.zone),
            coverage.zone.name()
        ),
        facts: facts(coverage),
        headline: headline(coverage, &totals),
        classes: class_rows(&totals.times),
        week: templates.part(WEEK, &week::draw(&coverage.hours()))?,
        ranking: ranked.map(|(place, figures)| rank(coverage, figures, place)).collect(),
        has_visitors: coverage.has_visitors,
        alternatives: alternatives::table(coverage),
        left_out: ranking.len() - widgets.len(),
        widgets,
        chats: chats::tell(coverage),
    };
    templates.page(out, PAGE, &page)
}

fn facts(coverage: &Coverage) -> Vec<String> {
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    let mut facts = vec![
        format!("{days:.1} days"),
        counted(coverage.widgets.len() as u64, "widget"),
        counted(coverage.events, "event"),
    ];
    if coverage.anomalies > 0 {
        facts.push(format!("{} could not happen", counted(coverage.anomalies, "row")));
    }
    facts.extend(visitors_outside(coverage.visitors_outside));
    facts
}

fn headline(coverage: &Coverage, totals: &Totals) -> String {
    let times = &totals.times;
    let visitors = &totals.visitors;
    match share(times.of(Class::Empty), times.open_ms()) {
        _ if coverage.has_visitors && visitors.empty > 0 => format!(
            "{} of {} came while it was open and nobody was there",
            thousands(visitors.empty),
            counted(visitors.came, "visitor")
        ),
        None => "No widget was ever open".to_owned(),
        Some(0.0) => "Whenever it was open, somebody was there".to_owned(),
        Some(share) => {
            format!("Nobody was there for {} of opening hours", super::words::percent(share))
        }
    }
}

fn rank(coverage: &Coverage, figures: &WidgetFigures, place: usize) -> Ranked {
    let times = &figures.totals.times;
    let of = |class| percent_or_dash(share(times.of(class), times.open_ms()));
    Ranked {
        name: coverage.roster.widgets.name(figures.widget).to_owned(),
        place: if place < FULL_MAX { place + 1 } else { 0 },
        staffed: of(Class::Staffed),
        away_only: of(Class::AwayOnly),
        empty: of(Class::Empty),
        empty_time: length(times.of(Class::Empty)),
        lost: thousands(figures.totals.visitors.empty),
        came: thousands(figures.totals.visitors.came),
    }
}

#[cfg(test)]
mod tests;
