//! When anything but the weekdays can matter, so that at all other times a week is looked up as one.

use chrono::{Days, NaiveDate, NaiveTime};

use super::dated::Dated;
use super::zone::REACH_MS;
use crate::model::Instant;

const DAY_MS: i64 = 86_400_000;

impl Dated {
    /// An entry or a cut counts on its day and, by what runs past midnight, on days behind it; whatever
    /// the zone.
    pub(super) fn spans_of_single_dates(&self) -> Vec<(i64, i64)> {
        let mut dates: Vec<NaiveDate> =
            self.entries.single_dates().chain(self.cuts.single_dates()).collect();
        dates.sort_unstable();
        let mut spans_ms: Vec<(i64, i64)> = Vec::new();
        for date in dates {
            let (start, end) = self.span_ms(date);
            match spans_ms.last_mut() {
                Some((_, last_end)) if start <= *last_end => *last_end = end,
                _ => spans_ms.push((start, end)),
            }
        }
        spans_ms
    }

    /// When what starts on a date can matter, in milliseconds since 1970.
    fn span_ms(&self, date: NaiveDate) -> (i64, i64) {
        let midnight_ms = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let days = 1 + i64::from(self.reach_days);
        (midnight_ms - REACH_MS, midnight_ms + days * DAY_MS + REACH_MS)
    }

    /// Whether anything but the weekdays can matter at an instant, and until when that is so.
    pub fn matter(&self, at: Instant) -> (bool, Option<Instant>) {
        if !self.turns.is_empty() {
            return (true, None);
        }
        if !self.has_single_dates_alone() {
            return self.rules_matter(at);
        }
        let at_ms = at.as_millis();
        let next = self.spans_ms.partition_point(|&(_, end)| end <= at_ms);
        match self.spans_ms.get(next) {
            None => (false, None),
            Some(&(start, _)) if at_ms < start => (false, Instant::from_millis(start)),
            Some(&(_, end)) => (true, Instant::from_millis(end)),
        }
    }

    /// The same where ranges or entries of every year are among them.
    fn rules_matter(&self, at: Instant) -> (bool, Option<Instant>) {
        /// How many dates near each other are told as one; it is asked again behind them.
        const TOGETHER_MAX: usize = 400;
        let at_ms = at.as_millis();
        // The first date whose span can reach so far.
        let back_ms = i64::from(self.reach_days + 1) * DAY_MS + REACH_MS;
        let from = at.to_local(0).date().checked_sub_days(Days::new((back_ms / DAY_MS) as u64 + 1));
        let mut date = from.and_then(|from| self.next_named(from));
        let mut span = None;
        for _ in 0..TOGETHER_MAX {
            let Some(named) = date else { break };
            let (start, end) = self.span_ms(named);
            match &mut span {
                _ if end <= at_ms => {}
                None if at_ms < start => return (false, Instant::from_millis(start)),
                None => span = Some(end),
                Some(last_end) if start <= *last_end => *last_end = end,
                Some(_) => break,
            }
            date = named.succ_opt().and_then(|next| self.next_named(next));
        }
        (span.is_some(), span.and_then(Instant::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WeekHours;

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
