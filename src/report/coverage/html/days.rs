//! Classes of time over the days, as bars; of many days, over the weeks.

use serde::Serialize;

use crate::report::coverage::words::length;
use chrono::{Datelike, NaiveDate};
use lamplighter_core::model::Instant;
use lamplighter_core::model::text::write_date;
use lamplighter_coverage::calendar::WallClock;
use lamplighter_coverage::class::{Class, ClassTimes};
use lamplighter_coverage::figures::WidgetFigures;
use lamplighter_coverage::words::date;

/// More days than these are drawn as weeks.
const DAYS_MAX: usize = 70;

/// How high a bar is drawn.
const HEIGHT: f64 = 100.0;

/// The picture of the days.
#[derive(Serialize)]
pub struct Days {
    unit: &'static str,
    bars: Vec<Bar>,
    labels: Vec<Label>,
    /// The first day, in days since 1970-01-01, and how many there are to a bar.
    #[serde(skip)]
    first: i64,
    #[serde(skip)]
    days_each: i64,
    #[serde(skip)]
    place: usize,
}

#[derive(Serialize)]
struct Bar {
    id: String,
    x: usize,
    parts: Vec<Part>,
    title: String,
}

#[derive(Serialize)]
struct Part {
    class: &'static str,
    y: f64,
    height: f64,
}

#[derive(Serialize)]
struct Label {
    /// Where it stands, in percent of the width.
    left: f64,
    text: String,
}

/// Draws a widget's days.
pub fn draw(widget: &WidgetFigures, place: usize) -> Days {
    let is_long = widget.days.len() > DAYS_MAX;
    // Weeks begin with Monday; 1970-01-01 was a Thursday.
    let first = match is_long {
        true => widget.first_day - (widget.first_day + 3).rem_euclid(7),
        false => widget.first_day,
    };
    let days_each = if is_long { 7 } else { 1 };
    let skipped = (widget.first_day - first) as usize;
    let padded: Vec<ClassTimes> = std::iter::repeat_n(ClassTimes::default(), skipped)
        .chain(widget.days.iter().map(|day| ClassTimes(day.map(u64::from))))
        .collect();
    let bars: Vec<Bar> = padded
        .chunks(days_each)
        .enumerate()
        .map(|(x, days)| {
            let mut times = ClassTimes::default();
            days.iter().for_each(|day| times.add_all(day));
            bar(x, &times, first + (x * days_each) as i64, is_long, place)
        })
        .collect();
    Days {
        unit: if is_long { "week" } else { "day" },
        labels: labels(bars.len(), first, days_each as i64),
        bars,
        first,
        days_each: days_each as i64,
        place,
    }
}

impl Days {
    /// The bar in which an instant lies.
    pub fn bar_of(&self, at: Instant, widget: &WidgetFigures) -> String {
        let day = WallClock::new(widget.zone.clone()).day(at);
        bar_id(self.place, ((day - self.first) / self.days_each).max(0) as usize)
    }
}

fn bar_id(place: usize, x: usize) -> String {
    format!("w{place}-b{x}")
}

fn bar(x: usize, times: &ClassTimes, first: i64, is_week: bool, place: usize) -> Bar {
    let whole_ms = times.whole_ms().max(1) as f64;
    let mut y = 0.0;
    let mut parts = Vec::new();
    let mut words = Vec::new();
    for class in Class::ALL {
        let ms = times.of(class);
        if ms == 0 {
            continue;
        }
        let height = ms as f64 / whole_ms * HEIGHT;
        let round = |value: f64| (value * 100.0).round() / 100.0;
        parts.push(Part { class: class.word(), y: round(y), height: round(height) });
        y += height;
        words.push(format!("{} {}", class.word(), length(ms)));
    }
    let day = date(first).map_or_else(String::new, |date| match is_week {
        true => format!("week of {}", write_date(date)),
        false => format!("{} {}", date.weekday(), write_date(date)),
    });
    Bar { id: bar_id(place, x), x, parts, title: format!("{day}: {}", words.join(", ")) }
}

fn labels(bars: usize, first: i64, days_each: i64) -> Vec<Label> {
    let date_of = |bar: usize| date(first + bar as i64 * days_each);
    // So many bars to a label that they don't meet on a telephone.
    let every = bars.div_ceil(5).max(1);
    let label = |bar: usize| {
        let text = |date: NaiveDate| date.format("%-d %b").to_string();
        Some(Label {
            left: (bar as f64 / bars as f64 * 1e4).round() / 100.0,
            text: text(date_of(bar)?),
        })
    };
    (0..bars).step_by(every).filter_map(label).collect()
}
