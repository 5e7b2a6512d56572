//! Hours by any wall clock, and their edges.

use std::collections::BTreeMap;

use super::worlds::{
    DAY_MS, MINUTE_MS, SECOND_MS, ZONES, day_hours, hours_around, instant, moment, moved,
    offset_at, offsets, weekdays,
};
use crate::config::config;
use chrono::{Days, Timelike};
use lamplighter_core::hours::{Schedule, names, wall};
use lamplighter_core::model::{
    Dates, DayHours, Instant, Interval, Millis, PropertyId, Scheduler, Setting, Settings,
    WeekHours, WidgetId,
};
use lamplighter_core::oracle::{self, Oracle};
use proptest::prelude::*;
use proptest::sample::Index;

/// Dated entries anywhere in the years 0001 to 9999, many near their ends.
fn far_dates() -> impl Strategy<Value = BTreeMap<chrono::NaiveDate, DayHours>> {
    let first = Instant::MIN.to_local(0).date();
    let last = Instant::MAX.to_local(0).date();
    let days = last.signed_duration_since(first).num_days() as u64;
    let date = prop_oneof![
        1 => 0..4_u64,
        1 => (days - 3)..=days,
        2 => 0..=days,
        2 => (2020 * 365_u64)..(2030 * 365),
    ];
    prop::collection::btree_map(
        date.prop_map(move |day| first + Days::new(day)),
        day_hours(2),
        0..5,
    )
}

fn plain_dates(weekdays: [DayHours; 7], dates: BTreeMap<chrono::NaiveDate, DayHours>) -> WeekHours {
    WeekHours { weekdays, dates: dates.into_iter().collect(), ..WeekHours::default() }
}

/// Hours, an instant at which they are asked, and the zone of their clock.
fn asked_hours() -> impl Strategy<Value = (&'static str, WeekHours, Instant)> {
    let near = moment().prop_flat_map(|(zone, at)| {
        let asked = (-3 * DAY_MS..3 * DAY_MS).prop_map(move |by_ms| moved(at, by_ms));
        (Just(zone), hours_around(at), asked)
    });
    let far = (moment(), weekdays(), far_dates(), any::<Index>(), any::<i64>()).prop_map(
        |((zone, at), weekdays, dates, near, by_ms)| {
            let dated: Vec<_> = dates.keys().copied().collect();
            let at = match dated.is_empty() {
                true => at,
                false => {
                    let date = near.get(&dated).and_hms_opt(0, 0, 0).expect("midnight");
                    Instant::from_local(date, 0).expect("in range")
                }
            };
            (zone, plain_dates(weekdays, dates), moved(at, by_ms % (3 * DAY_MS)))
        },
    );
    let anywhere = (moment(), weekdays(), far_dates(), 0.0..1.0_f64).prop_map(
        |((zone, _), weekdays, dates, part)| {
            let all = (Instant::MAX.as_millis() - Instant::MIN.as_millis()) as f64;
            (zone, plain_dates(weekdays, dates), moved(Instant::MIN, (all * part) as i64))
        },
    );
    let exactly = moment().prop_flat_map(|(zone, at)| {
        (Just(zone), hours_around(at), (-1..=1_i64).prop_map(move |by_ms| moved(at, by_ms)))
    });
    prop_oneof![4 => near, 2 => far, 1 => anywhere, 1 => exactly]
}

/// The single dates of entries, and what ranges and rules name in the two weeks around an instant.
fn dates_within(hours: &WeekHours, at: Instant) -> Vec<chrono::NaiveDate> {
    let first = moved(at, -7 * DAY_MS).to_local(0).date();
    let near = first.iter_days().take(14);
    let all = hours.dates.iter().flat_map(|(dates, _)| match dates {
        Dates::On(date) => vec![*date],
        dates => near.clone().filter(|date| names(dates, *date)).collect(),
    });
    all.collect()
}

/// Whether hours are open at an instant, by the clock of the zone as another program reads it.
fn wall_is_open(zone: &str, hours: &WeekHours, at: Instant) -> bool {
    wall::is_open(hours, at.to_local(offset_at(zone, at).expect("a zone")))
}

