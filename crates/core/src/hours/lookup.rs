//! Days that entries name, found by their date: single dates by a search, ranges and what comes every
//! year one by one.

use std::sync::Arc;

use chrono::NaiveDate;

use super::day::Day;
use super::named::{names, next_named};
use crate::model::{Calendar, Dates};
use crate::mutations::{Mutation, is_on};

/// Days by the dates of their entries.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// Each entry's day, in the order written.
    days: Vec<Day>,
    /// Single dates in their order, with the places of their entries.
    singles: Vec<(NaiveDate, usize)>,
    /// All others in the order written, with the places of theirs.
    rules: Vec<(Rule, usize)>,
}

/// What names more than one date.
#[derive(Clone, Debug)]
enum Rule {
    Dates(Dates),
    /// The closed dates of a calendar.
    Calendar(Arc<Calendar>),
}

impl Rule {
    fn names(&self, date: NaiveDate) -> bool {
        match self {
            Self::Dates(dates) => names(dates, date),
            Self::Calendar(calendar) => run_of(calendar, date).is_some_and(|run| run.0 <= date),
        }
    }

    fn is_easter(&self) -> bool {
        matches!(self, Self::Dates(Dates::Easter(_)))
    }

    fn next(&self, from: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Dates(dates) => next_named(dates, from),
            Self::Calendar(calendar) => run_of(calendar, from).map(|(first, _)| first.max(from)),
        }
    }
}

/// The first run of a calendar's closed dates that does not end before a date.
fn run_of(calendar: &Calendar, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let place = calendar.closed.partition_point(|&(_, last)| last < date);
    calendar.closed.get(place).copied()
}

/// How long it takes until what entries name comes again on the same weekdays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeats {
    /// Nothing is named behind this date, if there are any.
    Until(Option<NaiveDate>),
    /// After 400 years: the calendar's own cycle, once this date is past, if there is one.
    WithTheCalendar(Option<NaiveDate>),
    /// Not before the end of time, which is so of Easter.
    Never,
}

impl Lookup {
    /// Room for so many entries that name a single date, as nearly all do.
    pub fn with_room(count: usize) -> Self {
        Self {
            days: Vec::with_capacity(count),
            singles: Vec::with_capacity(count),
            rules: Vec::new(),
        }
    }

    /// Adds a day for some dates, behind all that were added before.
    pub fn add(&mut self, dates: &Dates, day: Day) {
        let place = self.days.len();
        self.days.push(day);
        match dates {
            Dates::On(date) => self.singles.push((*date, place)),
            dates => self.rules.push((Rule::Dates(*dates), place)),
        }
    }

    /// Adds the closed dates of a calendar, behind all that was added before.
    pub fn add_calendar(&mut self, calendar: &Arc<Calendar>) {
        let place = self.days.len();
        self.days.push(Day::default());
        self.rules.push((Rule::Calendar(Arc::clone(calendar)), place));
    }

    /// To be called once everything is added.
    pub fn sort(&mut self) {
        self.singles.sort_unstable();
    }

    /// Takes out the entries for Easter.
    pub fn leave_out_easter(&mut self) {
        self.rules.retain(|(rule, _)| !rule.is_easter());
    }

    /// The first date from `from` on that an entry for Easter names.
    pub fn next_easter(&self, from: NaiveDate) -> Option<NaiveDate> {
        let rules = self.rules.iter().filter(|(rule, _)| rule.is_easter());
        rules.filter_map(|(rule, _)| rule.next(from)).min()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Whether single dates are all that is named.
    pub fn has_single_dates_alone(&self) -> bool {
        self.rules.is_empty()
    }

    /// The single dates, in their order.
    pub fn single_dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.singles.iter().map(|(date, _)| *date)
    }

    /// All days, whenever they are.
    pub fn days(&self) -> impl Iterator<Item = &Day> {
        self.days.iter()
    }

    /// The day of the last entry that names a date.
    pub fn last_on(&self, date: NaiveDate) -> Option<&Day> {
        let end = self.singles.partition_point(|&(single, _)| single <= date);
        let single = self.singles[..end].last().filter(|(single, _)| *single == date);
        let single = single.map(|(_, place)| *place);
        let later = self.rules.iter().rev().take_while(|(_, place)| Some(*place) > single);
        let mut named = later.filter(|(rule, _)| rule.names(date)).map(|(_, place)| *place);
        let rule = match is_on(Mutation::EarlierEntryCounts) {
            true => named.last(),
            false => named.next(),
        };
        rule.or(single).map(|place| &self.days[place])
    }

    /// The days of all entries that name a date.
    pub fn all_on(&self, date: NaiveDate) -> impl Iterator<Item = &Day> {
        let start = self.singles.partition_point(|&(single, _)| single < date);
        let singles = self.singles[start..].iter().take_while(move |(single, _)| *single == date);
        let rules = self.rules.iter().filter(move |(rule, _)| rule.names(date));
        let places = singles.map(|(_, place)| *place).chain(rules.map(|(_, place)| *place));
        places.map(|place| &self.days[place])
    }

    /// The first date from `from` on that some entry names.
    pub fn next(&self, from: NaiveDate) -> Option<NaiveDate> {
        let start = self.singles.partition_point(|&(single, _)| single < from);
        let single = self.singles.get(start).map(|(date, _)| *date);
        self.rules.iter().filter_map(|(rule, _)| rule.next(from)).chain(single).min()
    }

    /// When what is named comes again.
    pub fn repeats(&self) -> Repeats {
        let mut last = self.singles.last().map(|(date, _)| *date);
        let mut is_yearly = false;
        for (rule, _) in &self.rules {
            let ends = match rule {
                Rule::Dates(Dates::On(date) | Dates::Range(_, date)) => Some(*date),
                Rule::Calendar(calendar) => calendar.closed.last().map(|(_, last)| *last),
                Rule::Dates(Dates::Easter(_)) => return Repeats::Never,
                Rule::Dates(Dates::Yearly(_) | Dates::YearlyRange(..) | Dates::OfMonth(..)) => {
                    is_yearly = true;
                    None
                }
            };
            last = last.max(ends);
        }
        if is_yearly { Repeats::WithTheCalendar(last) } else { Repeats::Until(last) }
    }
}

impl Repeats {
    /// When both of two come again.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Until(a), Self::Until(b)) => Self::Until(a.max(b)),
            (Self::WithTheCalendar(a), Self::Until(b) | Self::WithTheCalendar(b))
            | (Self::Until(a), Self::WithTheCalendar(b)) => Self::WithTheCalendar(a.max(b)),
        }
    }
}
