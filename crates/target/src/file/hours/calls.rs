//! The calls that put a scheduler, and the JSON that a week is said in (rules T32, T33 of target files).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::{Datelike, Days, Months, NaiveDate};
use lamplighter_core::hours::{names, wall};
use lamplighter_core::model::text::write_date;
use lamplighter_core::model::{Dates, Interval, Scheduler, WeekHours};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::HoursSection;
use super::times::{MergedInterval, UnsupportedHours};
use crate::file::section::Repeat;
use crate::file::step::Step;
use crate::file::template::{KeptValues, Names, RenderError};
use crate::file::value::as_text;
use crate::wire::SchedulerDocument;

/// One call of `hours.set` or `hours.off`: a step, and the names that it has this time.
#[derive(Clone, Debug)]
pub struct HoursCall<'a> {
    /// The step of the file that the call is made from.
    pub step: &'a Step,
    /// Names that are nearer than all others but what the list itself keeps.
    pub names: KeptValues,
}

/// Why there are no calls.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum HoursError {
    /// The steps cannot say these hours; what hangs on them is not tested.
    #[error(transparent)]
    Unsayable(#[from] UnsupportedHours),
    /// A template in `hours.shape` gives no value.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// A day as it is said: its word, and its intervals.
struct Day {
    weekday: Value,
    date: Option<NaiveDate>,
    times: Vec<MergedInterval>,
}

impl HoursSection {
    /// The calls of `hours.set` for a scheduler, in their order: steps without `for` stand where they
    /// stand, the others are repeated there. Dated days that a call each is made for are those within a
    /// year of `today`; `{{dates}}` has all of them.
    ///
    /// # Errors
    /// When a step that is called once a day is to say several intervals, or a template gives no value.
    pub fn set<'a>(
        &self,
        steps: &'a [Step],
        scheduler: &Scheduler,
        today: NaiveDate,
        names: &mut Names<'_>,
    ) -> Result<Vec<HoursCall<'a>>, HoursError> {
        let mut of_all = KeptValues::new();
        of_all.put("zone", scheduler.zone.clone());
        let week = self.week(&scheduler.hours);
        let dates = self.dates(&scheduler.hours, today);
        let mut calls = Vec::new();
        for step in steps {
            let mut call = |names: KeptValues| {
                let mut all = of_all.clone();
                all.take(names);
                calls.push(HoursCall { step, names: all });
            };
            match step.each {
                Some(Repeat::Weekday) => {
                    for day in &week {
                        if let [_, _, ..] = day.times[..] {
                            let wants = day.times.len();
                            return Err(UnsupportedHours::Intervals { wants, can: 1 }.into());
                        }
                        call(self.names_of(day, day.times.first()));
                    }
                }
                Some(Repeat::Interval) => {
                    for day in &week {
                        day.times.iter().for_each(|times| call(self.names_of(day, Some(times))));
                    }
                }
                Some(Repeat::Date) => {
                    for day in &dates {
                        // A dated day that is closed has to be said as well.
                        match &day.times[..] {
                            [] => call(self.names_of(day, None)),
                            several => {
                                several.iter().for_each(|t| call(self.names_of(day, Some(t))))
                            }
                        }
                    }
                }
                Some(Repeat::Property) | None => {
                    let mut shaped = of_all.clone();
                    shaped.put("hours", self.shaped_week(&week, &mut names.with(&of_all))?);
                    let all = self.all_dates(&scheduler.hours, today);
                    shaped.put("dates", self.shaped_dates(&all, &mut names.with(&of_all))?);
                    let SchedulerDocument { every, dates, cuts, .. } =
                        SchedulerDocument::of(scheduler);
                    shaped.put("every", json!(every));
                    // A list, for members of an object have no order, and of entries that meet the last counts.
                    shaped.put("entries", json!(dates.0));
                    shaped.put("cuts", json!(cuts));
                    call(shaped);
                }
            }
        }
        Ok(calls)
    }

    /// The calls of `hours.off`: as for a scheduler in UTC that is never open.
    ///
    /// # Errors
    /// When a template gives no value.
    pub fn off<'a>(
        &self,
        steps: &'a [Step],
        today: NaiveDate,
        names: &mut Names<'_>,
    ) -> Result<Vec<HoursCall<'a>>, HoursError> {
        let never = Scheduler { zone: "UTC".to_owned(), hours: WeekHours::default() };
        self.set(steps, &never, today, names)
    }

    fn week(&self, hours: &WeekHours) -> Vec<Day> {
        let days = self.weekdays.iter().zip(&hours.weekdays);
        days.map(|(weekday, intervals)| Day::new(weekday.clone(), None, intervals)).collect()
    }

    /// Those that a call each is made for: within a year.
    fn dates(&self, hours: &WeekHours, today: NaiveDate) -> Vec<Day> {
        self.days_of(hours, dates_of(hours, a_year_from(today)))
    }

    /// Every single date, and what ranges and rules name within a year, for who is told all of them at
    /// once.
    fn all_dates(&self, hours: &WeekHours, today: NaiveDate) -> Vec<Day> {
        let mut dates = dates_of(hours, a_year_from(today));
        dates.extend(hours.dates.iter().filter_map(|(dates, _)| match dates {
            Dates::On(date) => Some(*date),
            _ => None,
        }));
        self.days_of(hours, dates)
    }

    fn days_of(&self, hours: &WeekHours, dates: BTreeSet<NaiveDate>) -> Vec<Day> {
        let dated = |date: NaiveDate| {
            let weekday = self.weekdays[date.weekday().num_days_from_monday() as usize].clone();
            Day::new(weekday, Some(date), wall::starting_on(hours, date))
        };
        dates.into_iter().map(dated).collect()
    }

    /// The names of a day with one of its intervals, or of a closed one.
    fn names_of(&self, day: &Day, times: Option<&MergedInterval>) -> KeptValues {
        let mut names = KeptValues::new();
        names.put("weekday", day.weekday.clone());
        names.put("open", times.is_some());
        if let Some(date) = day.date {
            names.put("date", write_date(date));
        }
        match times {
            Some(times) => {
                names.put("start", times.start());
                names.put("end", times.end());
                names.put("last", times.last());
            }
            None => {
                for name in ["start", "end", "last"] {
                    names.put_as_written(name, self.closed.clone());
                }
            }
        }
        names
    }

    /// `{{hours}}`
    fn shaped_week(&self, week: &[Day], names: &mut Names<'_>) -> Result<Value, RenderError> {
        let is_said = |day: &&Day| !day.times.is_empty() || !self.shape.leaves_closed_out;
        let said = week.iter().filter(is_said);
        if self.shape.is_list {
            return said
                .map(|day| self.shaped(day, names))
                .collect::<Result<_, _>>()
                .map(Value::Array);
        }
        let mut table = Map::new();
        for day in said {
            table.insert(as_text(&day.weekday), self.shaped(day, names)?);
        }
        for (key, value) in &self.shape.also {
            table.insert(key.text(names)?, value.value(names)?);
        }
        Ok(Value::Object(table))
    }

    /// `{{dates}}`: each dated day by its date, closed ones always among them.
    fn shaped_dates(&self, dates: &[Day], names: &mut Names<'_>) -> Result<Value, RenderError> {
        let mut table = Map::new();
        for day in dates {
            let date = day.date.map(write_date).unwrap_or_default();
            table.insert(date, self.shaped(day, names)?);
        }
        Ok(Value::Object(table))
    }

    fn shaped(&self, day: &Day, names: &mut Names<'_>) -> Result<Value, RenderError> {
        let interval = |times: &MergedInterval| {
            let here = self.names_of(day, Some(times));
            self.shape.interval.value(&mut names.with(&here))
        };
        let intervals = Value::Array(day.times.iter().map(interval).collect::<Result<_, _>>()?);
        let Some(shape) = &self.shape.day else { return Ok(intervals) };
        let mut here = self.names_of(day, day.times.first());
        here.put("intervals", intervals);
        shape.value(&mut names.with(&here))
    }
}

impl Day {
    fn new(weekday: Value, date: Option<NaiveDate>, intervals: &[Interval]) -> Self {
        Self { weekday, date, times: MergedInterval::of_day(intervals) }
    }
}

/// The dates within some days that entries of their own name (rule S7).
fn dates_of(hours: &WeekHours, days: RangeInclusive<NaiveDate>) -> BTreeSet<NaiveDate> {
    let is_named = |date: &NaiveDate| hours.dates.iter().any(|(dates, _)| names(dates, *date));
    days.start().iter_days().take_while(|date| days.contains(date)).filter(is_named).collect()
}

/// From the eve of a day to the day before it, a year later. The eve's hours may reach into the day,
/// and in zones behind UTC its date is one behind as well.
fn a_year_from(today: NaiveDate) -> RangeInclusive<NaiveDate> {
    let eve = today.checked_sub_days(Days::new(2)).unwrap_or(NaiveDate::MIN);
    let next = today
        .checked_add_months(Months::new(12))
        .and_then(|day| day.checked_sub_days(Days::new(1)));
    eve..=next.unwrap_or(NaiveDate::MAX)
}
