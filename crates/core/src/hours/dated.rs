//! Hours with dated entries: the union of each day's intervals, looked up by the calendar date.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use super::Zone;
use super::week::union;
use super::zone::REACH_MS;
use crate::model::{DAY_MINUTES, Instant, Interval, LocalTime, WeekHours};
use crate::mutations::{Mutation, is_on};

const MINUTE_MS: u32 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// Hours of which some are set for dates (rule S5).
#[derive(Clone, Debug)]
pub struct Dated {
    weekdays: [Day; 7],
    /// The dated entries, by date.
    dates: Vec<(NaiveDate, Day)>,
    /// Set where the weekdays alone never open or never close.
    every_week: Option<bool>,
    /// When the dates can matter: disjoint, in order, in milliseconds since 1970.
    spans_ms: Vec<(i64, i64)>,
}

/// What the intervals that start on one day come to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Day {
    /// Disjoint, not touching, in order; minutes of that day.
    own: Vec<(u16, u16)>,
    /// The minute of the next day until which the last interval past midnight runs.
    spill: u16,
}

impl Day {
    fn new(intervals: &[Interval]) -> Self {
        let spans = intervals.iter().map(|i| {
            let end = if i.runs_past_midnight() { DAY_MINUTES } else { i.end_minute() };
            (i.start_minute(), end)
        });
        let own = union(spans.collect());
        let past = intervals.iter().filter(|i| i.runs_past_midnight());
        Self { own, spill: past.map(|i| i.end_minute()).max().unwrap_or(0) }
    }

    fn is_open(&self, evening_before: &Self, minute: u16) -> bool {
        minute < evening_before.spill
            || self.own.iter().any(|&(start, end)| start <= minute && minute < end)
    }

    /// The first minute from `from` on at which the day is not (or no longer) `open`.
    fn first_not(&self, evening_before: &Self, from: u16, open: bool) -> Option<u16> {
        let mut minute = from;
        if open {
            minute = minute.max(evening_before.spill);
            for &(start, end) in &self.own {
                if start <= minute && minute < end {
                    minute = end;
                }
            }
            return (minute < DAY_MINUTES).then_some(minute);
        }
        if minute < evening_before.spill {
            return Some(minute);
        }
        self.own.iter().find(|&&(_, end)| end > minute).map(|&(start, _)| start.max(minute))
    }
}

impl Dated {
    /// Works out hours that have dated entries.
    pub fn new(hours: &WeekHours) -> Self {
        let weekdays = [0, 1, 2, 3, 4, 5, 6].map(|day: usize| Day::new(&hours.weekdays[day]));
        let dates = hours.dates.iter().map(|(&date, day)| (date, Day::new(day))).collect();
        let every_week = [true, false].into_iter().find(|&open| {
            (0..7).all(|day| weekdays[day].first_not(&weekdays[(day + 6) % 7], 0, open).is_none())
        });
        // A dated entry counts on its day and, by its evening, on the next; whatever the zone.
        let mut spans_ms: Vec<(i64, i64)> = Vec::new();
        for &date in hours.dates.keys() {
            let midnight_ms = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
            let (start, end) = (midnight_ms - REACH_MS, midnight_ms + 2 * DAY_MS + REACH_MS);
            match spans_ms.last_mut() {
                Some((_, last_end)) if start <= *last_end => *last_end = end,
                _ => spans_ms.push((start, end)),
            }
        }
        Self { weekdays, dates, every_week, spans_ms }
    }

    /// Whether a dated entry can matter at an instant, and until when that is so.
    pub fn matter(&self, at: Instant) -> (bool, Option<Instant>) {
        let at_ms = at.as_millis();
        let next = self.spans_ms.partition_point(|&(_, end)| end <= at_ms);
        match self.spans_ms.get(next) {
            None => (false, None),
            Some(&(start, _)) if at_ms < start => (false, Instant::from_millis(start)),
            Some(&(_, end)) => (true, Instant::from_millis(end)),
        }
    }

    /// The first instant later than `at` at which the hours open or close, if there is one.
    pub fn next_edge(&self, zone: &Zone, at: Instant) -> Option<Instant> {
        let mut span = zone.span(at);
        let mut local = at.to_local(span.offset_s);
        let open = self.is_open_at_reading(local);
        loop {
            if self.is_settled(local.date(), open) {
                return None;
            }
            let clock_change = span.end.map(|end| (end, end.to_local(span.offset_s)));
            let edge = self.next_reading_not(local, open, clock_change.map(|(_, reading)| reading));
            if let Some(edge) = edge {
                let edge = Instant::from_local(edge, span.offset_s);
                debug_assert!(edge.is_none_or(|edge| edge > at), "an edge that is not ahead");
                return edge;
            }
            let (instant, _) = clock_change?;
            span = zone.span(instant);
            local = instant.to_local(span.offset_s);
            if self.is_open_at_reading(local) != open {
                return Some(instant);
            }
        }
    }

