//! What cannot be asked for is told so with its field, and what is asked for is done wherever it is spelt otherwise.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, KEY, start};

fn leave(client: &Client, email: &str) {
    let left = json!({"name": "Vi", "email": email, "message": "Hello"});
    let answer = client.call("POST", "/v1/widgets/acme/messages", None, left);
    assert_eq!(answer.status, 201, "{}", answer.text);
}

/// Calls as the admin with a body as it stands.
fn sent(client: &Client, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = client.try_call(method, path, Some(KEY), Some(body)).expect("an answer");
    (answer.status, answer.body)
}

#[test]
fn what_a_query_or_a_path_cannot_say_is_told_with_its_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    for (method, path, field, words) in [
        ("GET", "/v1/properties?limit=abc", "limit", "1 to 200"),
        ("GET", "/v1/properties?limit=-1", "limit", "1 to 200"),
        ("GET", "/v1/properties?limit=", "limit", "1 to 200"),
        ("GET", "/v1/agents?limit=1&limit=2", "limit", "once"),
        ("GET", "/v1/agents?search=a&search=b", "search", "once"),
        ("GET", "/v1/audit?before=abc", "before", "whole number"),
        ("GET", "/v1/audit?of=a&of=b", "of", "once"),
        ("GET", "/v1/messages/acme?before=1.5", "before", "whole number"),
        ("GET", "/v1/trace?from=2026-03-09&from=2026-03-10", "from", "once"),
        ("GET", "/v1/coverage/acme?to=a&to=b", "to", "once"),
        ("DELETE", "/v1/messages/acme/abc", "id", "whole number"),
        ("DELETE", "/v1/messages?email=a@a&email=b@b", "email", "once"),
        ("DELETE", "/v1/properties/acme?messages=delete&messages=keep", "messages", "once"),
    ] {
        let answer = client.call(method, path, Some(KEY), Value::Null);
        assert_eq!(answer.status, 422, "{method} {path}: {}", answer.text);
        assert_eq!(answer.body["field"], field, "{method} {path}: {}", answer.text);
        let detail = answer.body["detail"].as_str().expect("a sentence");
        assert!(detail.contains(words), "{method} {path}: {detail}");
    }
    for path in ["/v1/properties/%ff", "/v1/team/%C3%28"] {
        let answer = client.call("GET", path, Some(KEY), Value::Null);
        let detail = answer.body["detail"].as_str().expect("a sentence");
        assert!(answer.status == 400 && detail.contains("UTF-8"), "{path}: {}", answer.text);
    }
    // What a call does not know is none of its business.
    client.admin("GET", "/v1/properties?colour=red&colour=blue&limit=3", Value::Null);
}

#[test]
fn an_erasure_erases_or_says_why_it_cannot() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    ["ann+tag@example.com", "bob@example.com", "JÄGER@example.com", "νίκος@example.com"]
        .iter()
        .for_each(|email| leave(&client, email));
    for (email, words) in [
        ("ann+tag@example.com", "%2B"),
        ("%20bob@example.com", "no blank"),
        ("bob@example.com%0A", "no blank"),
        ("@", "such as"),
        ("bob@", "such as"),
        ("@example.com", "such as"),
        ("", "such as"),
    ] {
        let path = format!("/v1/messages?email={email}");
        let answer = client.call("DELETE", &path, Some(KEY), Value::Null);
        assert_eq!((answer.status, &answer.body["field"]), (422, &json!("email")), "{email}");
        let detail = answer.body["detail"].as_str().expect("a sentence");
        assert!(detail.contains(words), "{email}: {detail}");
    }
    let none = client.call("DELETE", "/v1/messages", Some(KEY), Value::Null);
    assert_eq!((none.status, &none.body["field"]), (422, &json!("email")), "{}", none.text);
    for (email, deleted) in [
        ("ann%2BTAG@example.com", 1),
        ("j%C3%A4ger@EXAMPLE.com", 1),
        ("%CE%9D%CE%8A%CE%9A%CE%9F%CE%A3@example.com", 1),
        ("eve@example.com", 0),
    ] {
        let answer = client.admin("DELETE", &format!("/v1/messages?email={email}"), Value::Null);
        assert_eq!(answer["deleted"], deleted, "{email}");
    }
}

#[test]
fn behind_the_last_page_there_is_no_next_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    (0..9).for_each(|_| leave(&client, "vi@example.com"));
    let writes = client.admin("GET", "/v1/audit", Value::Null)["entries"].as_array().map(Vec::len);
    let writes = writes.expect("a list");
    let next = |path: &str| client.admin("GET", path, Value::Null)["next"].clone();
    assert_eq!(next("/v1/messages/acme?limit=9"), Value::Null);
    assert_eq!(next("/v1/messages/acme?limit=8"), 2);
    assert_eq!(next("/v1/messages/acme?limit=8&before=2"), Value::Null);
    assert_eq!(next(&format!("/v1/audit?limit={writes}")), Value::Null);
    assert_ne!(next(&format!("/v1/audit?limit={}", writes - 1)), Value::Null);
    assert_eq!(next("/v1/audit?of=/v1/properties/acme&limit=1"), Value::Null);
}

