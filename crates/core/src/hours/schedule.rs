//! Hours compiled: the week and its dated entries worked out once, so that an instant is looked up
//! and the next edge found without trying minutes.

use std::sync::Arc;

use super::Zone;
use super::dated::Dated;
use super::week::{Week, WeekEdge};
use crate::model::{Instant, WeekHours};
use crate::mutations::{Mutation, is_on};

const MINUTE_MS: i64 = 60_000;
/// A week in milliseconds.
pub const WEEK_MS: i64 = 7 * 86_400_000;

/// A scheduler's hours in its zone, ready to be asked (rules S2 to S10). Where the weekdays are all, all
/// of it is one cache line.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Schedule {
    zone: Arc<Zone>,
    week: Week,
    /// Set where there are dated entries, cuts or weeks that take turns.
    dated: Option<Box<Dated>>,
}

impl Schedule {
    /// Works out hours in a zone.
    pub fn new(zone: Arc<Zone>, hours: &WeekHours) -> Self {
        let dated = (!hours.is_plain()).then(|| Box::new(Dated::new(hours)));
        Self { zone, week: Week::new(&hours.weekdays), dated }
    }

    /// The zone whose wall clock counts.
    pub fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// Whether the hours are open at an instant (rule S2).
    pub fn is_open(&self, at: Instant) -> bool {
        let offset_s = self.zone.offset_s(at);
        match self.near_dates(at) {
            Some(dated) if is_on(Mutation::DatedByUtc) => {
                let time = at.to_local(offset_s).time();
                dated.is_open_at_reading(at.to_local(0).date().and_time(time))
            }
            Some(dated) => dated.is_open_at_reading(at.to_local(offset_s)),
            None => self.week.is_open(minute_of(into_week_ms(at, offset_s))),
        }
    }

    /// The first instant later than `at` at which the hours open or close, if there is one.
    pub fn next_edge(&self, at: Instant) -> Option<Instant> {
        match &self.dated {
            Some(dated) => dated.next_edge(&self.zone, at),
            None => self.of_weekdays(at).1,
        }
    }

    /// Whether the hours are open at an instant, and the first later one at which that changes.
    fn until(&self, at: Instant) -> (bool, Option<Instant>) {
        match &self.dated {
            Some(dated) => (self.is_open(at), dated.next_edge(&self.zone, at)),
            None => self.of_weekdays(at),
        }
    }

    /// The same where the weekdays are all.
    #[inline(always)]
    fn of_weekdays(&self, mut at: Instant) -> (bool, Option<Instant>) {
        let mut span = self.zone.span(at);
        let mut into_ms = into_week_ms(at, span.offset_s);
        let open = self.week.is_open(minute_of(into_ms));
        let edge = loop {
            let Some(edge) = self.week.next_edge(minute_of(into_ms)) else { break None };
            let edge_ms = at.as_millis() - into_ms + i64::from(edge) * MINUTE_MS;
            at = match span.end {
                Some(end)
                    if end.as_millis() <= edge_ms
                        && !is_on(Mutation::NextEdgeIgnoresClockChange) =>
                {
                    end
                }
                _ => break Instant::from_millis(edge_ms),
            };
            span = self.zone.span(at);
            into_ms = into_week_ms(at, span.offset_s);
            if self.week.is_open(minute_of(into_ms)) != open && !is_on(Mutation::ClockChangeNoEdge)
            {
                break Some(at);
            }
        };
        (open, edge)
    }

    /// The edges of a week without dated entries, Monday's first; the clock of the
    /// [zone](Self::zone) says when they come.
    pub fn week_edges(&self) -> impl Iterator<Item = WeekEdge> {
        self.week.edges()
    }

    /// Whether anything but the weekdays can matter at an instant, and until when that is so (`None`:
    /// for ever). Where none can, the [week](Self::week_edges) alone tells.
    pub fn dates_matter(&self, at: Instant) -> (bool, Option<Instant>) {
        self.dated.as_ref().map_or((false, None), |dated| dated.matter(at))
    }

