//! Who is counted behind a proxy: each visitor, and nobody for another.

use serde_json::{Value, json};

use crate::client::{Running, config, limits, start_as};
use lamplighter_service::{Config, Limits};

/// A service that takes two messages of an address within a minute, and believes the proxies of a network.
fn start_behind(folder: &std::path::Path, proxies: &str) -> Running {
    let trusted_proxies = vec![proxies.parse().expect("a network")];
    let limits = Limits { messages_max: 2, ..limits() };
    let service = start_as(Config { trusted_proxies, limits, ..config(folder) });
    service.client().acme(&["ann"], json!({}));
    service
}

/// The status of a message that comes with headers.
fn leave(service: &Running, headers: &[(&str, &str)]) -> u16 {
    let left = json!({"name": "Vi", "email": "vi@example.com", "message": "Hello"});
    service.client().call_with("POST", "/v1/widgets/acme/messages", headers, left).status
}

#[test]
fn visitors_behind_a_trusted_proxy_are_told_apart_and_what_they_make_up_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_behind(folder.path(), "127.0.0.0/8");
    let x = |value: &str| leave(&service, &[("x-forwarded-for", value)]);
    assert_eq!([x("203.0.113.1"), x("203.0.113.1:4711"), x("203.0.113.1")], [201, 201, 429]);
    // What stands before is what the visitor sent along.
    for made_up in ["6.6.6.1", "6.6.6.2", "127.0.0.1", "unknown"] {
        assert_eq!(x(&format!("{made_up}, 203.0.113.1")), 429, "{made_up}");
        assert_eq!(x(&format!("{made_up}, 203.0.113.1, 127.0.0.9")), 429, "{made_up}");
    }
    let forwarded = |value: &str| leave(&service, &[("forwarded", value)]);
    assert_eq!(forwarded("for=6.6.6.3, for=203.0.113.1;proto=https"), 429);
    assert_eq!(forwarded("for=\"203.0.113.2:1\";proto=https"), 201, "another visitor");
    assert_eq!(forwarded("for=\"[2001:db8::1]:4711\""), 201);
    assert_eq!(x("2001:db8::2"), 201);
    assert_eq!(x("2001:db8::3"), 429, "one network of 64 bits is one visitor");
    assert_eq!(x("2001:db8:0:1::3"), 201);
}

#[test]
fn a_header_that_the_proxy_lets_pass_helps_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_behind(folder.path(), "127.0.0.1");
    let both = |number: u8| {
        let made_up = format!("for=6.6.6.{number}");
        leave(&service, &[("forwarded", &made_up), ("x-forwarded-for", "203.0.113.1")])
    };
    assert_eq!([both(1), both(2), both(3), both(4)], [201, 201, 429, 429]);
    // And harms nobody: whoever sends no such thing is counted alone.
    assert_eq!(leave(&service, &[("x-forwarded-for", "203.0.113.1")]), 201);
}

#[test]
fn whoever_is_no_proxy_is_counted_whatever_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_behind(folder.path(), "10.0.0.0/8");
    let x = |value: &str| leave(&service, &[("x-forwarded-for", value)]);
    assert_eq!([x("203.0.113.1"), x("203.0.113.2"), x("203.0.113.3")], [201, 201, 429]);
    assert_eq!(leave(&service, &[("forwarded", "for=203.0.113.4")]), 429);
}

#[test]
fn guesses_behind_a_proxy_lock_nobody_else_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_behind(folder.path(), "127.0.0.0/8");
    let client = service.client();
    let log_in = |password: &str, from: &str| {
        let body = json!({"agent": "ann", "password": password, "device": "laptop"});
        client.call_with("POST", "/v1/login", &[("x-forwarded-for", from)], body).status
    };
    for _ in 0..10 {
        assert_eq!(log_in("a wrong horse", "203.0.113.1"), 401);
    }
    assert_eq!(log_in("correct horse", "203.0.113.1"), 429);
    assert_eq!(log_in("correct horse", "203.0.113.2"), 201);
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
}
