//! Long traces: what is read many rows at a time comes out as if read one by one, nothing grows with
//! the rows, and the timeline goes out while the run goes on.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use lamplighter::report::timeline::Csv;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Anomalies, Options, Totals, Verdict, run};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

const HEADER: &str = "at,agent,device,action\n";

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lamplighter-traces-{}-{count}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).expect("a scratch folder");
        for (name, text) in files {
            std::fs::write(folder.0.join(name), text).expect("a scratch file");
        }
        folder
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("a scratch folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the scenario `world.scenario` of a folder; the verdict and the timeline as CSV.
fn played(folder: &Folder, stop: &AtomicBool) -> (Verdict, String) {
    let path = folder.0.join("world.scenario");
    let bytes = std::fs::read(&path).expect("a scenario");
    let mut csv = Csv::new(Vec::new()).expect("a vector takes everything");
    let mut collected = String::from("at,widget,status,chat,reason\n");
    let mut sink = |row: lamplighter_core::world::TimelineRow,
                    widgets: &lamplighter_core::model::Names<_>| {
        csv.row(row, widgets).expect("a vector takes everything");
        let (answer, name) = (row.answer, widgets.name(row.widget));
        let chat =
            if answer.chat == lamplighter_core::model::Chat::Possible { "yes" } else { "no" };
        let (status, reason) = (answer.status.word(), answer.reason.word());
        writeln!(collected, "{},{name},{status},{chat},{reason}", row.at).expect("a string");
    };
    let verdict = run(
        &path,
        &bytes,
        &ZONES,
        Options { timeline: Some(&mut sink), ..Options::default() },
        stop,
    );
    let streamed = String::from_utf8(csv.into_inner()).expect("UTF-8");
    assert_eq!(streamed, collected);
    (verdict, streamed)
}

fn play(folder: &Folder) -> (Verdict, String) {
    played(folder, &AtomicBool::new(false))
}

/// Rows of a busy day, several at most instants, long names and short ones, by two hands in turns.
fn busy(count: usize) -> Vec<(usize, String)> {
    let action = |step: usize| match step % 7 {
        0 | 3 => "login",
        1 => "away",
        2 => "disconnect",
        4 => "logout",
        5 => "invisible",
        _ => "active",
    };
    let row = |index: usize| {
        let second = index / 3;
        let (minute, second) = (second / 60, second % 60);
        let agent = ["ann", "bob", "a-name-of-16-byte", "zoë"][index * 7 / 3 % 4];
        let device = ["desk", "phone", "a-device-of-another-length"][index * 5 / 2 % 3];
        let action = action(index * 11 / 5);
        let at = format!("2026-03-09T{:02}:{:02}:{second:02}Z", 9 + minute / 60, minute % 60);
        (index * 13 / 7 % 2, format!("{at},{agent},{device},{action}\n"))
    };
    (0..count).map(row).collect()
}

const BUSY_WORLD: &str = "scenario A busy day\n\nproperty acme\n  members ann bob a-name-of-16-byte\n\
    \nproperty beta\n  members ann zoë\n  scheduler UTC\n    daily 09:01-09:10\n";

#[test]
fn rows_come_in_order_however_many_are_read_at_a_time() {
    let steps = "\nat 2026-03-09 09:05\n  ann logs in on desk\n  expect ann online\n";
    let rows = busy(3_000);
    // The lines of the file at one instant come first, then the rows: as if they stood before.
    let mut one = String::from(HEADER);
    let mut step = Some("2026-03-09T09:05:00Z,ann,desk,login\n");
    for (_, row) in &rows {
        if row.as_str() >= "2026-03-09T09:05:00Z" {
            one.extend(step.take());
        }
        one.push_str(row);
    }
    let whole = Folder::new(&[
        ("world.scenario", &format!("{BUSY_WORLD}\nreplay \"all.csv\"\n")),
        ("all.csv", &one),
    ]);
    // The same rows by two hands: at one instant those of the first come first.
    let hand = |which: usize| {
        let rows = rows.iter().filter(|(hand, _)| *hand == which).map(|(_, row)| row.as_str());
        HEADER.to_owned() + &rows.collect::<String>()
    };
    let mut sorted: Vec<&(usize, String)> = rows.iter().collect();
    sorted.sort_by_key(|(hand, row)| (row[..20].to_owned(), *hand));
    let mut merged = String::from(HEADER);
    let mut step = Some("2026-03-09T09:05:00Z,ann,desk,login\n");
    for (_, row) in sorted {
        if row.as_str() >= "2026-03-09T09:05:00Z" {
            merged.extend(step.take());
        }
        merged.push_str(row);
    }
    let split = Folder::new(&[
        (
            "world.scenario",
            &format!("{BUSY_WORLD}{steps}\nreplay \"first.csv\"\nreplay \"second.csv\"\n"),
        ),
        ("first.csv", &hand(0)),
        ("second.csv", &hand(1)),
    ]);
    let merged = Folder::new(&[
        ("world.scenario", &format!("{BUSY_WORLD}\nreplay \"all.csv\"\n")),
        ("all.csv", &merged),
    ]);
    let quoted_text = one.replace(",login\n", ",\"login\"\n");
    let quoted = Folder::new(&[
        ("world.scenario", &format!("{BUSY_WORLD}\nreplay \"all.csv\"\n")),
        ("all.csv", &quoted_text),
    ]);
    let same = |a: &Folder, b: &Folder| {
        let ((a, a_rows), (b, b_rows)) = (play(a), play(b));
        assert!(
            a.diagnostics.is_empty() && a.trace_diagnostics.is_empty(),
            "{:?}",
            a.trace_diagnostics
        );
        assert_eq!(a_rows, b_rows);
        assert!(a_rows.lines().count() > 100, "nothing has happened");
        assert_eq!((a.counts.events, a.anomalies.count), (b.counts.events, b.anomalies.count));
        assert!(a.anomalies.count > 0);
        assert_eq!(a.run, b.run);
    };
    same(&split, &merged);
    same(&whole, &quoted);
    assert_eq!(play(&split).0.failures, []);
}

#[test]
fn of_many_rows_that_cannot_happen_the_first_are_kept_and_all_are_counted() {
    let row = "2026-03-09T09:00:00Z,ann,desk,away\r\n";
    let trace = HEADER.to_owned() + &row.repeat(1_500);
    let world = "scenario Nobody logs in\n\nproperty acme\n  members ann\n\nreplay \"all.csv\"\n";
    let (verdict, _) = play(&Folder::new(&[("world.scenario", world), ("all.csv", &trace)]));
    assert_eq!(verdict.anomalies.count, 1_500);
    let lines: Vec<u64> = verdict.anomalies.first.iter().map(|anomaly| anomaly.line).collect();
    assert_eq!(lines, (2..2 + Anomalies::KEPT_MAX as u64).collect::<Vec<u64>>());
    assert_eq!((verdict.counts.events, verdict.counts.trace_rows), (0, 1_500));
    let mut text = Vec::new();
    lamplighter::report::text::verdict(&mut text, &verdict).expect("a vector takes everything");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.contains("1,500 rows of the traces cannot happen"), "{text}");
    assert!(text.ends_with("     at the end: 0 widgets online, 0 away, 1 offline\n"), "{text}");
}