    fn near_dates(&self, at: Instant) -> Option<&Dated> {
        let dated = self.dated.as_deref()?;
        (!dated.has_single_dates_alone() || dated.matter(at).0).then_some(dated)
    }
}

/// How far into its week, from Monday 00:00, a wall clock is that is `offset_s` seconds ahead of
/// UTC; in milliseconds.
pub fn into_week_ms(at: Instant, offset_s: i32) -> i64 {
    // 1970 began on a Thursday; the weeks before it make every instant there is positive.
    const BEFORE_1970_MS: u64 = (3 * 86_400_000 + 110_000 * WEEK_MS) as u64;
    let local_ms = at.as_millis() + i64::from(offset_s) * 1_000;
    (BEFORE_1970_MS.wrapping_add_signed(local_ms) % WEEK_MS as u64) as i64
}

fn minute_of(into_week_ms: i64) -> u16 {
    (into_week_ms / MINUTE_MS) as u16
}

/// The last answer of a schedule and until when it holds, in one word: for asking again and again
/// while time advances.
///
/// ```
/// # use std::sync::Arc;
/// # use lamplighter_core::hours::{LastAnswer, Schedule, Zone};
/// # use lamplighter_core::model::{Instant, WeekHours};
/// let schedule = Schedule::new(Arc::new(Zone::utc()), &WeekHours::default());
/// let mut last = LastAnswer::default();
/// assert!(!last.is_open(&schedule, Instant::MIN));
/// assert!(!last.is_open(&schedule, Instant::MAX));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LastAnswer {
    /// The instant of the next edge, doubled, and one more if it is open until then.
    until: i64,
}

impl Default for LastAnswer {
    fn default() -> Self {
        Self { until: i64::MIN }
    }
}

