//! Synthetic worlds: the same for a seed on every machine, valid in every corner, and like life.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use lamplighter::report::timeline;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Action;
use lamplighter_core::model::{Chosen, Instant, Millis};
use lamplighter_scenario::play::{Options, Outcome, Verdict};
use lamplighter_scenario::synth::{
    FORMAT, Knob, Knobs, Population, TraceEvent, Trade, names, write_trace, write_world,
};

static ZONES: LazyLock<std::sync::Arc<Zones>> =
    LazyLock::new(|| std::sync::Arc::new(Zones::bundled()));

fn population(knobs: Knobs) -> Population {
    Population::new(knobs, &ZONES).expect("knobs in their ranges")
}

fn small() -> Knobs {
    Knobs { properties: 20, days: 2, ..Knobs::default() }
}

/// world.scenario and trace.csv.
fn files(population: &Population) -> (String, String) {
    let (mut world, mut trace) = (Vec::new(), Vec::new());
    write_world(population, &mut world).expect("a vector takes everything");
    write_trace(population.events(), &mut trace).expect("a vector takes everything");
    (String::from_utf8(world).expect("UTF-8"), String::from_utf8(trace).expect("UTF-8"))
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn run(name: &str, population: &Population, options: Options<'_>) -> Verdict {
    let folder = folder(name);
    let (world, trace) = files(population);
    std::fs::write(folder.join("trace.csv"), trace).expect("a file");
    let path = folder.join("world.scenario");
    let stop = AtomicBool::new(false);
    lamplighter_scenario::play::run(&path, world.as_bytes(), &ZONES, options, &stop)
}

fn at(text: &str) -> Instant {
    Knobs::start_from(text).expect("a date or an instant")
}

fn fnv_1a(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A change here is a change of every world that was ever made: `FORMAT` grows with it.
#[test]
fn the_bytes_of_a_seed_are_pinned() {
    let knobs = Knobs { properties: 40, devices: 3, days: 3, anomalies: 5, ..Knobs::default() };
    let (world, trace) = files(&population(knobs));
    let found = (FORMAT, fnv_1a(&world), fnv_1a(&trace));
    assert_eq!(found, (1, 0xe2f7_d9a5_450c_c1b2, 0x2140_82a7_a00e_617b), "{found:#x?}");
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_seed_others() {
    let made = files(&population(small()));
    assert_eq!(made, files(&population(small())));
    let other = files(&population(Knobs { seed: 2, ..small() }));
    assert_ne!(made.0, other.0);
    assert_ne!(made.1, other.1);
}

#[test]
fn one_seed_has_one_timeline_and_another_seed_another() {
    let first = timeline_of("timeline-first", &population(small()));
    assert!(first.lines().count() > 50, "{first}");
    assert_eq!(first, timeline_of("timeline-again", &population(small())));
    let other = timeline_of("timeline-other", &population(Knobs { seed: 2, ..small() }));
    assert_ne!(first, other);
}

#[test]
fn the_header_is_the_command_that_makes_the_same_again() {
    let knobs = Knobs {
        seed: u64::MAX,
        start: at("2026-03-02T06:30:00.250Z"),
        grace: Millis(90_500),
        auto_away: Some(Millis(600_000)),
        flakiness: 250,
        ..small()
    };
    let (world, trace) = files(&population(knobs));
    let command = world.lines().nth(1).and_then(|line| line.strip_prefix("# lamplighter "));
    let command = command.expect("the command").strip_suffix(" --out DIR").expect("the folder");
    let folder = folder("header");
    let write = |name: &str| std::fs::write(folder.join(name), "from before").expect("a file");
    ["notes.txt", "trace.csv"].into_iter().for_each(write);
    let out = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(command.split(' '))
        .args([Path::new("--out"), &folder])
        .output()
        .expect("the binary runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let read = |name| std::fs::read_to_string(folder.join(name)).expect("a file");
    assert!(read("world.scenario") == world && read("trace.csv") == trace);
    assert_eq!(names_in(&folder), ["notes.txt", "trace.csv", "world.scenario"]);
    assert_eq!(read("notes.txt"), "from before");
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    let folder = folder("stopped");
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["generate", "--properties", "20000", "--days", "300", "--out"])
        .arg(&folder)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let began = || names_in(&folder).iter().any(|name| name.starts_with("trace.csv."));
    while !began() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before it was stopped");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!(out.status.code(), Some(3));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(said, format!("error: stopped: nothing was written to {}\n", folder.display()));
    assert_eq!(names_in(&folder), [""; 0]);
}

#[test]
fn rows_are_in_order_and_within_the_run() {
    for seed in 0..5 {
        let population = population(Knobs { seed, odd_hours: 60, flakiness: 100, ..small() });
        let (start, end) = (population.knobs().start, population.knobs().end());
        let events: Vec<TraceEvent> = population.events().collect();
        assert!(events.len() > 300, "{}", events.len());
        assert!(events.is_sorted_by_key(|event| (event.at, event.agent)));
        assert!(events.iter().all(|event| start <= event.at && event.at < end));
    }
}

/// Starts at which clocks change, years end and dates are leap days.
const STARTS: [&str; 10] = [
    "2026-03-02",
    "2026-03-07",
    "2026-03-28T17:45:00Z",
    "2026-04-04",
    "2026-10-03",
    "2026-10-24T09:00:00Z",
    "2026-10-31T23:59:59.999Z",
    "2026-12-30",
    "2028-02-28",
    "1983-10-29",
];

#[test]
fn a_generated_world_runs_without_a_fault_or_an_anomaly() {
    for seed in 0..60_u32 {
        let population = population(Knobs {
            seed: seed.into(),
            start: at(STARTS[seed as usize % STARTS.len()]),
            properties: 1 + seed % 13,
            agents: 1 + seed * 7 % 20,
            devices: 1 + seed % 8,
            days: 1 + seed % 4,
            different_schedules: seed * 29 % 101,
            odd_hours: seed * 37 % 101,
            holidays: seed * 41 % 101,
            more_widgets: seed * 43 % 101,
            shared_agents: seed * 47 % 101,
            suspended: seed * 53 % 101,
            choosy: seed * 59 % 101,
            phones_left_on: seed * 61 % 101,
            never_log_out: seed * 67 % 101,
            flakiness: seed * 71 % 1_001,
            grace: [120_000, 0, 1, 250, 10_000, 3_599_999].map(Millis)[seed as usize % 6],
            auto_away: (seed % 3 == 0).then_some(Millis(300_000)),
            ..Knobs::default()
        });
        let verdict = run("runs", &population, Options::default());
        assert_eq!(verdict.outcome(), Outcome::Passed, "{}\n{verdict:#?}", population.knobs());
        assert_eq!(verdict.anomalies.first, [], "{}", population.knobs());
        let run = verdict.run.map(|run| (run.first, run.last));
        assert_eq!(run, Some((population.knobs().start, population.knobs().end())));
    }
}

#[test]
fn anomalies_come_as_often_as_asked_and_are_all_of_them_impossible() {
    let clean = Knobs { properties: 100, days: 1, ..small() };
    let population = population(Knobs { anomalies: 50, ..clean.clone() });
    let rows = population.events().count();
    let verdict = run("anomalies", &population, Options::default());
    assert_eq!(verdict.outcome(), Outcome::Passed);
    let added = rows - self::population(clean).events().count();
    assert_eq!(verdict.anomalies.count, added as u64);
    assert!((rows / 30..rows / 15).contains(&added), "{added} of {rows}");
}

#[test]
fn a_further_property_leaves_the_others_and_their_agents_alone() {
    let few = population(Knobs { properties: 12, shared_agents: 50, ..small() });
    let more = population(Knobs { properties: 30, shared_agents: 50, ..small() });
    assert!(few.properties().eq(more.properties().take(12)));
    let theirs = more.events().filter(|event| event.agent < few.agent_count());
    assert!(few.events().eq(theirs));
}

#[test]
fn a_longer_run_begins_like_a_shorter_one() {
    let (one, three) = (Knobs { days: 1, ..small() }, Knobs { days: 3, ..small() });
    let (one, three) = (population(one), population(three));
    assert!(one.properties().eq(three.properties()));
    assert!(one.events().eq(three.events().take(one.events().count())));
}

#[test]
fn a_later_start_finds_at_work_who_is_at_work() {
    let (early, late) = (at("2026-03-02"), at("2026-03-03T15:00:00Z"));
    let logged_in = |start, days| {
        let population = population(Knobs {
            start,
            days,
            properties: 200,
            holidays: 0,
            flakiness: 0,
            ..small()
        });
        let mut seats: BTreeSet<(u32, u8)> = BTreeSet::new();
        for event in population.events().take_while(|event| event.at <= late) {
            match (event.action, event.device) {
                (Action::Login, Some(device)) => drop(seats.insert((event.agent, device))),
                (Action::Logout, Some(device)) => drop(seats.remove(&(event.agent, device))),
                (Action::Logout, None) => seats.retain(|seat| seat.0 != event.agent),
                _ => {}
            }
        }
        seats
    };
    let (grown, found) = (logged_in(early, 2), logged_in(late, 1));
    let common = grown.intersection(&found).count();
    // Nobody looks further back than two days.
    assert!(common * 100 > grown.len().max(found.len()) * 97, "{common} of {}", grown.len());
}

/// A knob, and what it must bring about at one value and at another.
type Law = (&'static str, u32, fn(&Population) -> bool);

#[test]
#[allow(clippy::too_many_lines, reason = "a table: a law for each knob")]
fn every_knob_does_what_it_says() {
    fn properties(population: &Population) -> Vec<lamplighter_scenario::synth::Property> {
        population.properties().collect()
    }
    fn has(population: &Population, wanted: impl Fn(&TraceEvent) -> bool) -> bool {
        population.events().any(|event| wanted(&event))
    }
    fn schedules(population: &Population) -> (usize, usize) {
        let all = population.properties().filter_map(|property| property.settings.scheduler);
        let all: Vec<String> = all.map(|s| format!("{} {:?}", s.zone, s.hours.weekdays)).collect();
        (all.len(), all.into_iter().collect::<BTreeSet<_>>().len())
    }
    fn office(population: &Population) -> usize {
        let by_day = |trade| matches!(trade, Trade::Office | Trade::Split | Trade::Shop);
        (0..60).filter(|&property| by_day(population.workplace(property).trade)).count()
    }
    let laws: &[Law] = &[
        ("properties", 7, |population| population.properties().count() == 7),
        ("agents", 3, |population| population.agent_count() == 180),
        ("devices", 1, |population| {
            !has(population, |event| event.device.is_some_and(|device| device > 0))
        }),
        ("devices", 2, |population| {
            has(population, |event| event.device == Some(1))
                && !has(population, |event| event.device > Some(1))
        }),
        ("devices", 8, |population| has(population, |event| event.device == Some(7))),
        ("days", 1, |population| population.knobs().end() == at("2026-03-03")),
        ("scheduled", 0, |population| schedules(population).0 == 0),
        ("scheduled", 100, |population| schedules(population).0 == 60),
        ("different-schedules", 100, |population| {
            schedules(population).0 == schedules(population).1
        }),
        ("different-schedules", 0, |population| schedules(population).0 > schedules(population).1),
        ("odd-hours", 0, |population| office(population) == 60),
        ("odd-hours", 100, |population| office(population) == 0),
        ("holidays", 0, |population| !files(population).0.contains("    date ")),
        ("holidays", 100, |population| files(population).0.matches("    date ").count() > 30),
        ("more-widgets", 0, |population| !files(population).0.contains("\nwidget ")),
        ("more-widgets", 100, |population| {
            properties(population).iter().all(|p| !p.widgets.is_empty())
        }),
        ("shared-agents", 0, |population| {
            properties(population).iter().all(|p| p.members.len() == 5)
        }),
        ("shared-agents", 100, |population| {
            properties(population)[1..].iter().all(|p| p.members.len() >= 10)
        }),
        ("suspended", 0, |population| {
            properties(population).iter().all(|p| p.suspended.is_empty())
        }),
        ("suspended", 100, |population| {
            properties(population).iter().all(|p| p.suspended.len() == 5)
        }),
        ("strict", 0, |population| {
            let is_strict = |s: &lamplighter_core::model::Settings| {
                s.offline_when_all_agents_offline || s.hide_when_offline
            };
            !properties(population).iter().any(|p| is_strict(&p.settings))
        }),
        ("strict", 100, |population| {
            properties(population).iter().all(|p| p.settings.offline_when_all_agents_offline)
        }),
        ("choosy", 0, |population| {
            let world = files(population).0;
            !world.contains("  pages ") && !world.contains("  countries ")
        }),
        ("choosy", 100, |population| {
            let world = files(population).0;
            world.matches("  pages ").count() + world.matches("  countries ").count() >= 60
        }),
        ("phones-left-on", 100, |population| {
            !has(population, |event| event.device == Some(1) && event.action == Action::Logout)
        }),
        ("phones-left-on", 0, |population| {
            has(population, |event| event.device == Some(1) && event.action == Action::Logout)
        }),
        ("never-log-out", 100, |population| {
            !has(population, |event| {
                event.device.is_none_or(|d| d == 0) && event.action == Action::Logout
            }) && (0..population.agent_count())
                .all(|agent| has(population, |event| event.agent == agent))
        }),
        ("flakiness", 0, |population| !has(population, |event| event.action == Action::Disconnect)),
        ("flakiness", 1_000, |population| {
            let lost =
                population.events().filter(|event| event.action == Action::Disconnect).count();
            let days = population.events().filter(|event| event.action == Action::Login).count();
            lost > days * 2
        }),
        ("anomalies", 1_000, |population| {
            let clean = Knobs { anomalies: 0, ..population.knobs().clone() };
            population.events().count() > self::population(clean).events().count() * 3 / 2
        }),
    ];
    for (name, value, holds) in laws {
        let knob = Knob::ALL.iter().find(|knob| knob.name == *name).expect("a knob");
        let mut knobs = Knobs { properties: 60, days: 2, ..Knobs::default() };
        (knob.set)(&mut knobs, *value);
        assert!(holds(&population(knobs)), "--{name} {value}");
    }
    for knob in Knob::ALL {
        assert!(laws.iter().any(|law| law.0 == knob.name), "no law for --{}", knob.name);
    }
}

/// What each widget shows and why, by name, at some instants.
fn shown_at(csv: &str, instants: &[&str]) -> Vec<BTreeMap<String, (String, String)>> {
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let shown = |instant: &str| {
        let rows = rows.iter().take_while(|row| at(row[0]) <= at(instant));
        rows.map(|row| (row[1].to_owned(), (row[2].to_owned(), row[4].to_owned()))).collect()
    };
    instants.iter().map(|instant| shown(instant)).collect()
}

/// The timeline of a plan's run, as CSV.
fn timeline_of(name: &str, population: &Population) -> String {
    let mut csv = timeline::Csv::new(Vec::new()).expect("a vector takes everything");
    let mut sink = |row, widgets: &_| csv.row(row, widgets).expect("a vector takes everything");
    run(name, population, Options { timeline: Some(&mut sink), ..Options::default() });
    String::from_utf8(csv.into_inner()).expect("UTF-8")
}

/// Of the widgets of offices in New York, on Tuesday 2026-03-03: how many show a status, and how many
/// there are whose hours are not over.
fn on_a_tuesday_in_new_york(
    name: &str,
    knobs: Knobs,
    utc: &[&str],
    status: &str,
) -> Vec<(usize, usize)> {
    let population = population(knobs);
    let csv = timeline_of(name, &population);
    let offices: BTreeSet<String> = (0..population.knobs().properties)
        .filter(|&property| {
            let workplace = population.workplace(property);
            workplace.trade == Trade::Office && workplace.market().zone == "America/New_York"
        })
        .map(names::property)
        .collect();
    let instants: Vec<String> = utc.iter().map(|utc| format!("2026-03-03T{utc}:00Z")).collect();
    let instants: Vec<&str> = instants.iter().map(String::as_str).collect();
    let count = |shown: BTreeMap<String, (String, String)>| {
        let open = shown.iter().filter(|(widget, (_, reason))| {
            offices.contains(*widget) && reason != "scheduler-closed"
        });
        let open: Vec<_> = open.collect();
        (open.iter().filter(|(_, (found, _))| found == status).count(), open.len())
    };
    shown_at(&csv, &instants).into_iter().map(count).collect()
}

#[test]
fn by_day_most_open_widgets_are_online_and_by_night_few() {
    let knobs = Knobs {
        properties: 1_500,
        days: 2,
        holidays: 0,
        scheduled: 50,
        // Who works for others as well may do so from the other side of the world.
        shared_agents: 0,
        ..Knobs::default()
    };
    // 10:00, 14:30 and 03:00 in New York.
    let counts = on_a_tuesday_in_new_york("online", knobs, &["15:00", "19:30", "08:00"], "online");
    let [(morning, open), (afternoon, open_later), (night, awake)] = counts[..] else {
        panic!("three instants");
    };
    assert!(open >= 50 && morning * 10 >= open * 9, "{counts:?}");
    assert!(afternoon * 10 >= open_later * 9, "{counts:?}");
    assert!(awake >= 30 && night * 2 < awake, "{counts:?}");
}

#[test]
fn at_lunch_more_are_away_than_in_the_morning() {
    let knobs = Knobs {
        properties: 1_000,
        agents: 1,
        devices: 1,
        days: 2,
        holidays: 0,
        shared_agents: 0,
        ..Knobs::default()
    };
    // 10:45 and 13:15 in New York; many lunches begin around the middle of the shift.
    let counts = on_a_tuesday_in_new_york("lunch", knobs, &["15:45", "18:15"], "away");
    let [(morning, _), (lunch, open)] = counts[..] else { panic!("two instants") };
    assert!(open >= 30 && lunch > morning * 3 && lunch * 4 > open, "{counts:?}");
}

#[test]
fn a_day_has_everything_that_days_have() {
    let population = population(Knobs { properties: 200, days: 7, ..Knobs::default() });
    let events: Vec<TraceEvent> = population.events().collect();
    let share = |wanted: &dyn Fn(&TraceEvent) -> bool| {
        events.iter().filter(|event| wanted(event)).count() * 1_000 / events.len()
    };
    let does = |action: Action| share(&|event| event.action == action);
    for (word, action) in Action::WORDS {
        assert!(does(action) >= 5, "{word}: {} in a thousand", does(action));
    }
    assert!(share(&|event| event.device.is_none()) >= 20);
    assert!(does(Action::SetStatus(Chosen::Away)) > does(Action::SetStatus(Chosen::Invisible)) * 3);
    // Lost connections mostly come back.
    assert!(does(Action::Reconnect) * 10 > does(Action::Disconnect) * 6);
}
