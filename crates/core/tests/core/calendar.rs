//! Hours by the calendar (rules S4, S7 to S10): edges are those of the wall clock asked minute by minute,
//! the oracle says the same, and dates are those of another library.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use lamplighter_core::hours::{Schedule, Zone, Zones, names, wall};
use lamplighter_core::model::knobs::{EndMinute, Overnight};
use lamplighter_core::model::{
    Cut, Dates, DayOfYear, EveryWeeks, Instant, Interval, Millis, Nth, PropertyId, RuleSet,
    Scheduler, Settings, WeekHours, WeekdayOfMonth, Weekdays, WidgetId,
};
use lamplighter_core::oracle::{self, Oracle};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::config::config;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

// What is drawn.

fn any_date(first: NaiveDate, days: u64) -> impl Strategy<Value = NaiveDate> {
    (0..days).prop_map(move |day| first + Days::new(day))
}

fn interval() -> impl Strategy<Value = Interval> {
    let minute =
        || prop_oneof![2 => (0..96_u16).prop_map(|quarter| quarter * 15), 1 => 0..1_440_u16];
    prop_oneof![
        4 => (minute(), minute()).prop_filter_map("equal", |(a, b)| Interval::new(a, b)),
        1 => minute().prop_filter_map("equal", |start| Interval::new(start, 1_440)),
        // About when clocks change.
        2 => (0..240_u16, 1..120_u16).prop_filter_map("no", |(a, l)| Interval::new(a, a + l)),
        1 => (minute(), minute(), 1..=7_u8)
            .prop_filter_map("no days", |(a, b, days)| Interval::over_days(a, b, days)),
    ]
}

fn intervals() -> impl Strategy<Value = Vec<Interval>> {
    prop::collection::vec(interval(), 0..3)
}

fn day_of_year() -> impl Strategy<Value = DayOfYear> {
    let any = (1..=12_u8, 1..=31_u8).prop_filter_map("no day", |(m, d)| DayOfYear::new(m, d));
    prop_oneof![6 => any, 1 => Just(DayOfYear::new(2, 29).expect("a leap day"))]
}

fn dates(first: NaiveDate, days: u64) -> impl Strategy<Value = Dates> {
    let nths = [Nth::First, Nth::Second, Nth::Third, Nth::Fourth, Nth::Fifth, Nth::Last];
    let shift = || prop_oneof![3 => Just(0_i16), 2 => -3..=3_i16, 1 => -366..=366_i16];
    let of_month = (select(nths.to_vec()), 0..7_u8, 1..=12_u8, shift());
    prop_oneof![
        2 => any_date(first, days).prop_map(Dates::On),
        2 => (any_date(first, days), 0..40_u64).prop_map(|(d, n)| Dates::Range(d, d + Days::new(n))),
        1 => day_of_year().prop_map(Dates::Yearly),
        2 => (day_of_year(), day_of_year()).prop_map(|(a, b)| Dates::YearlyRange(a, b)),
        2 => of_month.prop_map(|(nth, weekday, month, shift)| {
            Dates::OfMonth(WeekdayOfMonth { nth, weekday, month }, shift)
        }),
        1 => shift().prop_map(Dates::Easter),
    ]
}

/// Lines of every few weeks, no two of which name the same week of a weekday.
fn every(first: NaiveDate, days: u64) -> impl Strategy<Value = Vec<EveryWeeks>> {
    let weekday = || (0..7_u8).prop_map(|day| chrono::Weekday::try_from(day).expect("a day"));
    let line = (weekday(), weekday(), intervals(), 2..=53_u8, any_date(first, days)).prop_map(
        |(first, last, hours, weeks, from)| EveryWeeks {
            days: Weekdays::between(first, last),
            hours,
            weeks,
            from,
        },
    );
    prop::collection::vec(line, 0..3).prop_map(|lines| {
        let mut kept: Vec<EveryWeeks> = Vec::new();
        for line in lines {
            let shares = |other: &&EveryWeeks| line.days.iter().any(|day| other.days.contains(day));
            if !kept.iter().filter(shares).any(|other| other.meets(&line)) {
                kept.push(line);
            }
        }
        kept
    })
}

