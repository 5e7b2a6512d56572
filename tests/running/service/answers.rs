//! What every answer has for browsers, and what need not be sent twice.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::client::{KEY, start};

const DATA: &str = "default-src 'none'; frame-ancestors 'none'";

#[test]
fn no_browser_takes_an_answer_for_something_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    for (method, path, status, is_page) in [
        ("GET", "/v1/widgets/acme", 200, false),
        ("GET", "/v1/widgets/acme?device=fridge", 422, false),
        ("GET", "/v1/widgets/none", 404, false),
        ("GET", "/v1/widgets/%61cme", 200, false),
        ("GET", "/v1/widgets/none/events", 404, false),
        ("OPTIONS", "/v1/widgets/acme/messages", 204, false),
        ("POST", "/v1/widgets/acme/messages", 400, false),
        ("GET", "/v1/team/acme", 200, false),
        ("PUT", "/v1/status", 400, false),
        ("GET", "/no/such/call", 404, false),
        ("DELETE", "/healthz", 405, false),
        ("GET", "/metrics", 200, false),
        ("GET", "/openapi.json", 200, false),
        ("GET", "/widget.js", 200, false),
        ("GET", "/assets/dashboard.css", 200, false),
        ("GET", "/assets/none.css", 404, false),
        ("GET", "/", 200, true),
        ("GET", "/demo/acme", 200, true),
        ("GET", "/demo/none", 404, true),
    ] {
        let answer = client.call(method, path, Some(&token), Value::Null);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let header = |name: &str| {
            let value = answer.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_else(|| panic!("{method} {path}: no {name}")).to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{method} {path}");
        let policy = header("content-security-policy");
        match is_page {
            true => assert!(policy.starts_with("default-src 'self'; "), "{path}: {policy}"),
            false => assert_eq!(policy, DATA, "{method} {path}"),
        }
    }
}

#[test]
fn an_event_stream_is_no_page_either() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let mut stream = TcpStream::connect(client.address).expect("connects");
    write!(stream, "GET /v1/widgets/acme/events HTTP/1.1\r\nhost: a\r\n\r\n").expect("sends");
    let mut said = String::new();
    while !said.contains("\r\n\r\n") {
        let mut piece = [0; 1_024];
        let length = stream.read(&mut piece).expect("an answer");
        said += std::str::from_utf8(&piece[..length]).expect("text");
    }
    assert!(said.contains(&format!("content-security-policy: {DATA}\r\n")), "{said}");
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    for (path, kept) in [
        ("/widget.js", "public, max-age=300"),
        ("/assets/dashboard.js", "no-cache"),
        ("/assets/icon.svg", "no-cache"),
    ] {
        let first = client.call("GET", path, None, Value::Null);
        let tag = first.headers["etag"].to_str().expect("a tag").to_owned();
        for (known, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"of another program\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"of another program\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
        ] {
            let answer = client.call_with("GET", path, &[("if-none-match", &known)], Value::Null);
            assert_eq!(answer.status, status, "{path} {known}");
            assert_eq!(answer.headers["etag"], first.headers["etag"], "{path} {known}");
            assert_eq!(answer.headers["cache-control"], kept, "{path} {known}");
            assert_eq!(answer.text.is_empty(), status == 304, "{path} {known}");
            assert_eq!(answer.headers.contains_key("content-type"), status == 200);
        }
    }
    let tag = |path: &str| client.call("GET", path, None, Value::Null).headers["etag"].clone();
    assert_ne!(tag("/widget.js"), tag("/assets/dashboard.js"));
}

#[test]
fn countries_in_both_forms_are_refused_with_their_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({"countries": {"only": ["DE"]}}));
    let before = client.admin("GET", "/v1/properties/acme", Value::Null);
    for countries in [json!({"only": ["DE"], "except": ["FR"]}), json!({})] {
        for method in ["PUT", "PATCH"] {
            let body = json!({"countries": countries});
            let answer = client.call(method, "/v1/properties/acme", Some(KEY), body);
            assert_eq!(answer.status, 422, "{method} {countries}: {}", answer.text);
            assert_eq!(answer.body["field"], "countries", "{method} {}", answer.text);
            let detail = answer.body["detail"].as_str().expect("a sentence");
            assert!(detail.starts_with("say `only` or `except`"), "{detail}");
        }
    }
    assert_eq!(client.admin("GET", "/v1/properties/acme", Value::Null), before);
}
