//! HTTP/2 with prior knowledge: many calls on one connection, and what is tried with them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{NOON, connect_from, limits, start, start_with};
use crate::frames::{GO_AWAY, HEADERS, Http2, OK, RESET};
use lamplighter_service::{Clock, Limits};

fn begin(to: std::net::SocketAddr) -> Http2<TcpStream> {
    Http2::begin(connect_from("127.0.0.1", to))
}

#[test]
fn many_streams_and_reads_share_one_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let mut http = begin(service.address);
    // More tabs than a browser has connections.
    let tabs: Vec<u32> = (0..20).map(|tab| 2 * tab + 1).collect();
    for tab in &tabs {
        http.get(*tab, "/v1/widgets/acme/events").expect("sends");
        assert_eq!(http.next_of(HEADERS, *tab).payload[0], OK);
        let event = http.event(*tab);
        assert!(event.starts_with("event: widget\ndata: {"), "{event}");
    }
    let read = |http: &mut Http2<_>, stream: u32| {
        http.get(stream, "/v1/widgets/acme?device=mobile").expect("sends");
        let (status, body) = http.answer(stream);
        assert_eq!(status, OK);
        serde_json::from_str::<Value>(&body).expect("JSON")["status"].clone()
    };
    assert_eq!(read(&mut http, 101), "offline");
    client.log_in("ann", "laptop");
    let mut waiting = tabs;
    while !waiting.is_empty() {
        let frame = http.next().expect("the connection goes on");
        let is_online = String::from_utf8_lossy(&frame.payload).contains("\"status\":\"online\"");
        waiting.retain(|tab| *tab != frame.stream || !is_online);
    }
    assert_eq!(read(&mut http, 103), "online");
    let metrics = client.call("GET", "/metrics", None, Value::Null).text;
    assert!(metrics.contains("lamplighter_streams 20\n"), "{metrics}");
}

#[test]
fn a_connection_that_asks_nothing_is_let_go_and_one_that_watches_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { header_timeout: Duration::from_millis(300), ..limits() };
    let clock = Clock::manual(NOON.parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits);
    service.client().acme(&["ann"], json!({}));
    let mut watching = begin(service.address);
    watching.get(1, "/v1/widgets/acme/events").expect("sends");
    watching.event(1);
    let mut idle = begin(service.address);
    idle.get(1, "/v1/widgets/acme").expect("sends");
    assert_eq!(idle.answer(1).0, OK);
    // Whether it begins without its settings, or not at all.
    let mut silent = connect_from("127.0.0.1", service.address);
    let mut half = connect_from("127.0.0.1", service.address);
    half.write_all(b"PRI * HTTP/2.0\r\n\r\n").expect("sends");
    let frames: Vec<_> = std::iter::from_fn(|| idle.next()).collect();
    assert!(frames.iter().any(|frame| frame.kind == GO_AWAY), "{frames:?}");
    for stream in [&mut silent, &mut half] {
        let mut said = Vec::new();
        // Being cut off is an end like any other.
        drop(stream.read_to_end(&mut said));
    }
    service.client().log_in("ann", "laptop");
    let event = watching.event(1);
    assert!(event.contains("\"status\":\"online\""), "{event}");
}

#[test]
fn calls_beyond_the_bound_of_a_connection_are_refused_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    service.client().acme(&["ann"], json!({}));
    let mut http = begin(service.address);
    for stream in 0..200 {
        http.get(2 * stream + 1, "/v1/widgets/acme/events").expect("sends");
    }
    let (mut answered, mut refused) = (0, 0);
    while answered + refused < 200 {
        match http.next().expect("the connection goes on").kind {
            HEADERS => answered += 1,
            RESET => refused += 1,
            _ => {}
        }
    }
    assert_eq!((answered, refused), (128, 72));
}

#[test]
fn calls_that_are_taken_back_at_once_harm_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let mut http = begin(service.address);
    let mut reading = Http2::over(http.stream.try_clone().expect("another handle"));
    let reading = std::thread::spawn(move || {
        std::iter::from_fn(|| reading.frame()).any(|frame| frame.kind == GO_AWAY)
    });
    let cancel = 8_u32.to_be_bytes();
    for call in 0..200_000 {
        let stream = 2 * call + 1;
        let sent = http.get(stream, "/v1/explain/acme");
        if sent.and_then(|()| http.send(RESET, 0, stream, &cancel)).is_err() {
            break;
        }
    }
    assert!(reading.join().expect("ends"), "the connection goes on for ever");
    assert_eq!(client.status("acme"), "offline");
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
}

#[test]
fn open_connections_do_not_hold_the_service_up_when_it_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    service.client().acme(&["ann"], json!({}));
    let mut http = begin(service.address);
    http.get(1, "/v1/widgets/acme/events").expect("sends");
    http.event(1);
    service.stop();
    let frames: Vec<_> = std::iter::from_fn(|| http.next()).collect();
    assert!(frames.iter().any(|frame| frame.kind == GO_AWAY), "{frames:?}");
}
