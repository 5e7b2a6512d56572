//! Services within TLS, as staging services are.

use std::path::Path;
use std::process::{Command, Output};

use crate::certificates::Certified;
use crate::client::{KEY, Running, config, start, start_as};
use lamplighter_core::model::Instant;
use lamplighter_load::result::LoadResult;
use lamplighter_service::{Clock, Config};

/// A service that is `localhost` by the word of an authority.
struct Secured {
    service: Running,
    authority: String,
}

impl Secured {
    fn start(folder: &Path, clock: Clock) -> Self {
        Self::start_with(&Certified::write(folder), folder, clock)
    }

    fn start_with(certified: &Certified, folder: &Path, clock: Clock) -> Self {
        let tls = Some(certified.tls());
        let service = start_as(Config { clock, tls, ..config(folder) });
        Self { service, authority: certified.authority.clone() }
    }

    /// Runs the program in a folder with the key and the authority's certificate.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
        std::fs::write(folder.join("key"), KEY).expect("is written");
        std::fs::write(folder.join("authority.pem"), &self.authority).expect("is written");
        Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(arguments)
            .args(["--admin-key-file", "key"])
            .current_dir(folder)
            .output()
            .expect("the program starts")
    }

    fn host(&self, scheme: &str, name: &str) -> String {
        format!("--host={scheme}://{name}:{}", self.service.address.port())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const ONE_DAY: &str = "\
scenario Ann's day
grace 10m
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online
at +1m
  ann loses connection on laptop
  expect acme online until 09:11
at 09:11
  expect acme offline because nobody-present
";

#[test]
fn a_load_test_by_tls_judges_agents_visitors_streams_and_sockets() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::system());
    let host = target.host("https", "localhost");
    let small = ["--duration", "6s", "--properties", "8", "--visitors", "60/s", "--streams", "10"];
    let further = ["--slow-readers", "20", "--pace", "1s", "--within", "2s", "--messages", "50"];
    let reached = ["load", &host, "--ca-file", "authority.pem"];
    let out = target.run(folder.path(), &[&reached[..], &small, &further].concat());
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    let json = std::fs::read(folder.path().join("reports/load.json")).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");
    assert!(result.about.target.starts_with("https://localhost:"), "{}", result.about.target);
    let judged = &result.judged;
    assert_eq!(judged.wrong_count(), 0);
    assert!(judged.reads > 200 && judged.teams > 2 && judged.pushes > 10, "{judged:?}");
    for operation in ["widget", "message", "events", "login", "status", "connect"] {
        assert!(result.operations[operation].ok > 0, "{operation}");
    }
}

#[test]
fn scenarios_are_played_by_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::manual(Instant::MIN));
    std::fs::write(folder.path().join("day.scenario"), ONE_DAY).expect("is written");
    let host = target.host("https", "localhost");
    let arguments = ["scenario", "day.scenario", &host, "--ca-file", "authority.pem"];
    let out = target.run(folder.path(), &arguments);
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    assert!(text(&out.stdout).contains("3 expectations"), "{}", text(&out.stdout));
}

#[test]
fn who_does_not_show_to_be_who_it_says_is_told_before_anything_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Secured::start(folder.path(), Clock::system());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = Certified::write(elsewhere.path()).authority;
    std::fs::write(folder.path().join("other.pem"), other).expect("is written");
    let without_tls = start(elsewhere.path());
    std::fs::write(folder.path().join("day.scenario"), ONE_DAY).expect("is written");
    let by_name = target.host("https", "localhost");
    let by_number = target.host("https", "127.0.0.1");
    let plain = format!("--host=https://{}", without_tls.address);
    let cases = [
        (&by_name, "other.pem", "cannot trust https://localhost:", "--ca-file FILE names"),
        (&by_number, "authority.pem", "cannot trust https://127.0.0.1:", "--ca-file FILE names"),
        (&plain, "authority.pem", "no secure connection to https://", "does it speak TLS"),
    ];
    for (host, trusted, why, hint) in cases {
        for command in [&["load"][..], &["scenario", "day.scenario"]] {
            let arguments = [command, &[host, "--ca-file", trusted]].concat();
            let out = target.run(folder.path(), &arguments);
            let said = text(&out.stderr);
            assert_eq!(out.status.code(), Some(3), "{arguments:?}: {said}");
            assert!(said.contains(why) && said.contains(hint), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn an_authority_that_shows_its_own_certificate_is_told_as_that_and_what_to_do() {
    for is_ca in [true, false] {
        let folder = tempfile::tempdir().expect("a folder");
        let certified = Certified::write_self_signed(folder.path(), is_ca);
        let clock = Clock::manual(Instant::MIN);
        let target = Secured::start_with(&certified, folder.path(), clock);
        std::fs::write(folder.path().join("day.scenario"), ONE_DAY).expect("is written");
        let host = target.host("https", "localhost");
        let played = ["scenario", "day.scenario", &host, "--ca-file", "authority.pem"];
        let out = target.run(folder.path(), &played);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(if is_ca { 3 } else { 0 }), "{said}");
        assert_eq!(said.contains("is an authority's own (`CA:TRUE`)"), is_ca, "{said}");
        assert_eq!(said.contains("basicConstraints=critical,CA:FALSE"), is_ca, "{said}");
    }
}
