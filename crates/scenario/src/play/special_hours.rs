//! What else than the hours of its weekday makes a schedule open or closed: hours of a day before, a cut, a
//! dated entry, hours of every few weeks.

use chrono::{Datelike, Days, NaiveDate, Timelike};

use lamplighter_core::hours::wall::{self, Origin};
use lamplighter_core::model::text::write_date;
use lamplighter_core::model::{
    DAY_MINUTES, Dates, EveryWeeks, INTERVAL_DAYS_MAX, Interval, LocalTime, SchedulerState,
    WeekHours,
};

/// What else than the hours of its weekday decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpecialHours {
    /// Hours that started on this date before are still running, and none of today's are (rule S4).
    DayBefore(NaiveDate, Interval),
    /// This is cut out of what started on this date (rule S8).
    Cut(NaiveDate, Interval),
    /// The hours of this date are those of a line for dates or weeks, named in words.
    Line(NaiveDate, String),
    /// The weekday of this date has hours in every few weeks, and this is none of them (rule S9).
    OtherWeek(NaiveDate, String),
}

/// What else than the hours of its weekday makes hours open or closed when the wall clock reads `local`.
pub fn special_hours(
    hours: &WeekHours,
    state: SchedulerState,
    local: LocalTime,
) -> Option<SpecialHours> {
    let running = under_way(local, |date| wall::starting_on(hours, date).to_vec());
    if state == SchedulerState::Open
        && let Some((1.., date, interval)) = running
    {
        return Some(SpecialHours::DayBefore(date, interval));
    }
    if state != SchedulerState::Open && running.is_some() {
        let cut = under_way(local, |date| wall::cut_on(hours, date).collect());
        return cut.map(|(_, date, interval)| SpecialHours::Cut(date, interval));
    }
    let today = local.date();
    if let Some(line) = origin_words(wall::origin(hours, today).0) {
        return Some(SpecialHours::Line(today, line));
    }
    other_week(hours, today).map(|line| SpecialHours::OtherWeek(today, line))
}

/// The first interval under way of those that start today and on the days before: how many days ago it
/// started, and when.
fn under_way(
    local: LocalTime,
    starting_on: impl Fn(NaiveDate) -> Vec<Interval>,
) -> Option<(u16, NaiveDate, Interval)> {
    let minute = (local.hour() * 60 + local.minute()) as u16;
    (0..=u16::from(INTERVAL_DAYS_MAX)).find_map(|days_ago| {
        let date = local.date().checked_sub_days(Days::new(days_ago.into()))?;
        let minute = days_ago * DAY_MINUTES + minute;
        let is_under_way = |interval: &Interval| {
            let (start, end) = interval.span();
            start <= minute && minute < end
        };
        Some((days_ago, date, starting_on(date).into_iter().find(is_under_way)?))
    })
}

/// The line that hours come from, in words: `dated entry 4th-thu-nov, rules S5 and S7`; `None` for the
/// weekday's own.
pub fn origin_words(origin: Origin<'_>) -> Option<String> {
    match origin {
        Origin::Weekday => None,
        Origin::Every(line) => Some(format!("{}, rule S9", every_words(line))),
        Origin::Dates(Dates::On(_)) => Some("dated entry, rule S5".to_owned()),
        Origin::Dates(dates) => Some(format!("dated entry {dates}, rules S5 and S7")),
        Origin::Calendar => Some("a calendar's closed date, rule S5".to_owned()),
    }
}

/// The hours of every few weeks that a date's weekday has where the date is in none of their weeks, in words.
pub fn other_week(hours: &WeekHours, date: NaiveDate) -> Option<String> {
    let day = date.weekday().num_days_from_monday() as usize;
    let is_weekly = wall::origin(hours, date).0 == Origin::Weekday;
    let mut lines = hours.every.iter().filter(|line| is_weekly && line.days.contains(day));
    lines.next().map(every_words)
}

fn every_words(EveryWeeks { weeks, from, .. }: &EveryWeeks) -> String {
    format!("every {weeks} weeks from {}", write_date(*from))
}
