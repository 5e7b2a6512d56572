//! Settings as lines of the language, by the table of the model: the value goes by its kind alone.

use std::fmt::Write;
use std::sync::Arc;

use super::ast::{BlockLine, HoursLine, HoursOn, SettingLine};
use super::lex::{quote_word, write_word};
use super::span::{Span, Spanned};
use lamplighter_core::for_each_setting;
use lamplighter_core::model::text::{WEEKDAYS, weekday_word, write_date};
use lamplighter_core::model::{
    Countries, Interval, Listed, Scheduler, Setting, SettingName, Settings,
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
            push_word(out, &write_word(&scheduler.zone));
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
    let given = names.into_iter().map(|name| settings.get(name)).filter(|s| !s.is_taken_back());
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
    let dates = scheduler.hours.dates.iter();
    lines.extend(dates.map(|(date, hours)| hours_line(HoursOn::Date(*date), hours)));
    lines
}

fn hours_line(on: HoursOn, hours: &[Interval]) -> HoursLine {
    HoursLine { on: node(on), intervals: hours.iter().copied().map(node).collect() }
}

/// A node that nobody wrote.
fn node<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

/// Adds a line of hours as it is written.
pub fn push_hours(line: &HoursLine, out: &mut String) {
    match &line.on.node {
        HoursOn::Daily => out.push_str("daily"),
        HoursOn::Date(date) => {
            out.push_str("date ");
            out.push_str(&write_date(*date));
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
    if line.intervals.is_empty() {
        out.push_str(" closed");
    }
    for interval in &line.intervals {
        // Writing to a string cannot fail.
        let _ = write!(out, " {}", interval.node);
    }
}
