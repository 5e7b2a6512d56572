//! When on a real clock each instant of a scenario comes, where the edges of its schedulers lie, and what
//! the schedulers become that are moved there.
//!
//! Hours begin at full minutes. So each edge is laid on the first full minute at which what comes before
//! it has been done and has shown; what lies within a minute before or after an edge keeps its distance
//! to it, and other time in which nothing happens is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{Datelike, Timelike};
use lamplighter_core::hours::{Schedule, Zone};
use lamplighter_core::model::{DAY_MINUTES, Instant, Interval, Scheduler, WeekHours};

use super::real_time_spans::RealTimeSpans;

const MINUTE_MS: i64 = 60_000;
/// So long after the planned end a moved scheduler must still be as it is then.
const BEYOND_MS: i64 = 15 * MINUTE_MS;

/// What a scenario does in time, found while it is rehearsed.
#[derive(Clone, Debug, Default)]
pub struct ScenarioTimes {
    /// Every instant that is gone to.
    pub stops: BTreeSet<Instant>,
    /// Every instant at which a scheduler opens or closes while it is in force.
    pub edges: BTreeSet<Instant>,
    /// Whether there is any scheduler.
    pub has_hours: bool,
    /// A zone whose clock changes while its scheduler is in force: that cannot be moved.
    pub clock_change: Option<String>,
}

/// So many edges are found; a run that waits for more never ends.
const EDGES_MAX: usize = 1_000;

impl ScenarioTimes {
    /// Goes on from one instant to another, with these schedulers in force.
    pub fn go_on<'a>(
        &mut self,
        from: Instant,
        to: Instant,
        schedules: impl Iterator<Item = &'a Schedule>,
    ) {
        self.stops.insert(to);
        for schedule in schedules {
            self.has_hours = true;
            let changes = schedule.zone().next_change(from);
            if changes.is_some_and(|change| change <= to) {
                self.clock_change.get_or_insert_with(|| schedule.zone().name().to_owned());
            }
            let mut at = from;
            while let Some(edge) = schedule.next_edge(at).filter(|edge| *edge <= to) {
                if self.edges.len() >= EDGES_MAX {
                    return;
                }
                self.edges.insert(edge);
                at = edge;
            }
        }
    }
}

/// A distance that is kept; longer ones are left out.
fn near(distance: i64) -> i64 {
    if distance < MINUTE_MS { distance } else { 0 }
}

/// When each instant of a scenario comes on a real clock, in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct RealTimeSchedule {
    /// Before when a stop is not begun with, where an edge is near.
    not_before: BTreeMap<Instant, i64>,
    /// Where each edge lies: a full minute.
    edges: BTreeMap<Instant, i64>,
    begins: i64,
    ends: i64,
}

impl RealTimeSchedule {
    /// Lays a scenario from now on: `making` until everything is made, `pause` for what is done at a stop
    /// to have shown.
    pub fn new(
        scenario_times: &ScenarioTimes,
        spans: &RealTimeSpans,
        now: Instant,
        (making, pause): (Duration, Duration),
    ) -> Self {
        let millis = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX / 4);
        let pause = millis(pause);
        let begins = now.as_millis() + millis(making);
        let mut real_time =
            Self { not_before: BTreeMap::new(), edges: BTreeMap::new(), begins, ends: begins };
        let mut before: Option<Instant> = None;
        let mut expected = begins;
        for mark in scenario_times.stops.union(&scenario_times.edges).copied() {
            let (kept, distance) = match before {
                Some(before) => {
                    (millis(spans.kept(before, mark)), mark.as_millis() - before.as_millis())
                }
                None => (0, i64::MAX),
            };
            let was_stop = before.filter(|before| scenario_times.stops.contains(before));
            let was_edge = before.is_some_and(|before| scenario_times.edges.contains(&before));
            if scenario_times.edges.contains(&mark) {
                let shown = if was_stop.is_some() { pause } else { 0 };
                let earliest = expected + kept.max(shown).max(near(distance));
                let edge = (earliest + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS;
                if let Some(stop) = was_stop.filter(|_| distance < MINUTE_MS && !was_edge) {
                    real_time.not_before.insert(stop, edge - distance);
                }
                real_time.edges.insert(mark, edge);
                real_time.not_before.insert(mark, edge);
                expected = edge;
            } else {
                let apart = if was_edge { near(distance) } else { 0 };
                let shown = if was_stop.is_some() { pause } else { 0 };
                expected += kept.max(apart).max(shown);
                if was_edge {
                    real_time.not_before.insert(mark, expected);
                }
            }
            before = Some(mark);
        }
        real_time.ends = expected + pause;
        real_time
    }

