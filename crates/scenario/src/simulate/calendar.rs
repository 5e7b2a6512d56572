//! What calendars bring to the hours of random worlds: dates of every kind, cuts, weeks that take turns,
//! intervals over days and fixed offsets (rules S4, S7 to S10). All of it is drawn from a stream of its
//! own, near the run, so that it matters.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::synth::random::RandomStream;
use lamplighter_core::model::{
    Cut, DAY_MINUTES, Dates, DayOfYear, EveryWeeks, INTERVAL_DAYS_MAX, Interval, Nth,
    SHIFT_DAYS_MAX, Scheduler, WeekdayOfMonth, Weekdays,
};
use lamplighter_core::oracle;

/// Offsets of schedulers without a zone.
const OFFSETS: [&str; 6] = ["+00:00", "-00:00", "+05:30", "-03:00", "+18:00", "-18:00"];

/// Draws what a calendar brings.
pub struct CalendarSampler<'a> {
    /// The random numbers, of this alone.
    pub stream: &'a mut RandomStream,
    /// How often each comes, in percent.
    pub percent: u32,
    /// Days about which it is to matter.
    pub days: &'a [NaiveDate],
}

impl CalendarSampler<'_> {
    /// Adds to a scheduler what comes of it this time.
    pub fn add(&mut self, scheduler: &mut Scheduler) {
        if self.days.is_empty() || self.percent == 0 {
            return;
        }
        let hours = &mut scheduler.hours;
        for day in 0..7 {
            if self.stream.chance(self.percent / 3) {
                let interval = self.over_days();
                hours.weekdays[day].extend(interval);
            }
        }
        if self.stream.chance(self.percent) {
            hours.every.extend(self.turns());
        }
        for _ in 0..self.stream.below(4) {
            if self.stream.chance(self.percent) {
                let entry = match self.stream.chance(50) {
                    true => Vec::new(),
                    false => self.intervals(),
                };
                let dates = self.dates();
                hours.dates.insert(dates, entry);
            }
        }
        for _ in 0..self.stream.below(4) {
            if self.stream.chance(self.percent) {
                let (dates, intervals) = (self.dates(), self.intervals());
                let cut = Cut { dates, intervals };
                hours.cuts.extend((!cut.intervals.is_empty()).then_some(cut));
            }
        }
        if self.stream.chance(self.percent / 4) {
            scheduler.zone = (*self.stream.one_of(&OFFSETS)).to_owned();
        }
    }

    /// Lines of every few weeks, no two of which name the same week.
    fn turns(&mut self) -> Vec<EveryWeeks> {
        let mut lines: Vec<EveryWeeks> = Vec::new();
        for _ in 0..self.stream.between(1, 3) {
            let near = self.day();
            // Before and behind the run, and far away.
            let weeks_away = *self.stream.one_of(&[0, 1, 2, 3, 60]);
            let days = Days::new(weeks_away * 7 + u64::from(self.stream.below(7)));
            let from = match self.stream.chance(50) {
                true => near.checked_add_days(days),
                false => near.checked_sub_days(days),
            };
            let Some(from) = from.filter(|date| is_writable(*date)) else { continue };
            let (first, last) = (self.weekday(), self.weekday());
            let line = EveryWeeks {
                days: Weekdays::between(first, last),
                hours: if self.stream.chance(25) { Vec::new() } else { self.intervals() },
                weeks: *self.stream.one_of(&[2, 2, 3, 4, 53]),
                from,
            };
            let meets = |other: &EveryWeeks| {
                other.days.iter().any(|day| line.days.contains(day)) && other.meets(&line)
            };
            if !lines.iter().any(meets) {
                lines.push(line);
            }
        }
        lines
    }

    fn weekday(&mut self) -> Weekday {
        Weekday::try_from(self.stream.below(7) as u8).unwrap_or(Weekday::Mon)
    }

    /// One or two intervals, some of them past midnight or over days.
    fn intervals(&mut self) -> Vec<Interval> {
        let count = self.stream.between(1, 2);
        let drawn: Vec<Option<Interval>> = (0..count)
            .map(|_| match self.stream.chance(25) {
                true => self.over_days(),
                false => {
                    let (start, end) = (self.minute(), self.minute());
                    Interval::new(start, end)
                }
            })
            .collect();
        drawn.into_iter().flatten().collect()
    }

    fn over_days(&mut self) -> Option<Interval> {
        let days = self.stream.mostly_small(1, INTERVAL_DAYS_MAX.into()) as u8;
        let (start, end) = (self.minute(), *self.stream.one_of(&[0, 540, 1_080, DAY_MINUTES]));
        Interval::over_days(start, if self.stream.chance(20) { start } else { end }, days)
    }

    fn minute(&mut self) -> u16 {
        (self.stream.below(96) * 15) as u16
    }

    /// A day near the run.
    fn day(&mut self) -> NaiveDate {
        *self.stream.one_of(self.days)
    }

    /// Dates that name one near the run, by words of any kind.
    fn dates(&mut self) -> Dates {
        let date = self.day();
        let dates = match self.stream.below(9) {
            0 => None,
            1 | 2 => {
                let (first, last) = self.around(date);
                Some(Dates::Range(first, last))
            }
            3 => day_of_year(date).map(Dates::Yearly),
            4 => {
                let (first, last) = self.around(date);
                let ends = day_of_year(first).zip(day_of_year(last));
                ends.map(|(first, last)| Dates::YearlyRange(first, last))
            }
            5 | 6 => self.of_month(date),
            _ => easter(date),
        };
        dates.unwrap_or(Dates::On(date))
    }

    /// Ends of a range around a date, some of them on it.
    fn around(&mut self, date: NaiveDate) -> (NaiveDate, NaiveDate) {
        let days = |stream: &mut RandomStream| Days::new(stream.mostly_small(0, 9).into());
        let first = date.checked_sub_days(days(self.stream)).filter(|date| is_writable(*date));
        let last = date.checked_add_days(days(self.stream)).filter(|date| is_writable(*date));
        (first.unwrap_or(date), last.unwrap_or(date))
    }

    /// The n-th or last weekday of a month, and so many days before or behind it.
    fn of_month(&mut self, date: NaiveDate) -> Option<Dates> {
        let shift = *self.stream.one_of(&[0, 0, 0, 1, -1, 2, -40, SHIFT_DAYS_MAX]);
        let base = date.checked_sub_signed(chrono::TimeDelta::days(shift.into()))?;
        let is_last = (base + Days::new(7)).month() != base.month();
        let nths = [Nth::First, Nth::Second, Nth::Third, Nth::Fourth, Nth::Fifth];
        let nth = match is_last && self.stream.chance(70) {
            true => Nth::Last,
            false => nths[base.day0() as usize / 7],
        };
        let weekday = base.weekday().num_days_from_monday() as u8;
        let of_month = WeekdayOfMonth { nth, weekday, month: base.month() as u8 };
        Some(Dates::OfMonth(of_month, shift))
    }
}

fn day_of_year(date: NaiveDate) -> Option<DayOfYear> {
    DayOfYear::new(date.month() as u8, date.day() as u8)
}

/// So many days from Easter, by the oracle's book.
fn easter(date: NaiveDate) -> Option<Dates> {
    let shifts = -SHIFT_DAYS_MAX..=SHIFT_DAYS_MAX;
    shifts.map(Dates::Easter).find(|dates| oracle::names(dates, date))
}

/// Dates are written with the four digits of years 1 to 9999.
pub fn is_writable(date: NaiveDate) -> bool {
    (1..=9_999).contains(&date.year())
}
