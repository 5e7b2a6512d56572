//! A wrong answer from the load test that finds it to the scenario that shows it again: through a line
//! that makes `invisible` into `away` on its way to the service.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use crate::client::{KEY, limits, start_with};
use crate::common::{rendered, run_bytes};
use crate::load_metrics::{free_address, read_to_the_end};
use crate::on_target::played;
use lamplighter_core::model::Instant;
use lamplighter_load::result::{Evidence, LoadResult};
use lamplighter_scenario::play::Outcome;
use lamplighter_service::Clock;
use lamplighter_target::play::ScenarioInput;

/// Where the line to a service begins.
fn behind_a_lying_line(service: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(service) else { continue };
            for end in [&client, &server] {
                drop(end.set_nodelay(true));
            }
            let (client_too, server_too) = (client.try_clone(), server.try_clone());
            let (Ok(client_too), Ok(server_too)) = (client_too, server_too) else { continue };
            thread::spawn(move || pass(client, server, lie));
            thread::spawn(move || pass(server_too, client_too, |_| {}));
        }
    });
    address
}

fn pass(mut from: TcpStream, mut to: TcpStream, change: impl Fn(&mut [u8])) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        change(&mut bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}

/// The same length, so that nothing else changes: JSON may have blanks.
fn lie(bytes: &mut [u8]) {
    let (said, heard) = (b"\"invisible\"", b"\"away\"     ");
    while let Some(at) = bytes.windows(said.len()).position(|part| part == said) {
        bytes[at..at + said.len()].copy_from_slice(heard);
    }
}

fn lamplighter(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.args(arguments).current_dir(folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Plays a scenario on a service whose clock stands where the head of it says.
fn on_a_service(path: &Path, is_behind_the_line: bool) -> (Outcome, String) {
    let bytes = std::fs::read(path).expect("a scenario");
    let head = String::from_utf8_lossy(&bytes);
    let clock =
        head.split("--clock manual:").nth(1).and_then(|rest| rest.split_whitespace().next());
    let clock: Instant = clock.expect("a clock").parse().expect("an instant");
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), Clock::manual(clock), limits());
    let address = match is_behind_the_line {
        true => behind_a_lying_line(service.address),
        false => service.address,
    };
    let inputs = [ScenarioInput { path: PathBuf::from("wrong.scenario"), bytes }];
    let mut ended = played(&format!("http://{address}"), &inputs).expect("the service is there");
    let mut verdict = ended.remove(0).expect("it ends").expect("it can be played");
    verdict.made.clear();
    (verdict.outcome(), rendered(&verdict))
}

#[test]
fn a_fault_that_was_found_is_shown_again_where_it_is_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = tempfile::tempdir().expect("a folder");
    let service = start_with(store.path(), Clock::system(), limits());
    let host = format!("http://{}", behind_a_lying_line(service.address));
    std::fs::write(folder.path().join("key"), KEY).expect("writes");
    let run = ["load", "--host", &host, "--admin-key-file", "key", "--json", "result.json"];
    // Each works alone: who is invisible leaves nobody there.
    let small = ["--duration", "8s", "--properties", "10", "--agents", "1", "--devices", "1"];
    let often = ["--visitors", "100/s", "--pace", "1s", "--within", "2s"];
    let metrics_at = free_address();
    let metrics_address = metrics_at.to_string();
    let prometheus = ["--prometheus", &metrics_address];
    let reading = thread::spawn(move || read_to_the_end(metrics_at));
    let out = lamplighter(&[&run[..], &small, &often, &prometheus].concat(), folder.path());
    assert_eq!(out.status.code(), Some(1), "{}{}", text(&out.stdout), text(&out.stderr));
    let json = std::fs::read(folder.path().join("result.json")).expect("is written");
    let result: LoadResult = serde_json::from_slice(&json).expect("is a result");

    // The metrics name a file of each class.
    let metrics = reading.join().expect("is read");
    for (class, count) in &result.judged.wrong {
        let told =
            format!("lamplighter_load_wrong_answers_total{{class=\"{class}\"}} {count}.0 # ");
        let exemplar = metrics.lines().find_map(|line| line.strip_prefix(&told));
        let exemplar = exemplar.unwrap_or_else(|| panic!("{told}: {metrics}"));
        let file = exemplar.split('"').nth(1).expect("a file");
        assert!(folder.path().join("reports/wrong").join(file).exists(), "{exemplar}");
    }

    // All are listed, each with the number of what is told of its kind.
    let list =
        std::fs::read_to_string(folder.path().join("reports/wrong/all.csv")).expect("a list");
    assert_eq!(list.lines().count() as u64, result.judged.wrong_count() + 1);
    assert_eq!(result.judged.listed, result.judged.wrong_count());

    // Somebody was shown as away who is invisible: told of a widget, with all that went over the line.
    let evidence = &result.judged.evidence;
    let is_shown_as_away = |one: &Evidence| {
        let is_of_a_widget = one.request.is_some() && one.answered.starts_with("away");
        is_of_a_widget && one.scenario.contains("\n  expect ")
    };
    let place = evidence.iter().position(is_shown_as_away);
    let place = place.unwrap_or_else(|| panic!("none of a widget: {:?}", result.judged.wrong));
    let found = &evidence[place];
    let id = found.request_id.as_deref().expect("an id");
    assert!(list.contains(&format!(",{id},")), "{id}:\n{list}");
    let answer = found.answer.as_ref().expect("is kept");
    assert!(answer.body.contains("\"status\":\"away\""), "{answer:?}");
    assert!(answer.headers.iter().any(|(name, _)| name == "content-type"), "{answer:?}");

    let name = format!("reports/wrong/{:03}-{}.scenario", place + 1, found.class);
    let path = folder.path().join(&name);
    let in_process = run_bytes(&path, &std::fs::read(&path).expect("a scenario"));
    assert_eq!(in_process.outcome(), Outcome::Passed, "{}", rendered(&in_process));
    let (outcome, told) = on_a_service(&path, false);
    assert_eq!(outcome, Outcome::Passed, "{told}");
    let (outcome, told) = on_a_service(&path, true);
    assert_eq!(outcome, Outcome::Failed, "{told}");

    let out = lamplighter(&["load", "explain", &name], folder.path());
    let story = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{story}{}", text(&out.stderr));
    for part in
        [id, "What was sent", "What came back", "What is right", "because", "What it can be"]
    {
        assert!(story.contains(part), "{part}:\n{story}");
    }
    let by_id = lamplighter(&["load", "explain", "result.json", "--request", id], folder.path());
    assert_eq!(text(&by_id.stdout), story);
}
