//! Which dates an entry names (rule S7): whether it names one, and which is the next.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::{Dates, DayOfYear, Nth, WeekdayOfMonth};
use crate::mutations::{Mutation, is_on};

/// The years in which dates are (rule T4).
const YEARS: std::ops::RangeInclusive<i32> = 1..=9_999;

/// Whether some dates name one.
pub fn names(dates: &Dates, date: NaiveDate) -> bool {
    let day_of_year = |date: NaiveDate| (date.month(), date.day());
    match *dates {
        Dates::On(on) => date == on,
        Dates::Range(first, _) if is_on(Mutation::RangeIsItsFirstDate) => date == first,
        Dates::Range(first, last) if is_on(Mutation::RangeEndExcluded) => {
            first <= date && date < last
        }
        Dates::Range(first, last) => first <= date && date <= last,
        // What is counted names nothing outside of the years.
        _ if !YEARS.contains(&date.year()) => false,
        Dates::Yearly(day) => day_of_year(date) == (day.month().into(), day.day().into()),
        Dates::YearlyRange(first, last) => {
            let (from, to) = (in_year(first, date.year()), in_year(last, date.year()));
            let day = day_of_year(date);
            match first <= last || is_on(Mutation::YearlyRangeEndsWithTheYear) {
                true => from <= day && (day <= to || first > last),
                false => from <= day || day <= to,
            }
        }
        Dates::OfMonth(of_month, shift) => {
            shifted(date, -shift).is_some_and(|base| is_in(of_month, base))
        }
        Dates::Easter(shift) => {
            let base = shifted(date, -shift);
            base.is_some_and(|base| YEARS.contains(&base.year()) && base == easter(base.year()))
        }
    }
}

/// The first date from `from` on that some dates name, if there is one up to the end of time.
pub fn next_named(dates: &Dates, from: NaiveDate) -> Option<NaiveDate> {
    match *dates {
        Dates::On(on) => (on >= from).then_some(on),
        Dates::Range(first, last) => (last >= from).then(|| first.max(from)),
        Dates::Yearly(day) => first_of_years(from.year(), from, |year| {
            NaiveDate::from_ymd_opt(year, day.month().into(), day.day().into())
        }),
        Dates::YearlyRange(first, _) => match names(dates, from) {
            true => Some(from),
            false => first_of_years(from.year(), from, |year| {
                let (month, day) = in_year(first, year);
                NaiveDate::from_ymd_opt(year, month, day)
            }),
        },
        Dates::OfMonth(WeekdayOfMonth { nth, weekday, month }, shift) => {
            let weekday = Weekday::try_from(weekday).ok()?;
            // What is counted from a year lies within the year before or behind it.
            first_of_years(from.year() - 2, from, |year| {
                shifted(of_month(nth, weekday, year, month)?, shift)
            })
        }
        Dates::Easter(shift) => {
            first_of_years(from.year() - 2, from, |year| shifted(easter(year), shift))
        }
    }
}

/// The first date that some year names and that is not before `from`.
fn first_of_years(
    first: i32,
    from: NaiveDate,
    of_year: impl Fn(i32) -> Option<NaiveDate>,
) -> Option<NaiveDate> {
    let years = first.max(*YEARS.start())..=*YEARS.end();
    years.filter_map(of_year).find(|&date| date >= from).filter(|date| YEARS.contains(&date.year()))
}

fn shifted(date: NaiveDate, days: i16) -> Option<NaiveDate> {
    let days = if is_on(Mutation::ShiftOfDatesLost) { 0 } else { days };
    let by = Days::new(days.unsigned_abs().into());
    if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) }
}

/// The end of a range of every year in one year: the 29th of February stands in all of them.
fn in_year(end: DayOfYear, year: i32) -> (u32, u32) {
    let is_leap = NaiveDate::from_ymd_opt(year, 2, 29).is_some();
    match (end.month(), end.day()) {
        (2, 29) if !is_leap => (2, 28),
        (month, day) => (month.into(), day.into()),
    }
}

fn is_in(WeekdayOfMonth { nth, weekday, month }: WeekdayOfMonth, date: NaiveDate) -> bool {
    const DAYS: u32 = 7;
    if date.month() != u32::from(month)
        || date.weekday().num_days_from_monday() != u32::from(weekday)
        || !YEARS.contains(&date.year())
    {
        return false;
    }
    let count = (date.day() - 1) / DAYS + 1;
    match nth {
        Nth::First => count == 1,
        Nth::Second => count == 2,
        Nth::Third => count == 3,
        Nth::Fourth => count == 4,
        Nth::Fifth => count == 5,
        Nth::Last if is_on(Mutation::LastWeekdayIsTheFourth) => count == 4,
        Nth::Last => is_last_of_month(date),
    }
}

