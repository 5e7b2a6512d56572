//! Tables of examples on a running service: each row is a scenario with its own verdict, as it is in process.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::{KEY, Running, limits, start_with};
use lamplighter_service::Clock;

/// Of its rows the second is false; the world is that of a file beside it.
const ROWS: &str = "\
scenario At {at} the shop is {status}
tags     {tag}
examples
  | at    | status  | tag   |
  | 08:59 | offline | early |
  | 09:00 | away    | late  |
  | 09:01 | online  | late  |
include \"acme.world\"
at 2026-03-09 08:00
  ann logs in on laptop
at {at}
  expect acme {status}
  expect ann online
";

const WORLD: &str = "\
property acme
  members ann
  scheduler Europe/London
    mon-fri 09:00-17:00
";

/// A folder with the scenario, and a service that nobody has asked anything yet.
fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("rows.scenario", ROWS), ("acme.world", WORLD), ("key", KEY)] {
        std::fs::write(folder.path().join(name), text).expect("writes");
    }
    let clock = Clock::manual("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits());
    (folder, service)
}

/// What a command prints about scenarios, line by line, and how it ends.
fn run(folder: &Path, arguments: &[&str], stdin: Option<&str>) -> (Vec<String>, Option<i32>) {
    let stdin = stdin.map(|name| std::fs::File::open(folder.join(name)).expect("a file"));
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .current_dir(folder)
        .arg("scenario")
        .args(arguments)
        .stdin(stdin.map_or(Stdio::null(), Stdio::from))
        .output()
        .expect("the program");
    let printed = [ran.stdout, ran.stderr].concat();
    let lines = String::from_utf8(printed).expect("UTF-8").lines().map(str::to_owned).collect();
    (lines, ran.status.code())
}

/// The verdicts alone.
fn verdicts(lines: &[String]) -> Vec<&str> {
    let is_verdict = |line: &&str| ["ok ", "FAIL ", "BAD "].iter().any(|how| line.starts_with(how));
    lines.iter().map(String::as_str).filter(is_verdict).collect()
}

#[test]
fn each_row_has_its_own_verdict_on_a_service() {
    for target in [&[][..], &["--target", "reference"]] {
        let (folder, service) = start();
        let host = format!("http://{}", service.address);
        let service = [&["--host", &host, "--admin-key-file", "key"], target].concat();
        let there = |paths: &[&str]| run(folder.path(), &[paths, &service].concat(), None);
        // One of them alone, which is the earliest: the service's clock goes forward only.
        let (lines, code) = there(&["rows.scenario:5"]);
        assert_eq!(verdicts(&lines), ["ok   rows.scenario:5  At 08:59 the shop is offline"]);
        assert_eq!(code, Some(0), "{lines:#?}");

        let (folder, service) = start();
        let host = format!("http://{}", service.address);
        let service = [&["--host", &host, "--admin-key-file", "key"], target].concat();
        let (lines, code) = run(folder.path(), &[&["rows.scenario"], &service[..]].concat(), None);
        assert_eq!(
            verdicts(&lines),
            [
                "ok   rows.scenario:5  At 08:59 the shop is offline",
                "FAIL rows.scenario:6  At 09:00 the shop is away",
                "ok   rows.scenario:7  At 09:01 the shop is online",
            ]
        );
        assert_eq!(code, Some(1), "{lines:#?}");
        for line in
            ["   = row 6: at 09:00, status away, tag late", "3 scenarios: 2 passed, 1 failed"]
        {
            assert!(lines.iter().any(|one| one.starts_with(line)), "{line}: {lines:#?}");
        }
    }
}

#[test]
fn rows_are_chosen_on_a_service_and_what_names_none_is_told() {
    let (folder, service) = start();
    let host = format!("http://{}", service.address);
    let service = ["--host", &host, "--admin-key-file", "key"];
    let choice = ["rows.scenario", "rows.scenario:8", "--tag", "early"];
    let (lines, code) = run(folder.path(), &[&choice, &service[..]].concat(), None);
    let shown = [
        "ok   rows.scenario:5  At 08:59 the shop is offline",
        "BAD  rows.scenario  At 08:59 the shop is offline  (1 error)",
    ];
    assert_eq!(verdicts(&lines), shown);
    assert_eq!(code, Some(2), "{lines:#?}");
    let refused = "error: line 8 is no row of a table of examples";
    assert!(lines.iter().any(|line| line == refused), "{lines:#?}");
}

#[test]
fn rows_that_come_by_standard_input_have_their_verdicts_too() {
    let (folder, service) = start();
    let host = format!("http://{}", service.address);
    let service = ["--host", &host, "--admin-key-file", "key"];
    let there = [&["-"], &service[..]].concat();
    let (lines, code) = run(folder.path(), &there, Some("rows.scenario"));
    let (in_process, code_in_process) = run(folder.path(), &["-"], Some("rows.scenario"));
    assert_eq!(verdicts(&lines).len(), 3, "{lines:#?}");
    assert_eq!(verdicts(&lines), verdicts(&in_process));
    assert_eq!((code, code_in_process), (Some(1), Some(1)));
}
