//! Scenarios against real services, over real HTTP: the verdicts are those of a run in process, what
//! happened can be replayed, and a service that lies is found out.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::client::{KEY, Running, limits, start_with};
use crate::common::falsehoods::{falsehoods, with_words};
use crate::common::{ZONES, read, rendered, run_bytes};
use crate::inputs::{TOWN, corpus, scenarios_of};
use crate::on_target::{play_all, played, played_with};
use lamplighter_core::model::{Instant, Names, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_scenario::language::ast::{Line, Part, Time};
use lamplighter_scenario::language::print;
use lamplighter_scenario::language::span::Spanned;
use lamplighter_scenario::play::{MadeName, Options, Outcome, RunSpan, Verdict};
use lamplighter_service::Clock;
use lamplighter_target::driver::RunError;
use lamplighter_target::play::{ScenarioInput, SkipReason};
use lamplighter_target::{Host, HostError, Trust};

fn assert_same(input: &ScenarioInput, mut over_http: Verdict, outcome: Outcome) {
    // In process nobody needs other names.
    assert!(!over_http.made.is_empty(), "{}", input.path.display());
    over_http.made.clear();
    let in_process = run_bytes(&input.path, &input.bytes);
    assert_eq!(rendered(&over_http), rendered(&in_process), "{}", input.path.display());
    assert_eq!(over_http.failures, in_process.failures);
    assert_eq!(over_http.outcome(), in_process.outcome());
    assert_eq!(over_http.counts.expectations, in_process.counts.expectations);
    assert_eq!(over_http.counts.events, in_process.counts.events);
    assert_eq!(over_http.run, in_process.run);
    assert_eq!(over_http.outcome(), outcome);
}

#[test]
fn every_scenario_has_the_verdict_over_http_that_it_has_in_process() {
    let verdicts = play_all(corpus());
    assert!(verdicts.len() > 170, "only {} scenarios were played", verdicts.len());
    let (mut held, mut rows) = (0, 0);
    for (input, verdict) in verdicts {
        rows += verdict.counts.trace_rows;
        for one in &verdict.tested.untested {
            let why = one.why.0.as_str();
            let is_known = [
                "no answer says why",
                "no answer says what is next",
                "a recording is held against the rules, not against the target",
                "no answer says how often it has changed",
                "rows of traces are held against the rules, not against the target",
            ]
            .contains(&why)
                || why.starts_with("the team: the agent is a member of nothing");
            assert!(is_known, "{}: {why}", input.path.display());
        }
        held += verdict.tested.clause_count();
        assert_same(&input, verdict, Outcome::Passed);
    }
    assert!(held > 900, "only {held} clauses held");
    assert!(rows > 20, "only {rows} rows of traces were played");
}

/// A word of every expectation, the one at this place round and round, made false.
fn made_false(input: &ScenarioInput, place: usize) -> Option<ScenarioInput> {
    let parsed = read(&input.path, &input.bytes);
    let mut by_statement: std::collections::BTreeMap<_, Vec<_>> = Default::default();
    for (statement, span, words) in falsehoods(&parsed.document) {
        by_statement.entry(statement).or_default().push((span, words));
    }
    let words: Vec<_> =
        by_statement.into_values().map(|all| all[place % all.len()].clone()).collect();
    let bytes = with_words(&input.bytes, &parsed, &words);
    (!words.is_empty()).then(|| ScenarioInput { path: input.path.clone(), bytes })
}

#[test]
#[ignore = "minutes of answers; CONTRIBUTING.md has the command"]
fn the_week_of_a_town_has_over_http_its_verdict() {
    let verdicts = play_all(scenarios_of(&[PathBuf::from(TOWN)]));
    assert_eq!(verdicts.len(), 1);
    for (input, verdict) in verdicts {
        assert_same(&input, verdict, Outcome::Passed);
    }
}

#[test]
fn false_expectations_fail_over_http_in_the_words_of_a_run_in_process() {
    let inputs: Vec<ScenarioInput> = corpus()
        .iter()
        .enumerate()
        .filter_map(|(place, input)| made_false(input, place))
        .filter(|input| run_bytes(&input.path, &input.bytes).outcome() == Outcome::Failed)
        .collect();
    assert!(inputs.len() > 170, "only {} can be made false", inputs.len());
    let mut failures = 0;
    for (input, verdict) in play_all(inputs) {
        failures += verdict.failures.len();
        assert_same(&input, verdict, Outcome::Failed);
    }
    assert!(failures > 500, "only {failures} expectations were false");
}

/// What every widget shows from when to when.
fn timeline(path: &Path, bytes: &[u8]) -> (Vec<String>, Verdict) {
    let mut rows = Vec::new();
    let mut take = |row: TimelineRow, widgets: &Names<WidgetId>| {
        let TimelineRow { at, widget, answer } = row;
        let widget = widgets.name(widget);
        rows.push(format!("{at} {widget} {} {} {}", answer.status, answer.chat, answer.reason));
    };
    let options = Options { timeline: Some(&mut take), ..Options::default() };
    let verdict =
        lamplighter_scenario::play::run(path, bytes, &ZONES, options, &AtomicBool::new(false));
    (rows, verdict)
}

/// An instant as it is written.
pub fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

/// Whether only agents do anything in it: what an admin sets is in no trace.
fn is_of_agents_alone(input: &ScenarioInput) -> bool {
    let parts = read(&input.path, &input.bytes).document.parts;
    parts.iter().all(|part| match part {
        Part::Replay(_) | Part::Observed(_) => false,
        Part::At(block) => block.lines.iter().all(|line| match &line.node {
            Line::Set(_) => false,
            Line::Event(event) => event.property().is_none(),
            _ => true,
        }),
    })
}

/// A scenario in another folder names the calendars that lie beside it there, too.
fn bring_calendars(scenario: &Path, folder: &Path) {
    let beside = scenario.parent().and_then(|own| std::fs::read_dir(own).ok());
    let files = beside.into_iter().flatten().flatten().map(|entry| entry.path());
    for calendar in files.filter(|path| path.extension().is_some_and(|end| end == "ics")) {
        let name = calendar.file_name().expect("a file has one");
        std::fs::copy(&calendar, folder.join(name)).expect("copied");
    }
}

#[test]
fn the_trace_of_a_service_replayed_gives_the_timeline_of_what_was_played() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let inputs: Vec<ScenarioInput> = corpus().into_iter().filter(is_of_agents_alone).collect();
    let ended = played(&format!("http://{}", service.address), &inputs).expect("it is there");
    let ended = ended.into_iter().enumerate();
    let played = ended.filter_map(|(index, end)| Some((index, end?.ok()?)));
    let trace = service.client().call("GET", "/v1/trace", Some(KEY), serde_json::Value::Null);
    assert_eq!(trace.status, 200);
    let (mut compared, mut rows_replayed) = (0, 0);
    for (index, verdict) in played {
        let Some(RunSpan { first, last, .. }) = verdict.run else { continue };
        // The rows of its agents, under their own names.
        let mut csv = "at,agent,device,action\n".to_owned();
        for row in trace.text.lines().skip(1) {
            let fields: Vec<&str> = row.split(',').collect();
            // Everyone was logged out when it was all over.
            let is_over = instant(fields[0]) > last;
            let is_own = |one: &&MadeName| one.kind == "agent" && one.made == fields[1];
            if let Some(own) = verdict.made.iter().find(is_own).filter(|_| !is_over) {
                csv += &format!("{},{},{},{}\n", fields[0], own.name, fields[2], fields[3]);
            }
        }
        bring_calendars(&inputs[index].path, folder.path());
        let path = folder.path().join(format!("{index}.scenario"));
        std::fs::write(folder.path().join(format!("{index}.csv")), csv).expect("written");
        let mut document = read(&inputs[index].path, &inputs[index].bytes).document;
        let Some(Part::At(mut block)) = document.parts.first().cloned() else { continue };
        block.lines.clear();
        block.time = block.time.map(|time| Spanned::new(Time::Instant(first), time.span));
        let span = block.place.span;
        document.parts =
            vec![Part::At(block), Part::Replay(Spanned::new(format!("{index}.csv"), span))];
        document.until = Some(Spanned::new(Time::Instant(last), span));
        let (mut original, _) = timeline(&inputs[index].path, &inputs[index].bytes);
        let (mut replayed, again) = timeline(&path, print(&document).as_bytes());
        assert_eq!(again.outcome(), Outcome::Passed, "{}", rendered(&again));
        assert_eq!(again.anomalies.count, 0, "{}", inputs[index].path.display());
        // At its last instant everyone was logged out, which nobody of the scenario did.
        let over = |row: &String| instant(row.split(' ').next().expect("an instant")) >= last;
        original.retain(|row| !over(row));
        replayed.retain(|row| !over(row));
        assert_eq!(replayed, original, "{}", inputs[index].path.display());
        compared += 1;
        rows_replayed += again.counts.trace_rows;
    }
    assert!(compared > 100, "only {compared} were compared");
    assert!(rows_replayed > 300, "only {rows_replayed} rows");
}

