//! Settings as lines of the language, by the table of the model: the value goes by its kind alone.

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
    fn words(&self) -> Vec<String>;
}

/// A switch is named to be on.
impl Value for bool {
    fn words(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<T: Listed> Value for Vec<T> {
    fn words(&self) -> Vec<String> {
        self.iter().map(|text| write_word(&text.to_string())).collect()
    }
}

impl Value for Option<Countries> {
    fn words(&self) -> Vec<String> {
        let (kind, list) = match self {
            None => return Vec::new(),
            Some(Countries::Only(list)) => ("only", list),
            Some(Countries::Except(list)) => ("except", list),
        };
        [kind.to_owned()].into_iter().chain(list.words()).collect()
    }
}

impl Value for Option<String> {
    fn words(&self) -> Vec<String> {
        self.iter().map(|text| quote_word(text)).collect()
    }
}

/// The zone; the hours are lines of their own.
impl Value for Option<Arc<Scheduler>> {
    fn words(&self) -> Vec<String> {
        self.iter().map(|scheduler| write_word(&scheduler.zone)).collect()
    }
}

macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        fn value_words(setting: &Setting) -> Vec<String> {
            match setting {
                $(Setting::$name(.., value) => value.words(),)*
            }
        }
    };
}

for_each_setting! { words }

/// A setting that is not taken back, as its line.
pub fn setting_words(setting: &Setting) -> String {
    let name = [setting.name().to_string()];
    name.into_iter().chain(value_words(setting)).collect::<Vec<_>>().join(" ")
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

/// A line of hours as it is written.
pub fn hours_words(line: &HoursLine) -> String {
    let on = match &line.on.node {
        HoursOn::Daily => "daily".to_owned(),
        HoursOn::Date(date) => format!("date {}", write_date(*date)),
        HoursOn::Days(ranges) => {
            let range = |(first, last)| match first == last {
                true => weekday_word(first).to_owned(),
                false => format!("{}-{}", weekday_word(first), weekday_word(last)),
            };
            ranges.iter().map(|days| range(days.node)).collect::<Vec<_>>().join(",")
        }
    };
    if line.intervals.is_empty() {
        return format!("{on} closed");
    }
    let intervals = line.intervals.iter().map(|interval| format!(" {}", interval.node));
    format!("{on}{}", intervals.collect::<String>())
}