/// Every new minute of a zone's wall clock and every change of its offset in a stretch of time.
fn minutes(zone: &str, from: Instant, to: Instant) -> impl Iterator<Item = Instant> {
    let mut oracle = Oracle::new(from, Millis::ZERO, None, offsets());
    let hours = WeekHours::default();
    let mut settings = Settings::default();
    settings.set(Setting::Scheduler(Some(Scheduler { zone: zone.to_owned(), hours }.into())));
    oracle.add_widget(WidgetId::new(0), PropertyId::new(0), settings);
    oracle.candidates(to).into_iter()
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn compiled_hours_are_the_wall_clock((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let local = at.to_local(offset_at(zone, at).expect("a zone"));
        let into_day_ms = i64::from(local.time().num_seconds_from_midnight()) * SECOND_MS;
        let mut by_all_ms = vec![-1, 0, 1, MINUTE_MS, 30 * MINUTE_MS, DAY_MS];
        // The first and the last moment of everything that is set.
        for interval in hours.intervals() {
            for minute in [interval.start_minute(), interval.end_minute()] {
                let by_ms = i64::from(minute) * MINUTE_MS - into_day_ms;
                by_all_ms.extend([by_ms, by_ms - SECOND_MS, by_ms - DAY_MS, by_ms + DAY_MS]);
            }
        }
        for by_ms in by_all_ms {
            let at = moved(at, by_ms);
            let open = wall_is_open(zone, &hours, at);
            prop_assert_eq!(schedule.is_open(at), open, "at {}", at);
            let local = at.to_local(offset_at(zone, at).expect("a zone"));
            prop_assert_eq!(oracle::is_open(&hours, local), open, "the oracle at {}", at);
        }
    }

    #[test]
    fn at_the_next_edge_the_hours_flip_and_not_before((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let open = wall_is_open(zone, &hours, at);
        let edge = schedule.next_edge(at);
        if let Some(edge) = edge {
            prop_assert!(edge > at, "{} is not later than {}", edge, at);
            prop_assert_eq!(wall_is_open(zone, &hours, edge), !open, "at the edge {}", edge);
            let before = moved(edge, -1);
            prop_assert_eq!(wall_is_open(zone, &hours, before), open, "before the edge {}", edge);
        }
        let end = edge.unwrap_or(Instant::MAX);
        let mut looked_at = vec![(at, moved(at, 3 * DAY_MS)), (moved(end, -3 * DAY_MS).max(at), end)];
        for date in dates_within(&hours, at) {
            let midnight = date.and_hms_opt(0, 0, 0).expect("midnight");
            let day = moved(instant("1970-01-01T00:00:00Z"), midnight.and_utc().timestamp_millis());
            looked_at.push((moved(day, -2 * DAY_MS), moved(day, 4 * DAY_MS)));
        }
        for (from, to) in looked_at {
            let (from, to) = (from.max(at), to.min(end));
            if from > to {
                continue;
            }
            for minute in minutes(zone, from, to) {
                if edge != Some(minute) {
                    prop_assert_eq!(wall_is_open(zone, &hours, minute), open, "flips at {}", minute);
                }
            }
        }
    }

    #[test]
    fn edges_follow_each_other_without_a_gap((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let mut found = Vec::new();
        let mut asked = at;
        let until = moved(at, 4 * DAY_MS);
        while let Some(edge) = schedule.next_edge(asked).filter(|&edge| edge <= until) {
            prop_assert!(edge > asked, "{} is not later than {}", edge, asked);
            found.push(edge);
            asked = edge;
        }
        let mut open = wall_is_open(zone, &hours, at);
        let mut expected = Vec::new();
        for minute in minutes(zone, at, until) {
            if wall_is_open(zone, &hours, minute) != open {
                open = !open;
                expected.push(minute);
            }
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn the_oracle_counts_an_interval_past_midnight_to_the_day_on_which_it_starts() {
    let mut hours = WeekHours::default();
    hours.weekdays[0] = vec![Interval::new(22 * 60, 2 * 60).expect("an interval")];
    let open = |text: &str| oracle::is_open(&hours, text.parse().expect("a local time"));
    assert!(!open("2026-03-09T01:00:00") && open("2026-03-09T22:00:00"));
    assert!(open("2026-03-10T01:59:59.999") && !open("2026-03-10T02:00:00"));
}