impl LastAnswer {
    /// Whether the schedule is open at an instant that is not before the last one asked.
    #[inline]
    pub fn is_open(&mut self, schedule: &Schedule, at: Instant) -> bool {
        if at.as_millis() >= self.until >> 1 {
            let (is_open, until) = schedule.until(at);
            self.until = until.map_or(i64::MAX >> 1, Instant::as_millis) << 1 | i64::from(is_open);
        }
        self.until & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::hours::{Zones, wall};
    use crate::model::Interval;
    use chrono::NaiveDate;

    #[test]
    fn a_schedule_is_one_cache_line() {
        assert_eq!(size_of::<Schedule>(), 64);
    }

    fn intervals(list: &[(u16, u16)]) -> Vec<Interval> {
        list.iter().filter_map(|&(start, end)| Interval::new(start, end)).collect()
    }

    /// Weeks without edges and with them, each with entries dated near each other and far away.
    fn dated_hours() -> Vec<WeekHours> {
        let weeks: [&[(u16, u16)]; 4] =
            [&[], &[(0, 1_440)], &[(540, 750), (790, 1_035)], &[(1_320, 120)]];
        let entries: [&[(u16, u16)]; 4] = [&[], &[(1_320, 120)], &[(570, 615)], &[(0, 1_440)]];
        let date = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a date");
        let mut all = Vec::new();
        for week in weeks {
            for first in entries {
                for second in entries {
                    let mut hours = WeekHours::default();
                    hours.weekdays.fill(intervals(week));
                    for (day, list) in [(7, first), (8, second), (20, first)] {
                        hours.dates.insert(date(day), intervals(list));
                    }
                    all.push(hours);
                }
            }
        }
        all
    }

    /// The clocks of New York go forward on the 8th.
    #[test]
    fn the_edges_of_dated_entries_are_those_of_the_wall_clock() {
        const FIRST_MS: i64 = 1_772_668_800_000;
        let zones = Zones::bundled();
        let at = |ms: i64| Instant::from_millis(ms).expect("in range");
        for zone in ["UTC", "America/New_York"].map(|zone| zones.get(zone).expect("bundled")) {
            for hours in dated_hours() {
                let schedule = Schedule::new(Arc::clone(&zone), &hours);
                let open = |at: Instant| wall::is_open(&hours, zone.local(at));
                let minutes = (0..24 * 1_440).map(|minute| FIRST_MS + minute * MINUTE_MS);
                let edges: Vec<i64> =
                    minutes.clone().filter(|&ms| open(at(ms)) != open(at(ms - 1))).collect();
                let mut last = LastAnswer::default();
                let last_ms = FIRST_MS + 24 * 1_440 * MINUTE_MS;
                // At the full minute, and within it.
                for ms in minutes.step_by(7).flat_map(|ms| [ms, ms + 30_000, ms + 59_999]) {
                    assert_eq!(schedule.is_open(at(ms)), open(at(ms)));
                    assert_eq!(last.is_open(&schedule, at(ms)), open(at(ms)));
                    let next = schedule.next_edge(at(ms)).map(Instant::as_millis);
                    let next = next.filter(|&next| next < last_ms);
                    let expected = edges.get(edges.partition_point(|&edge| edge <= ms)).copied();
                    assert_eq!(next, expected, "{} {hours:?} {}", zone.name(), at(ms));
                }
            }
        }
    }

    /// When hours in a zone open or close next.
    fn next_edge(zone: &str, hours: &WeekHours, at: &str) -> Option<String> {
        let zone = Zones::bundled().get(zone).expect("bundled");
        let at = chrono::DateTime::parse_from_rfc3339(at).expect("an instant");
        let at = Instant::from_millis(at.timestamp_millis()).expect("in range");
        Schedule::new(zone, hours).next_edge(at).map(|edge| edge.to_string())
    }

    #[test]
    fn hours_that_end_where_the_clock_jumps_to_the_next_ones_go_on() {
        let mut hours = WeekHours::default();
        // 2026-03-08 is a Sunday.
        hours.weekdays[6] = intervals(&[(60, 120), (180, 300)]);
        for date in [None, NaiveDate::from_ymd_opt(2026, 3, 20)] {
            hours.dates.extend(date.map(|date| (date, Vec::new())));
            let edge = next_edge("America/New_York", &hours, "2026-03-08T06:30:00Z");
            assert_eq!(edge.as_deref(), Some("2026-03-08T09:00:00Z"));
        }
    }

    #[test]
    fn a_date_without_the_usual_evening_leaves_the_next_morning_closed() {
        let mut hours = WeekHours::default();
        hours.weekdays.fill(intervals(&[(360, 1_200), (1_200, 360)]));
        let date = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a date");
        hours.dates.insert(date, intervals(&[(360, 1_440)]));
        for (at, edge) in [
            ("2026-03-01T12:00:00Z", Some("2026-03-11T00:00:00Z")),
            ("2026-03-10T12:00:00Z", Some("2026-03-11T00:00:00Z")),
            ("2026-03-11T00:00:00Z", Some("2026-03-11T06:00:00Z")),
            ("2026-03-11T06:00:00Z", None),
        ] {
            assert_eq!(next_edge("UTC", &hours, at).as_deref(), edge, "{at}");
        }
    }

    #[test]
    fn dates_matter_where_there_are_some_and_near_them() {
        let mut hours = WeekHours::default();
        let at = |hour: i64| Instant::from_millis(1_773_100_800_000 + hour * 3_600_000);
        let matter = |hours: &WeekHours| {
            let schedule = Schedule::new(Arc::new(Zone::utc()), hours);
            [-27, 0, 74].map(|hour| schedule.dates_matter(at(hour).expect("in range")))
        };
        assert_eq!(matter(&hours), [(false, None); 3]);
        // Midnight of it is hour 0.
        hours.dates.extend(NaiveDate::from_ymd_opt(2026, 3, 10).map(|date| (date, Vec::new())));
        assert_eq!(matter(&hours), [(false, at(-26)), (true, at(74)), (false, None)]);
    }
}