#[test]
fn at_the_end_every_widget_is_counted_once() {
    let mut world = String::from("scenario A fleet\n");
    let mut trace = String::from(HEADER);
    for index in 0..130 {
        writeln!(world, "property p{index}\n  members a{index}").expect("a string");
        if index % 2 == 0 {
            let row = "2026-03-09T09:00:00Z";
            writeln!(trace, "{row},a{index},desk,login").expect("a string");
            if index % 10 == 0 {
                writeln!(trace, "{row},a{index},,away").expect("a string");
            }
        }
    }
    world.push_str("replay \"all.csv\"\n");
    let (verdict, _) = play(&Folder::new(&[("world.scenario", &world), ("all.csv", &trace)]));
    let totals = verdict.run.map(|run| run.totals);
    assert_eq!(totals, Some(Totals { online: 52, away: 13, offline: 65 }));
}

#[test]
fn faults_of_a_trace_come_in_the_order_of_its_lines() {
    let mut trace = String::from(HEADER);
    for index in 0..600 {
        let agent =
            ["ann", "eve", " a"][usize::from(index % 100 == 99) + usize::from(index == 299)];
        writeln!(trace, "2026-03-09T09:00:00Z,{agent},desk,login").expect("a string");
    }
    let world = "scenario Strangers\n\nproperty acme\n  members ann\n\nreplay \"all.csv\"\n";
    let (verdict, rows) = play(&Folder::new(&[("world.scenario", world), ("all.csv", &trace)]));
    let diagnostics: Vec<(u64, &str)> = verdict
        .trace_diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.line, diagnostic.message.as_str()))
        .collect();
    let eve = "`eve` is not an agent of the scenario";
    let nobody = "` a` cannot be the name of an agent";
    assert_eq!(
        diagnostics,
        [(101, eve), (201, eve), (301, nobody), (401, eve), (501, eve), (601, eve)]
    );
    assert_eq!(rows.lines().count(), 1, "a faulty scenario has no timeline");
}

#[test]
fn a_stopped_run_ends_where_it_is() {
    let (verdict, rows) = played(
        &Folder::new(&[
            ("world.scenario", &format!("{BUSY_WORLD}\nreplay \"all.csv\"\n")),
            (
                "all.csv",
                &(HEADER.to_owned()
                    + &busy(10).into_iter().map(|(_, row)| row).collect::<String>()),
            ),
        ]),
        &AtomicBool::new(true),
    );
    assert!(verdict.stopped);
    assert!(rows.lines().count() < 10);
}

fn lamplighter(folder: &Folder, timeline: &str) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    let command = command.current_dir(&folder.0).args(["world.scenario", "--quiet", "--timeline"]);
    command.arg(timeline).output().expect("it runs").status.code()
}

#[test]
fn a_timeline_file_is_there_whole_or_not_at_all() {
    let sound =
        HEADER.to_owned() + &busy(3_000).into_iter().map(|(_, row)| row).collect::<String>();
    let world = format!("{BUSY_WORLD}\nreplay \"all.csv\"\n");
    let folder = Folder::new(&[("world.scenario", &world), ("all.csv", &sound)]);
    assert_eq!(lamplighter(&folder, "out.csv"), Some(0));
    let written = std::fs::read_to_string(folder.0.join("out.csv")).expect("it was written");
    assert_eq!(written, play(&folder).1);
    assert_eq!(folder.names(), ["all.csv", "out.csv", "world.scenario"]);
    assert_eq!(lamplighter(&folder, "world.scenario/out.csv"), Some(3));

    let faulty = sound + "2026-03-09T23:00:00Z,eve,desk,login\n";
    let folder = Folder::new(&[("world.scenario", &world), ("all.csv", &faulty)]);
    assert_eq!(lamplighter(&folder, "out.csv"), Some(2));
    assert_eq!(folder.names(), ["all.csv", "world.scenario"]);
    assert!(Path::new("/dev/full").exists() || cfg!(not(target_os = "linux")));
    if Path::new("/dev/full").exists() {
        std::fs::write(folder.0.join("all.csv"), faulty.replace("eve", "ann")).expect("a file");
        assert_eq!(lamplighter(&folder, "/dev/full"), Some(3));
    }
}
