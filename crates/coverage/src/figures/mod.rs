//! What a run comes to: the one model behind every report.

mod spans;
mod staffing;

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Instant, PropertyId, WidgetId};
use lamplighter_scenario::language::Roster;

use crate::calendar::WEEK_HOURS;
use crate::class::{CLASSES, Class, ClassTimes};

pub use spans::{
    Cause, ClassSpan, Doing, Ghost, Handover, LONGEST_KEPT, Lasts, Longest, Single, Span,
};
pub use staffing::{Estimate, StaffingFigures, StaffingHour, Waits};

/// What a scenario and its alternatives come to.
#[derive(Debug)]
pub struct Coverage {
    /// The names of the scenario, its devices included.
    pub roster: Roster,
    /// The zone of the file, in which the report tells instants that belong to no widget.
    pub zone: Arc<Zone>,
    /// The first instant of the report.
    pub from: Instant,
    /// The first instant behind it.
    pub to: Instant,
    /// How many events happened from the first instant of the scenario on.
    pub events: u64,
    /// How many rows of traces could not happen.
    pub anomalies: u64,
    /// Each widget, in the order of declaration.
    pub widgets: Vec<WidgetFigures>,
    /// Whether visitors were asked for.
    pub has_visitors: bool,
    /// How many visitors of a file came outside of the report, and count nowhere.
    pub visitors_outside: VisitorsOutside,
    /// What chats came to, property by property; empty where nobody asked.
    pub staffing: Vec<StaffingFigures>,
    /// What other settings would have come to, in the order in which they were asked for.
    pub alternatives: Vec<AlternativeFigures>,
}

/// What a widget came to.
#[derive(Clone, Debug)]
pub struct WidgetFigures {
    /// The widget whose figures they are.
    pub widget: WidgetId,
    /// The property that it belongs to.
    pub property: PropertyId,
    /// The zone in which its hours and days are told: its scheduler's, or the file's where it has none.
    pub zone: Arc<Zone>,
    /// Whether it had a scheduler at any time of the report.
    pub has_scheduler: bool,
    /// How long, how often, and how many visitors.
    pub totals: Totals,
    /// Each hour of the week, from Monday 00:00.
    pub hours: Vec<HourFigures>,
    /// The date of the first of its days, in days since 1970-01-01.
    pub first_day: i64,
    /// How long each class lasted on each day of its zone, in milliseconds.
    pub days: Vec<[u32; CLASSES]>,
    /// The longest stretches of `empty`, `away-only` and `after-hours`, in the order of [`TOLD`].
    pub longest: [Longest<ClassSpan>; 3],
    /// Gaps of `empty` between two people.
    pub handovers: Longest<Handover>,
    /// Stretches on which a single person kept the light on.
    pub single: Longest<Single>,
    /// Devices that alone kept the widget lit for too long without any event of theirs.
    pub ghosts: Longest<Ghost>,
}

/// The classes whose longest stretches are told.
pub const TOLD: [Class; 3] = [Class::Empty, Class::AwayOnly, Class::AfterHours];

/// What adds up: of a widget, and of all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// How long each class lasted.
    pub times: ClassTimes,
    /// How long the widget was shown online with no chat possible (rule W6), in milliseconds.
    pub false_light_ms: u64,
    /// How long it was offline while someone was online, in milliseconds.
    pub dark_while_staffed_ms: u64,
    /// How often what visitors see changed: status, or whether a chat can start.
    pub changes: u64,
    /// How many spells between two such changes were shorter than a minute.
    pub short_spells: u64,
    /// The visitors who came.
    pub visitors: VisitorCounts,
}

impl Totals {
    /// Adds those of another widget.
    pub fn add(&mut self, other: &Self) {
        self.times.add_all(&other.times);
        self.false_light_ms += other.false_light_ms;
        self.dark_while_staffed_ms += other.dark_while_staffed_ms;
        self.changes += other.changes;
        self.short_spells += other.short_spells;
        self.visitors.add(&other.visitors);
    }
}

/// How many visitors came, and what they saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VisitorCounts {
    /// All visitors who came: those who saw it online, away or offline, and those who did not see it.
    pub came: u64,
    /// How many of them saw the widget online.
    pub online: u64,
    /// How many of them saw the widget away.
    pub away: u64,
    /// How many of them saw the widget offline.
    pub offline: u64,
    /// Who did not see it (rules V1 to V4).
    pub hidden: u64,
    /// Who came while it was open and nobody was there, whatever they saw.
    pub empty: u64,
}

