//! The ids of requests, and what is kept of them and of their answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::server::{Act, Asked, Server, chunk, chunked, whole};
use super::{PATIENCE, Ran, acme, looks_at_once, one_by_one, ran_until, visitors, watch};
use crate::exchange::Exchange;
use crate::plan::{Arrival, RequestId, VisitorAction};
use crate::visitors::check_messages;
use crate::wait_budget::WaitBudget;

/// What was kept of a read, or an event.
fn kept(ran: &Ran, place: usize) -> (Option<RequestId>, Arc<Exchange>) {
    let (observation, _) = ran.seen().nth(place).expect("it was seen");
    (observation.request, observation.exchange.clone().expect("it was kept"))
}

/// Notes the ids of all requests.
fn noted(ids: &Arc<Mutex<Vec<String>>>, asked: &Asked) {
    ids.lock().expect("no panic").push(asked.id.clone());
}

#[test]
fn every_visit_is_sent_with_its_id_and_kept_with_what_came_back() {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&ids);
    let server = Server::new(move |asked| {
        noted(&heard, &asked);
        match asked.line.starts_with("POST") {
            true => vec![whole("201 Created", "{}")],
            false => vec![whole("200 OK", &acme(9))],
        }
    });
    let mut arrivals = looks_at_once(2);
    arrivals.push(Arrival { number: 41, what: VisitorAction::Message, ..arrivals[0] });
    let ran = one_by_one(visitors(&server), arrivals, |_, _| true);
    assert_eq!(*ids.lock().expect("no panic"), ["t-7-1", "t-7-2", "t-7-41"]);
    let (request, exchange) = kept(&ran, 1);
    assert_eq!(request, Some(RequestId::Visit(2)));
    assert_eq!((exchange.status, &exchange.body[..]), (200, acme(9).as_bytes()));
    assert!(exchange.headers.contains_key("content-length"));
    let told = exchange.request();
    assert_eq!((told.method.as_str(), told.path.as_str()), ("GET", "/v1/widgets/acme"));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let host = header("host", &server.address.to_string());
    assert_eq!(told.headers, [host, header("user-agent", "lamplighter")]);
}

#[test]
fn a_stream_that_is_opened_again_has_another_id() {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&ids);
    let event = |version| format!("event: widget\ndata: {}\n\n", acme(version)).into_bytes();
    let server = Server::new(move |asked| {
        noted(&heard, &asked);
        match asked.connection {
            0 => vec![chunked("text/event-stream"), chunk(&event(1)), chunk(b""), Act::Close],
            _ => vec![chunked("text/event-stream"), chunk(&event(2)), Act::Sleep(2 * PATIENCE)],
        }
    });
    let mut visitors = visitors(&server);
    visitors.watches = vec![watch(0, 60_000)];
    let ran = ran_until(visitors, Vec::new(), |ran| ran.seen().count() == 2);
    assert_eq!(*ids.lock().expect("no panic"), ["t-7-s3", "t-7-s3.1"]);
    let (request, exchange) = kept(&ran, 1);
    assert_eq!(request, Some(RequestId::Stream { number: 3, again: 1 }));
    assert_eq!(&exchange.body[..], acme(2).as_bytes());
    assert_eq!(exchange.request().path, "/v1/widgets/acme/events");
    assert!(exchange.headers.contains_key("content-type"));
}

#[test]
fn a_message_that_is_missing_is_told_with_the_request_that_left_it() {
    let server = Server::new(|asked| match asked.line.starts_with("POST") {
        true => vec![whole("201 Created", "{}")],
        false => vec![whole("200 OK", r#"{"messages":[],"next":null}"#)],
    });
    let visitors = visitors(&server);
    let leaves = Arrival { number: 5, what: VisitorAction::Message, ..looks_at_once(1)[0] };
    let ran = one_by_one(visitors.clone(), vec![leaves], |_, _| true);
    let mut budget = WaitBudget::of(PATIENCE);
    let came = check_messages(&visitors, &ran.kept, &mut budget, Duration::ZERO);
    assert_eq!((came.looked_for, came.unknown), (1, 0));
    let missing = visitors.run.history.take();
    let [crate::history::Record::Observed(observation)] = &missing[..] else {
        panic!("{missing:?}")
    };
    assert_eq!(observation.request, Some(RequestId::Visit(5)));
}
