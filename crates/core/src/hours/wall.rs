//! The wall-clock rule, word by word (rules S3 to S6). It is the meaning of hours; the compiled
//! form in `schedule.rs` is held against it.

use chrono::{Days, Timelike};

use crate::model::{Interval, LocalTime, WeekHours};

/// Whether hours are open when the wall clock reads `local`: some interval that started today or
/// on the evening before is under way. The evening before is that of the calendar day before, even
/// of a day that the zone skipped (rule S4).
pub fn is_open(hours: &WeekHours, local: LocalTime) -> bool {
    let minute = (local.hour() * 60 + local.minute()) as u16;
    let today = hours.starting_on(local.date());
    let evening_before =
        local.date().checked_sub_days(Days::new(1)).map_or(&[][..], |date| hours.starting_on(date));
    today.iter().any(|interval| holds_today(interval, minute))
        || evening_before.iter().any(|i| i.runs_past_midnight() && minute < i.end_minute())
}

fn holds_today(interval: &Interval, minute: u16) -> bool {
    minute >= interval.start_minute()
        && (interval.runs_past_midnight() || minute < interval.end_minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

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
}
