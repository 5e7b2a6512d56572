//! What is known of the place: the lines above it, and the names and times of the file.

use super::candidate::{Candidate, Of, of, values};
use crate::editor::cursor::CursorRequest;
use lamplighter_core::model::text::write_date;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::language::{begins_hours, words_of_line, write_name};
use lamplighter_scenario::play::Prepared;

/// A place in a file that was read.
pub struct Context<'a> {
    /// What is asked about the place.
    pub asked: &'a CursorRequest<'a>,
    /// The file, read with its neighbours.
    pub prepared: &'a Prepared,
}

/// Where a line stands, by what is above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    Header,
    Included,
    Property,
    Widget,
    At,
    /// Behind a `replay` or an `observed`.
    Part,
    End,
}

impl Context<'_> {
    /// The lines above, the nearest first, without those that say nothing.
    fn above(&self) -> impl Iterator<Item = &str> {
        let (start, _) = self.asked.line();
        let above = self.asked.in_text(Span::new(start, start)).start;
        let lines = self.asked.text.as_str()[..above].lines().rev();
        let lines = lines.map(|line| line.trim_start_matches(['\u{feff}', ' ', '\t']));
        lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// The section that the place is in.
    pub fn section(&self) -> Section {
        let section = |line: &str| match first_word(line) {
            "scenario" => Some(Section::Header),
            "include" => Some(Section::Included),
            "property" => Some(Section::Property),
            "widget" => Some(Section::Widget),
            "at" => Some(Section::At),
            "replay" | "observed" => Some(Section::Part),
            "until" => Some(Section::End),
            _ => None,
        };
        self.above().find_map(section).unwrap_or(Section::Header)
    }

    /// Whether the hours of a `set … scheduler` can stand there.
    pub fn are_hours_next(&self) -> bool {
        let line = self.above().find(|line| !begins_hours(first_word(line)));
        let words = line.map_or(Vec::new(), |line| words_of_line(line, 0));
        let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        matches!(&words[..], ["set", _, "scheduler", zone, ..] if *zone != "as")
    }

    /// The zones that there are.
    pub fn zones(&self) -> Vec<Candidate> {
        values(self.asked.zones.names().into_iter().map(|name| (name, "")))
    }

    /// The agents of the file.
    pub fn agents(&self) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.agents.iter();
        of(Of::Name, names.map(|name| (write_name(name), "agent")))
    }

    /// The widgets of the file.
    pub fn widgets(&self) -> Vec<Candidate> {
        of(Of::Name, self.prepared.plan.roster.widgets.iter().map(|name| (name, "widget")))
    }

    /// The properties of the file, each with this behind it.
    pub fn properties(&self, behind: &str) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.properties.iter();
        of(Of::Name, names.map(|name| (format!("{name}{behind}"), "property")))
    }

    /// Times that can follow the `at` above.
    pub fn times(&self) -> Vec<Candidate> {
        let steps = &self.prepared.plan.steps;
        let before = steps.iter().rfind(|step| step.span.end <= self.asked.byte);
        let before = before.or(steps.first());
        let Some(before) = before else {
            let today = self.prepared.plan.zone.local(self.asked.today);
            return values([(
                format!("{} 09:00", write_date(today.date())),
                "a first time has a date",
            )]);
        };
        let local = self.prepared.plan.zone.local(before.at);
        let date = write_date(local.date());
        let next = local.date().succ_opt().map(write_date).unwrap_or_default();
        values([
            ("+1m".to_owned(), "so long after the `at` before"),
            ("+10m".to_owned(), "so long after the `at` before"),
            ("+1h".to_owned(), "so long after the `at` before"),
            ("17:00".to_owned(), "on the date of the `at` before"),
            ("+1d 09:00".to_owned(), "on the next day"),
            (format!("{date} 17:00"), "on the date of the `at` before"),
            (format!("{next} 09:00"), "on the next day"),
        ])
    }
}

fn first_word(line: &str) -> &str {
    line.split([' ', '\t', '#']).next().unwrap_or_default()
}