/// Hours of all kinds, dated and cut in some days.
fn hours(first: NaiveDate, days: u64) -> impl Strategy<Value = WeekHours> {
    let weekdays = prop_oneof![
        3 => prop::array::uniform7(intervals()),
        2 => intervals().prop_map(|day| std::array::from_fn(|_| day.clone())),
        1 => Just(Default::default()),
        1 => Just(std::array::from_fn(|_| Interval::new(0, 1_440).into_iter().collect())),
    ];
    let entries = prop::collection::vec((dates(first, days), intervals()), 0..4);
    let cuts = prop::collection::vec((dates(first, days), intervals()), 0..4);
    (weekdays, every(first, days), entries, cuts).prop_map(|(weekdays, every, entries, cuts)| {
        let cuts = cuts.into_iter().map(|(dates, intervals)| Cut { dates, intervals });
        WeekHours { weekdays, every, dates: entries.into_iter().collect(), cuts: cuts.collect() }
    })
}

// What holds.

/// Every edge between two instants, found by asking the wall clock minute by minute.
fn edges_by_asking(hours: &WeekHours, zone: &Zone, from_ms: i64, to_ms: i64) -> Vec<i64> {
    let open = |ms: i64| {
        let at = Instant::from_millis(ms).expect("in range");
        wall::is_open(hours, zone.local(at))
    };
    let mut edges = Vec::new();
    let mut before = open(from_ms);
    for ms in (from_ms + MINUTE_MS..=to_ms).step_by(MINUTE_MS as usize) {
        let now = open(ms);
        if now != before {
            edges.push(ms);
        }
        before = now;
    }
    edges
}

fn edges_by_asking_ahead(schedule: &Schedule, from_ms: i64, to_ms: i64) -> Vec<i64> {
    let mut edges = Vec::new();
    let mut at = Instant::from_millis(from_ms).expect("in range");
    while let Some(edge) = schedule.next_edge(at).filter(|edge| edge.as_millis() <= to_ms) {
        assert!(edge > at, "the edge after {at} is not later");
        edges.push(edge.as_millis());
        at = edge;
    }
    edges
}

