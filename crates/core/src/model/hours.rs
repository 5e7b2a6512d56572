//! Hours as people set them: intervals to the minute for each weekday, weeks that take turns, dated
//! entries, and cuts.

use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use super::dates::{Dates, Weekdays};

/// Minutes in a day, and the minute that `24:00` stands for.
pub const DAY_MINUTES: u16 = 24 * 60;
/// The most days that can stand behind the end of an interval (rule S4).
pub const INTERVAL_DAYS_MAX: u8 = 7;
/// The fewest and the most weeks after which a line of hours comes again (rule S9).
pub const EVERY_WEEKS: std::ops::RangeInclusive<u8> = 2..=53;

/// `[start, end)` in minutes of the day; an end before the start runs past midnight, one with days
/// behind it over those days. It belongs to the day on which it starts (rules S3, S4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Interval {
    start_minute: u16,
    end_minute: u16,
    /// The days that are written behind the end.
    days: u8,
}

impl Interval {
    /// An interval from a start of 0 to 1439 to an end of 0 to 1440 minutes; `None` outside of
    /// that, and where both are equal (rule S4).
    pub fn new(start_minute: u16, end_minute: u16) -> Option<Self> {
        (start_minute < DAY_MINUTES && end_minute <= DAY_MINUTES && start_minute != end_minute)
            .then_some(Self { start_minute, end_minute, days: 0 })
    }

    /// An interval that ends so many calendar days after the one on which it starts, 1 to
    /// [`INTERVAL_DAYS_MAX`]; `None` outside of that (rule S4).
    pub fn over_days(start_minute: u16, end_minute: u16, days: u8) -> Option<Self> {
        (start_minute < DAY_MINUTES
            && end_minute <= DAY_MINUTES
            && (1..=INTERVAL_DAYS_MAX).contains(&days))
        .then_some(Self { start_minute, end_minute, days })
    }

    /// The minute of the day at which it opens.
    pub fn start_minute(self) -> u16 {
        self.start_minute
    }

    /// The minute at which it closes, of the day on which it [ends](Self::end_day).
    pub fn end_minute(self) -> u16 {
        self.end_minute
    }

    /// How many days are written behind its end; 0 where none are.
    pub fn days(self) -> u8 {
        self.days
    }

    /// How many calendar days after the one on which it starts it ends: 1 where it only runs past
    /// midnight.
    pub fn end_day(self) -> u8 {
        self.days.max(u8::from(self.end_minute < self.start_minute))
    }

    /// Whether it ends on a day after the one on which it starts (rule S4).
    pub fn runs_past_midnight(self) -> bool {
        self.end_day() > 0
    }

    /// The minute at which it opens and the first one that is closed again, both counted from the
    /// midnight with which its day begins: the one place where an interval becomes minutes.
    #[inline]
    pub fn span(self) -> (u16, u16) {
        (self.start_minute, u16::from(self.end_day()) * DAY_MINUTES + self.end_minute)
    }
}

/// The intervals that start on one day, in the order written; none means closed.
pub type DayHours = Vec<Interval>;

/// Hours for each weekday, and what replaces and cuts them (rules S3 to S9).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct WeekHours {
    /// The hours of each weekday in the weeks that no line of [`every`](Self::every) names, Monday
    /// first; intervals belong to the day on which they start (rule S4).
    pub weekdays: [DayHours; 7],
    /// Hours of every N-th week (rule S9).
    pub every: Vec<EveryWeeks>,
    /// Dates whose own hours replace the weekday's, in the order written: the last one that names a
    /// date counts (rules S5, S7).
    pub dates: DatedHours,
    /// What is never open, whatever else is said of its dates (rule S8).
    pub cuts: Vec<Cut>,
}

/// Hours of some weekdays in every N-th week (rule S9).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EveryWeeks {
    /// The weekdays whose hours these are.
    pub days: Weekdays,
    /// The intervals that start on those days; none means closed.
    pub hours: DayHours,
    /// After how many weeks they come again: 2 to 53.
    pub weeks: u8,
    /// A date in one of the weeks in which they apply; weeks begin on Monday.
    pub from: NaiveDate,
}