    /// How long it takes from now until its last stop has shown, where edges are waited for.
    pub fn takes(&self, now: Instant) -> Duration {
        match self.edges.is_empty() {
            true => Duration::ZERO,
            false => {
                let millis = self.ends.saturating_sub(now.as_millis());
                Duration::from_millis(u64::try_from(millis).unwrap_or_default())
            }
        }
    }

    /// Before when, on a real clock, an instant is not gone to.
    pub fn not_before(&self, at: Instant) -> Option<Instant> {
        self.not_before.get(&at).copied().and_then(Instant::from_millis)
    }

    /// When the next edge behind an instant comes; what is read later says nothing of the instant.
    pub fn next_edge(&self, at: Instant) -> Option<Instant> {
        let behind = (std::ops::Bound::Excluded(at), std::ops::Bound::Unbounded);
        let (_, edge) = self.edges.range(behind).next()?;
        Instant::from_millis(*edge)
    }

    /// Whether an edge lies behind one instant and no later than another.
    pub fn has_edge(&self, from: Instant, to: Instant) -> bool {
        let between = (std::ops::Bound::Excluded(from), std::ops::Bound::Included(to));
        from < to && self.edges.range(between).next().is_some()
    }

    /// A scheduler that is put at an instant, moved: it is open at the same time as the scenario's. Days on
    /// which nothing is played are as its first one begins.
    ///
    /// # Errors
    /// Why it cannot be: in that zone, the run goes over midnight or a clock change.
    pub fn moved(
        &self,
        schedule: &Schedule,
        at: Instant,
        zone: &Zone,
    ) -> Result<Scheduler, &'static str> {
        let (Some(begins), Some(ends)) =
            (Instant::from_millis(self.begins), Instant::from_millis(self.ends + BEYOND_MS))
        else {
            return Err("its instants are out of range");
        };
        let (first, last) = (zone.local(begins), zone.local(ends));
        if first.date() != last.date() {
            return Err("the run would go over midnight in the target's zone");
        }
        if zone.offset_s(begins) != zone.offset_s(ends) {
            return Err("the clock of the target's zone changes during the run");
        }
        let mut is_open = schedule.is_open(at);
        let other_days = match is_open {
            true => Interval::new(0, DAY_MINUTES).into_iter().collect(),
            false => Vec::new(),
        };
        let (mut day, mut since) = (Vec::new(), is_open.then_some(0));
        let mut from = at;
        while let Some(edge) = schedule.next_edge(from) {
            let Some(there) = self.edges.get(&edge).copied().and_then(Instant::from_millis) else {
                break;
            };
            let local = zone.local(there);
            let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(DAY_MINUTES);
            is_open = !is_open;
            match since.take() {
                Some(start) => day.extend(Interval::new(start, minute)),
                None => since = Some(minute),
            }
            from = edge;
        }
        if let Some(start) = since {
            day.extend(Interval::new(start, DAY_MINUTES));
        }
        let mut hours = WeekHours::default();
        hours.weekdays.fill(other_days);
        hours.weekdays[first.weekday().num_days_from_monday() as usize] = day;
        Ok(Scheduler { zone: zone.name().to_owned(), hours })
    }

    /// A zone of fixed offset in which the run stays within one day.
    pub fn own_zone(&self) -> &'static str {
        let minute = |millis: i64| millis.div_euclid(MINUTE_MS).rem_euclid(24 * 60);
        match minute(self.begins) < minute(self.ends + BEYOND_MS) {
            true => "UTC",
            // Noon there is midnight here.
            false => "Etc/GMT-12",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lamplighter_core::hours::Zones;
    use lamplighter_core::model::Millis;

    use super::*;

    fn at(text: &str) -> Instant {
        format!("2026-03-09T{text}Z").parse().expect("an instant")
    }

    fn nine_to_five() -> (Schedule, Arc<Zone>) {
        let mut hours = WeekHours::default();
        hours.weekdays[0] = Interval::new(9 * 60, 17 * 60).into_iter().collect();
        let utc = Arc::new(Zone::utc());
        (Schedule::new(Arc::clone(&utc), &hours), utc)
    }

    fn scenario_times(stops: &[&str]) -> ScenarioTimes {
        let (schedule, _) = nine_to_five();
        let mut found = ScenarioTimes::default();
        let mut from = at(stops[0]);
        found.stops.insert(from);
        for stop in &stops[1..] {
            found.go_on(from, at(stop), std::iter::once(&schedule));
            from = at(stop);
        }
        found
    }

    const MAKING: Duration = Duration::from_secs(4);
    const PAUSE: Duration = Duration::from_secs(3);

    fn real_time(stops: &[&str], now: &str) -> RealTimeSchedule {
        RealTimeSchedule::new(
            &scenario_times(stops),
            &RealTimeSpans::default(),
            at(now),
            (MAKING, PAUSE),
        )
    }

    fn there(real_time: &RealTimeSchedule, edge: &str) -> String {
        let millis = real_time.edges[&at(edge)];
        Instant::from_millis(millis).expect("an instant").to_string()
    }

    #[test]
    fn edges_are_laid_on_full_minutes_and_what_is_near_keeps_its_distance() {
        let stops = ["08:00:00", "08:59:50", "09:00:00", "12:00:00", "17:00:00"];
        let real_time = real_time(&stops, "20:10:50");
        // Making ends at 20:10:54; ten seconds before the edge something happens.
        assert_eq!(there(&real_time, "09:00:00"), "2026-03-09T20:12:00Z");
        assert_eq!(there(&real_time, "17:00:00"), "2026-03-09T20:13:00Z");
        assert_eq!(real_time.not_before(at("08:59:50")), Some(at("20:11:50")));
        assert_eq!(real_time.not_before(at("09:00:00")), Some(at("20:12:00")));
        // Three hours behind an edge are left out, but for what it takes to show.
        assert_eq!(real_time.not_before(at("12:00:00")), Some(at("20:12:03")));
        assert!(real_time.has_edge(at("08:59:50"), at("09:00:00")));
        assert!(!real_time.has_edge(at("09:00:00"), at("12:00:00")));
        assert_eq!(real_time.next_edge(at("09:00:00")), Some(at("20:13:00")));
        assert!(real_time.takes(at("20:10:50")) < Duration::from_secs(150));
    }

    #[test]
    fn a_scheduler_that_is_moved_is_open_when_the_scenarios_is() {
        let (schedule, utc) = nine_to_five();
        let stops = ["08:00:00", "09:00:00", "17:00:00", "18:00:00"];
        let real_time = real_time(&stops, "20:10:50");
        let moved = real_time.moved(&schedule, at("08:00:00"), &utc).expect("movable");
        let there = Schedule::new(utc, &moved.hours);
        for (scenario, real) in [("09:00:00", "20:11:00"), ("17:00:00", "20:12:00")] {
            let (before, edge) = (at(real).as_millis() - 1, at(real));
            let before = Instant::from_millis(before).expect("an instant");
            assert_eq!(there.is_open(edge), schedule.is_open(at(scenario)), "{scenario}");
            assert_ne!(there.is_open(before), there.is_open(edge), "{scenario}");
        }
        let next = there.next_edge(at("20:13:00")).expect("a week later");
        assert!(next > at("23:59:59"), "{next}");
    }

    #[test]
    fn a_run_without_edges_waits_for_none_and_stays_as_it_begins() {
        let (schedule, utc) = nine_to_five();
        for (stops, is_open) in
            [(["10:00:00", "11:00:00"], true), (["19:00:00", "20:00:00"], false)]
        {
            let real_time = real_time(&stops, "13:07:00");
            assert_eq!(real_time.takes(at("13:07:00")), Duration::ZERO);
            let moved = real_time.moved(&schedule, at(stops[0]), &utc).expect("movable");
            let there = Schedule::new(Arc::clone(&utc), &moved.hours);
            for millis in [0, 60_000, 900_000] {
                let real = at("13:07:00").checked_add(Millis(millis)).expect("an instant");
                assert_eq!(there.is_open(real), is_open, "{stops:?}");
            }
        }
    }

    #[test]
    fn a_run_over_midnight_is_moved_into_another_zone_or_not_at_all() {
        let (schedule, utc) = nine_to_five();
        let real_time = real_time(&["08:59:00", "09:00:00"], "23:58:30");
        let why = "the run would go over midnight in the target's zone";
        assert_eq!(real_time.moved(&schedule, at("08:59:00"), &utc), Err(why));
        let zones = Zones::bundled();
        let zone = zones.get(real_time.own_zone()).expect("a zone");
        let moved = real_time.moved(&schedule, at("08:59:00"), &zone).expect("movable");
        let there = Schedule::new(zone, &moved.hours);
        let edge = Instant::from_millis(real_time.edges[&at("09:00:00")]).expect("an instant");
        let before = Instant::from_millis(edge.as_millis() - 1).expect("an instant");
        assert!(!there.is_open(before) && there.is_open(edge));
    }

    #[test]
    fn a_clock_change_within_the_run_is_found() {
        let zones = Zones::bundled();
        let zone = zones.get("America/New_York").expect("a zone");
        let schedule = Schedule::new(zone, &WeekHours::default());
        let mut found = ScenarioTimes::default();
        let day = |text: &str| text.parse::<Instant>().expect("an instant");
        let (before, after) = (day("2026-03-08T06:00:00Z"), day("2026-03-08T08:00:00Z"));
        found.go_on(before, before, std::iter::once(&schedule));
        assert_eq!(found.clock_change, None);
        found.go_on(before, after, std::iter::once(&schedule));
        assert_eq!(found.clock_change.as_deref(), Some("America/New_York"));
    }
}
