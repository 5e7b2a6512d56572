//! What else than the hours of its weekday makes a schedule open or closed: hours of a day before, a cut, a
//! dated entry, hours of every few weeks.

use chrono::{Datelike, NaiveDate};

use lamplighter_core::hours::wall::{self, Origin};
use lamplighter_core::model::text::write_date;
use lamplighter_core::model::{Dates, EveryWeeks, Interval, LocalTime, SchedulerState, WeekHours};

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
    let started = |date| wall::starting_on(hours, date).iter().copied();
    let running = wall::under_way(local, started);
    if state == SchedulerState::Open
        && let Some((date, interval)) = running.filter(|(date, _)| *date < local.date())
    {
        return Some(SpecialHours::DayBefore(date, interval));
    }
    if state != SchedulerState::Open && running.is_some() {
        let cut = wall::under_way(local, |date| wall::cut_on(hours, date));
        return cut.map(|(date, interval)| SpecialHours::Cut(date, interval));
    }
    let today = local.date();
    if let Some(line) = origin_words(wall::origin(hours, today).0) {
        return Some(SpecialHours::Line(today, line));
    }
    other_week(hours, today).map(|line| SpecialHours::OtherWeek(today, line))
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
