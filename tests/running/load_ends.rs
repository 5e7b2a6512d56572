//! How a load test ends when something goes wrong: the target, the generator, or the disk. There is a
//! report, it blames who failed, and the exit code is that of the page about load tests.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use lamplighter_load::result::LoadResult;
use rustix::process::Signal;

use crate::client::KEY;
use crate::load_metrics::read_metrics;
use crate::processes::{Process, serve, until, worst_wakeup_us};

/// The longest that a run of [`SHORT`] may last, its beginning and its end included; a machine that
/// runs other tests, too, takes its time for the former.
const PATIENCE: Duration = Duration::from_secs(120);
/// What comes behind the end of a run may take ten seconds and the promise, and the machine a while.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// Of a run that is let go on to its end,
const SHORT: &str = "8s";
/// and of one that is ended before.
const LONG: &str = "60s";

const SMALL: [&str; 14] = [
    "--properties",
    "8",
    "--agents",
    "3",
    "--visitors",
    "60/s",
    "--streams",
    "8",
    "--pace",
    "2s",
    // More than a busy machine keeps the target from its work for.
    "--within",
    "4s",
    "--messages",
    "100",
];

/// Starts a load test whose output goes to files; in a group of processes of its own.
fn load(folder: &Path, duration: &str, arguments: &[&str]) -> Process {
    worst_wakeup_us();
    use std::os::unix::process::CommandExt;
    let file = |name: &str| std::fs::File::create(folder.join(name)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command
        .args(["load", "--duration", duration])
        .args(SMALL)
        .args(arguments)
        .current_dir(folder)
        .process_group(0);
    command.env("LAMPLIGHTER_ADMIN_KEY", KEY).env("COLUMNS", "200").stdin(Stdio::null());
    command.stdout(file("out")).stderr(file("err"));
    Process(command.spawn().expect("the program starts"))
}

fn said(folder: &Path) -> String {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("UTF-8");
    format!("{}{}", read("out"), read("err"))
}

fn result(folder: &Path) -> LoadResult {
    let json = std::fs::read(folder.join("reports/load.json"));
    let json = json.unwrap_or_else(|error| panic!("{error}: {}", said(folder)));
    serde_json::from_slice(&json).expect("is a result")
}

/// Waits until a run has a report that says how far it came: a second after it began, or later, for whoever writes
/// it gives way to all others. So runs that are ended early last for a minute.
fn until_it_is_reported(folder: &Path, load: &mut Process) {
    until_it(folder, load, || folder.join("reports/load.html").exists());
}

/// Waits until a target has answered a second's visitors.
fn until_visitors_are_answered(folder: &Path, load: &mut Process, address: &str) {
    let address = address.strip_prefix("http://").expect("http").parse().expect("an address");
    until_it(folder, load, || {
        let (_, metrics) = read_metrics(address).expect("a service that answers");
        let reads =
            metrics.lines().find_map(|line| line.strip_prefix("lamplighter_widget_reads_total "));
        reads.expect("are counted").parse::<u32>().expect("a number") >= 60
    });
}

fn until_it(folder: &Path, load: &mut Process, is_there: impl Fn() -> bool) {
    until("the run goes on", PATIENCE, || {
        let ended = load.0.try_wait().expect("a child");
        assert!(ended.is_none(), "it ended: {}", said(folder));
        is_there().then_some(())
    });
}

/// From so much on a report says that the generator fell behind.
const OWN_LATENESS_TOLD_US: u64 = 10_000;

/// What hangs on the target for three seconds is no lateness of the generator's own, which a busy
/// machine may have: as much as it has for a thread of ours, and several times that with several
/// threads that wait in turn.
fn assert_generator_is_blamed_for_itself_alone(result: &LoadResult, said: &str) {
    let own_p99_us = result.rate.generator_late.percentile(99.0);
    let machine_us = worst_wakeup_us();
    let most_us = (500_000 + 4 * machine_us).min(2_500_000);
    assert!(own_p99_us < most_us, "the machine: {machine_us} us; {said}");
    let is_blamed = said.contains("the generator fell behind: ");
    assert_eq!(is_blamed, own_p99_us > OWN_LATENESS_TOLD_US, "{said}");
}

#[test]
fn a_target_that_is_killed_fails_the_run_and_there_is_a_report_that_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (service, address) = serve(folder);
    let mut load = load(folder, SHORT, &["--host", &address]);
    until_visitors_are_answered(folder, &mut load, &address);
    drop(service);
    let status = load.ended(ENDS_WITHIN + Duration::from_secs(8));
    let said = said(folder);
    assert_eq!(status.code(), Some(1), "{said}");
    let result = result(folder);
    assert!(!result.about.interrupted && result.about.ended_early.is_none(), "{said}");
    let failed: Vec<&str> =
        result.gates.iter().filter(|gate| !gate.passed).map(|gate| &*gate.gate).collect();
    assert_eq!(failed, ["errors > 1%", "rate < 95%"], "{said}");
    let [outage] = &result.outages[..] else { panic!("{:?}: {said}", result.outages) };
    assert!(outage.to_us.is_none() && outage.failed["connection refused"] > 20, "{outage:?}");
    assert!(said.contains("no right answer came any more"), "{said}");
    assert_generator_is_blamed_for_itself_alone(&result, &said);
    let is_told = |what: &str| result.unfinished.iter().any(|line| line.contains(what));
    assert!(is_told("could not be looked for"), "{:?}", result.unfinished);
    assert!(is_told("8 properties could not be taken away"), "{:?}", result.unfinished);
    let html = std::fs::read_to_string(folder.join("reports/load.html")).expect("is written");
    assert!(html.contains("Outages of the target") && html.contains("could not be taken away"));
}

