//! The wall-clock rule, word by word (rules S3 to S9). It is the meaning of hours; the compiled
//! form in `schedule.rs` is held against it.

use chrono::{Datelike, Days, NaiveDate, Timelike};

use super::named::names;
use crate::model::{
    DAY_MINUTES, DatedEntry, Dates, EveryWeeks, INTERVAL_DAYS_MAX, Interval, LocalTime, WeekHours,
    week_of,
};

/// Whether hours are open when the wall clock reads `local`: some interval that started today or on a
/// day before is under way, and no cut. The day before is that of the calendar, even one that the zone
/// skipped (rule S4).
pub fn is_open(hours: &WeekHours, local: LocalTime) -> bool {
    under_way(local, |date| starting_on(hours, date).iter().copied()).is_some()
        && under_way(local, |date| cut_on(hours, date)).is_none()
}

/// The first interval under way, with the date on which it started: of those that start today, then of
/// those of the days before (rule S4).
pub fn under_way<I: IntoIterator<Item = Interval>>(
    local: LocalTime,
    starting_on: impl Fn(NaiveDate) -> I,
) -> Option<(NaiveDate, Interval)> {
    let minute = (local.hour() * 60 + local.minute()) as u16;
    for days_ago in 0..=u16::from(INTERVAL_DAYS_MAX) {
        let date = local.date().checked_sub_days(Days::new(days_ago.into()))?;
        let minute = days_ago * DAY_MINUTES + minute;
        for interval in starting_on(date) {
            let (start, end) = interval.span();
            if start <= minute && minute < end {
                return Some((date, interval));
            }
        }
    }
    None
}

