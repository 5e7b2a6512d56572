//! What a run comes to: the one model behind every report.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, EventKind, Instant, PropertyId, WidgetId,
};
use lamplighter_scenario::language::Roster;

use crate::calendar::WEEK_HOURS;
use crate::class::{CLASSES, Class, ClassTimes};

/// So many of the longest stretches of a kind are kept.
pub const LONGEST_KEPT: usize = 10;

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
    /// Whether it has a scheduler at the end.
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

/// A stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first instant of the stretch.
    pub from: Instant,
    /// The first instant behind it.
    pub to: Instant,
}

impl Span {
    /// How long it is, in milliseconds.
    pub fn length_ms(self) -> u64 {
        self.to.since(self.from).0
    }
}

/// A stretch of one class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClassSpan {
    /// The time that the stretch took.
    pub span: Span,
    /// What made the widget enter the class, so that the report can name a reason.
    pub cause: Cause,
}

/// A gap of `empty` from the one who went to another one who came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handover {
    /// The time from the one who went to the one who came.
    pub span: Span,
    /// The agent who was the last to go.
    pub went: AgentId,
    /// The agent who came next, another one than who went.
    pub came: AgentId,
}

/// A stretch on which a single person kept the light on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Single {
    /// The time in which nobody else was there.
    pub span: Span,
    /// The agent who was there alone.
    pub agent: AgentId,
}

/// A device that alone kept a widget lit without any event of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ghost {
    /// From the first instant of it to the last; the widget may have been closed in between.
    pub span: Span,
    /// For how long of that the widget was lit by it alone, in milliseconds.
    pub lit_ms: u64,
    /// The device that nobody seems to sit at.
    pub device: DeviceId,
}

/// Something of which the longest are told.
pub trait Lasts: Copy {
    /// How long it lasted, in milliseconds.
    fn lasted_ms(&self) -> u64;
    /// When it began.
    fn began(&self) -> Instant;
}

macro_rules! lasts {
    ($($kind:ident)*) => {$(
        impl Lasts for $kind {
            fn lasted_ms(&self) -> u64 {
                self.span.length_ms()
            }

            fn began(&self) -> Instant {
                self.span.from
            }
        }
    )*};
}

lasts!(ClassSpan Handover Single);

impl Lasts for Ghost {
    fn lasted_ms(&self) -> u64 {
        self.lit_ms
    }

    fn began(&self) -> Instant {
        self.span.from
    }
}

/// How many there were, how long they lasted together, and the longest of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Longest<T> {
    /// How many there were.
    pub count: u64,
    /// How long all of them lasted together, in milliseconds.
    pub total_ms: u64,
    /// The longest, longest first; of equal ones the earlier.
    pub kept: Vec<T>,
}

impl<T> Default for Longest<T> {
    fn default() -> Self {
        Self { count: 0, total_ms: 0, kept: Vec::new() }
    }
}

impl<T: Lasts> Longest<T> {
    /// Takes one more, in the order of time; of no length it is none.
    pub fn take(&mut self, one: T) {
        let ms = one.lasted_ms();
        if ms == 0 {
            return;
        }
        self.count += 1;
        self.total_ms += ms;
        if self.kept.len() == LONGEST_KEPT
            && self.kept.last().is_some_and(|last| last.lasted_ms() >= ms)
        {
            return;
        }
        let place = self.kept.partition_point(|other| other.lasted_ms() >= ms);
        self.kept.insert(place, one);
        self.kept.truncate(LONGEST_KEPT);
    }
}

/// What began a stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The report begins; it may have begun before.
    Beginning,
    /// The scheduler opened: its hours began.
    Opened,
    /// The scheduler closed: its hours ended.
    Closed,
    /// A setting of the widget changed.
    Setting,
    /// Something of a member.
    Member {
        /// The member, an agent of the widget's property.
        agent: AgentId,
        /// On which device; `None` for all of them, and where it is no matter of devices.
        device: Option<DeviceId>,
        /// What the member did, or what the clock did to the member.
        doing: Doing,
    },
}

/// What a member did, or what the clock did to one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// An event of such a kind, with the status that it chooses.
    Event(EventKind, Option<Chosen>),
    /// The grace of a lost connection ran out (rule P7).
    GraceRanOut,
    /// The time of a status was over (rule P9).
    TimeOver,
    /// It was idle for too long (rule P8).
    Idle,
}

/// What an alternative came to.
#[derive(Clone, Debug)]
pub struct AlternativeFigures {
    /// What the alternative is called in reports.
    pub label: String,
    /// The lines that were changed.
    pub lines: Vec<String>,
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

/// A mean of several repetitions, and how far the true value may lie from it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The mean of the repetitions.
    pub mean: f64,
    /// Half the width of the interval that holds the true value in 95 of 100 cases; `None` of a single
    /// repetition.
    pub plus_minus: Option<f64>,
}

/// What chats of a property came to.
#[derive(Clone, Debug)]
pub struct StaffingFigures {
    /// The property whose members answer them.
    pub property: PropertyId,
    /// The zone in which its hours are told: that of its first widget.
    pub zone: Arc<Zone>,
    /// How many chats were started, in a repetition on average.
    pub chats: Estimate,
    /// How long those waited that were answered, in milliseconds: the mean, and what half and nine of
    /// ten of them waited at most; `None` where none was answered.
    pub waits: Option<Waits>,
    /// The share of all chats that were answered within the time that was asked for.
    pub answered_within: Option<Estimate>,
    /// How many chats nobody answered.
    pub missed: Estimate,
    /// The share of the room of the members who were there that chats took.
    pub occupancy: Option<Estimate>,
    /// Each hour of the week, from Monday 00:00, over all repetitions.
    pub hours: Vec<StaffingHour>,
}

/// How long chats waited, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Waits {
    /// The mean wait, in milliseconds.
    pub mean: Estimate,
    /// What half of them waited at most.
    pub p50: Estimate,
    /// What nine of ten waited at most.
    pub p90: Estimate,
}

/// What chats of an hour of the week came to, all weeks of a repetition together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StaffingHour {
    /// How many chats were started, in a repetition on average.
    pub chats: Estimate,
    /// The share of them that were answered in time; `None` of none.
    pub answered_within: Option<Estimate>,
    /// How many of them nobody answered, in a repetition on average.
    pub missed: Estimate,
    /// How long those waited that were answered, in milliseconds on average; `None` of none.
    pub wait_ms: Option<Estimate>,
    /// The share of the members' room that chats took; `None` where nobody was there.
    pub occupancy: Option<Estimate>,
    /// How many members were there on average while the property was open, away ones only where they
    /// answer.
    pub members: Option<f64>,
    /// The smallest number of members that would have answered as many in time as was asked for;
    /// `None` where nobody came, or nobody asked.
    pub needed: Option<u32>,
}