impl EveryWeeks {
    /// Whether some week is one of this line and of another, which must not be where they have a
    /// weekday in common: the first weeks of both lie a multiple of the greatest common divisor
    /// apart.
    pub fn meets(&self, other: &Self) -> bool {
        let divisor = gcd(self.weeks.into(), other.weeks.into());
        (week_of(self.from) - week_of(other.from)) % divisor == 0
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The number of the week of a date, counted through from the week of 0001-01-01, a Monday.
pub fn week_of(date: NaiveDate) -> i64 {
    use chrono::Datelike;
    (i64::from(date.num_days_from_ce()) - 1).div_euclid(7)
}

/// What is cut out of the hours of some dates (rule S8).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cut {
    /// The dates on which the intervals start.
    pub dates: Dates,
    /// When it is closed on each of them; what runs past midnight belongs to the date on which it
    /// starts.
    pub intervals: DayHours,
}

/// The dated entries of a scheduler in the order in which they were written, which decides between
/// those that name the same date (rule S7).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DatedHours {
    entries: Vec<DatedEntry>,
}

/// An entry of [`DatedHours`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DatedEntry {
    /// Dates with hours of their own (rule S5).
    Hours(Dates, DayHours),
    /// The closed dates and the cuts of a calendar file.
    Calendar(Arc<Calendar>),
}

/// What a calendar file says of hours, worked out for the zone of its scheduler.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Calendar {
    /// The text of the file (RFC 5545), which is what documents have of it.
    pub text: String,
    /// The dates that are closed: first and last of each run, in order, none touching the next.
    pub closed: Vec<(NaiveDate, NaiveDate)>,
    /// What is cut out of single dates, in their order (rule S8).
    pub cuts: Vec<(NaiveDate, Interval)>,
}

impl DatedHours {
    /// Adds an entry behind all others. Where the same dates have one already, it is replaced in its
    /// place, and given back.
    pub fn insert(&mut self, dates: impl Into<Dates>, hours: DayHours) -> Option<DayHours> {
        let dates = dates.into();
        let known = self.entries.iter_mut().find_map(|entry| match entry {
            DatedEntry::Hours(known, hours) if *known == dates => Some(hours),
            _ => None,
        });
        match known {
            Some(known) => Some(std::mem::replace(known, hours)),
            None => {
                // Most hours have one or two, and a fleet has many hours.
                if self.entries.len() == self.entries.capacity() {
                    self.entries.reserve_exact(self.entries.len().max(1));
                }
                self.entries.push(DatedEntry::Hours(dates, hours));
                None
            }
        }
    }

    /// Adds a calendar behind all other entries.
    pub fn insert_calendar(&mut self, calendar: Arc<Calendar>) {
        self.entries.push(DatedEntry::Calendar(calendar));
    }

    /// All entries, in the order written.
    pub fn entries(&self) -> &[DatedEntry] {
        &self.entries
    }

    /// Takes the entry at a place away.
    pub fn remove(&mut self, place: usize) {
        self.entries.remove(place);
    }

    /// The hours of the entry at a place, if it has some of its own.
    pub fn hours_mut(&mut self, place: usize) -> Option<&mut DayHours> {
        match self.entries.get_mut(place)? {
            DatedEntry::Hours(_, hours) => Some(hours),
            DatedEntry::Calendar(_) => None,
        }
    }

    /// The calendars among the entries, in their order, to be worked out.
    pub fn calendars_mut(&mut self) -> impl Iterator<Item = &mut Arc<Calendar>> {
        self.entries.iter_mut().filter_map(|entry| match entry {
            DatedEntry::Hours(..) => None,
            DatedEntry::Calendar(calendar) => Some(calendar),
        })
    }

    /// Whether nothing is dated.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The dates that are written with hours of their own, calendars left out.
    pub fn iter(&self) -> impl Iterator<Item = (&Dates, &DayHours)> {
        self.entries.iter().filter_map(|entry| match entry {
            DatedEntry::Hours(dates, hours) => Some((dates, hours)),
            DatedEntry::Calendar(_) => None,
        })
    }

    /// The hours of all entries that have some of their own.
    pub fn hours(&self) -> impl Iterator<Item = &DayHours> {
        self.iter().map(|(_, hours)| hours)
    }
}

impl<D: Into<Dates>> FromIterator<(D, DayHours)> for DatedHours {
    fn from_iter<I: IntoIterator<Item = (D, DayHours)>>(entries: I) -> Self {
        let mut dated = Self::default();
        dated.extend(entries);
        dated
    }
}

