//! The intervals of a day, sorted and merged, and what a product can say of them (rules T32, T34, T35
//! of target files).

use lamplighter_core::model::{DAY_MINUTES, Interval, Scheduler};
use thiserror::Error;

use crate::file::can::{HoursCan, IntervalsADay, ZoneCan};

/// One interval after merging: minutes from the beginning of its day, the end beyond 24:00 where it runs
/// past midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MergedInterval {
    start: u32,
    end: u32,
}

const DAY: u32 = DAY_MINUTES as u32;

impl MergedInterval {
    /// The intervals of a day, sorted; those that overlap or touch are one.
    pub fn of_day(intervals: &[Interval]) -> Vec<Self> {
        let mut all: Vec<Self> = intervals.iter().copied().map(Self::of).collect();
        all.sort_unstable();
        let mut merged: Vec<Self> = Vec::new();
        for times in all {
            match merged.last_mut() {
                Some(last) if times.start <= last.end => last.end = last.end.max(times.end),
                _ => merged.push(times),
            }
        }
        merged
    }

    fn of(interval: Interval) -> Self {
        let (start, end) = interval.span();
        Self { start: start.into(), end: end.into() }
    }

    /// `09:00`
    pub fn start(self) -> String {
        time(self.start)
    }

    /// `17:00`, `24:00`; `02:00` where it runs past midnight, `18:00+2d` where a day or more lies between.
    pub fn end(self) -> String {
        match self.is_span() {
            // As at the end of a day, midnight is 24:00.
            true => self.days_on((self.end - 1) / DAY, (self.end - 1) % DAY + 1),
            false => time(if self.end > DAY { self.end - DAY } else { self.end }),
        }
    }

    /// The last minute in it, for products that close behind it: `16:59`, and `23:59` for `24:00`.
    pub fn last(self) -> String {
        let last = self.end - 1;
        match self.is_span() {
            true => self.days_on(last / DAY, last % DAY),
            false => time(last % DAY),
        }
    }

    fn days_on(self, days: u32, minute: u32) -> String {
        match days {
            0 => time(minute),
            days => format!("{}+{days}d", time(minute)),
        }
    }

    /// Whether it ends on the day after it starts. Until midnight is not past it.
    pub fn is_overnight(self) -> bool {
        self.end > DAY
    }

    /// Whether it takes days behind its end to say it.
    fn is_span(self) -> bool {
        self.end > DAY && self.end - DAY >= self.start
    }
}

