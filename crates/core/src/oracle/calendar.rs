//! Hours by the calendar, straight from the rule book: which intervals begin on a date, and whether
//! one of them is under way (rules S2 to S9).

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate, Timelike, Weekday};

use crate::model::knobs::{EndMinute, Overnight};
use crate::model::{
    DatedEntry, Dates, DayOfYear, Interval, LocalTime, Nth, RuleSet, WeekHours, WeekdayOfMonth,
};

const DAY_MINUTES: i64 = 24 * 60;

/// Rules S2 to S9: whether some interval that began today or on a calendar day before is under way
/// when the wall clock reads `local`, and none of what is cut out.
pub fn is_open(hours: &WeekHours, local: LocalTime) -> bool {
    is_open_by(&RuleSet::BOOK, hours, local)
}

/// The same by the knobs `end_minute` and `overnight`, of which cuts know nothing.
pub fn is_open_by(rules: &RuleSet, hours: &WeekHours, local: LocalTime) -> bool {
    Day::new(rules, hours, local.date()).is_open(local.hour() * 60 + local.minute())
}

/// What is under way at all on a date, in minutes from the midnight on with which it begins: each of its
/// minutes is looked up in that.
#[derive(Clone, Debug)]
pub struct Day {
    intervals: Vec<Range<i64>>,
    cuts: Vec<Range<i64>>,
}

impl Day {
    /// Rules S2 to S9: the intervals that began on the date or on a calendar day before and go on until then,
    /// and what is cut out.
    pub fn new(rules: &RuleSet, hours: &WeekHours, date: NaiveDate) -> Self {
        let mut day = Self { intervals: Vec::new(), cuts: Vec::new() };
        let days = std::iter::successors(Some(date), NaiveDate::pred_opt);
        for (days_ago, began) in (0..=days_back(hours)).zip(days) {
            let midnight = -days_ago * DAY_MINUTES;
            let is_left = |minutes: &Range<i64>| minutes.end > 0;
            let from_midnight =
                |minutes: Range<i64>| midnight + minutes.start..midnight + minutes.end;
            let cuts = cut_on(hours, began).map(|cut| minutes(&RuleSet::BOOK, cut));
            day.cuts.extend(cuts.flatten().map(from_midnight).filter(is_left));
            let intervals = began_on(hours, began).iter().map(|interval| minutes(rules, interval));
            day.intervals.extend(intervals.flatten().map(from_midnight).filter(is_left));
        }
        day
    }

    /// Whether an interval is under way so many minutes after midnight, and nothing of it is cut out.
    pub fn is_open(&self, minute: u32) -> bool {
        let is_under_way = |all: &[Range<i64>]| all.iter().any(|it| it.contains(&minute.into()));
        // Rule S8: closed, whatever hours apply or run over from days before.
        is_under_way(&self.intervals) && !is_under_way(&self.cuts)
    }
}

/// Rule S4: how many calendar days after the one on which it begins the longest of all intervals ends.
fn days_back(hours: &WeekHours) -> i64 {
    let of_calendars = hours.dates.entries().iter().flat_map(|entry| match entry {
        DatedEntry::Calendar(calendar) => &calendar.cuts[..],
        DatedEntry::Hours(..) => &[],
    });
    let cuts = hours.cuts.iter().flat_map(|cut| cut.intervals.iter().copied());
    let all = hours.intervals().chain(cuts).chain(of_calendars.map(|(_, interval)| *interval));
    let days = all.map(|interval| {
        let past_midnight = interval.end_minute() < interval.start_minute();
        i64::from(interval.days()).max(i64::from(past_midnight))
    });
    days.max().unwrap_or(0)
}

/// When an interval is under way, in minutes after the midnight with which its day began.
fn minutes(rules: &RuleSet, interval: &Interval) -> Option<Range<i64>> {
    let start = i64::from(interval.start_minute());
    let mut end = i64::from(interval.end_minute());
    if end < start && interval.days() == 0 && rules.overnight == Overnight::NeverOpens {
        return None;
    }
    // No clock reads 24:00, and so its minute is never open.
    let is_longer = rules.end_minute == EndMinute::Open && end != DAY_MINUTES;
    if interval.days() > 0 {
        // Rule S4: on that calendar day after, whether the time is before or after the start.
        end += i64::from(interval.days()) * DAY_MINUTES;
    } else if end < start {
        // Rule S4: past midnight where the end is before the start.
        end += DAY_MINUTES;
    }
    // Rule S3: open at the start minute, not at the end minute.
    Some(start..end + i64::from(is_longer))
}

/// Rules S5, S7, S9: the entry that was written last, or the line whose week it is, or the weekday.
fn began_on(hours: &WeekHours, date: NaiveDate) -> &[Interval] {
    for entry in hours.dates.entries().iter().rev() {
        match entry {
            DatedEntry::Hours(dates, hours) if names(dates, date) => return hours,
            DatedEntry::Hours(..) => {}
            DatedEntry::Calendar(calendar) => {
                let mut closed = calendar.closed.iter();
                if closed.any(|(first, last)| *first <= date && date <= *last) {
                    return &[];
                }
            }
        }
    }
    for line in &hours.every {
        let on_such_a_day = line.days.iter().any(|day| weekday(day) == date.weekday());
        let days = (monday_of(date) - monday_of(line.from)).num_days();
        if on_such_a_day && days % (i64::from(line.weeks) * 7) == 0 {
            return &line.hours;
        }
    }
    &hours.weekdays[date.weekday().num_days_from_monday() as usize]
}

