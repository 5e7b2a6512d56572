//! The load test as a user runs it: on a service of its own, for some seconds.

use std::process::{Command, Output};

use lamplighter_load::result::LoadResult;

fn load(arguments: &[&str], folder: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .arg("load")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SMALL: [&str; 12] = [
    "--duration",
    "8s",
    "--properties",
    "12",
    "--visitors",
    "60/s",
    "--streams",
    "20",
    "--pace",
    "2s",
    "--within",
    "2s",
];

#[test]
fn a_run_on_a_service_of_its_own_is_judged_and_finds_nothing_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    // A machine that runs other tests, too, is slow now and then: two seconds are promised.
    let out = load(&[&SMALL[..], &["--storm", "4s:50%"]].concat(), folder.path());
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    let json = std::fs::read(folder.path().join("reports/load.json")).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");
    let judged = &result.judged;
    assert_eq!(judged.wrong_count(), 0);
    assert!(judged.reads > 300 && judged.teams > 10 && judged.pushes > 20, "{judged:?}");
    assert!(result.rate.sent * 100 >= result.rate.asked * 99);
    for operation in ["widget", "events", "login", "status", "connect"] {
        assert!(result.operations[operation].ok > 0, "{operation}");
    }
    assert!(result.propagation.poll.count() > 0);
    assert!(result.goose.contains("login"), "{}", result.goose);
    let html =
        std::fs::read_to_string(folder.path().join("reports/load.html")).expect("is written");
    assert!(
        html.contains("<svg") && !html.contains("=\"http"),
        "pictures, and nothing from outside"
    );
}

#[test]
fn a_gate_that_fails_ends_with_1_and_says_what_was_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = ["--fail-if", "p50(widget) > 1us", "--json", "result.json"];
    let out = load(&[&SMALL[..], &gate].concat(), folder.path());
    assert_eq!(out.status.code(), Some(1), "{}{}", text(&out.stdout), text(&out.stderr));
    assert!(text(&out.stdout).contains("FAIL p50(widget) > 1us"), "{}", text(&out.stdout));
}

#[test]
fn what_cannot_be_reached_or_was_not_given_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = load(&["--host", "http://127.0.0.1:1"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("wants the secret `admin_key`"), "{}", text(&out.stderr));
    std::fs::write(folder.path().join("key"), "a key that is long enough").expect("writes");
    let nobody = ["--host", "http://127.0.0.1:1", "--admin-key-file", "key"];
    let out = load(&nobody, folder.path());
    assert_eq!(out.status.code(), Some(3), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("does not answer"), "{}", text(&out.stderr));
    let out = load(&["--visitors", "fast"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("write a rate as `2000/s`"), "{}", text(&out.stderr));
}

#[test]
fn the_world_of_a_scenario_is_played_and_a_faulty_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = "scenario A town\n\nproperty acme\n  members ann bob\n  scheduler UTC\n    \
                daily 00:00-24:00\n\nproperty baker\n  members bob dan\n  suspended dan\n";
    std::fs::write(folder.path().join("town.scenario"), town).expect("is written");
    let arguments = ["--world", "town.scenario", "--duration", "6s", "--visitors", "50/s"];
    let further = ["--streams", "10", "--pace", "1s", "--within", "2s"];
    let out = load(&[&arguments[..], &further].concat(), folder.path());
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    let json = std::fs::read(folder.path().join("reports/load.json")).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");
    assert_eq!((result.about.properties, result.about.widgets, result.about.agents), (2, 2, 3));
    assert!(result.about.arguments.starts_with("--world town.scenario --devices"));
    assert!(result.judged.reads > 200 && result.judged.teams > 0, "{:?}", result.judged);

    let faulty = town.replace("members ann", "memberz ann");
    std::fs::write(folder.path().join("town.scenario"), faulty).expect("is written");
    let out = load(&["--world", "town.scenario"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("did you mean `members`"), "{}", text(&out.stderr));
    let out = load(&["--world", "nowhere"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("generate --out DIR"), "{}", text(&out.stderr));
}
