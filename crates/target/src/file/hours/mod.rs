//! How a product takes a week of hours: what is said of each day, and in which shape (rules T32 to T35
//! of target files).

mod calls;
mod times;

pub use calls::{HoursCall, HoursError};
pub use times::{MergedInterval, UnsupportedHours};

use lamplighter_core::model::text::WEEKDAYS;
use serde_json::Value;

use super::node::{SpannedText, Table};
use super::template::{Json, NameUse, Template};
use lamplighter_scenario::language::diagnostic::Diagnostic;

/// The section `[hours]`; its steps stand with the others.
#[derive(Clone, PartialEq, Debug)]
pub struct HoursSection {
    /// What `{{weekday}}` is for each day, typed as written.
    pub weekdays: [Value; 7],
    /// What `{{start}}`, `{{end}}` and `{{last}}` are on a closed day, as written.
    pub closed: Value,
    /// What `{{hours}}` and `{{dates}}` are made of.
    pub shape: HoursFormat,
}

/// How `{{hours}}` is put together.
#[derive(Clone, PartialEq, Debug)]
pub struct HoursFormat {
    /// What a day becomes; `None` for the list of its intervals.
    pub day: Option<Json>,
    /// What an interval of a day becomes, a template of `{{start}} {{end}} {{last}}`.
    pub interval: Json,
    /// Whether a closed day is left out, rather than said with no intervals.
    pub leaves_closed_out: bool,
    /// Members that the object has beside those of the days, with their values.
    pub also: Vec<(Template, Json)>,
    /// Whether it is a list of days from Monday, rather than a table by `{{weekday}}`.
    pub is_list: bool,
}

impl Default for HoursSection {
    fn default() -> Self {
        Self {
            weekdays: WEEKDAYS.map(|(word, _)| Value::from(word)),
            closed: Value::from(""),
            shape: HoursFormat::default(),
        }
    }
}

impl Default for HoursFormat {
    fn default() -> Self {
        let findings = super::finding::Findings::default();
        let interval = SpannedText::at("{{start}}-{{end}}", Default::default());
        Self {
            day: None,
            interval: Json::Text(Template::read(interval, &findings)),
            leaves_closed_out: false,
            also: Vec::new(),
            is_list: false,
        }
    }
}

impl HoursSection {
    /// Reads the table, all but its steps.
    pub fn read(table: &mut Table<'_>) -> Self {
        let mut hours = Self::default();
        if let Some(mut days) = table.get("weekdays").and_then(|node| node.table()) {
            for (place, (word, _)) in WEEKDAYS.into_iter().enumerate() {
                if let Some(value) = days.get(word).and_then(|node| node.as_written()) {
                    hours.weekdays[place] = value;
                }
            }
            days.finish();
        }
        if let Some(closed) = table.get("closed").and_then(|node| node.as_written()) {
            hours.closed = closed;
        }
        if let Some(shape) = table.get("shape").and_then(|node| node.table()) {
            hours.shape = HoursFormat::read(shape);
        }
        hours
    }

    /// Everything that is put into the shape.
    pub fn uses(&self) -> Vec<&NameUse> {
        let HoursFormat { day, interval, leaves_closed_out: _, also, is_list: _ } = &self.shape;
        let members = also.iter().flat_map(|(key, value)| key.uses().chain(value.uses()));
        day.iter().flat_map(Json::uses).chain(interval.uses()).chain(members).collect()
    }
}

impl HoursFormat {
    fn read(mut table: Table<'_>) -> Self {
        let mut shape = Self { day: table.get("day").and_then(Json::read), ..Self::default() };
        if let Some(interval) = table.get("interval").and_then(Json::read) {
            shape.interval = interval;
        }
        let closed = table.get("closed");
        let words = [("leave-out", true), ("empty", false)];
        shape.leaves_closed_out = closed.and_then(|node| node.word(&words)).unwrap_or(false);
        shape.is_list = table.get("list").and_then(|node| node.flag()).unwrap_or(false);
        let also = table.get("also");
        shape.also = also.and_then(Json::read_members).unwrap_or_default();
        if let (true, Some(also)) = (shape.is_list, also) {
            let diagnostic = Diagnostic::new(
                also.span(),
                "a list has no members beside its days",
                "with `list = true`",
            );
            also.findings().error(diagnostic.help("put them into the step, beside `{{hours}}`"));
        }
        table.finish();
        shape
    }
}
