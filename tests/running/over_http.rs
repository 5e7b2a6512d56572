//! Scenarios against real services, over real HTTP: the verdicts are those of a run in process, what
//! happened can be replayed, and a service that lies is found out.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::client::{KEY, Running, limits, start_with};
use crate::common::falsehoods::falsehoods;
use crate::common::{ZONES, rendered, run_bytes};
use lamplighter_core::model::{Instant, Names, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_scenario::language::ast::{Line, Part, Time};
use lamplighter_scenario::language::span::Spanned;
use lamplighter_scenario::language::{parse, print};
use lamplighter_scenario::play::{Options, Outcome, RunSpan, Verdict};
use lamplighter_service::Clock;
use lamplighter_target::{Host, HostError, LeftOut, ScenarioInput, Trust, play};

/// A service at the beginning of time.
fn start(folder: &Path) -> Running {
    start_at(folder, Instant::MIN)
}

fn start_at(folder: &Path, at: Instant) -> Running {
    start_with(folder, Clock::manual(at), limits())
}

fn host(address: SocketAddr) -> Host {
    Host::new(&format!("http://{address}"), KEY, &Trust::Machine).expect("an address")
}

/// Every scenario of the corpus that calls can play.
pub fn corpus() -> Vec<ScenarioInput> {
    let mut folders = vec![PathBuf::from("scenarios")];
    let mut inputs = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "scenario") {
                let bytes = std::fs::read(&path).expect("a scenario");
                inputs.push(ScenarioInput { path, bytes });
            }
        }
    }
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs.retain(|input| {
        let parts = parse(&input.bytes).document.parts;
        !parts.iter().any(|part| matches!(part, Part::Replay(_)))
    });
    inputs
}

/// The verdicts of all pieces, on as many services as it takes.
fn play_all(inputs: Vec<ScenarioInput>) -> Vec<(ScenarioInput, Verdict)> {
    let mut verdicts = Vec::new();
    let mut rest = inputs;
    while !rest.is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let service = start(folder.path());
        let mut ended: Vec<Option<Verdict>> = rest.iter().map(|_| None).collect();
        let stop = AtomicBool::new(false);
        let played =
            play(host(service.address), &rest, &ZONES, &stop, &mut |index, end| match end {
                Ok(verdict) => ended[index] = Some(verdict),
                Err(LeftOut::OtherAutoAway { .. }) => {}
                Err(why) => panic!("{}: {why}", rest[index].path.display()),
            });
        played.expect("the service is there");
        let count = rest.len();
        let (mut left_out, mut of_this) = (Vec::new(), Vec::new());
        for (input, verdict) in rest.into_iter().zip(ended) {
            match verdict {
                Some(verdict) => of_this.push((input, verdict)),
                None => left_out.push(input),
            }
        }
        verdicts.append(&mut of_this);
        rest = left_out;
        assert!(rest.len() < count, "no service plays what is left");
    }
    verdicts
}

fn assert_same(input: &ScenarioInput, over_http: &Verdict, outcome: Option<Outcome>) {
    let in_process = run_bytes(&input.path, &input.bytes);
    assert_eq!(rendered(over_http), rendered(&in_process), "{}", input.path.display());
    assert_eq!(over_http.failures, in_process.failures);
    assert_eq!(over_http.outcome(), in_process.outcome());
    assert_eq!(over_http.counts.expectations, in_process.counts.expectations);
    assert_eq!(over_http.counts.events, in_process.counts.events);
    assert_eq!(over_http.run, in_process.run);
    assert!(outcome.is_none_or(|outcome| outcome == over_http.outcome()));
}

#[test]
fn every_scenario_has_the_verdict_over_http_that_it_has_in_process() {
    let verdicts = play_all(corpus());
    assert!(verdicts.len() > 180, "only {} scenarios were played", verdicts.len());
    for (input, verdict) in &verdicts {
        assert_same(input, verdict, Some(Outcome::Passed));
    }
}