/// Rule S8: cuts add up, those of calendars too.
fn cut_on(hours: &WeekHours, date: NaiveDate) -> impl Iterator<Item = &Interval> {
    let written = hours.cuts.iter().filter(move |cut| names(&cut.dates, date));
    let entries = hours.dates.entries().iter();
    let of_calendars = entries.flat_map(move |entry| {
        let cuts = match entry {
            DatedEntry::Calendar(calendar) => &calendar.cuts[..],
            DatedEntry::Hours(..) => &[],
        };
        cuts.iter().filter(move |(day, _)| *day == date).map(|(_, interval)| interval)
    });
    written.flat_map(|cut| &cut.intervals).chain(of_calendars)
}

/// The Monday of the week that a date is in (rule S9).
fn monday_of(date: NaiveDate) -> NaiveDate {
    let days = Days::new(date.weekday().num_days_from_monday().into());
    date.checked_sub_days(days).expect("within chrono's range of dates")
}

fn weekday(day: usize) -> Weekday {
    [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ][day]
}

/// Rule S7: whether some dates name one.
pub fn names(dates: &Dates, date: NaiveDate) -> bool {
    match *dates {
        Dates::On(on) => on == date,
        Dates::Range(first, last) => first <= date && date <= last,
        // Rule T4: what is counted names nothing outside of the years.
        _ if !(1..=9_999).contains(&date.year()) => false,
        Dates::Yearly(day) => is_day(day, date),
        Dates::YearlyRange(first, last) => {
            // Those that began this year or the year before.
            [date.year() - 1, date.year()].into_iter().any(|year| {
                let runs_over = (last.month(), last.day()) < (first.month(), first.day());
                let from = end_of_range(first, year);
                let to = end_of_range(last, if runs_over { year + 1 } else { year });
                from <= date && date <= to
            })
        }
        Dates::OfMonth(of_month, shift) => counted(date, shift, |base| is_of_month(of_month, base)),
        Dates::Easter(shift) => counted(date, shift, is_easter),
    }
}

/// Whether a date is so many days before or behind one from which it is counted.
fn counted(date: NaiveDate, shift: i16, is_base: impl Fn(NaiveDate) -> bool) -> bool {
    let days = Days::new(shift.unsigned_abs().into());
    let base = if shift < 0 { date.checked_add_days(days) } else { date.checked_sub_days(days) };
    base.is_some_and(|base| (1..=9_999).contains(&base.year()) && is_base(base))
}

fn is_day(day: DayOfYear, date: NaiveDate) -> bool {
    (date.month(), date.day()) == (day.month().into(), day.day().into())
}

fn on_day(day: DayOfYear, year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, day.month().into(), day.day().into())
}

/// An end of a range of every year: where there is no 29th of February, the 28th stands for it.
fn end_of_range(day: DayOfYear, year: i32) -> NaiveDate {
    let date = on_day(day, year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28));
    date.expect("every year has all other days")
}

/// Whether a date is the n-th or last weekday of its month: seven days hold one of each.
fn is_of_month(of_month: WeekdayOfMonth, date: NaiveDate) -> bool {
    let such = date.weekday() == weekday(of_month.weekday.into());
    if !such || date.month() != u32::from(of_month.month) {
        return false;
    }
    let before = (date.day() - 1) / 7;
    match of_month.nth {
        Nth::First => before == 0,
        Nth::Second => before == 1,
        Nth::Third => before == 2,
        Nth::Fourth => before == 3,
        Nth::Fifth => before == 4,
        Nth::Last => {
            let next = date.checked_add_days(Days::new(7)).expect("within chrono's range of dates");
            next.month() != date.month()
        }
    }
}

/// Whether a date is Easter, which is a Sunday in March or April.
fn is_easter(date: NaiveDate) -> bool {
    matches!(date.month(), 3..=4)
        && date.weekday() == Weekday::Sun
        && easter_of(date.year()) == date
}

/// Western Easter: the Sunday behind the first full moon of the church from 21 March on, by golden
/// number and epact as Clavius put them.
fn easter_of(year: i32) -> NaiveDate {
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let leap_days_left_out = 3 * century / 4 - 12;
    let moon_correction = (8 * century + 5) / 25 - 5;
    let mut epact = (11 * golden + 20 + moon_correction - leap_days_left_out).rem_euclid(30);
    if epact == 24 || (epact == 25 && golden > 11) {
        epact += 1;
    }
    let mut full_moon = 44 - epact;
    if full_moon < 21 {
        full_moon += 30;
    }
    let march_first = NaiveDate::from_ymd_opt(year, 3, 1).expect("every year has a March");
    let mut day = march_first + Days::new(full_moon as u64 - 1);
    loop {
        day = day + Days::new(1);
        if day.weekday() == Weekday::Sun {
            return day;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_when_it_was() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1981, 4, 19),
            (2000, 4, 23),
            (2026, 4, 5),
            (2038, 4, 25),
        ] {
            assert_eq!(Some(easter_of(year)), NaiveDate::from_ymd_opt(year, month, day));
        }
    }
}