/// Stands in front of a service and changes one answer about a widget.
pub fn liar(service: SocketAddr, from: &'static [u8], to: &'static [u8]) -> SocketAddr {
    assert_eq!(from.len(), to.len());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let lied = Arc::new(AtomicBool::new(false));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(service).expect("the service");
            let asks = Arc::new(AtomicBool::new(false));
            let (mut client2, mut server2) =
                (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
            let (mut client, mut server) = (client, server);
            let (lied, asked) = (Arc::clone(&lied), Arc::clone(&asks));
            thread::spawn(move || {
                let mut bytes = [0; 65_536];
                while let Ok(count @ 1..) = client.read(&mut bytes) {
                    asks.store(bytes.starts_with(b"GET /v1/widgets/"), Ordering::SeqCst);
                    if server.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                drop(server.shutdown(Shutdown::Both));
            });
            thread::spawn(move || {
                let mut bytes = [0; 65_536];
                while let Ok(count @ 1..) = server2.read(&mut bytes) {
                    let place = bytes[..count].windows(from.len()).position(|part| part == from);
                    if let Some(place) = place
                        && asked.load(Ordering::SeqCst)
                        && !lied.swap(true, Ordering::SeqCst)
                    {
                        bytes[place..place + to.len()].copy_from_slice(to);
                    }
                    if client2.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                drop(client2.shutdown(Shutdown::Both));
            });
        }
    });
    address
}