#[test]
fn a_body_that_is_broken_is_not_told_to_be_too_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let mut stream = TcpStream::connect(service.address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    write!(
        stream,
        "POST /v1/login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nabc"
    )
    .expect("sends");
    let mut said = [0; 4_096];
    let length = stream.read(&mut said).expect("an answer");
    let said = String::from_utf8_lossy(&said[..length]);
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
    assert!(said.contains("chunk"), "{said}");
}

#[test]
fn the_audit_finds_a_call_however_its_path_was_spelt() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    for (put, of) in [
        ("%61cme2", "acme2"),
        ("l%c3%a4den", "l%C3%A4den"),
        ("l%C3%A4den", "l%25C3%25A4den"),
        ("plain", "%70lain"),
    ] {
        client.admin("PUT", &format!("/v1/properties/{put}"), json!({}));
        let path = format!("/v1/audit?of=/v1/properties/{of}&limit=1");
        let found = client.admin("GET", &path, Value::Null);
        assert_eq!(found["entries"].as_array().map(Vec::len), Some(1), "{put} {of}: {found}");
    }
    let all = client.admin("GET", "/v1/audit?of=/v1/properties/", Value::Null);
    let paths: Vec<&str> = all["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["path"].as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/properties/plain",
            "/v1/properties/läden",
            "/v1/properties/läden",
            "/v1/properties/acme2"
        ]
    );
}

#[test]
fn a_member_that_stands_twice_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({"pre_chat_form": true}));
    let hours = r#"{"mon":["09:00-12:00"],"mon":["13:00-17:00"]}"#;
    let scheduler = format!(r#"{{"scheduler":{{"timezone":"UTC","hours":{hours}}}}}"#);
    let form = r#"{"pre_chat_form":true,"pre_chat_form":false}"#;
    for (method, path, body, field) in [
        ("PUT", "/v1/properties/acme", scheduler.as_str(), "scheduler.hours.mon"),
        ("PATCH", "/v1/properties/acme", &scheduler, "scheduler.hours.mon"),
        ("PUT", "/v1/properties/acme", form, "pre_chat_form"),
        ("PATCH", "/v1/properties/acme", form, "pre_chat_form"),
    ] {
        let (status, answer) = sent(&client, method, path, body);
        assert_eq!(status, 422, "{method} {body}: {answer}");
        assert_eq!(answer["field"], field, "{method} {body}: {answer}");
    }
    let document = client.admin("GET", "/v1/properties/acme", Value::Null);
    assert_eq!(document["pre_chat_form"], true);
}

#[test]
fn a_body_that_may_be_left_out_may_be_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    for body in ["null", " null\n", "", "{}"] {
        let token = client.log_in("ann", "laptop");
        let answer = client.try_call("POST", "/v1/logout", Some(&token), Some(body));
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{body:?}: {}", answer.text);
    }
    let (status, answer) = sent(&client, "PUT", "/v1/properties/acme/members/ann", "null");
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn keys_without_names_or_shared_and_times_that_are_none_are_no_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys");
    let run = |words: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["serve", "--listen", "127.0.0.1:0", "--store"])
            .arg(folder.path().join("lamplighter.db"))
            .args(words)
            // Should it start all the same, it ends at once.
            .args(["--end-with-stdin", "--password-memory", "8"])
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    for (keys, words) in [
        (format!(": {KEY}\n"), "an empty name"),
        (format!("olga: {KEY}\npaul: {KEY}\n"), "of `olga` and of `paul` are the same"),
        (format!("{KEY}\npaul: {KEY}\n"), "are the same"),
    ] {
        std::fs::write(&file, &keys).expect("writes");
        let (code, said) = run(&["--admin-key-file", file.to_str().expect("a path")]);
        assert_eq!(code, Some(2), "{keys}: {said}");
        assert!(said.contains(words), "{keys}: {said}");
    }
    for option in ["--heartbeat", "--keep-messages"] {
        let (code, said) = run(&[option, "0s"]);
        assert_eq!(code, Some(2), "{option}: {said}");
        assert!(said.contains("longer than none"), "{option}: {said}");
    }
    for jump in ["0s", "999ms"] {
        let (code, said) = run(&["--max-clock-jump", jump]);
        assert_eq!(code, Some(2), "{jump}: {said}");
        assert!(said.contains("a second at least"), "{jump}: {said}");
    }
}
