//! What was seen, held against the rules: rulings R65 and R66 case by case, and recordings of whole days
//! against a judge that looks at every instant.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Chat, Instant, Names, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_scenario::play::{Options, Outcome, Verdict, run};
use lamplighter_scenario::synth::{Knobs, Population, write_trace, write_world};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// A folder of one test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("observed").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Plays a scenario with recordings beside it.
fn play(name: &str, scenario: &str, recordings: &[(&str, &str)]) -> Verdict {
    let folder = folder(name);
    for (file, text) in recordings {
        std::fs::write(folder.join(file), text).expect("written");
    }
    let path = folder.join("a.scenario");
    run(&path, scenario.as_bytes(), &ZONES, Options::default(), &AtomicBool::new(false))
}

/// A team whose scheduler opens at 09:00, closes at 17:00, and in between ann is away from 12:00:00 to
/// 12:00:10.001.
const DAY: &str = "\
scenario A day
property acme
  members ann bob
  scheduler UTC
    daily 09:00-17:00
  offline-when-all-agents-offline
widget acme/shop
  hide-on mobile
  pages show /shop/*
  countries except FR
at 2026-03-09 08:00
  ann logs in on laptop
at 12:00
  ann goes away
at 12:00:10.001
  ann goes online
at 13:00
  set acme/shop off hide-on mobile
until 18:00
";

/// A row, the tolerance, and how it is wrong: nothing where it is right.
const CASES: &str = "\
2026-03-09T09:00:00Z,acme,online | 0s |
2026-03-09T08:59:59.999Z,acme,offline | 0s |
2026-03-09T08:59:59.999Z,acme,online | 0s | early by 1
2026-03-09T08:59:59.999Z,acme,online | 1ms |
2026-03-09T08:59:58Z,acme,online | 2s |
2026-03-09T08:59:57.999Z,acme,online | 2s | early by 2001
2026-03-09T09:00:02Z,acme,offline | 2001ms |
2026-03-09T09:00:02Z,acme,offline | 2s | stale by 2001
2026-03-09T09:00:00Z,acme,offline | 0s | stale by 1
2026-03-09T12:00:00Z,acme,online | 0s | stale by 1
2026-03-09T12:00:04.999Z,acme,online | 0s | stale by 5000
2026-03-09T12:00:04.9995Z,acme,online | 0s | stale by 5000
2026-03-09T12:00:05Z,acme,online | 0s | stale by 5001
2026-03-09T12:00:05Z,acme,online | 5s | stale by 5001
2026-03-09T12:00:05Z,acme,online | 5001ms |
2026-03-09T12:00:05.001Z,acme,online | 0s | early by 5000
2026-03-09T12:00:05.001Z,acme,online | 5s |
2026-03-09T12:00:09Z,acme,online | 0s | early by 1001
2026-03-09T10:00:00Z,acme,away | 0s | early by 7200000
2026-03-09T10:00:00Z,acme,offline | 0s | stale by 3600001
2026-03-09T20:00:00Z,acme,offline | 0s |
2026-03-10T10:00:00Z,acme,online | 0s |
2026-03-10T08:00:00Z,acme,online | 0s | early by 3600000
2026-03-09T08:00:00Z,acme,away | 1h | early by 14400000
2026-03-09T08:00:00+00:00,acme,offline | 1h |
2030-01-01T00:00:00Z,acme,online | 0s | stale by 25200001
2030-01-01T08:30:00Z,acme,online | 0s | early by 1800000";

#[test]
fn a_row_is_right_within_its_tolerance_and_else_told_by_the_nearest_instant() {
    for (number, case) in CASES.lines().enumerate() {
        let [row, within, expected] = case.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{case}")
        };
        let scenario = DAY
            .replace("until 18:00", &format!("observed \"seen.csv\" within {within}\nuntil 18:00"));
        let recording = format!("at,widget,status\n{row}\n");
        let verdict = play(&format!("case-{number}"), &scenario, &[("seen.csv", &recording)]);
        assert!(verdict.diagnostics.is_empty(), "{case}: {:?}", verdict.diagnostics);
        assert!(verdict.trace_diagnostics.is_empty(), "{case}: {:?}", verdict.trace_diagnostics);
        let found = verdict.observations.false_rows.iter().map(|row| {
            let by = row.miss.distance().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{}{by}", row.miss.word())
        });
        assert_eq!(found.collect::<Vec<_>>().join(", "), expected, "{case}");
        assert_eq!(verdict.outcome() == Outcome::Passed, expected.is_empty(), "{case}");
    }
}

/// Rows with all columns, and how each is wrong.
const COLUMNS: &str = "\
2026-03-09T10:00:00Z,acme,online,yes,agent-online,,,, |
2026-03-09T10:00:00Z,acme,online,no,agent-online,,,, | never
2026-03-09T10:00:00Z,acme,online,,scheduler-open,,,, | never
2026-03-09T10:00:00Z,acme,online,,,yes,,, |
2026-03-09T10:00:00Z,acme/shop,online,,,yes,/shop/a,desktop,DE |
2026-03-09T10:00:00Z,acme/shop,online,,,no,/shop/a,mobile,DE |
2026-03-09T10:00:00Z,acme/shop,online,,,yes,/shop/a,mobile,DE | early
2026-03-09T10:00:00Z,acme/shop,online,,,no,/shop/a,desktop,FR |
2026-03-09T10:00:00Z,acme/shop,online,,,yes,/shop/a,desktop,FR | never
2026-03-09T10:00:00Z,acme/shop,online,,,no,,, |
2026-03-09T10:00:00Z,acme/shop,online,,,yes,,desktop,DE | never
2026-03-09T10:00:00Z,acme/shop,online,,,,/elsewhere,mobile,FR |
2026-03-09T14:00:00Z,acme/shop,online,,,yes,/shop/a,mobile,DE |
2026-03-09T14:00:00Z,acme/shop,online,,,no,/shop/a,mobile,DE | stale
2026-03-09T17:00:30Z,acme,offline,no,nobody-present,,,, | never
2026-03-09T17:00:30Z,acme,offline,no,scheduler-closed,,,, |";

#[test]
fn all_columns_of_a_row_are_so_at_one_instant_for_whoever_looked() {
    let scenario = DAY.replace("until 18:00", "observed \"seen.csv\"\nuntil 18:00");
    let mut recording = "at,widget,status,chat,reason,shown,page,device,country\n".to_owned();
    let mut expected = Vec::new();
    for (line, case) in (2..).zip(COLUMNS.lines()) {
        let (row, way) = case.split_once('|').expect("a row and its way");
        writeln!(recording, "{}", row.trim()).expect("a string");
        if !way.trim().is_empty() {
            expected.push((line, way.trim()));
        }
    }
    let verdict = play("columns", &scenario, &[("seen.csv", &recording)]);
    assert!(verdict.trace_diagnostics.is_empty(), "{:?}", verdict.trace_diagnostics);
    let rows = &verdict.observations.false_rows;
    let found: Vec<_> = rows.iter().map(|row| (row.line, row.miss.word())).collect();
    assert_eq!(found, expected);
    assert_eq!(verdict.observations.rows, COLUMNS.lines().count() as u64);
}

#[test]
fn what_every_wrong_row_is_shown_by_holds() {
    let scenario = DAY.replace("until 18:00", "observed \"seen.csv\"\nobserved \"team.csv\"");
    let mut recording = "at,widget,status,shown,page,device,country\n".to_owned();
    for case in CASES.lines() {
        let row = case.split('|').next().expect("a row").trim();
        writeln!(recording, "{row},,,,").expect("a string");
    }
    let mut rows: Vec<&str> = recording.lines().skip(1).collect();
    rows.push("2026-03-09T10:00:00Z,acme/shop,online,yes,/shop/a,mobile,DE");
    rows.push("2026-03-09T10:00:00Z,acme/shop,online,yes,/shop/a,,FR");
    rows.sort_by_key(|row| {
        let at: Instant =
            row.split(',').next().and_then(|at| at.parse().ok()).unwrap_or_else(|| {
                "2026-03-09T12:00:04.999Z"
                    .parse()
                    .expect("what is finer than a millisecond is cut off")
            });
        at
    });
    let recording = format!("at,widget,status,shown,page,device,country\n{}\n", rows.join("\n"));
    let team = "at,agent,status\n2026-03-09T12:00:11Z,ann,away\n2026-03-09T12:00:11Z,bob,online\n";
    let files = [("seen.csv", recording.as_str()), ("team.csv", team)];
    let verdict = play("shown-by", &scenario, &files);
    let rows = &verdict.observations.false_rows;
    let scenarios: Vec<&String> = rows.iter().filter_map(|row| row.scenario.as_ref()).collect();
    assert_eq!(scenarios.len(), rows.iter().filter(|row| row.is_first).count());
    assert!(scenarios.len() > 8, "{}", scenarios.len());
    for scenario in scenarios {
        let path = Path::new("evidence.scenario");
        let stop = AtomicBool::new(false);
        let verdict = run(path, scenario.as_bytes(), &ZONES, Options::default(), &stop);
        assert!(verdict.counts.expectations > 0, "{scenario}");
        let found: Vec<_> = verdict.diagnostics.iter().map(|found| &found.message).collect();
        let failed: Vec<_> = verdict.failures.iter().map(|failed| &failed.found).collect();
        assert_eq!(verdict.outcome(), Outcome::Passed, "{found:?} {failed:?}\n{scenario}");
    }
}

#[test]
fn a_kind_of_wrong_rows_is_told_by_its_first_ten_and_all_are_counted() {
    let scenario = DAY.replace("until 18:00", "observed \"seen.csv\"\nuntil 18:00");
    let mut recording = "at,widget,status\n".to_owned();
    for second in 0..60 {
        writeln!(recording, "2026-03-09T10:00:{second:02}Z,acme,offline").expect("a string");
        writeln!(recording, "2026-03-09T10:00:{second:02}Z,acme/shop,away").expect("a string");
    }
    let verdict = play("kinds", &scenario, &[("seen.csv", &recording)]);
    let observations = &verdict.observations;
    assert_eq!(observations.wrong.get("stale"), Some(&60));
    assert_eq!(observations.wrong.get("early"), Some(&60));
    assert_eq!(observations.wrong_count(), 120);
    assert_eq!(observations.false_rows.len(), 20);
    assert_eq!(observations.false_rows.iter().map(|row| row.more).sum::<u64>(), 100);
    assert_eq!(observations.untold, 0);
}

/// Draws numbers, the same ones on every machine.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A synthetic world, and what its engine says over time: of each widget what it shows from when on.
struct Recorded {
    folder: PathBuf,
    scenario: String,
    names: Vec<String>,
    timelines: Vec<Vec<(i64, &'static str, &'static str, &'static str)>>,
    from: i64,
    to: i64,
}

impl Recorded {
    fn new(seed: u64) -> Self {
        let knobs = Knobs {
            seed,
            properties: 4,
            agents: 6,
            days: 2,
            devices: 3,
            scheduled: 70,
            odd_hours: 40,
            more_widgets: 40,
            flakiness: 200,
            anomalies: 30,
            ..Knobs::default()
        };
        let folder = folder(&format!("recorded-{seed}"));
        let population = Population::new(knobs, &ZONES).expect("knobs in their ranges");
        let mut world = Vec::new();
        write_world(&population, &mut world).expect("written");
        let mut trace = Vec::new();
        write_trace(population.events(), &mut trace).expect("written");
        std::fs::write(folder.join("trace.csv"), trace).expect("written");
        let scenario = String::from_utf8(world).expect("text");
        let mut names = Vec::new();
        let mut timelines: Vec<Vec<_>> = Vec::new();
        let mut take = |row: TimelineRow, widgets: &Names<WidgetId>| {
            let TimelineRow { at, widget, answer } = row;
            if timelines.len() <= widget.index() {
                timelines.resize(widget.index() + 1, Vec::new());
                names.resize(widget.index() + 1, String::new());
            }
            names[widget.index()] = widgets.name(widget).to_owned();
            let chat = if answer.chat == Chat::Possible { "yes" } else { "no" };
            let shown = (at.as_millis(), answer.status.word(), chat, answer.reason.word());
            timelines[widget.index()].push(shown);
        };
        let options = Options { timeline: Some(&mut take), ..Options::default() };
        let path = folder.join("world.scenario");
        let stop = AtomicBool::new(false);
        let verdict = run(&path, scenario.as_bytes(), &ZONES, options, &stop);
        let span = verdict.run.expect("it was played");
        let (from, to) = (span.first.as_millis(), span.last.as_millis());
        Self { folder, scenario, names, timelines, from, to }
    }

    fn at(&self, widget: usize, at: i64) -> Option<(&'static str, &'static str, &'static str)> {
        let timeline = &self.timelines[widget];
        let after = timeline.partition_point(|(from, ..)| *from <= at);
        let (_, status, chat, reason) = *timeline.get(after.checked_sub(1)?)?;
        Some((status, chat, reason))
    }

    /// Plays the world with rows of `at,widget,status,chat,reason` beside it.
    fn judge(&self, rows: &[(i64, usize, [&str; 3])], within: i64) -> Verdict {
        let mut text = "at,widget,status,chat,reason\n".to_owned();
        for (at, widget, [status, chat, reason]) in rows {
            let at = Instant::from_millis(*at).expect("an instant");
            writeln!(text, "{at},{},{status},{chat},{reason}", self.names[*widget])
                .expect("a string");
        }
        std::fs::write(self.folder.join("seen.csv"), text).expect("written");
        let line = format!("observed \"seen.csv\" within {within}ms\n\nuntil ");
        let scenario = self.scenario.replace("until ", &line);
        let path = self.folder.join("observed.scenario");
        run(&path, scenario.as_bytes(), &ZONES, Options::default(), &AtomicBool::new(false))
    }

    /// How a row is wrong, by looking at every change of its widget.
    fn by_hand(
        &self,
        (at, widget, said): (i64, usize, [&str; 3]),
        within: i64,
    ) -> Option<&'static str> {
        let [status, chat, reason] = said;
        let timeline = &self.timelines[widget];
        let ends = timeline.iter().skip(1).map(|(from, ..)| from - 1).chain([i64::MAX]);
        let spans = timeline.iter().zip(ends).filter(|((_, s, c, r), _)| {
            *s == status && (chat.is_empty() || *c == chat) && (reason.is_empty() || *r == reason)
        });
        let distances = spans.map(|((from, ..), end)| (from - at).max(0) - (at - end).max(0));
        let nearest = distances.min_by_key(|distance| (distance.abs(), *distance));
        match nearest {
            Some(distance) if distance.abs() <= within => None,
            Some(distance) if distance < 0 => Some("stale"),
            Some(_) => Some("early"),
            None => Some("never"),
        }
    }
}

const WITHIN_MS: i64 = 2_000;

/// Truthful rows at random instants, each late or early by what is allowed at most, in the order of time.
fn truthful(
    recorded: &Recorded,
    draws: &mut Draws,
    count: usize,
) -> Vec<(i64, usize, [&'static str; 3])> {
    let mut rows = Vec::new();
    while rows.len() < count {
        let widget = draws.below(recorded.names.len() as u64) as usize;
        let changes = &recorded.timelines[widget];
        // Half of them near a change, where it matters.
        let at = match draws.below(2) {
            0 => recorded.from + draws.below((recorded.to - recorded.from) as u64) as i64,
            _ => {
                changes[draws.below(changes.len() as u64) as usize].0 + draws.below(5_000) as i64
                    - 2_500
            }
        };
        let jitter = draws.below(2 * WITHIN_MS as u64 + 1) as i64 - WITHIN_MS;
        if at + jitter < recorded.from || at < recorded.from || at > recorded.to {
            continue;
        }
        let Some((status, chat, reason)) = recorded.at(widget, at) else { continue };
        let is_seen = draws.below(3);
        rows.push((
            at + jitter,
            widget,
            [status, if is_seen > 0 { chat } else { "" }, if is_seen > 1 { reason } else { "" }],
        ));
    }
    rows.sort_by_key(|(at, ..)| *at);
    rows
}

#[test]
fn a_truthful_recording_of_a_generated_day_has_no_wrong_row() {
    for seed in 1..=6 {
        let recorded = Recorded::new(seed);
        let rows = truthful(&recorded, &mut Draws(seed), 3_000);
        let verdict = recorded.judge(&rows, WITHIN_MS);
        assert!(verdict.trace_diagnostics.is_empty(), "{:?}", verdict.trace_diagnostics);
        assert_eq!(verdict.observations.rows, 3_000);
        let wrong = verdict.observations.false_rows.first();
        assert_eq!(verdict.outcome(), Outcome::Passed, "seed {seed}: {wrong:?}");
    }
}

/// A service's fault as it shows in a recording: what it says of a widget at an instant.
type Fault = fn(&Recorded, &mut Draws, i64, usize) -> Option<[&'static str; 3]>;

fn told(recorded: &Recorded, widget: usize, at: i64) -> Option<[&'static str; 3]> {
    recorded.at(widget, at).map(|(status, chat, reason)| [status, chat, reason])
}

/// The faults of a load test's proxy that show in answers, as they come into a recording.
const FAULTS: &[(&str, Fault)] = &[
    ("edge-late", |recorded, _, at, widget| told(recorded, widget, at - 5_000)),
    ("edge-early", |recorded, _, at, widget| told(recorded, widget, at + 5_000)),
    ("stale-cache", |recorded, draws, at, widget| match draws.below(20) {
        0 => told(recorded, widget, at - 60_000),
        _ => told(recorded, widget, at),
    }),
    ("lost-push", |recorded, _, at, widget| {
        // It stands still for a quarter of an hour in each hour.
        let hour = at.rem_euclid(3_600_000);
        told(recorded, widget, if hour < 900_000 { at - hour } else { at })
    }),
    ("other-property", |recorded, draws, at, widget| match draws.below(20) {
        0 => told(recorded, (widget + 1) % recorded.names.len(), at),
        _ => told(recorded, widget, at),
    }),
    ("grace-never-ends", |recorded, _, at, widget| {
        told(recorded, widget, at).map(|[status, chat, reason]| match reason {
            "nobody-present" => ["online", "yes", "agent-online"],
            _ => [status, chat, reason],
        })
    }),
    ("invisible-as-away", |recorded, draws, at, widget| {
        let [status, chat, reason] = told(recorded, widget, at)?;
        Some(match (reason, draws.below(10)) {
            ("nobody-present", 0) => ["away", "yes", "agent-away"],
            _ => [status, chat, reason],
        })
    }),
    ("chat-with-nobody", |recorded, _, at, widget| {
        let [status, chat, reason] = told(recorded, widget, at)?;
        Some([status, if reason == "scheduler-open" { "yes" } else { chat }, reason])
    }),
    ("lost-status", |recorded, _, at, widget| {
        told(recorded, widget, at).map(|[status, chat, reason]| match status {
            "away" => ["online", "yes", "agent-online"],
            _ => [status, chat, reason],
        })
    }),
];

#[test]
fn the_faults_of_a_service_that_show_in_answers_are_found_row_by_row_and_nothing_else() {
    for (place, (fault, says)) in FAULTS.iter().enumerate() {
        let mut wrong = 0;
        for seed in 1..=3 {
            let recorded = Recorded::new(10 * (place as u64 + 1) + seed);
            let mut draws = Draws(seed);
            let rows = truthful(&recorded, &mut draws, 1_500);
            let rows = rows.into_iter().filter_map(|(at, widget, _)| {
                says(&recorded, &mut draws, at, widget).map(|said| (at, widget, said))
            });
            let rows: Vec<_> = rows.collect();
            let verdict = recorded.judge(&rows, WITHIN_MS);
            assert!(verdict.trace_diagnostics.is_empty(), "{:?}", verdict.trace_diagnostics);
            let counts = &verdict.observations.wrong;
            // Behind the run's end the clock goes on, which the timeline does not tell: there, what is early
            // by hand may never be.
            let by_hand: Vec<_> =
                rows.iter().map(|row| recorded.by_hand(*row, WITHIN_MS)).collect();
            let expected = by_hand.iter().flatten().count() as u64;
            assert_eq!(verdict.observations.wrong_count(), expected, "{fault}, seed {seed}");
            let stale = by_hand.iter().flatten().filter(|way| **way == "stale").count() as u64;
            let found = counts.get("stale").copied().unwrap_or(0);
            assert!(found <= stale, "{fault}, seed {seed}: {found} stale, {stale} by hand");
            assert!(found + 20 >= stale, "{fault}, seed {seed}: {found} stale, {stale} by hand");
            wrong += expected;
        }
        assert!(wrong > 0, "{fault} shows nowhere");
    }
}