fn time(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Why a scheduler cannot be put on a product: what hangs on it is not tested (T35).
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum UnsupportedHours {
    /// The product has no hours, or none that can be set.
    #[error("the target has no hours")]
    NoHours,
    /// The product counts by a zone of its own.
    #[error("the target's hours are in {has}, not in {wants}")]
    Zone {
        /// The product's zone, or that it is the visitor's.
        has: String,
        /// The zone of the scheduler that was to be put.
        wants: String,
    },
    /// A day has more intervals than the product takes.
    #[error("a day has {wants} intervals, and the target takes {can} a day")]
    Intervals {
        /// How many intervals the scheduler's day has.
        wants: usize,
        /// How many intervals the product takes for a day.
        can: u64,
    },
    /// The product knows no hours past midnight.
    #[error("an interval runs past midnight, and the target takes none that does")]
    Overnight,
    /// The product knows no dates.
    #[error("there are dated hours, and the target has none")]
    Dates,
    /// The product knows no weeks that take turns.
    #[error("hours take turns by weeks, and the target's are the same every week")]
    EveryWeeks,
    /// The product cuts nothing out of its hours.
    #[error("something is cut out of the hours, and the target cuts nothing out")]
    Cuts,
    /// The product takes no calendars.
    #[error("there are dates out of a calendar, and the target takes none")]
    Calendars,
    /// Merged, an interval is a day long or longer.
    #[error("an interval is a day long or longer, and the target takes none that is")]
    TooLong,
}

impl HoursCan {
    /// Why a scheduler cannot be said, if it cannot.
    ///
    /// # Errors
    /// The first reason.
    pub fn say(&self, scheduler: &Scheduler) -> Result<(), UnsupportedHours> {
        self.say_zone(&scheduler.zone)?;
        let hours = &scheduler.hours;
        let has_dates = hours.dates.iter().next().is_some();
        let has_calendars = hours.dates.iter().count() < hours.dates.entries().len();
        for (is_there, can, why) in [
            (has_dates, self.dates, UnsupportedHours::Dates),
            (has_calendars, self.calendars, UnsupportedHours::Calendars),
            (!hours.every.is_empty(), self.weeks, UnsupportedHours::EveryWeeks),
            (!hours.cuts.is_empty(), self.cuts, UnsupportedHours::Cuts),
        ] {
            if is_there && !can {
                return Err(why);
            }
        }
        let turns = hours.every.iter().map(|line| &line.hours);
        for day in hours.weekdays.iter().chain(hours.dates.hours()).chain(turns) {
            let times = MergedInterval::of_day(day);
            match self.intervals_a_day {
                IntervalsADay::Most(can) if times.len() as u64 > can => {
                    return Err(UnsupportedHours::Intervals { wants: times.len(), can });
                }
                _ => {}
            }
            self.say_ends(&times)?;
        }
        hours.cuts.iter().try_for_each(|cut| self.say_ends(&MergedInterval::of_day(&cut.intervals)))
    }

    fn say_zone(&self, wanted: &str) -> Result<(), UnsupportedHours> {
        let has = match &self.zone {
            ZoneCan::Own => return Ok(()),
            ZoneCan::Server(zone) if zone == wanted => return Ok(()),
            ZoneCan::Server(zone) => zone.clone(),
            ZoneCan::Visitor => "the visitor's zone".to_owned(),
        };
        Err(UnsupportedHours::Zone { has, wants: wanted.to_owned() })
    }

    fn say_ends(&self, times: &[MergedInterval]) -> Result<(), UnsupportedHours> {
        if !self.overnight && times.iter().any(|times| times.is_overnight()) {
            return Err(UnsupportedHours::Overnight);
        }
        match !self.spans && times.iter().any(|times| times.is_span()) {
            true => Err(UnsupportedHours::TooLong),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use lamplighter_core::model::{Calendar, Cut, EveryWeeks};

    use super::*;

    fn day(text: &str) -> Vec<Interval> {
        text.split_whitespace().map(|one| one.parse().expect("an interval")).collect()
    }

    #[test]
    fn t35_intervals_are_given_sorted_and_merged() {
        for (written, said) in [
            ("", ""),
            ("09:00-17:00", "09:00-17:00"),
            ("13:00-17:00 09:00-12:00", "09:00-12:00 13:00-17:00"),
            ("09:00-12:00 12:00-17:00", "09:00-17:00"),
            ("09:00-13:00 10:00-11:00 12:30-14:00", "09:00-14:00"),
            ("22:00-02:00 23:00-03:00", "22:00-03:00"),
            ("20:00-24:00", "20:00-24:00"),
            ("20:00-00:00", "20:00-24:00"),
            ("00:00-24:00", "00:00-24:00"),
            ("22:00-02:00 08:00-09:00", "08:00-09:00 22:00-02:00"),
            ("18:00-18:00+2d", "18:00-18:00+2d"),
            ("06:00-06:00+1d", "06:00-06:00+1d"),
            ("06:00-24:00+1d", "06:00-24:00+1d"),
            ("10:00-09:00 08:00-12:00", "08:00-09:00+1d"),
            ("10:00-08:00+1d", "10:00-08:00"),
        ] {
            let times = MergedInterval::of_day(&day(written)).into_iter();
            let found: Vec<String> = times.map(|t| format!("{}-{}", t.start(), t.end())).collect();
            assert_eq!(found.join(" "), said, "{written}");
        }
    }

    #[test]
    fn t34_the_last_minute_is_the_one_before_the_end() {
        for (written, last) in [
            ("09:00-17:00", "16:59"),
            ("09:00-24:00", "23:59"),
            ("22:00-00:00", "23:59"),
            ("22:00-02:00", "01:59"),
            ("22:00-00:01", "00:00"),
            ("18:00-18:00+2d", "17:59+2d"),
            ("00:00-00:00+1d", "23:59"),
        ] {
            assert_eq!(MergedInterval::of_day(&day(written))[0].last(), last, "{written}");
        }
    }

    #[test]
    fn t35_what_cannot_be_said_is_named() {
        let can = |intervals_a_day, overnight, dates| HoursCan {
            zone: ZoneCan::Own,
            intervals_a_day,
            overnight,
            dates,
            calendars: false,
            weeks: false,
            cuts: false,
            spans: false,
        };
        let plain = can(IntervalsADay::Most(1), false, false);
        let all = can(IntervalsADay::Any, true, true);
        let spans = HoursCan { spans: true, ..all.clone() };
        let scheduler = |monday: &str, dated: bool| {
            let mut scheduler =
                Scheduler { zone: "Europe/Paris".to_owned(), hours: Default::default() };
            scheduler.hours.weekdays[0] = day(monday);
            if dated {
                let date = chrono::NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date");
                scheduler.hours.dates.insert(date, Vec::new());
            }
            scheduler
        };
        for (hours, monday, dated, why) in [
            (&plain, "09:00-17:00", false, None),
            (&plain, "09:00-12:00 12:00-17:00", false, None),
            (
                &plain,
                "09:00-12:00 13:00-17:00",
                false,
                Some(UnsupportedHours::Intervals { wants: 2, can: 1 }),
            ),
            (&plain, "22:00-02:00", false, Some(UnsupportedHours::Overnight)),
            (&plain, "22:00-00:00", false, None),
            (&plain, "", true, Some(UnsupportedHours::Dates)),
            (&all, "09:00-12:00 13:00-17:00 22:00-02:00", true, None),
            (&all, "10:00-09:00 08:00-12:00", false, Some(UnsupportedHours::TooLong)),
            (&spans, "10:00-09:00 08:00-12:00", false, None),
        ] {
            assert_eq!(hours.say(&scheduler(monday, dated)).err(), why, "{monday} {dated}");
        }
        for (zone, is_sayable) in [
            (ZoneCan::Server("Europe/Paris".to_owned()), true),
            (ZoneCan::Server("UTC".to_owned()), false),
            (ZoneCan::Visitor, false),
        ] {
            let hours = HoursCan { zone, ..plain.clone() };
            assert_eq!(hours.say(&scheduler("", false)).is_ok(), is_sayable, "{hours:?}");
        }
    }

    #[test]
    fn t35_what_a_calendar_brings_is_said_where_the_target_can() {
        let none = HoursCan {
            zone: ZoneCan::Own,
            intervals_a_day: IntervalsADay::Any,
            overnight: true,
            dates: true,
            calendars: false,
            weeks: false,
            cuts: false,
            spans: false,
        };
        let all = HoursCan { cuts: true, weeks: true, calendars: true, ..none.clone() };
        let date = chrono::NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date");
        let cut = Cut { dates: date.into(), intervals: day("13:00-16:00") };
        let days = "sat".parse().expect("days");
        let turn = EveryWeeks { days, hours: day("09:00-12:00"), weeks: 2, from: date };
        for why in
            [UnsupportedHours::Cuts, UnsupportedHours::EveryWeeks, UnsupportedHours::Calendars]
        {
            let mut own = Scheduler { zone: "UTC".to_owned(), hours: Default::default() };
            match why {
                UnsupportedHours::Cuts => own.hours.cuts.push(cut.clone()),
                UnsupportedHours::EveryWeeks => own.hours.every.push(turn.clone()),
                _ => own.hours.dates.insert_calendar(Calendar::default().into()),
            }
            assert_eq!((none.say(&own), all.say(&own)), (Err(why), Ok(())));
        }
    }
}
