//! The session with the service that the README shows.

use std::process::Command;

use crate::client::{KEY, limits, start_with};
use lamplighter_service::Clock;

/// The commands of the session, each with what it prints.
fn session() -> Vec<(String, String)> {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```text\n$ lamplighter serve ").expect("the session");
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

#[test]
fn the_session_of_the_readme_goes_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::manual("2026-03-09T12:55:00Z".parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits());
    let steps = session();
    assert_eq!(steps.len(), 7);
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
fn scenarios_are_played_on_a_service_as_the_readme_says() {
    let (_, rest) = include_str!("../../../README.md")
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
