//! Which dates an entry of a scheduler names (rule S7), and weekdays together.

use chrono::{NaiveDate, Weekday};

/// The most days before or behind (rule S7).
pub const SHIFT_DAYS_MAX: i16 = 366;

/// The dates that an entry or a cut is for (rule S7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dates {
    /// One date, written `2026-12-25`.
    On(NaiveDate),
    /// `2026-12-24..2027-01-01`: each date from one to another, both included; the second is not
    /// before the first.
    Range(NaiveDate, NaiveDate),
    /// `*-12-25`: a date of every year that has it.
    Yearly(DayOfYear),
    /// `*-12-24..*-01-01`: a range of every year, over the new year where the second end is before
    /// the first.
    YearlyRange(DayOfYear, DayOfYear),
    /// `4th-thu-nov`, `last-mon-may-1d`: the n-th or last weekday of a month, or so many days before
    /// (negative) or behind it.
    OfMonth(WeekdayOfMonth, i16),
    /// `easter`, `easter-2d`: Western Easter Sunday, or so many days before (negative) or behind it.
    Easter(i16),
}

impl From<NaiveDate> for Dates {
    fn from(date: NaiveDate) -> Self {
        Self::On(date)
    }
}

/// A day of every year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DayOfYear {
    month: u8,
    day: u8,
}

impl DayOfYear {
    /// A day of a month; `None` where no year has it.
    pub fn new(month: u8, day: u8) -> Option<Self> {
        // A leap year has every day that there is.
        NaiveDate::from_ymd_opt(2000, month.into(), day.into()).map(|_| Self { month, day })
    }

    /// The month, from 1 for January.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

/// The n-th or the last of a weekday in a month.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WeekdayOfMonth {
    /// Which of the weekdays of that name in the month it is.
    pub nth: Nth,
    /// The weekday, from zero for Monday.
    pub weekday: u8,
    /// The month, from 1 for January.
    pub month: u8,
}

/// Which of the same weekdays of a month. A fifth one that a month does not have is no date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Nth {
    /// The first, on one of the days 1 to 7.
    First,
    /// The second, on one of the days 8 to 14.
    Second,
    /// The third, on one of the days 15 to 21.
    Third,
    /// The fourth, on one of the days 22 to 28.
    Fourth,
    /// The fifth, which many months don't have.
    Fifth,
    /// The last, be it the fourth or the fifth.
    Last,
}

/// Some weekdays, as `DAYS` of the language names them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Weekdays {
    /// A bit for each, the lowest for Monday.
    bits: u8,
}

impl Weekdays {
    /// All seven days of the week.
    pub const DAILY: Self = Self { bits: 0x7f };

    /// A set of one weekday alone.
    pub fn of(day: Weekday) -> Self {
        Self { bits: 1 << day.num_days_from_monday() }
    }

    /// From one day to another, which may be the week after.
    pub fn between(first: Weekday, last: Weekday) -> Self {
        let mut days = Self::of(first);
        let mut day = first;
        while day != last {
            day = day.succ();
            days = days.and(Self::of(day));
        }
        days
    }

    /// The weekdays that are in this set or in the other.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self { bits: self.bits | others.bits }
    }

    /// Whether a day, from zero for Monday, is among them.
    pub fn contains(self, day: usize) -> bool {
        self.bits >> day & 1 == 1
    }

    /// The days, from zero for Monday.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..7).filter(move |day| self.contains(*day))
    }
}
