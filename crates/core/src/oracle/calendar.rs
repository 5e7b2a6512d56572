//! Hours by the calendar, straight from the rule book: which intervals begin on a date, and whether
//! one of them is under way (rules S2 to S9).

use chrono::{Datelike, Days, NaiveDate, Timelike, Weekday};

use crate::model::knobs::{EndMinute, Overnight};
use crate::model::{
    DatedEntry, Dates, DayOfYear, Interval, LocalTime, Nth, RuleSet, WeekHours, WeekdayOfMonth,
};

const DAY_MINUTES: i64 = 24 * 60;
/// Rule S4: an interval ends on the seventh day after the one on which it begins, at the latest.
const DAYS_BACK: u64 = 7;

/// Rules S2 to S9: whether some interval that began today or on a calendar day before is under way
/// when the wall clock reads `local`, and none of what is cut out.
pub fn is_open(hours: &WeekHours, local: LocalTime) -> bool {
    is_open_by(&RuleSet::BOOK, hours, local)
}

/// The same by the knobs `end_minute` and `overnight`, of which cuts know nothing.
pub fn is_open_by(rules: &RuleSet, hours: &WeekHours, local: LocalTime) -> bool {
    let mut open = false;
    let days = std::iter::successors(Some(local.date()), NaiveDate::pred_opt);
    for (days_ago, date) in (0..=DAYS_BACK).zip(days) {
        let minute = i64::from(local.hour() * 60 + local.minute()) + days_ago as i64 * DAY_MINUTES;
        // Rule S8: closed, whatever hours apply or run over from days before.
        if cut_on(hours, date).iter().any(|cut| is_under_way(&RuleSet::BOOK, cut, minute)) {
            return false;
        }
        open = open || began_on(hours, date).iter().any(|began| is_under_way(rules, began, minute));
    }
    open
}

/// Whether an interval is under way so many minutes after the midnight with which its day began.
fn is_under_way(rules: &RuleSet, interval: &Interval, minute: i64) -> bool {
    let start = i64::from(interval.start_minute());
    let mut end = i64::from(interval.end_minute());
    if end < start && interval.days() == 0 && rules.overnight == Overnight::NeverOpens {
        return false;
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
    start <= minute && (minute < end || is_longer && minute == end)
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
fn cut_on(hours: &WeekHours, date: NaiveDate) -> Vec<Interval> {
    let mut all = Vec::new();
    for cut in &hours.cuts {
        if names(&cut.dates, date) {
            all.extend(&cut.intervals);
        }
    }
    for entry in hours.dates.entries() {
        if let DatedEntry::Calendar(calendar) = entry {
            let on_it = calendar.cuts.iter().filter(|(day, _)| *day == date);
            all.extend(on_it.map(|(_, interval)| *interval));
        }
    }
    all
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
