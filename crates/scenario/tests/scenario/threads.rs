//! Worlds whose traces are read by several threads come out as by one alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Names, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_scenario::language::plan::plan;
use lamplighter_scenario::language::{Roster, parse};
use lamplighter_scenario::play::{Options, Prepared, Reading, play, replay};
use lamplighter_scenario::synth::random::RandomStream;
use lamplighter_scenario::synth::{Knobs, Population, write_trace, write_world};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

const WORLDS: u64 = 200;
const THREADS_MAX: usize = 8;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What rows of traces are besides those that are generated.
const STRANGE: [&str; 12] = [
    "nobody-here,laptop,login",
    "nobody-here,laptop,logout",
    "a b,laptop,login",
    " a,laptop,login",
    "a-name-that-is-longer-than-most,laptop,login",
    "\"a\",laptop,login",
    "a\",laptop,login",
    "a,laptop",
    "a,laptop,dancing",
    "a,,login",
    "a,a-device-nobody-has-named-so-far,login",
    "\u{feff}a,laptop,login",
];

/// A generated world and its trace, which is harmed in some of them.
fn world(seed: u64) -> (String, Vec<u8>) {
    let mut draw = RandomStream::fork(seed, b"threads_", 0, 0);
    let knobs = Knobs {
        seed,
        properties: 3 + draw.below(4),
        days: 2,
        devices: 1 + draw.below(4),
        shared_agents: 40,
        flakiness: 200,
        anomalies: 30 * draw.below(2),
        ..Knobs::default()
    };
    let population = Population::new(knobs, &ZONES).expect("knobs in their ranges");
    let (mut scenario, mut trace) = (Vec::new(), Vec::new());
    write_world(&population, &mut scenario).expect("written");
    write_trace(population.events(), &mut trace).expect("written");
    let mut scenario = String::from_utf8(scenario).expect("text");
    let trace = String::from_utf8(trace).expect("text");
    let mut lines: Vec<String> = trace.lines().map(str::to_owned).collect();
    let name = lines[1].split(',').nth(1).expect("an agent").to_owned();
    let harms = if seed.is_multiple_of(2) { 0 } else { draw.below(4) };
    for _ in 0..harms {
        let place = 1 + draw.below(lines.len() as u32 - 1) as usize;
        let at = lines[place].split(',').next().expect("an instant").to_owned();
        let strange = STRANGE[draw.below(STRANGE.len() as u32) as usize];
        // Most are about somebody who is there.
        let strange = match strange.strip_prefix("a,") {
            Some(rest) => format!("{name},{rest}"),
            None => strange.to_owned(),
        };
        lines.insert(place, format!("{at},{strange}"));
    }
    if seed % 14 == 1 {
        let place = 1 + draw.below(lines.len() as u32 - 2) as usize;
        lines.swap(place, place + 1);
    }
    // What is false says what of its instant is still to come.
    if seed.is_multiple_of(3) {
        let mut instants: Vec<String> = (0..3)
            .map(|_| &lines[1 + draw.below(lines.len() as u32 - 1) as usize][..19])
            .map(|at| at.replace('T', " "))
            .collect();
        instants.sort();
        instants.dedup();
        let (before, until) = scenario.split_once("until ").expect("a generated world has an end");
        let mut steps = String::new();
        for at in instants {
            write!(steps, "at {at}\n  expect {name} online\n  expect {name} offline\n")
                .expect("a string");
        }
        scenario = format!("{before}{steps}until {until}");
    }
    let end = ["\n", "\r\n", "\n\n"][draw.below(3) as usize];
    let mut bytes = lines.join(end).into_bytes();
    if seed.is_multiple_of(5) {
        bytes.extend(end.as_bytes());
    }
    if seed % 22 == 3 {
        let place = draw.below(bytes.len() as u32) as usize;
        bytes[place] = 0xff;
    }
    (scenario, bytes)
}

/// Everything that comes of a run.
fn played(path: &Path, prepared: &Prepared, reading: Reading) -> (String, String) {
    let mut timeline = String::new();
    let mut take = |row: TimelineRow, widgets: &Names<WidgetId>| {
        writeln!(timeline, "{} {} {:?}", row.at, widgets.name(row.widget), row.answer)
            .expect("a string");
    };
    let options = Options {
        timeline: Some(&mut take),
        picture: prepared.plan.steps.len() > 1,
        reading,
        ..Options::default()
    };
    let verdict = play(prepared.clone(), &ZONES, options, &AtomicBool::new(false));
    assert_eq!(verdict.file.path, path);
    (timeline, format!("{verdict:#?}"))
}

#[test]
fn worlds_come_out_the_same_by_any_number_of_threads() {
    let (mut sound, mut faulty, mut false_ones) = (0, 0, 0);
    for seed in 0..WORLDS {
        let (scenario, trace) = world(seed);
        let folder = folder(&format!("threads-{}", seed % 10));
        std::fs::write(folder.join("trace.csv"), &trace).expect("written");
        let path = folder.join("world.scenario");
        let prepared = Prepared::new(&path, scenario.as_bytes(), &ZONES);
        let piece_bytes = [200, 500, 900][seed as usize % 3];
        assert!(trace.len() > 10 * piece_bytes, "{} bytes are too few", trace.len());
        let alone = played(&path, &prepared, Reading { threads: 1, piece_bytes });
        for threads in 2..=THREADS_MAX {
            let several = played(&path, &prepared, Reading { threads, piece_bytes });
            assert!(alone == several, "world {seed} by {threads} threads");
        }
        let options = Options::default();
        let verdict = play(prepared, &ZONES, options, &AtomicBool::new(false));
        sound += usize::from(verdict.trace_diagnostics.is_empty() && !alone.0.is_empty());
        faulty += usize::from(!verdict.trace_diagnostics.is_empty());
        false_ones += usize::from(!verdict.failures.is_empty());
    }
    assert!(sound > 80 && faulty > 30 && false_ones > 10, "{sound}, {faulty}, {false_ones}");
}

#[test]
fn a_trace_alone_comes_to_the_same_world_by_any_number_of_threads() {
    let (scenario, trace) = world(2);
    let folder = folder("threads-alone");
    let path = folder.join("trace.csv");
    std::fs::write(&path, trace).expect("written");
    let mut diagnostics = Vec::new();
    let document = parse(scenario.as_bytes()).document;
    let plan = plan(&document, &ZONES, &|_| Err(String::new()), &mut diagnostics);
    let all = |threads: usize| {
        let start = Knobs::default().start;
        let world = plan.world.clone().build(start, Arc::clone(&ZONES));
        let (mut world, mut roster): (_, Roster) =
            (world.expect("known zones"), plan.roster.clone());
        let mut changes = Vec::new();
        let reading = Reading { threads, piece_bytes: 500 };
        let take = &mut |change| changes.push(change);
        let replayed = replay(&path, &mut roster, &mut world, reading, take).expect("the trace");
        assert!(replayed.events > 100);
        (replayed, changes)
    };
    let alone = all(1);
    for threads in 2..=THREADS_MAX {
        assert!(alone == all(threads), "{threads} threads");
    }
}
