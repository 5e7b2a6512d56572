//! When hours of which nothing came for long enough never open or close again.

use chrono::{Days, NaiveDate};

use super::Zone;
use super::dated::{Dated, least_common_multiple};
use super::lookup::Repeats;
use crate::model::Instant;

/// Weeks of 400 Gregorian years, after which dates fall on the same weekdays again.
const CALENDAR_WEEKS: i64 = 20_871;

impl Dated {
    /// The date after which no edge can come any more if none came from `since` on: the weekdays alone
    /// bring none and all that is named is so long past that no clock change leads back to it, or all
    /// of it has come by once. `None` where there is always something new.
    pub(super) fn is_settled_after(&self, since: NaiveDate, open: bool) -> Option<NaiveDate> {
        /// Zones have their own rules up to about 2100; then those, too, repeat with the calendar.
        const ZONES_REPEAT_FROM: i32 = 2_101;
        const LONG_PAST_DAYS: u16 = 3;
        let slack = Days::new((LONG_PAST_DAYS + self.reach_days).into());
        let (last, weeks) = match (self.repeats, self.turn_weeks?) {
            (Repeats::Never, _) => return None,
            (Repeats::Until(last), 1) => {
                let last = last.unwrap_or(since);
                return (self.every_week == Some(open))
                    .then(|| last.checked_add_days(slack))
                    .flatten();
            }
            (Repeats::Until(last) | Repeats::WithTheCalendar(last), weeks) => {
                (last, least_common_multiple(CALENDAR_WEEKS, weeks)?)
            }
        };
        let regular = NaiveDate::from_ymd_opt(ZONES_REPEAT_FROM, 1, 1);
        let from = last.into_iter().chain(regular).fold(since, NaiveDate::max);
        let days = u64::try_from(weeks.checked_mul(7)?).ok()?;
        from.checked_add_days(Days::new(days))?.checked_add_days(slack)
    }

    /// How far it is worth looking day by day before [`Dated::is_moved_by_easter_alone`] is asked;
    /// `None` where [`Dated::is_settled_after`] says all.
    pub(super) fn far_from(&self, date: NaiveDate) -> Option<NaiveDate> {
        let days = Days::new(CALENDAR_WEEKS as u64 * 7);
        (self.repeats == Repeats::Never).then(|| date.checked_add_days(days))?
    }

    /// Whether hours that are `open` at an instant, or closed, would stay so if nothing were said of
    /// Easter: without it they repeat.
    pub(super) fn is_moved_by_easter_alone(&self, open: bool, zone: &Zone, at: Instant) -> bool {
        let mut regular = self.clone();
        regular.entries.leave_out_easter();
        regular.cuts.leave_out_easter();
        regular.repeats = regular.entries.repeats().and(regular.cuts.repeats());
        regular.is_open_at_reading(at.to_local(zone.span(at).offset_s)) == open
            && regular.find_next_edge(zone, at).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cut, Dates, EveryWeeks, WeekHours};

    fn hours(week: &str, dates: &[(&str, &str)], cuts: &[&str], turn: Option<&str>) -> WeekHours {
        let interval = |text: &str| vec![text.parse().expect(text)];
        let mut hours = WeekHours::default();
        hours.weekdays[0] = interval(week);
        for (on, open) in dates {
            let open = if open.is_empty() { Vec::new() } else { interval(open) };
            hours.dates.insert(on.parse::<Dates>().expect(on), open);
        }
        let cut =
            |on: &&str| Cut { dates: on.parse().expect(on), intervals: interval("00:00-24:00") };
        hours.cuts = cuts.iter().map(cut).collect();
        let turn = turn.map(|days| EveryWeeks {
            days: days.parse().expect(days),
            hours: Vec::new(),
            weeks: 2,
            from: "2026-03-02".parse().expect("a date"),
        });
        hours.every.extend(turn);
        hours
    }

    #[test]
    fn an_edge_in_centuries_comes_then_and_one_that_never_comes_never() {
        let zone = Zone::utc();
        let at: Instant = "2026-03-10T12:00:00Z".parse().expect("an instant");
        let mondays_off = ("*-01-01..*-12-31", "");
        for (dates, cuts, turn, expected) in [
            // Easter closes what is closed.
            (&[mondays_off, ("easter", "")][..], &[][..], None, None),
            (&[mondays_off], &["easter+1d"], None, None),
            (&[mondays_off], &["easter+1d"], Some("mon-fri"), None),
            // The 25th of April is open, and Easter is that day in 2038 alone.
            (
                &[("*-01-01..*-12-31", ""), ("2038-04-25", "10:00-12:00"), ("easter", "")],
                &[],
                None,
                None,
            ),
            (
                &[mondays_off, ("easter", ""), ("2438-04-25", "10:00-12:00")],
                &[],
                None,
                Some("2438-04-25"),
            ),
            // Easter is on the 22nd of March in 2285, and not before.
            (
                &[mondays_off, ("easter", "09:00-17:00"), ("*-03-23..*-12-31", "")],
                &[],
                None,
                Some("2285-03-22"),
            ),
        ] {
            let dated = Dated::new(&hours("09:00-17:00", dates, cuts, turn));
            let edge = dated.next_edge(&zone, at).map(|edge| edge.to_local(0).date().to_string());
            assert_eq!(edge.as_deref(), expected, "{dates:?} {cuts:?} {turn:?}");
        }
    }
}
