//! Load without bounds: what one client takes leaves enough for others.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{
    KEY, NOON, ask_to_end, config, connect_from, limits, serve_in_shell, start_as, start_with,
    until,
};
use lamplighter_core::model::Millis;
use lamplighter_service::{Clock, Config, Limits};

/// What is answered on a connection, up to the end of the headers.
fn head(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let mut byte = [0; 1];
    while !said.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length > 0) {
        said.push(byte[0]);
    }
    String::from_utf8(said).expect("text")
}

/// A call on a connection that stays open; the status of its answer.
fn call(stream: &mut TcpStream, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {KEY}\r\n\r\n")
        .expect("sends");
    let head = head(stream);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    // Of one that was turned away the connection has ended.
    drop(stream.read_exact(&mut vec![0; length]));
    head.get(9..12).unwrap_or_default().to_owned()
}

/// A connection that has been answered, and is kept; and the status of that answer.
fn hold(from: &str, to: SocketAddr) -> (TcpStream, String) {
    let mut stream = connect_from(from, to);
    let status = call(&mut stream, "/healthz");
    (stream, status)
}

#[test]
fn one_address_holds_its_share_of_connections_and_everybody_else_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { connections_max: 10, by_address_max: 4, ..limits() };
    let clock = Clock::manual(NOON.parse().expect("an instant"));
    let service = start_with(folder.path(), clock, limits);
    let mut held = Vec::new();
    for number in 0..4 {
        let (stream, said) = hold("127.0.0.2", service.address);
        assert!(said == "200", "{number}: {said}");
        held.push(stream);
    }
    let mut refused = connect_from("127.0.0.2", service.address);
    let mut said = String::new();
    refused.read_to_string(&mut said).expect("an answer");
    assert!(said.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{said}");
    assert!(said.contains("retry-after: 5\r\n"), "{said}");
    let (headers, body) = said.split_once("\r\n\r\n").expect("a body");
    assert!(headers.contains(&format!("content-length: {}", body.len())), "{said}");
    assert!(body.contains("too many connections are open from this address"), "{body}");
    let (other, said) = hold("127.0.0.3", service.address);
    assert_eq!(said, "200");
    drop(held.pop());
    until("the place is free", || hold("127.0.0.2", service.address).1 == "200");
    drop(other);
}

#[test]
fn a_proxy_comes_for_many_and_has_no_share_to_keep_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { by_address_max: 1, ..limits() };
    let trusted_proxies = vec!["127.0.0.2".parse().expect("an address")];
    let service = start_as(Config { limits, trusted_proxies, ..config(folder.path()) });
    let held: Vec<_> = (0..5).map(|_| hold("127.0.0.2", service.address)).collect();
    assert!(held.iter().all(|(_, status)| status == "200"));
}

#[test]
fn one_address_holds_its_share_of_streams_and_sockets() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { by_address_max: 2, ..limits() };
    // Connections of a proxy are not counted, what visitors hold by them is.
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let service = start_as(Config { limits, trusted_proxies, ..config(folder.path()) });
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let open = |what: &str, visitor: &str| {
        let mut stream = connect_from("127.0.0.1", service.address);
        write!(stream, "GET {what}x-forwarded-for: {visitor}\r\n\r\n").expect("sends");
        let said = head(&mut stream);
        (stream, said)
    };
    let token = client.log_in("ann", "laptop");
    let socket = format!(
        "/v1/connect HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    let stream = "/v1/widgets/acme/events HTTP/1.1\r\nhost: a\r\n".to_owned();
    for (what, status) in [(stream, "200"), (socket, "101")] {
        // Two of one visitor, then no more; another visitor all the same.
        let first = open(&what, "203.0.113.1");
        assert!(first.1.starts_with(&format!("HTTP/1.1 {status}")), "{}", first.1);
        let places: Vec<_> = (0..3).map(|_| open(&what, "2001:db8::1")).collect();
        let statuses: Vec<&str> = places.iter().map(|(_, said)| &said[9..12]).collect();
        assert_eq!(statuses[..2], [status, status]);
        assert_eq!(statuses[2], "429");
    }
}

#[test]
fn no_more_connections_are_taken_in_than_the_machine_has_files_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let arguments = "--password-memory 8 --max-connections 50000 --max-connections-by-address 1000";
    let (mut child, address) = serve_in_shell("ulimit -n 100;", &store, arguments, Stdio::piped());
    let held: Vec<_> = (0..68).map(|_| hold("127.0.0.1", address)).collect();
    assert!(held.iter().all(|(_, status)| status == "200"));
    let mut refused = TcpStream::connect(address).expect("connects");
    refused.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let said = head(&mut refused);
    assert!(said.starts_with("HTTP/1.1 503"), "{said:?}");
    // What is held is served, and so is what needs the store's files.
    let (mut one, _) = held.into_iter().next().expect("some");
    assert_eq!(call(&mut one, "/v1/audit"), "200");
    assert_eq!(call(&mut one, "/readyz"), "200");
    ask_to_end(&child);
    let mut log = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
    assert!(
        log.contains(
            "WARN lamplighter::cli::serve: the machine lets 100 files be open (`ulimit -n`): \
             68 connections are taken in, not the 50000 of --max-connections"
        ),
        "{log}"
    );
    child.wait().expect("ends");
}