#[test]
fn a_target_that_stands_still_to_the_end_is_waited_for_no_longer_than_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (service, address) = serve(folder);
    let mut load = load(folder, SHORT, &["--host", &address]);
    until_visitors_are_answered(folder, &mut load, &address);
    service.send(Signal::STOP);
    let status = load.ended(ENDS_WITHIN + Duration::from_secs(8));
    let said = said(folder);
    assert_eq!(status.code(), Some(1), "{said}");
    let result = result(folder);
    let [outage] = &result.outages[..] else { panic!("{:?}: {said}", result.outages) };
    assert!(outage.to_us.is_none() && outage.failed_count() > 50, "{outage:?}");
    assert!(outage.failed.contains_key("unanswered at the end"), "{outage:?}");
    assert!(!result.unfinished.is_empty(), "{said}");
}

#[test]
fn a_target_that_was_away_is_told_from_when_to_when_and_what_was_true_behind_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (service, address) = serve(folder);
    let mut load = load(folder, SHORT, &["--host", &address]);
    until_visitors_are_answered(folder, &mut load, &address);
    service.send(Signal::STOP);
    // Those who are refused are many; those who wait are answered once it goes on.
    std::thread::sleep(Duration::from_secs(3));
    service.send(Signal::CONT);
    load.ended(ENDS_WITHIN + Duration::from_secs(8));
    let (result, said) = (result(folder), said(folder));
    let [outage] = &result.outages[..] else { panic!("{:?}: {said}", result.outages) };
    let lasted_us = outage.to_us.expect("it has ended") - outage.from_us;
    assert!((2_500_000..8_000_000).contains(&lasted_us), "{outage:?}");
    assert!(outage.waited > 50 && outage.after.answers > 20, "{outage:?}");
    assert_eq!(outage.after.messages_lost, 0);
    assert!(result.unfinished.is_empty(), "{:?}", result.unfinished);
    assert_generator_is_blamed_for_itself_alone(&result, &said);
}

#[test]
fn ctrl_c_ends_a_run_on_a_service_of_its_own_with_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut load = load(folder, LONG, &[]);
    until_it_is_reported(folder, &mut load);
    std::fs::remove_file(folder.join("reports/load.html")).expect("is there");
    load.send_to_group(Signal::INT);
    let status = load.ended(ENDS_WITHIN);
    let said = said(folder);
    assert_eq!(status.code(), Some(3), "{said}");
    let result = result(folder);
    assert!(result.about.interrupted && result.about.lasted_ms < 60_000, "{said}");
    assert!(result.about.ended_early.as_deref().is_some_and(|why| why.contains("Ctrl-C")));
    assert!(result.unfinished.is_empty() && result.outages.is_empty(), "{said}");
    assert!(result.goose.contains("login") && result.judged.reads > 0, "{said}");
    assert!(folder.join("reports/load.html").exists(), "{said}");
}

#[test]
fn ctrl_c_before_the_first_instant_takes_everything_away_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (_service, address) = serve(folder);
    let mut load = load(folder, SHORT, &["--host", &address, "--start-at", "2100-01-01T00:00:00Z"]);
    let client = crate::client::Client::new(
        address.strip_prefix("http://").expect("http").parse().expect("an address"),
    );
    let settings = || client.admin("GET", "/v1/settings", serde_json::Value::Null);
    let before = settings();
    let began = Instant::now();
    // The grace of the run is set with the first property.
    while settings() == before {
        assert!(began.elapsed() < PATIENCE, "{}", said(folder));
        std::thread::sleep(Duration::from_millis(5));
    }
    load.send(Signal::TERM);
    let status = load.ended(ENDS_WITHIN);
    let said = said(folder);
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("interrupted before the run began"), "{said}");
    assert!(said.contains("had been put on the target was taken away again"), "{said}");
    assert!(!folder.join("reports").exists(), "{said}");
}

#[test]
fn a_generator_that_is_killed_leaves_a_report_that_says_that_the_run_was_not_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut load = load(folder, LONG, &[]);
    until_it_is_reported(folder, &mut load);
    load.send(Signal::KILL);
    load.ended(ENDS_WITHIN);
    let result = result(folder);
    assert!(result.about.interrupted && result.judged.reads > 0, "{:?}", result.about);
    assert!(result.about.ended_early.as_deref().is_some_and(|why| why.contains("still running")));
    let run = |arguments: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
        let json = folder.join("reports/load.json");
        command.arg("load").args(arguments).arg(&json).current_dir(folder);
        command.output().expect("the program starts")
    };
    let merged = run(&["merge", "--html", "whole.html"]);
    let said = String::from_utf8_lossy(&merged.stdout).into_owned();
    assert_eq!(merged.status.code(), Some(3), "{said}");
    assert!(said.contains("it was still running when this was written"), "{said}");
    let compared = run(&["compare", "reports/load.json"]);
    let said = String::from_utf8_lossy(&compared.stdout).into_owned();
    assert!(said.contains("still running"), "{said}");
}

#[test]
fn a_report_that_cannot_be_written_keeps_no_other_from_being_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // A folder where a file is to be: the same as a full disk, for whoever may write anywhere.
    std::fs::create_dir(folder.join("taken.json")).expect("a folder");
    let files = ["--json", "taken.json", "--junit", "gates.xml", "--html", "reports/load.html"];
    let mut load = load(folder, SHORT, &files);
    let status = load.ended(PATIENCE);
    let said = said(folder);
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("error: cannot write taken.json"), "{said}");
    assert!(said.contains("no wrong answer"), "the summary is there: {said}");
    for other in ["gates.xml", "reports/load.html"] {
        let written = std::fs::read_to_string(folder.join(other)).expect(other);
        assert!(!written.contains("still running"), "{other} is of the end");
    }
}
