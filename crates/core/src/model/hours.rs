//! Weekly hours as people set them: intervals to the minute for each weekday, and dated entries.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

/// Minutes in a day, and the minute that `24:00` stands for.
pub const DAY_MINUTES: u16 = 24 * 60;

/// `[start, end)` in minutes of the day; an end before the start runs past midnight and belongs to
/// the day on which it starts (rules S3, S4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Interval {
    start_minute: u16,
    end_minute: u16,
}

impl Interval {
    /// An interval from a start of 0 to 1439 to an end of 0 to 1440 minutes; `None` outside of
    /// that, and where both are equal (rule S4).
    pub fn new(start_minute: u16, end_minute: u16) -> Option<Self> {
        (start_minute < DAY_MINUTES && end_minute <= DAY_MINUTES && start_minute != end_minute)
            .then_some(Self { start_minute, end_minute })
    }

    /// The minute of the day at which it opens.
    pub fn start_minute(self) -> u16 {
        self.start_minute
    }

    /// The minute at which it closes: of the same day, or of the next where it
    /// [runs past midnight](Self::runs_past_midnight).
    pub fn end_minute(self) -> u16 {
        self.end_minute
    }

    /// Whether it ends on the day after it starts (rule S4).
    pub fn runs_past_midnight(self) -> bool {
        self.end_minute < self.start_minute
    }
}

/// The intervals that start on one day, in the order written; none means closed.
pub type DayHours = Vec<Interval>;

/// Hours for each weekday, and the dated entries that replace them (rules S3, S5).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct WeekHours {
    /// The hours of each weekday, Monday first; intervals belong to the day on which they start
    /// (rule S4).
    pub weekdays: [DayHours; 7],
    /// Dates whose own hours replace the weekday's.
    pub dates: BTreeMap<NaiveDate, DayHours>,
}

impl WeekHours {
    /// The intervals that start on a calendar date (rule S5).
    pub fn starting_on(&self, date: NaiveDate) -> &[Interval] {
        self.dates.get(&date).unwrap_or_else(|| self.on_weekday(date.weekday()))
    }

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

    /// The intervals that start on a weekday without a dated entry.
    pub fn on_weekday(&self, weekday: Weekday) -> &DayHours {
        &self.weekdays[weekday.num_days_from_monday() as usize]
    }
}
