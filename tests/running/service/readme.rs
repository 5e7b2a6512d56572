//! The sessions with the service that the README and the page about its API show.

use std::process::Command;

use crate::client::{KEY, limits, start_with};
use lamplighter_service::Clock;

const README: &str = include_str!("../../../README.md");
const API: &str = include_str!("../../../docs/http-api.md");

/// The commands of a page's session, each with what it prints.
fn session(page: &str) -> Vec<(String, String)> {
    let (_, rest) = page.split_once("```text\n$ lamplighter serve ").expect("the session");
    let (session, _) = rest.split_once("```").expect("its end");
    let steps = session.split("\n$ ").skip(1);
    steps
        .map(|step| {
            // What is printed is JSON or a part of it; a command goes on until it is whole.
            let end = step.find("\n{").or_else(|| step.find("\n\"")).expect("an output");
            (step[..end].to_owned(), step[end + 1..].trim_end().to_owned())
        })
        .collect()
}

/// Plays a session on a service of its own.
fn play(steps: Vec<(String, String)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::manual("2026-03-09T12:55:00Z".parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits());
    for (command, printed) in steps {
        let silent = command.replacen("curl", "curl --silent", 1);
        let ran = Command::new("sh")
            .args(["-c", &silent])
            .env("HOST", format!("http://{}", service.address))
            .env("KEY", KEY)
            .output()
            .expect("a shell");
        let out = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(out.trim_end(), printed, "{command}");
    }
}

#[test]
fn the_sessions_of_the_pages_go_as_they_say() {
    for (page, steps) in [(README, 3), (API, 7)] {
        let session = session(page);
        assert_eq!(session.len(), steps);
        play(session);
    }
}

#[test]
fn scenarios_are_played_on_a_service_as_the_readme_says() {
    let (_, rest) = README
        .split_once("$ lamplighter scenario scenarios/content --host $HOST")
        .expect("the command");
    let (command, printed) = rest.split_once('\n').expect("an output");
    let (printed, _) = printed.split_once("```").expect("its end");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("key"), KEY).expect("writes");
    let clock = Clock::manual("0001-01-01T00:00:00Z".parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits());
    let command = command.replace("file key", "file $FOLDER/key");
    let ran = Command::new("sh")
        .args(["-c", &format!("$PROGRAM scenario scenarios/content --host $HOST {command}")])
        .env("PROGRAM", env!("CARGO_BIN_EXE_lamplighter"))
        .env("HOST", format!("http://{}", service.address))
        .env("FOLDER", folder.path())
        .output()
        .expect("a shell");
    let out = String::from_utf8_lossy(&ran.stdout);
    let (counts, took) = out.trim_end().rsplit_once(" in ").expect("how long it took");
    assert!(took.ends_with(" s"), "{took}");
    assert_eq!(format!("{counts} in [..] s"), printed.trim_end());
}