/// A word of every expectation, the one at this place round and round, made false.
fn made_false(input: &ScenarioInput, place: usize) -> Option<ScenarioInput> {
    let parsed = parse(&input.bytes);
    let bom = input.bytes.len() - parsed.source.text().len();
    let mut by_statement: std::collections::BTreeMap<_, Vec<_>> = Default::default();
    for (statement, span, words) in falsehoods(&parsed.document) {
        by_statement.entry(statement).or_default().push((span, words));
    }
    let mut bytes = input.bytes.clone();
    for (_, choices) in by_statement.into_iter().rev() {
        let (span, words) = &choices[place % choices.len()];
        bytes.splice(span.start + bom..span.end + bom, words.bytes());
    }
    (bytes != input.bytes).then(|| ScenarioInput { path: input.path.clone(), bytes })
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
        assert_same(&input, &verdict, Some(Outcome::Failed));
        failures += verdict.failures.len();
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
    let parts = parse(&input.bytes).document.parts;
    parts.iter().all(|part| match part {
        Part::Replay(_) => false,
        Part::At(block) => block.lines.iter().all(|line| match &line.node {
            Line::Set(_) => false,
            Line::Event(event) => event.property().is_none(),
            _ => true,
        }),
    })
}

#[test]
fn the_trace_of_a_service_replayed_gives_the_timeline_of_what_was_played() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let inputs: Vec<ScenarioInput> = corpus().into_iter().filter(is_of_agents_alone).collect();
    let mut played = Vec::new();
    let stop = AtomicBool::new(false);
    let all = play(host(service.address), &inputs, &ZONES, &stop, &mut |index, end| {
        played.extend(end.ok().map(|verdict| (index, verdict)));
    });
    all.expect("the service is there");
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
            let own = fields[1].strip_prefix(&format!("s{index}-a")).filter(|_| !is_over);
            if let Some(number) = own.and_then(|number| number.parse().ok()) {
                let agent = verdict.roster.agents.iter().nth(number).expect("an agent");
                csv += &format!("{},{agent},{},{}\n", fields[0], fields[2], fields[3]);
            }
        }
        let path = folder.path().join(format!("{index}.scenario"));
        std::fs::write(folder.path().join(format!("{index}.csv")), csv).expect("written");
        let mut document = parse(&inputs[index].bytes).document;
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

fn play_one(address: SocketAddr, text: &str) -> Result<Result<Verdict, LeftOut>, HostError> {
    let input = ScenarioInput { path: PathBuf::from("one.scenario"), bytes: text.into() };
    let mut ended = None;
    let stop = AtomicBool::new(false);
    play(host(address), &[input], &ZONES, &stop, &mut |_, end| ended = Some(end))?;
    Ok(ended.expect("it came to an end"))
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
fn an_answer_that_makes_no_sense_is_an_error_and_no_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let liar = liar(service.address, br#""form":"none""#, br#""form":null  "#);
    let error = play_one(liar, ONE_DAY).expect("there").expect_err("it makes no sense");
    assert!(matches!(error, LeftOut::Host(HostError::Unreadable { .. })), "{error}");
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
fn what_is_wrong_with_a_service_is_said_before_anything_is_played() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let error = play_one(nobody, ONE_DAY).expect_err("nobody is there");
    assert!(matches!(error, HostError::Unreachable { .. }), "{error}");
    let stop = AtomicBool::new(false);
    let address = format!("http://{}", service.address);
    let host = Host::new(&address, "no key of that service", &Trust::Machine).expect("an address");
    let error = play(host, &[], &ZONES, &stop, &mut |_, _| {});
    assert!(matches!(error, Err(HostError::WrongKey { .. })), "{error:?}");
    drop(service);
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), Clock::System, limits());
    let error = play_one(service.address, ONE_DAY).expect_err("a clock of its own");
    assert!(matches!(error, HostError::ClockNotManual { .. }), "{error}");
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
    assert!(matches!(error, LeftOut::ClockIsPast { .. }), "{error}");
    // The next day is another matter, on the same service with the same names.
    let next_day = ONE_DAY.replace("03-09", "03-10");
    let verdict = play_one(service.address, &next_day).expect("there").expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{}", rendered(&verdict));
}