impl<D: Into<Dates>> Extend<(D, DayHours)> for DatedHours {
    fn extend<I: IntoIterator<Item = (D, DayHours)>>(&mut self, entries: I) {
        for (dates, hours) in entries {
            self.insert(dates, hours);
        }
    }
}

impl WeekHours {
    /// Weekdays in a row with the same hours, none of them closed: the first day and the last, from
    /// zero for Monday, and their hours.
    pub fn day_ranges(&self) -> impl Iterator<Item = (usize, usize, &DayHours)> {
        let mut first = 0;
        self.weekdays.chunk_by(|a, b| a == b).filter_map(move |same| {
            let range = (first, first + same.len() - 1, &same[0]);
            first += same.len();
            (!same[0].is_empty()).then_some(range)
        })
    }

    /// The intervals that start on a weekday without a dated entry, in a week that takes no turn.
    pub fn on_weekday(&self, weekday: Weekday) -> &DayHours {
        &self.weekdays[weekday.num_days_from_monday() as usize]
    }

    /// Whether the weekdays are all there is: nothing dated, nothing cut, no turns.
    pub fn is_plain(&self) -> bool {
        self.every.is_empty() && self.dates.is_empty() && self.cuts.is_empty()
    }

    /// All intervals in which it can be open, from wherever they stand.
    pub fn intervals(&self) -> impl Iterator<Item = Interval> {
        let every = self.every.iter().map(|line| &line.hours);
        self.weekdays.iter().chain(every).chain(self.dates.hours()).flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_behind_the_end_are_calendar_days_after_the_start() {
        let at = |hour: u16| hour * 60;
        for (interval, span, end_day) in [
            (Interval::new(at(9), at(17)), (at(9), at(17)), 0),
            (Interval::new(at(22), at(2)), (at(22), at(26)), 1),
            (Interval::over_days(at(22), at(2), 1), (at(22), at(26)), 1),
            (Interval::over_days(at(9), at(17), 1), (at(9), at(41)), 1),
            (Interval::over_days(at(10), at(24), 1), (at(10), at(48)), 1),
            (Interval::over_days(at(6), at(6), 1), (at(6), at(30)), 1),
            (Interval::over_days(at(18), at(9), 3), (at(18), at(81)), 3),
            (Interval::over_days(0, at(24), 7), (0, at(192)), 7),
        ] {
            let interval = interval.expect("an interval");
            assert_eq!((interval.span(), interval.end_day()), (span, end_day));
            assert_eq!(interval.runs_past_midnight(), end_day > 0);
        }
        for days in [0, 8] {
            assert_eq!(Interval::over_days(at(9), at(17), days), None);
        }
    }

    #[test]
    fn weeks_of_two_lines_meet_where_the_divisor_of_both_says_so() {
        let line = |weeks, day| EveryWeeks {
            days: Weekdays::of(Weekday::Sat),
            hours: Vec::new(),
            weeks,
            from: NaiveDate::from_ymd_opt(2026, 1, day).expect("a date"),
        };
        for (one, other, meet) in [
            ((2, 3), (2, 3), true),
            // Any day of the week will do: the 29th of December 2025 was a Monday.
            ((2, 1), (2, 4), true),
            ((2, 4), (2, 5), false),
            ((2, 3), (2, 10), false),
            ((2, 3), (3, 10), true),
            ((4, 3), (6, 10), false),
            ((4, 3), (6, 17), true),
        ] {
            let (one, other) = (line(one.0, one.1), line(other.0, other.1));
            assert_eq!((one.meets(&other), other.meets(&one)), (meet, meet), "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_same_dates_have_one_entry() {
        let date = NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date");
        let mut dated = DatedHours::default();
        assert_eq!(dated.insert(date, Vec::new()), None);
        let hours: DayHours = Interval::new(540, 720).into_iter().collect();
        assert_eq!(dated.insert(date, hours.clone()), Some(Vec::new()));
        // Other words for the same day are another entry.
        assert_eq!(dated.insert(Dates::Range(date, date), Vec::new()), None);
        assert_eq!(dated.iter().count(), 2);
        assert_eq!(dated.hours().next(), Some(&hours));
    }
}