/// Where the hours of a date come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin<'a> {
    /// The weekday's own line (rule S3).
    Weekday,
    /// A line of every few weeks (rule S9).
    Every(&'a EveryWeeks),
    /// A dated entry (rules S5, S7).
    Dates(&'a Dates),
    /// The closed dates of a calendar.
    Calendar,
}

/// The intervals that start on a calendar date.
pub fn starting_on(hours: &WeekHours, date: NaiveDate) -> &[Interval] {
    origin(hours, date).1
}

/// The intervals that start on a calendar date, and where they come from: the last dated entry that
/// names it (rules S5, S7), the line whose week it is (rule S9), or the weekday.
pub fn origin(hours: &WeekHours, date: NaiveDate) -> (Origin<'_>, &[Interval]) {
    let dated = hours.dates.entries().iter().rev().find_map(|entry| match entry {
        DatedEntry::Hours(dates, hours) => {
            names(dates, date).then_some((Origin::Dates(dates), &hours[..]))
        }
        DatedEntry::Calendar(calendar) => {
            let is_closed = |&(first, last): &_| first <= date && date <= last;
            calendar.closed.iter().any(is_closed).then_some((Origin::Calendar, &[][..]))
        }
    });
    let weekday = date.weekday();
    dated.unwrap_or_else(|| {
        let line = hours.every.iter().find(|line| {
            line.days.contains(weekday.num_days_from_monday() as usize)
                && (week_of(date) - week_of(line.from)) % i64::from(line.weeks) == 0
        });
        line.map_or((Origin::Weekday, &hours.on_weekday(weekday)[..]), |line| {
            (Origin::Every(line), &line.hours)
        })
    })
}

/// The cuts that start on a calendar date (rule S8).
pub fn cut_on(hours: &WeekHours, date: NaiveDate) -> impl Iterator<Item = Interval> {
    let written = hours.cuts.iter().filter(move |cut| names(&cut.dates, date));
    let calendars = hours.dates.entries().iter().filter_map(|entry| match entry {
        DatedEntry::Calendar(calendar) => Some(&calendar.cuts),
        DatedEntry::Hours(..) => None,
    });
    let of_calendars = calendars.flatten().filter(move |(day, _)| *day == date);
    written
        .flat_map(|cut| cut.intervals.iter().copied())
        .chain(of_calendars.map(|(_, interval)| *interval))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cut;

    /// 2026-03-09 is a Monday.
    fn local(day: u32, time: &str) -> LocalTime {
        let date = NaiveDate::from_ymd_opt(2026, 3, day).expect("a date");
        date.and_time(time.parse().expect("a time"))
    }

    fn hours(weekdays: &[(usize, &[(u16, u16)])]) -> WeekHours {
        let mut hours = WeekHours::default();
        for (day, intervals) in weekdays {
            hours.weekdays[*day] =
                intervals.iter().filter_map(|&(start, end)| Interval::new(start, end)).collect();
        }
        hours
    }

    #[test]
    fn the_start_minute_is_open_and_the_end_minute_is_not() {
        let hours = hours(&[(0, &[(9 * 60, 17 * 60)])]);
        for (time, open) in [
            ("08:59:59.999", false),
            ("09:00:00", true),
            ("16:59:59.999", true),
            ("17:00:00", false),
        ] {
            assert_eq!(is_open(&hours, local(9, time)), open, "{time}");
        }
    }

    #[test]
    fn minutes_count_as_hours_do() {
        let hours = hours(&[(0, &[(9 * 60 + 30, 10 * 60 + 15)])]);
        for (time, open) in
            [("09:29:00", false), ("09:30:00", true), ("10:14:00", true), ("10:15:00", false)]
        {
            assert_eq!(is_open(&hours, local(9, time)), open, "{time}");
        }
    }

    #[test]
    fn an_overnight_interval_belongs_to_the_day_on_which_it_starts() {
        let hours = hours(&[(0, &[(22 * 60, 2 * 60)])]);
        for (day, time, open) in [
            (9, "01:00:00", false),
            (9, "22:00:00", true),
            (9, "23:59:59.999", true),
            (10, "00:00:00", true),
            (10, "01:59:59.999", true),
            (10, "02:00:00", false),
            (10, "22:00:00", false),
        ] {
            assert_eq!(is_open(&hours, local(day, time)), open, "{day} {time}");
        }
    }

    #[test]
    fn a_dated_entry_leaves_the_evening_before_alone() {
        let mut hours = hours(&[(0, &[(22 * 60, 2 * 60)]), (1, &[(60, 23 * 60)])]);
        hours.dates.insert(local(10, "00:00:00").date(), Vec::new());
        assert!(is_open(&hours, local(10, "01:59:00")));
        assert!(!is_open(&hours, local(10, "02:00:00")));
    }

    #[test]
    fn a_closed_date_in_the_middle_of_days_does_not_close_them_and_a_cut_does() {
        let mut hours = WeekHours::default();
        hours.weekdays[0].extend("18:00-18:00+2d".parse::<Interval>());
        hours.dates.insert(local(10, "00:00:00").date(), Vec::new());
        for (day, time, open) in [
            (9, "17:59:00", false),
            (9, "18:00:00", true),
            (10, "12:00:00", true),
            (11, "17:59:00", true),
            (11, "18:00:00", false),
        ] {
            assert_eq!(is_open(&hours, local(day, time)), open, "{day} {time}");
        }
        hours.cuts.push(Cut {
            dates: local(10, "00:00:00").date().into(),
            intervals: "23:00-01:00".parse().into_iter().collect(),
        });
        for (day, time, open) in [
            (10, "22:59:00", true),
            (10, "23:00:00", false),
            (11, "00:59:00", false),
            (11, "01:00:00", true),
        ] {
            assert_eq!(is_open(&hours, local(day, time)), open, "{day} {time}");
        }
    }

    #[test]
    fn of_several_entries_the_last_one_that_names_a_date_counts_alone() {
        let mut hours = hours(&[(0, &[(9 * 60, 17 * 60)]), (1, &[(9 * 60, 17 * 60)])]);
        let day = |text: &str| text.parse::<Dates>().expect("dates");
        hours.dates.insert(day("2026-03-09..2026-03-20"), Vec::new());
        hours.dates.insert(day("*-03-10"), "10:00-11:00".parse().into_iter().collect());
        assert!(!is_open(&hours, local(9, "10:00:00")));
        assert!(is_open(&hours, local(10, "10:00:00")));
        hours.dates.insert(day("2nd-tue-mar"), Vec::new());
        assert!(!is_open(&hours, local(10, "10:00:00")));
    }

    #[test]
    fn weeks_take_turns_from_monday_on() {
        let mut hours = hours(&[(5, &[(600, 660)])]);
        hours.every.push(EveryWeeks {
            days: "sat".parse().expect("days"),
            hours: "09:00-12:00".parse().into_iter().collect(),
            weeks: 2,
            // The Monday of the week of the 14th.
            from: local(9, "00:00:00").date(),
        });
        for (day, nine, ten) in
            [(7, false, true), (14, true, true), (21, false, true), (28, true, true)]
        {
            assert_eq!(is_open(&hours, local(day, "09:00:00")), nine, "{day}");
            assert_eq!(is_open(&hours, local(day, "10:59:00")), ten, "{day}");
            assert_eq!(is_open(&hours, local(day, "11:59:00")), nine, "{day}");
        }
    }
}
