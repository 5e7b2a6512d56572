//! A widget on the page: its week, its days, its longest gaps.

use minijinja::Value;
use serde::Serialize;

use super::class_row::{ClassRow, class_rows};
use super::days::{self, Days};
use crate::report::coverage::words::{capital, length, percent_or_dash, until, when};
use crate::report::format::{counted, thousands};
use lamplighter_coverage::calendar::DAY_MS;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::{Coverage, Longest, Span, TOLD, WidgetFigures, share};
use lamplighter_coverage::words::cause;

/// What is said of a widget.
#[derive(Serialize)]
pub struct Widget {
    name: String,
    place: usize,
    is_open: bool,
    zone: String,
    has_scheduler: bool,
    summary: String,
    classes: Vec<ClassRow>,
    false_light: String,
    dark: String,
    week: Value,
    days: Days,
    lists: Vec<List>,
    notes: Vec<String>,
}

/// A list of the longest of a kind.
#[derive(Serialize)]
struct List {
    title: String,
    all: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    length: String,
    when: String,
    why: String,
    /// Where it lies in the picture of the days.
    bar: String,
}

/// The texts of a widget's section of the page.
pub fn tell(
    coverage: &Coverage,
    widget: &WidgetFigures,
    (place, is_open): (usize, bool),
    week: Value,
) -> Widget {
    let totals = &widget.totals;
    let times = &totals.times;
    let of_open = |class| percent_or_dash(share(times.of(class), times.open_ms()));
    let days = days::draw(widget, place);
    Widget {
        name: coverage.roster.widgets.name(widget.widget).to_owned(),
        place,
        is_open,
        zone: widget.zone.name().to_owned(),
        has_scheduler: widget.has_scheduler,
        summary: format!(
            "{} staffed, {} away only, {} empty",
            of_open(Class::Staffed),
            of_open(Class::AwayOnly),
            of_open(Class::Empty)
        ),
        classes: class_rows(times),
        false_light: length(totals.false_light_ms),
        dark: length(totals.dark_while_staffed_ms),
        week,
        lists: lists(coverage, widget, &days),
        days,
        notes: notes(coverage, widget),
    }
}

fn lists(coverage: &Coverage, widget: &WidgetFigures, days: &Days) -> Vec<List> {
    let roster = &coverage.roster;
    let item = |span: Span, ms: u64, why: String| Item {
        length: length(ms),
        when: format!("{} to {}", when(span.from, &widget.zone), until(span, &widget.zone)),
        why,
        bar: days.bar_of(span.from, widget),
    };
    let mut lists: Vec<List> = TOLD
        .into_iter()
        .zip(&widget.longest)
        .map(|(class, longest)| {
            let title = format!("Longest {}", class.word());
            list(title, longest, |stretch| {
                item(stretch.span, stretch.span.length_ms(), cause(stretch.cause, roster))
            })
        })
        .collect();
    lists.push(list("Handovers with a gap".to_owned(), &widget.handovers, |gap| {
        let (went, came) = (roster.agents.name(gap.went), roster.agents.name(gap.came));
        item(gap.span, gap.span.length_ms(), format!("{went} went, {came} came"))
    }));
    lists.push(list("A single person kept the light on".to_owned(), &widget.single, |single| {
        let name = roster.agents.name(single.agent);
        item(single.span, single.span.length_ms(), name.to_owned())
    }));
    lists.push(list("Ghosts".to_owned(), &widget.ghosts, |ghost| {
        let agent = roster.agents.name(ghost.device.agent());
        let device = roster.device_name(ghost.device);
        item(ghost.span, ghost.lit_ms, format!("{agent} on {device}, without a sign of life"))
    }));
    lists.retain(|list| !list.items.is_empty());
    lists
}

fn list<T>(title: String, longest: &Longest<T>, item: impl Fn(&T) -> Item) -> List {
    /// So many of each kind are told on the page.
    const TOLD_MAX: usize = 5;
    List {
        title: capital(&title),
        all: format!("{} times, {} in all", thousands(longest.count), length(longest.total_ms)),
        items: longest.kept.iter().take(TOLD_MAX).map(item).collect(),
    }
}

fn notes(coverage: &Coverage, widget: &WidgetFigures) -> Vec<String> {
    let totals = &widget.totals;
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    let mut notes = vec![format!(
        "What visitors see changed {:.1} times a day; {} shorter than a minute.",
        totals.changes as f64 / days,
        counted(totals.short_spells, "spell")
    )];
    if coverage.has_visitors {
        let visitors = &totals.visitors;
        notes.push(format!(
            "{}: {} saw it online, {} away, {} offline, {} not at all; {} came while it was open and \
             nobody was there.",
            counted(visitors.came, "visitor"),
            thousands(visitors.online),
            thousands(visitors.away),
            thousands(visitors.offline),
            thousands(visitors.hidden),
            thousands(visitors.empty)
        ));
    }
    notes
}
