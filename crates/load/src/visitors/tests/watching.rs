//! Event streams.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::server::{Act, Server, chunk, chunked, whole};
use super::{PATIENCE, Ran, acme, ran_until, visitors, watch};
use crate::history::Record;
use crate::observation::{Observed, SessionId};
use crate::tally::EVENTS;

fn event(version: u64) -> Vec<u8> {
    format!(": a comment\nevent: widget\ndata: {}\n\n", acme(version)).into_bytes()
}

/// What was recorded of streams, without when: opened, pushed (with its version), closed.
fn recorded(ran: &Ran) -> Vec<(SessionId, String)> {
    let word = |record: &Record| match record {
        Record::StreamOpened { session, .. } => Some((*session, "opened".to_owned())),
        Record::Observed(observation) => {
            let Observed::Widget(seen) = &observation.seen else { return None };
            let mismatch = seen.mismatch.as_deref().unwrap_or_default();
            let version = observation.version.expect("a version");
            Some((observation.session, format!("{version}{mismatch}")))
        }
        Record::StreamClosed { session, .. } => Some((*session, "closed".to_owned())),
        _ => None,
    };
    ran.records.iter().filter_map(word).collect()
}

/// Whether this was recorded of a stream.
fn has(ran: &Ran, word: &str) -> bool {
    recorded(ran).iter().any(|(_, recorded)| recorded == word)
}

/// Nothing is sent until the test is over.
fn rest() -> Act {
    Act::Sleep(2 * PATIENCE)
}

fn words(recorded: &[(SessionId, String)]) -> Vec<&str> {
    recorded.iter().map(|(_, word)| word.as_str()).collect()
}

#[test]
fn events_are_recorded_however_they_are_cut_and_the_last_of_a_run_too() {
    let server = Server::new(|asked| {
        assert_eq!(asked.line, "GET /v1/widgets/acme/events HTTP/1.1");
        let bytes = [event(1), event(2)].concat();
        let mut acts = vec![chunked("text/event-stream")];
        for piece in bytes.chunks(37) {
            acts.extend([chunk(piece), Act::Sleep(Duration::from_millis(1))]);
        }
        acts.extend([Act::Sleep(Duration::from_millis(150)), chunk(&event(3))]);
        acts.push(rest());
        acts
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(10, 60_000)];
    let ran = ran_until(visitors, Vec::new(), |ran| has(ran, "3"));
    assert_eq!(words(&recorded(&ran)), ["opened", "1", "2", "3", "closed"]);
    assert_eq!(ran.calls(EVENTS), (1, vec![]));
}

#[test]
fn a_stream_is_left_when_its_visitor_leaves() {
    let server = Server::new(|_| {
        vec![chunked("text/event-stream"), chunk(&event(1)), rest(), chunk(&event(2))]
    });
    let mut visitors = visitors(&server);
    // Long enough for the first event, on any machine.
    visitors.watches = vec![watch(0, 1_500)];
    let ran = ran_until(visitors, Vec::new(), |ran| has(ran, "closed"));
    assert_eq!(words(&recorded(&ran)), ["opened", "1", "closed"]);
    assert_eq!(ran.calls(EVENTS), (1, vec![]));
}

#[test]
fn a_stream_that_ends_by_itself_is_an_error_and_opened_again_as_another_reader() {
    let server = Server::new(|asked| match asked.connection {
        0 => vec![chunked("text/event-stream"), chunk(&event(1)), chunk(b""), Act::Close],
        1 => vec![whole("503 Service Unavailable", ""), Act::Close],
        _ => {
            vec![chunked("text/event-stream"), chunk(&event(2)), rest()]
        }
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(0, 60_000)];
    let ran = ran_until(visitors, Vec::new(), |ran| has(ran, "2"));
    let recorded = recorded(&ran);
    let all = ["opened", "1", "closed", "opened", "closed", "opened", "2", "closed"];
    assert_eq!(words(&recorded), all);
    let mut sessions: Vec<SessionId> = recorded.iter().map(|(session, _)| *session).collect();
    sessions.dedup();
    assert_eq!(sessions.len(), 3, "each is another session");
    assert_eq!(ran.calls(EVENTS), (2, vec![("503", 1), ("ended by itself", 1)]));
}

#[test]
fn a_slow_reader_who_is_cut_off_is_no_error() {
    let server = Server::new(|_| {
        let mut acts = vec![chunked("text/event-stream")];
        acts.extend((1..=20).map(|version| chunk(&event(version))));
        acts.push(Act::Close);
        acts
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(0, 60_000)];
    visitors.watches[0].is_slow = true;
    let ran = ran_until(visitors, Vec::new(), |ran| has(ran, "2"));
    let recorded = recorded(&ran);
    let opened = ran.records.iter().find(|one| matches!(one, Record::StreamOpened { .. }));
    assert!(matches!(opened, Some(Record::StreamOpened { is_slow: true, .. })));
    // 64 bytes, five times a second: about three events of twenty.
    let pushed = recorded.iter().filter(|(_, word)| word.parse::<u64>().is_ok()).count();
    assert!((1..6).contains(&pushed), "{recorded:?}");
    assert_eq!(ran.calls(EVENTS), (1, vec![]));
}

#[test]
fn what_an_event_says_beside_presence_is_held_against_the_plan_too() {
    let server = Server::new(|_| {
        let wrong = String::from_utf8(event(4)).expect("text").replace("Hello!", "Bye");
        let broken = "event: widget\ndata: {}\n\n";
        let events = [wrong.as_bytes(), broken.as_bytes()].concat();
        vec![chunked("text/event-stream"), chunk(&events), rest()]
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(0, 60_000)];
    let is_enough = |ran: &Ran| !ran.calls(EVENTS).1.is_empty();
    let ran = ran_until(visitors, Vec::new(), is_enough);
    let wrong = "4its greeting is \"Bye\", but for `online` \"Hello!\" is set (rule C1)";
    assert_eq!(words(&recorded(&ran)), ["opened", wrong, "closed"]);
    assert_eq!(
        ran.calls(EVENTS),
        (1, vec![("unreadable answer: the answer has no `status` to keep (by `json`)", 1)])
    );
}

#[test]
fn hundreds_of_streams_are_open_at_once() {
    static OPENED: AtomicUsize = AtomicUsize::new(0);
    let server = Server::new(|_| {
        OPENED.fetch_add(1, Ordering::Relaxed);
        vec![chunked("text/event-stream"), chunk(&event(1)), rest()]
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(0, 60_000); 200];
    let ran = ran_until(visitors, Vec::new(), |ran| ran.seen().count() >= 200);
    assert_eq!(OPENED.load(Ordering::Relaxed), 200);
    assert_eq!(ran.calls(EVENTS), (200, vec![]));
    assert_eq!(ran.seen().count(), 200);
}