    /// Whether the hours are open where the wall clock reads this (rule S2).
    pub fn is_open_at_reading(&self, local: LocalTime) -> bool {
        let date = local.date();
        self.day(date).is_open(self.evening_before(date), minute_of(local))
    }

    /// The first reading after `from`, which is `open`, and before `limit` that is not, on a clock
    /// that nobody changes.
    fn next_reading_not(
        &self,
        from: LocalTime,
        open: bool,
        limit: Option<LocalTime>,
    ) -> Option<LocalTime> {
        let (mut date, mut minute) = (from.date(), minute_of(from));
        loop {
            if let Some(minute) = self.day(date).first_not(self.evening_before(date), minute, open)
            {
                let edge = date.and_time(time_of(minute));
                return limit.is_none_or(|limit| edge < limit).then_some(edge);
            }
            date = self.next_day_to_try(date, open)?;
            minute = 0;
            if limit.is_some_and(|limit| date > limit.date()) {
                return None;
            }
        }
    }

    /// Whether no edge can come any more: the weekdays alone bring none, and the dated entries are
    /// so long past that no clock change leads back to them.
    fn is_settled(&self, date: NaiveDate, open: bool) -> bool {
        const LONG_PAST: Days = Days::new(4);
        let last_dated = self.dates.last().and_then(|(dated, _)| dated.checked_add_days(LONG_PAST));
        self.every_week == Some(open) && last_dated.is_none_or(|last| last < date)
    }

    /// The day after, or, where the weekdays alone bring no edge, the next dated entry.
    fn next_day_to_try(&self, date: NaiveDate, open: bool) -> Option<NaiveDate> {
        let next = date.checked_add_days(Days::new(1))?;
        if self.every_week != Some(open) {
            return Some(next);
        }
        // A dated entry still counts on the day after it, by its evening.
        let first = self.dates.partition_point(|(dated, _)| *dated < date);
        self.dates.get(first).map(|&(dated, _)| dated.max(next))
    }

    fn day(&self, date: NaiveDate) -> &Day {
        if !self.dates.is_empty()
            && let Ok(index) = self.dates.binary_search_by_key(&date, |&(dated, _)| dated)
        {
            return &self.dates[index].1;
        }
        self.on_weekday(date)
    }

    fn on_weekday(&self, date: NaiveDate) -> &Day {
        if is_on(Mutation::SundayFirstBesideDates) {
            return &self.weekdays[date.weekday().num_days_from_sunday() as usize];
        }
        &self.weekdays[date.weekday().num_days_from_monday() as usize]
    }

    fn evening_before(&self, date: NaiveDate) -> &Day {
        if is_on(Mutation::DateCutsEveningBefore) && self.dates.iter().any(|(day, _)| *day == date)
        {
            return self.day(date);
        }
        let before = date.checked_sub_days(Days::new(1)).expect("within chrono's range of dates");
        if is_on(Mutation::DatedEveningLost) {
            return self.on_weekday(before);
        }
        self.day(before)
    }
}

fn minute_of(local: LocalTime) -> u16 {
    (local.hour() * 60 + local.minute()) as u16
}

fn time_of(minute: u16) -> NaiveTime {
    let milliseconds = u32::from(minute) * MINUTE_MS;
    NaiveTime::from_num_seconds_from_midnight_opt(milliseconds / 1_000, 0)
        .expect("a minute of the day")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dated_entry_can_matter_from_one_reach_before_its_day_to_one_after_the_next() {
        const HOUR_MS: i64 = 3_600_000;
        let date = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a date");
        let at = |day, hours: i64, ms: i64| {
            let midnight_ms = date(day).and_time(NaiveTime::MIN).and_utc().timestamp_millis();
            Instant::from_millis(midnight_ms + hours * HOUR_MS + ms).expect("in range")
        };
        let mut hours = WeekHours::default();
        // Two are near enough to each other to be one.
        hours.dates.extend([10, 13, 25].map(|day| (date(day), Vec::new())));
        let dated = Dated::new(&hours);
        let (first, second) = ((at(10, -26, 0), at(15, 26, 0)), (at(25, -26, 0), at(27, 26, 0)));
        for (asked, expected) in [
            (Instant::MIN, (false, Some(first.0))),
            (at(10, -26, -1), (false, Some(first.0))),
            (at(10, -26, 0), (true, Some(first.1))),
            (at(12, 0, 0), (true, Some(first.1))),
            (at(15, 26, -1), (true, Some(first.1))),
            (at(15, 26, 0), (false, Some(second.0))),
            (at(25, -26, -1), (false, Some(second.0))),
            (at(27, 26, -1), (true, Some(second.1))),
            (at(27, 26, 0), (false, None)),
        ] {
            assert_eq!(dated.matter(asked), expected, "{asked}");
        }
    }
}