/// The law for some hours in one zone, from one instant to another.
fn edges_are_the_wall_clocks(hours: &WeekHours, zone: &Arc<Zone>, from_ms: i64, to_ms: i64) {
    let schedule = Schedule::new(Arc::clone(zone), hours);
    let (asked, ahead) = (
        edges_by_asking(hours, zone, from_ms, to_ms),
        edges_by_asking_ahead(&schedule, from_ms, to_ms),
    );
    let say =
        |ms: Option<&i64>| ms.and_then(|&ms| Instant::from_millis(ms)).map(|at| at.to_string());
    if let Some(place) = (0..asked.len().max(ahead.len())).find(|&p| asked.get(p) != ahead.get(p)) {
        panic!(
            "in {}: the next edge is {:?} and not {:?} of {hours:#?}",
            zone.name(),
            say(asked.get(place)),
            say(ahead.get(place))
        );
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn hours_of_the_calendar_open_and_close_as_the_wall_clock_says(
        hours in hours(date("2026-01-01"), 730),
        zone in select(vec![
            "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana",
            "Africa/Casablanca", "Asia/Kathmandu", "+05:30", "-18:00",
        ]),
        day in 0..700_i64,
    ) {
        let zone = Zones::bundled().get(zone).expect("a zone");
        let from_ms = instant("2026-01-01T00:00:00Z").as_millis() + day * DAY_MS;
        edges_are_the_wall_clocks(&hours, &zone, from_ms, from_ms + 30 * DAY_MS);
    }

    #[test]
    fn the_oracle_reads_the_same_calendar(
        hours in hours(date("2026-01-01"), 730),
        day in 0..730_u64,
        minute in 0..1_440_u32,
    ) {
        let local = (date("2026-01-01") + Days::new(day))
            .and_hms_opt(minute / 60, minute % 60, 0)
            .expect("a time");
        prop_assert_eq!(oracle::is_open(&hours, local), wall::is_open(&hours, local), "{}", local);
    }

    #[test]
    fn dates_are_named_alike_by_the_engine_and_the_oracle(
        dates in dates(date("0001-01-01"), 3_652_000),
        day in 0..3_652_058_u64,
        by in -400..400_i64,
    ) {
        let near = match dates {
            Dates::On(on) | Dates::Range(on, _) => on,
            _ => date("0001-01-01") + Days::new(day),
        };
        if let Some(asked) = near.checked_add_signed(chrono::TimeDelta::days(by)) {
            for asked in asked.iter_days().take(366) {
                prop_assert_eq!(names(&dates, asked), oracle::names(&dates, asked), "{}", asked);
            }
        }
    }
}

/// Zones and when their clocks do something: skip a day, or go by half an hour or by seconds.
const CHANGES: [(&str, &str); 6] = [
    ("America/New_York", "2026-03-07T20:15:00Z"),
    ("Europe/Berlin", "2026-10-24T22:00:30Z"),
    ("Australia/Lord_Howe", "2026-04-04T10:00:00Z"),
    ("Pacific/Apia", "2011-12-29T21:00:00Z"),
    ("Africa/Monrovia", "1972-01-06T12:00:12Z"),
    ("UTC", "2026-12-31T12:00:00Z"),
];

/// Hours about a clock change, and the zone whose clock it is.
fn changing_hours() -> impl Strategy<Value = (&'static str, Instant, WeekHours)> {
    select(CHANGES.to_vec()).prop_flat_map(|(zone, at)| {
        let at = instant(at);
        (Just(zone), Just(at), hours(at.to_local(0).date() - Days::new(8), 20))
    })
}

proptest! {
    #![proptest_config(config(60))]

    /// What is under way on a date is worked out once, and clocks are read once for all who go by them.
    #[test]
    fn clocks_that_are_looked_at_all_the_time_say_what_each_look_says(
        (zone, from, own) in changing_hours(),
        other in changing_hours(),
        end_minute in select(vec![EndMinute::Closed, EndMinute::Open]),
        overnight in select(vec![Overnight::Wraps, Overnight::NeverOpens]),
        days in 1..3_i64,
        every_s in 1..100_000_usize,
    ) {
        let zones = Zones::bundled();
        let clock = move |zone: &str, at| Some(zones.clock(zone).ok()?.offset_s(at));
        let rules = RuleSet { end_minute, overnight, ..RuleSet::BOOK };
        let mut oracle = Oracle::new(from, Millis::ZERO, None, Arc::new(clock)).by_rules(rules);
        for (widget, (zone, hours)) in [(zone, own), (other.0, other.2)].into_iter().enumerate() {
            let scheduler = Scheduler { zone: zone.to_owned(), hours };
            let settings = Settings { scheduler: Some(scheduler.into()), ..Settings::default() };
            oracle.add_widget(WidgetId::new(widget), PropertyId::new(0), settings);
        }
        let to = Instant::from_millis(from.as_millis() + days * DAY_MS).expect("in range");
        let mut clocks = oracle.clocks(to);
        let between = (from.as_millis()..to.as_millis()).step_by(every_s * 1_000);
        let mut looks: BTreeSet<Instant> = between.filter_map(Instant::from_millis).collect();
        looks.extend(clocks.instants());
        for at in looks {
            oracle.advance(at);
            for (widget, state) in clocks.look(&oracle) {
                prop_assert_eq!(state, oracle.scheduler_state(widget), "{:?} at {}", widget, at);
            }
        }
    }
}

/// In all zones, over both years: hours drawn anew for each zone.
fn all_zones(rounds: usize, step: usize) {
    let from_ms = instant("2026-01-01T00:00:00Z").as_millis();
    let to_ms = instant("2028-01-01T00:00:00Z").as_millis();
    let zones = Zones::bundled();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let drawn = hours(date("2025-12-20"), 750);
    let mut edge_count = 0;
    for round in 0..rounds {
        for name in zones.names().iter().skip(round % step).step_by(step) {
            let hours = drawn.new_tree(&mut runner).expect("hours").current();
            let zone = zones.get(name).expect("a zone");
            edges_are_the_wall_clocks(&hours, &zone, from_ms, to_ms);
            edge_count += edges_by_asking_ahead(&Schedule::new(zone, &hours), from_ms, to_ms).len();
        }
    }
    assert!(edge_count > 1_000, "{edge_count} edges are few");
}

#[test]
fn in_some_zones_the_edges_of_two_years_are_the_wall_clocks() {
    all_zones(1, 60);
}

/// `cargo test --release -p lamplighter-core --test core -- --ignored two_years`
#[test]
#[ignore = "asks every zone's wall clock a million times, which takes minutes"]
fn in_every_zone_the_edges_of_two_years_are_the_wall_clocks() {
    all_zones(1, 1);
}

#[test]
fn what_comes_seldom_is_found_and_what_never_comes_is_known_not_to() {
    let next = |zone: &str, lines: &[(&str, &str)], cuts: &[&str], at: &str| {
        let mut hours = WeekHours::default();
        let read = |text: &str| text.split(' ').map(|i| i.parse().expect(text)).collect::<Vec<_>>();
        for (dates, list) in lines {
            let list = if *list == "closed" { Vec::new() } else { read(list) };
            match dates.parse::<Weekdays>() {
                Ok(days) => days.iter().for_each(|day| hours.weekdays[day] = list.clone()),
                Err(_) => drop(hours.dates.insert(dates.parse::<Dates>().expect(dates), list)),
            }
        }
        hours.cuts.extend(cuts.iter().map(|dates| Cut {
            dates: dates.parse().expect(dates),
            intervals: vec![Interval::new(0, 1_440).expect("a day")],
        }));
        let zone = Zones::bundled().get(zone).expect("a zone");
        Schedule::new(zone, &hours).next_edge(instant(at)).map(|edge| edge.to_string())
    };
    let day = "09:00-17:00";
    for (lines, cuts, at, edge) in [
        // Every 28th year, and over a century without a leap day.
        (
            &[("5th-sat-feb", day)][..],
            &[][..],
            "2021-01-01T00:00:00Z",
            Some("2048-02-29T09:00:00Z"),
        ),
        (&[("*-02-29", day)], &[], "2097-01-01T00:00:00Z", Some("2104-02-29T09:00:00Z")),
        (&[("easter", day)], &[], "2026-04-06T00:00:00Z", Some("2027-03-28T09:00:00Z")),
        (&[("daily", day), ("*-01-01..*-12-31", "closed")], &[], "2026-01-01T00:00:00Z", None),
        (&[("daily", day)], &["*-01-01..*-12-31"], "2026-01-01T00:00:00Z", None),
        (&[("daily", "00:00-24:00"), ("easter", "00:00-24:00")], &[], "2026-01-01T00:00:00Z", None),
        (&[("daily", "00:00-24:00")], &["*-12-25"], "9999-12-26T00:00:00Z", None),
        (
            &[("mon", "00:00-24:00+6d")],
            &["2026-12-25"],
            "2026-12-01T00:00:00Z",
            Some("2026-12-25T00:00:00Z"),
        ),
        (&[("mon", "00:00-24:00+6d")], &["2026-12-25"], "2026-12-26T00:00:00Z", None),
        (
            &[("daily", "closed"), ("9999-12-31", day)],
            &[],
            "2026-01-01T00:00:00Z",
            Some("9999-12-31T09:00:00Z"),
        ),
    ] {
        assert_eq!(next("UTC", lines, cuts, at).as_deref(), edge, "{lines:?} {cuts:?} {at}");
    }
    // A clock whose rules never end does not make the search endless either.
    let closed = &[("daily", day), ("*-01-01..*-12-31", "closed")];
    assert_eq!(next("Europe/Berlin", closed, &[], "2026-01-01T00:00:00Z"), None);
}

#[test]
fn easter_and_weekdays_of_months_are_those_of_dateutil_for_200_years() {
    let file = include_str!("../data/dateutil-4.0.0-days.csv");
    let mut lines = file.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut years = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), header.len());
        let year: i32 = cells[0].parse().expect("a year");
        let all: Vec<NaiveDate> = NaiveDate::from_ymd_opt(year, 1, 1)
            .expect("a date")
            .iter_days()
            .take_while(|day| day.year() == year)
            .collect();
        for (words, cell) in header.iter().zip(&cells).skip(1) {
            let dates: Dates = words.parse().expect("dates");
            let named: Vec<NaiveDate> =
                all.iter().copied().filter(|day| names(&dates, *day)).collect();
            let told: Vec<String> = named
                .iter()
                .map(|day| match *words {
                    "easter" => day.format("%m-%d").to_string(),
                    _ => day.format("%d").to_string(),
                })
                .collect();
            assert_eq!(told.join(" "), **cell, "{words} in {year}");
            for day in named {
                assert!(oracle::names(&dates, day), "the oracle: {words} in {year}");
            }
        }
        years += 1;
    }
    assert_eq!(years, 200);
}

#[test]
fn a_fixed_offset_is_a_clock_that_nobody_changes() {
    let zones = Zones::bundled();
    for (name, offset_s) in
        [("+05:30", 19_800), ("-03:00", -10_800), ("+18:00", 64_800), ("-00:00", 0)]
    {
        let zone = zones.get(name).expect("an offset");
        assert_eq!((zone.name(), zone.next_change(Instant::MIN)), (name, None));
        for at in [Instant::MIN, instant("2026-07-01T00:00:00Z"), Instant::MAX] {
            assert_eq!(zone.offset_s(at), offset_s);
            assert_eq!(zones.clock(name).expect("a clock").offset_s(at), offset_s);
        }
    }
    for wrong in ["Z", "+0530", "+5:30", "+18:01", "05:30"] {
        assert!(zones.get(wrong).is_err() && zones.clock(wrong).is_err(), "{wrong}");
    }
}