#[test]
fn a_status_that_is_so_already_leaves_no_row() {
    let folder = tempfile::tempdir().expect("a folder");
    // A device that is silent for some minutes is still there.
    let limits = Limits { silence_max: Millis(86_400_000), ..limits() };
    let service = start_as(Config { limits, ..config(folder.path()) });
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let set = |body: Value| {
        let answer = client.call("PUT", "/v1/status", Some(&token), body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["status"].as_str().expect("a status").to_owned()
    };
    let rows = || client.call("GET", "/v1/trace", Some(KEY), Value::Null).text.lines().count() - 1;
    let login = rows();
    for _ in 0..50 {
        assert_eq!(set(json!({"status": "online"})), "online");
        assert_eq!(set(json!({"status": "online", "everywhere": true})), "online");
    }
    assert_eq!(rows(), login);
    for (body, further) in [
        (json!({"status": "away"}), 1),
        (json!({"status": "away"}), 0),
        (json!({"status": "away", "for": "30m"}), 1),
        // At the same instant it is the same; for good it is another thing.
        (json!({"status": "away", "for": "30m"}), 0),
        (json!({"status": "away", "for": "1h"}), 1),
        (json!({"status": "away"}), 1),
        (json!({"status": "away"}), 0),
    ] {
        let before = rows();
        set(body.clone());
        assert_eq!(rows() - before, further, "{body}");
    }
    set(json!({"status": "away", "for": "30m"}));
    client.put_clock("2026-03-09T16:05:00Z");
    let before = rows();
    set(json!({"status": "away", "for": "30m"}));
    assert_eq!(rows() - before, 1, "it is away for longer");
    // With auto-away it is a sign of life, after which the device is idle anew.
    client.admin("PUT", "/v1/settings", json!({"auto_away": "10m"}));
    set(json!({"status": "online"}));
    client.put_clock("2026-03-09T16:09:00Z");
    let before = rows();
    set(json!({"status": "online"}));
    assert_eq!(rows() - before, 1);
    client.put_clock("2026-03-09T16:15:30Z");
    assert_eq!(client.status("acme"), "online");
}

#[test]
fn a_property_takes_so_many_messages_a_day_and_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { messages_of_property_max: 3, ..limits() };
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let service = start_as(Config { limits, trusted_proxies, ..config(folder.path()) });
    let client = service.client();
    client.acme(&["ann"], json!({}));
    client.admin("PUT", "/v1/properties/acme/widgets/shop", json!({}));
    client.admin("PUT", "/v1/properties/other", json!({"members": ["ann"]}));
    let leave = |widget: &str, from: &str| {
        let left = json!({"name": "Vi", "email": "vi@example.com", "message": "Hello"});
        let path = format!("/v1/widgets/{widget}/messages");
        client.call_with("POST", &path, &[("x-forwarded-for", from)], left)
    };
    for number in 1..=3 {
        let widget = if number == 2 { "acme/shop" } else { "acme" };
        assert_eq!(leave(widget, &format!("203.0.113.{number}")).status, 201);
    }
    for widget in ["acme", "acme/shop"] {
        let refused = leave(widget, "203.0.113.9");
        assert_eq!(refused.status, 429, "{}", refused.text);
        // It is noon in New York, and 16 o'clock in UTC.
        assert_eq!(refused.headers["retry-after"], "28800");
        let detail = refused.body["detail"].as_str().expect("a sentence");
        assert!(detail.contains("today") && detail.contains("after midnight"), "{detail}");
    }
    assert_eq!(leave("none", "203.0.113.9").status, 404);
    assert_eq!(leave("other", "203.0.113.9").status, 201);
    client.put_clock("2026-03-10T00:00:00Z");
    assert_eq!(leave("acme", "203.0.113.9").status, 201);
}

#[test]
fn a_store_that_is_nearly_full_is_told_of_and_goes_on() {
    for (free_bytes_min, is_low) in [(0, false), (u64::MAX, true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let limits = Limits { free_bytes_min, ..limits() };
        let service = start_as(Config { limits, ..config(folder.path()) });
        let client = service.client();
        let ready = client.call("GET", "/readyz", None, Value::Null);
        assert_eq!(ready.status, 200);
        match is_low {
            true => assert!(
                ready.text.starts_with("ready\nthe store is nearly full: "),
                "{}",
                ready.text
            ),
            false => assert_eq!(ready.text, "ready\n"),
        }
        let metrics = client.call("GET", "/metrics", None, Value::Null).text;
        let told = format!("lamplighter_store_nearly_full {}\n", u8::from(is_low));
        assert!(metrics.contains(&told), "{metrics}");
        let free =
            metrics.lines().find_map(|line| line.strip_prefix("lamplighter_store_free_bytes "));
        assert!(free.expect("is told").parse::<u64>().expect("a number") > 0);
        client.acme(&["ann"], json!({}));
    }
}