/// Whether the same weekday a week later lies in another month.
fn is_last_of_month(date: NaiveDate) -> bool {
    date.checked_add_days(Days::new(7)).is_none_or(|later| later.month() != date.month())
}

fn of_month(nth: Nth, weekday: Weekday, year: i32, month: u8) -> Option<NaiveDate> {
    let count = match nth {
        Nth::First => 1,
        Nth::Second => 2,
        Nth::Third => 3,
        Nth::Fourth => 4,
        Nth::Fifth => 5,
        Nth::Last => {
            let of =
                |count| NaiveDate::from_weekday_of_month_opt(year, month.into(), weekday, count);
            return of(5).or_else(|| of(4));
        }
    };
    NaiveDate::from_weekday_of_month_opt(year, month.into(), weekday, count)
}

/// Easter Sunday of a year by the Gregorian calendar (Meeus, Jones and Butcher).
fn easter(year: i32) -> NaiveDate {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let day = h + l - 7 * m + 114;
    let (month, day) = (day / 31, day % 31 + 1);
    let easter = NaiveDate::from_ymd_opt(year, month as u32, day as u32);
    let late = Days::new(if is_on(Mutation::EasterAWeekLate) { 7 } else { 0 });
    easter.and_then(|easter| easter.checked_add_days(late)).expect("in March or April")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn the_next_date_is_the_first_one_that_is_named() {
        for text in [
            "2026-12-25",
            "2026-12-24..2027-01-01",
            "*-12-25",
            "*-02-29",
            "*-12-24..*-01-01",
            "*-02-20..*-02-29",
            "*-02-29..*-03-02",
            "*-02-29..*-02-29",
            "4th-thu-nov",
            "last-mon-may",
            "5th-sat-feb",
            "easter",
            "easter-2d",
            "easter-366d",
            "1st-mon-jan-40d",
            "last-sun-dec+366d",
        ] {
            let dates: Dates = text.parse().expect(text);
            let all = date("2023-12-20").iter_days().take(366 * 6);
            let named: Vec<NaiveDate> = all.clone().filter(|&day| names(&dates, day)).collect();
            for day in all.step_by(3) {
                let expected = named.get(named.partition_point(|&named| named < day)).copied();
                let found = next_named(&dates, day);
                match expected {
                    Some(_) => assert_eq!(found, expected, "{text} {day}"),
                    None => assert!(found.is_none_or(|found| found > date("2029-12-01")), "{text}"),
                }
            }
        }
    }

    #[test]
    fn a_range_of_every_year_has_its_leap_day_in_all_of_them() {
        for (text, on, is_named) in [
            ("*-02-20..*-02-29", "2027-02-28", true),
            ("*-02-20..*-02-29", "2027-03-01", false),
            ("*-02-20..*-02-29", "2028-02-29", true),
            ("*-02-29..*-03-05", "2027-02-28", true),
            ("*-02-29..*-03-05", "2028-02-28", false),
            ("*-02-29", "2027-02-28", false),
            ("*-12-24..*-01-01", "2027-01-01", true),
            ("*-12-24..*-01-01", "2027-01-02", false),
            ("*-12-24..*-01-01", "2026-12-23", false),
            ("*-12-25..*-12-25", "2026-12-25", true),
            ("*-12-25..*-12-25", "2026-12-26", false),
        ] {
            let dates: Dates = text.parse().expect(text);
            assert_eq!(names(&dates, date(on)), is_named, "{text} {on}");
        }
    }

    #[test]
    fn nothing_is_named_outside_the_years_of_time() {
        let named = |text: &str, on: &str| names(&text.parse().expect(text), date(on));
        assert!(named("last-sun-dec", "9999-12-26"));
        assert!(!named("1st-mon-jan-40d", "9999-12-20"));
        let next = |text: &str, on: &str| next_named(&text.parse().expect(text), date(on));
        assert_eq!(next("last-sun-dec+10d", "9999-12-01"), None);
        assert_eq!(next("easter", "9999-12-01"), None);
        assert_eq!(next("*-01-01", "0001-01-01"), Some(date("0001-01-01")));
    }
}
