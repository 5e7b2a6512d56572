//! Settings as lines of the language, by the table of the model: the value goes by its kind alone.

use std::fmt::Write;
use std::sync::Arc;

use super::ast::{BlockLine, Every, HoursLine, HoursOn, SettingLine};
use super::lex::{quote_word, write_word};
use super::span::{Span, Spanned};
use lamplighter_core::for_each_setting;
use lamplighter_core::model::text::{WEEKDAYS, weekday_word, write_date};
use lamplighter_core::model::{
    Calendar, Countries, DatedEntry, Dates, Interval, Listed, Scheduler, Setting, SettingName,
    Settings, Weekdays,
};

/// A kind of value as its line has it behind the name of the setting.
trait Value {
    /// Adds its words, a blank before each.
    fn push(&self, out: &mut String);
}

fn push_word(out: &mut String, word: &str) {
    out.push(' ');
    out.push_str(word);
}

/// A switch is named to be on.
impl Value for bool {
    fn push(&self, _: &mut String) {}
}

impl<T: Listed> Value for Vec<T> {
    fn push(&self, out: &mut String) {
        for text in self {
            push_word(out, &write_word(&text.to_string()));
        }
    }
}

impl Value for Option<Countries> {
    fn push(&self, out: &mut String) {
        let (kind, list) = match self {
            None => return,
            Some(Countries::Only(list)) => ("only", list),
            Some(Countries::Except(list)) => ("except", list),
        };
        push_word(out, kind);
        list.push(out);
    }
}

impl Value for Option<String> {
    fn push(&self, out: &mut String) {
        if let Some(text) = self {
            push_word(out, &quote_word(text));
        }
    }
}

/// The zone; the hours are lines of their own.
impl Value for Option<Arc<Scheduler>> {
    fn push(&self, out: &mut String) {
        if let Some(scheduler) = self {
            // Without quotes it would be the hours of another widget.
            let zone = match scheduler.zone.as_str() {
                "as" => quote_word("as"),
                zone => write_word(zone),
            };
            push_word(out, &zone);
        }
    }
}

macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        fn push_value(setting: &Setting, out: &mut String) {
            match setting {
                $(Setting::$name(.., value) => value.push(out),)*
            }
        }
    };
}

for_each_setting! { words }

/// Adds a setting that is not taken back, as its line.
pub fn push_setting(setting: &Setting, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{}", setting.name());
    push_value(setting, out);
}

/// What is set of some settings, in their order, as lines of a block.
pub fn setting_lines(
    settings: &Settings,
    names: impl IntoIterator<Item = SettingName>,
) -> impl Iterator<Item = BlockLine> {
    let given = names.into_iter().filter(|name| !settings.is_taken_back(*name));
    let given = given.map(|name| settings.get(name));
    given.flat_map(|setting| {
        let hours = hours_lines(&setting).into_iter().map(BlockLine::Hours);
        std::iter::once(BlockLine::Setting(SettingLine::new(setting))).chain(hours)
    })
}

/// The lines of hours that follow a setting, if it is a scheduler.
pub fn hours_lines(setting: &Setting) -> Vec<HoursLine> {
    let Setting::Scheduler(Some(scheduler)) = setting else { return Vec::new() };
    let ranges = scheduler.hours.day_ranges();
    let mut lines: Vec<HoursLine> = ranges
        .map(|(first, last, hours)| {
            let on = match (first, last) {
                (0, 6) => HoursOn::Daily,
                _ => HoursOn::Days(vec![node((WEEKDAYS[first].1, WEEKDAYS[last].1))]),
            };
            hours_line(on, hours)
        })
        .collect();
    lines.extend(scheduler.hours.every.iter().map(|line| {
        let on = match line.days == Weekdays::DAILY {
            true => HoursOn::Daily,
            false => HoursOn::Days(line.days.runs().map(node).collect()),
        };
        let every = Some(node(Every { weeks: line.weeks, from: line.from }));
        HoursLine { every, ..hours_line(on, &line.hours) }
    }));
    for entry in scheduler.hours.dates.entries() {
        match entry {
            DatedEntry::Hours(dates, hours) => {
                lines.push(hours_line(HoursOn::Dates(*dates), hours));
            }
            DatedEntry::Calendar(calendar) => push_calendar(calendar, &mut lines),
        }
    }
    let cuts = scheduler.hours.cuts.iter();
    lines.extend(cuts.map(|cut| hours_line(HoursOn::Cut(cut.dates), &cut.intervals)));
    lines
}

/// A calendar as the lines that it stands for. The same words twice would be a fault: a range that is
/// named before is said day by day, and a day that is, as a range of itself.
fn push_calendar(calendar: &Calendar, lines: &mut Vec<HoursLine>) {
    let is_said = |dates: &Dates, lines: &[HoursLine]| {
        lines.iter().any(|line| line.on.node == HoursOn::Dates(*dates))
    };
    let mut close = |dates: Dates| {
        let is_new = !is_said(&dates, lines);
        if is_new {
            lines.push(hours_line(HoursOn::Dates(dates), &[]));
        }
        is_new
    };
    for &(first, last) in &calendar.closed {
        let is_said = first < last && close(Dates::Range(first, last));
        if !is_said {
            for day in first.iter_days().take_while(|day| *day <= last) {
                // Two calendars and a line before them may have said both; then it is closed by the
                // last of them unless a line between opens it.
                let _ = close(Dates::On(day)) || close(Dates::Range(day, day));
            }
        }
    }
    for (date, interval) in &calendar.cuts {
        lines.push(hours_line(HoursOn::Cut(Dates::On(*date)), std::slice::from_ref(interval)));
    }
}

fn hours_line(on: HoursOn, hours: &[Interval]) -> HoursLine {
    let intervals = hours.iter().copied().map(node).collect();
    HoursLine { on: node(on), intervals, every: None }
}

/// A node that nobody wrote.
fn node<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

/// Adds a line of hours as it is written.
pub fn push_hours(line: &HoursLine, out: &mut String) {
    match &line.on.node {
        HoursOn::Daily => out.push_str("daily"),
        HoursOn::Dates(dates) | HoursOn::Cut(dates) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "date {dates}");
        }
        HoursOn::Calendar(path) => {
            out.push_str("dates ");
            out.push_str(&quote_word(&path.node));
        }
        HoursOn::Days(ranges) => {
            for (index, days) in ranges.iter().enumerate() {
                let (first, last) = days.node;
                if index > 0 {
                    out.push(',');
                }
                out.push_str(weekday_word(first));
                if first != last {
                    out.push('-');
                    out.push_str(weekday_word(last));
                }
            }
        }
    }
    if line.intervals.is_empty() || matches!(line.on.node, HoursOn::Cut(_)) {
        out.push_str(" closed");
    }
    for interval in &line.intervals {
        // Writing to a string cannot fail.
        let _ = write!(out, " {}", interval.node);
    }
    if let Some(Every { weeks, from }) = line.every.map(|every| every.node) {
        let _ = write!(out, " every {weeks} weeks from {}", write_date(from));
    }
}