impl VisitorCounts {
    fn add(&mut self, other: &Self) {
        self.came += other.came;
        self.online += other.online;
        self.away += other.away;
        self.offline += other.offline;
        self.hidden += other.hidden;
        self.empty += other.empty;
    }
}

/// Visitors who came when the report had not begun, or was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VisitorsOutside {
    /// How many came before its first instant.
    pub before: u64,
    /// How many came at the first instant behind it, or later.
    pub behind: u64,
}

/// What an hour of the week came to, over all weeks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HourFigures {
    /// How long each class lasted within it.
    pub times: ClassTimes,
    /// Members online, each for so many milliseconds.
    pub online_ms: u64,
    /// Members away, each for so many milliseconds.
    pub away_ms: u64,
    /// How many visitors came within the hour.
    pub visitors: u64,
    /// Visitors who came while it was open and nobody was there.
    pub visitors_empty: u64,
}

impl HourFigures {
    /// Adds those of another widget.
    pub fn add(&mut self, other: &Self) {
        self.times.add_all(&other.times);
        self.online_ms += other.online_ms;
        self.away_ms += other.away_ms;
        self.visitors += other.visitors;
        self.visitors_empty += other.visitors_empty;
    }

    /// The share of open time that was staffed; `None` where it was never open.
    pub fn staffed_share(&self) -> Option<f64> {
        share(self.times.of(Class::Staffed), self.times.open_ms())
    }

    /// How many members were online on average; `None` where the hour never came.
    pub fn members_online(&self) -> Option<f64> {
        share(self.online_ms, self.times.whole_ms())
    }

    /// How many members were away on average; `None` where the hour never came.
    pub fn members_away(&self) -> Option<f64> {
        share(self.away_ms, self.times.whole_ms())
    }
}

/// The part that one length is of another; `None` of nothing.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The figures of hours, before anything has happened.
pub fn no_hours() -> Vec<HourFigures> {
    vec![HourFigures::default(); WEEK_HOURS]
}

impl Span {
    /// How long it is, in milliseconds.
    pub fn length_ms(self) -> u64 {
        self.to.since(self.from).0
    }
}

/// What an alternative came to.
#[derive(Clone, Debug)]
pub struct AlternativeFigures {
    /// What the alternative is called in reports.
    pub label: String,
    /// The lines that were changed.
    pub lines: Vec<String>,
    /// How many events could not happen by these settings.
    pub impossible: u64,
    /// Each widget's totals, in the order of declaration.
    pub widgets: Vec<Totals>,
}

impl AlternativeFigures {
    /// The totals of this alternative over all widgets.
    pub fn totals(&self) -> Totals {
        sum(self.widgets.iter())
    }
}

impl Coverage {
    /// The totals over all widgets.
    pub fn totals(&self) -> Totals {
        sum(self.widgets.iter().map(|widget| &widget.totals))
    }

    /// Each hour of the week over all widgets, each by its own clock.
    pub fn hours(&self) -> Vec<HourFigures> {
        let mut hours = no_hours();
        for widget in &self.widgets {
            hours.iter_mut().zip(&widget.hours).for_each(|(sum, hour)| sum.add(hour));
        }
        hours
    }

    /// How long the report is, in milliseconds.
    pub fn length_ms(&self) -> u64 {
        self.to.since(self.from).0
    }

    /// The widgets by what they cost, the dearest first: by visitors who came to nobody, or without
    /// visitors by the time that they were open with nobody there.
    pub fn ranking(&self) -> Vec<&WidgetFigures> {
        let mut ranked: Vec<&WidgetFigures> = self.widgets.iter().collect();
        ranked.sort_by_key(|widget| {
            let empty_ms = widget.totals.times.of(Class::Empty);
            std::cmp::Reverse((widget.totals.visitors.empty, empty_ms))
        });
        ranked
    }
}

fn sum<'a>(all: impl Iterator<Item = &'a Totals>) -> Totals {
    all.fold(Totals::default(), |mut sum, one| {
        sum.add(one);
        sum
    })
}