const ONE_DAY: &str = "\
scenario Ann has a day
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online until 12:00
at 12:00
  ann goes away
  expect acme away
";

/// A service at the beginning of time.
fn start(folder: &Path) -> Running {
    start_with(folder, Clock::manual(Instant::MIN), limits())
}

/// What becomes of one, with nothing in it that runs in process do not have.
fn play_one(address: SocketAddr, text: &str) -> Result<Result<Verdict, SkipReason>, RunError> {
    let input = ScenarioInput { path: PathBuf::from("one.scenario"), bytes: text.into() };
    let mut ended = played(&format!("http://{address}"), &[input])?;
    let end = ended.remove(0).expect("it came to an end");
    Ok(end.map(|verdict| Verdict { made: Vec::new(), ..verdict }))
}

#[test]
fn a_service_that_lies_about_a_status_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let honest = play_one(service.address, ONE_DAY).expect("there").expect("played");
    assert_eq!(honest.outcome(), Outcome::Passed, "{}", rendered(&honest));
    drop(service);
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let liar = liar(service.address, br#""status":"online""#, br#""status":"away"  "#);
    let lied_to = play_one(liar, ONE_DAY).expect("there").expect("played");
    let text = rendered(&lied_to);
    assert!(text.contains("expected online\n"), "{text}");
    assert!(text.contains("found    away"), "{text}");
    assert!(text.contains("expected what the rules say: online\n"), "{text}");
    assert!(text.contains("found    what the service says: away\n"), "{text}");
    assert_eq!(lied_to.failures.len(), 2, "{text}");
}

#[test]
fn a_lie_that_no_expectation_asks_about_is_found_out() {
    let text = ONE_DAY.replace("  members ann\n", "  members ann\n  pre-chat-form\n");
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let liar = liar(service.address, br#""form":"pre-chat""#, br#""form":"offline" "#);
    let lied_to = play_one(liar, &text).expect("there").expect("played");
    let text = rendered(&lied_to);
    assert!(text.contains("expected what the rules say: form pre-chat\n"), "{text}");
    assert!(text.contains("found    what the service says: form offline\n"), "{text}");
    assert_eq!(lied_to.failures.len(), 1, "{text}");
}

#[test]
fn an_answer_that_makes_no_sense_is_told_as_unreadable() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let liar = liar(service.address, br#""form":"none""#, br#""form":null  "#);
    let verdict = play_one(liar, ONE_DAY).expect("there").expect("played");
    let failure = verdict.failures.first().expect("it makes no sense");
    let found = "unreadable: the answer has no `form` to keep (by `json`)";
    assert_eq!(failure.found.split(';').next(), Some(found));
}

#[test]
fn a_device_whose_socket_is_lost_is_not_back_by_calling_now_and_then() {
    let text = "\
scenario Ann's train goes through a tunnel, and her laptop calls all the same
grace 10m
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  ann loses connection on laptop
at +2m
  ann goes away on laptop
at +2m
  ann goes online on laptop
at +2m
  ann is active on laptop
  expect acme online until 09:10
at 09:10
  expect acme offline because nobody-present
";
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let verdict = play_one(service.address, text).expect("there").expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{}", rendered(&verdict));
}

#[test]
fn what_is_wrong_with_a_service_is_said_and_nothing_is_played() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let error = play_one(nobody, ONE_DAY).expect_err("nobody is there");
    assert!(matches!(error, RunError::Unreachable { .. }), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let input = ScenarioInput { path: PathBuf::from("one.scenario"), bytes: ONE_DAY.into() };
    let address = format!("http://{}", service.address);
    let error = played_with("no key of that service", &address, &[input]).expect_err("no key");
    assert!(matches!(error, RunError::GoneAgain { .. }), "{error:?}");
    drop(service);
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), Clock::system(), limits());
    let why = play_one(service.address, ONE_DAY).expect("there").expect_err("its own clock");
    assert!(matches!(why, SkipReason::ClockNotPut { .. }), "{why}");
    for address in ["", "localhost", "https://a/b", "http://a/b", "ftp://a", "http://"] {
        let error = Host::new(address, KEY, &Trust::Machine).err();
        assert!(matches!(error, Some(HostError::Address { .. })), "{address}");
    }
}

#[test]
fn a_scenario_that_begins_before_the_clock_is_left_out_and_can_be_played_later_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    play_one(service.address, ONE_DAY).expect("there").expect("played");
    let error = play_one(service.address, ONE_DAY).expect("there").expect_err("it is over");
    assert!(matches!(error, SkipReason::ClockNotPut { .. }), "{error}");
    // The next day is another matter, on the same service.
    let next_day = ONE_DAY.replace("03-09", "03-10");
    let verdict = play_one(service.address, &next_day).expect("there").expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{}", rendered(&verdict));
}
