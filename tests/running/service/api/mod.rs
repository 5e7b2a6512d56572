//! Every call of the API: what it answers, and that its document says so.

mod agents;
mod calls;
mod properties;
mod visitors;
mod whole_service;

use agents::{accounts_and_messages, logins, probes_and_accounts, statuses};
use calls::{Calls, wrong_bodies};
use properties::{acme, changes_of_a_part, further_widgets, properties};
use serde_json::{Value, json};
use visitors::{messages_of_visitors, what_visitors_see, widgets_that_are_not};
use whole_service::{
    journal, manual_clock, outdated_and_deleted, settings_of_the_service, team_and_explanations,
};

use super::schema::Document;
use crate::client::{KEY, NOON, start, start_with};
use lamplighter_service::{Clock, FailuresMax, Limits};

/// Whether every answer and every field of the document was met here, but for those that other tests meet.
fn nothing_was_missed(document: &Document) {
    let met_elsewhere = |answer: &(String, String, String)| {
        let (_, path, status) = answer;
        // Sockets and streams: `live`, and too many of them: `bounded`. Slow bodies and services that
        // stop or are full: `hardened`.
        let is_live = path == "/v1/connect"
            || path.ends_with("/events") && ["200", "429"].contains(&status.as_str());
        // Metrics on an address of their own: `admins`.
        let is_apart = path == "/metrics" && status == "404";
        is_live || is_apart || status == "408" || status == "503"
    };
    let missed: Vec<_> =
        document.missed_answers().into_iter().filter(|answer| !met_elsewhere(answer)).collect();
    assert!(missed.is_empty(), "in the document, but never met: {missed:#?}");
    assert_eq!(document.missed_fields(), [""; 0], "in the document, but never met");
}

#[test]
fn every_call_answers_as_its_document_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        failures_max: FailuresMax { of_address: 100, ..FailuresMax::of(3) },
        messages_max: 4,
        devices_max: 2,
        ..crate::client::limits()
    };
    let manual = Clock::manual(NOON.parse().expect("an instant"));
    let service = start_with(folder.path(), manual, limits);
    let client = service.client();
    let document = client.get("/openapi.json");
    let mut calls = Calls { client: &client, document: Document::new(document), headers: &[] };
    let c = &mut calls;
    let admin = Some(KEY);

    probes_and_accounts(c);
    let acme = acme();
    properties(c, &acme);
    further_widgets(c);
    changes_of_a_part(c, admin, &acme);
    settings_of_the_service(c);
    let (ann, eve) = logins(c);
    let token = Some(ann.as_str());
    statuses(c, token);
    what_visitors_see(c);
    widgets_that_are_not(c);
    messages_of_visitors(c, token, &eve);
    team_and_explanations(c, token, &eve);
    accounts_and_messages(c, admin, token, &eve);
    manual_clock(c);
    wrong_bodies(c, "POST /v1/logout", token);
    c.call("POST /v1/logout", token, json!({"everywhere": true}), 200);
    c.call("POST /v1/logout", token, Value::Null, 401);
    journal(c, token);
    outdated_and_deleted(c);

    // A machine's clock cannot be put.
    let other = tempfile::tempdir().expect("a folder");
    let by_machine = start_with(other.path(), Clock::system(), crate::client::limits());
    let by_machine = by_machine.client();
    let calls_there = &mut Calls { client: &by_machine, document: calls.document, headers: &[] };
    calls_there.call("PUT /v1/clock", admin, json!({"now": NOON}), 404);
    calls_there.call("GET /v1/clock", admin, Value::Null, 404);

    nothing_was_missed(&calls_there.document);
}

#[test]
fn what_there_is_not_and_how_it_is_not_asked_are_problems_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    for (method, path, status) in [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/login", 405),
        ("GET", "/v1/team/%FF", 400),
        ("GET", "/v1/widgets/%FF", 400),
        ("GET", "/v1/widgets/", 404),
        ("GET", "/assets/nothing.js", 404),
    ] {
        let answer = client.call(method, path, Some(KEY), Value::Null);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.body["status"], status);
    }
}

#[test]
fn visitors_calls_are_for_scripts_of_any_page_and_no_others_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let origin = |method: &str, path: &str| {
        let answer = client.call(method, path, Some(KEY), Value::Null);
        answer.headers.get("access-control-allow-origin").cloned()
    };
    for (method, path) in [
        ("GET", "/v1/widgets/acme"),
        ("GET", "/v1/widgets/none"),
        ("GET", "/v1/widgets/none/events"),
        ("OPTIONS", "/v1/widgets/acme/messages"),
        ("GET", "/widget.js"),
    ] {
        assert_eq!(origin(method, path).expect("for any page"), "*", "{method} {path}");
    }
    for path in ["/v1/team/acme", "/v1/settings", "/v1/properties/acme", "/metrics", "/"] {
        assert_eq!(origin("GET", path), None, "{path}");
        let answer = client.call("GET", path, Some(KEY), Value::Null);
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers.contains_key("content-security-policy"), "{path}");
    }
}

#[test]
fn visitors_learn_nothing_internal() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    client.log_in("ann", "laptop");
    let answer = client.call("GET", "/v1/widgets/acme", None, Value::Null);
    for internal in ["ann", "laptop", "agent", "reason"] {
        assert!(!answer.text.contains(internal), "{}", answer.text);
    }
}

#[test]
fn versions_grow_with_every_change_and_answers_tell_what_they_knew() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let hours = json!({"timezone": "UTC", "hours": {"mon": ["09:00-17:00"]}});
    client.acme(&["ann"], json!({"scheduler": hours}));
    let seen = || client.get("/v1/widgets/acme")["version"].as_u64().expect("a version");
    let mut last = seen();
    let mut grown = |what: &str, written: &Value| {
        let written = written["version"]["acme"].as_u64().unwrap_or(last + 1);
        let now = seen();
        assert!(last < written && written <= now, "{what}: {last}, {written}, {now}");
        last = now;
    };
    let body = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    let login = client.call("POST", "/v1/login", None, body).body;
    grown("login", &login);
    let token = login["token"].as_str().expect("a token");
    let set = client.call("PUT", "/v1/status", Some(token), json!({"status": "away"})).body;
    grown("status", &set);
    grown("settings", &client.admin("PUT", "/v1/settings", json!({"grace": "1m"})));
    grown("edge", &client.admin("PUT", "/v1/clock", json!({"now": "2026-03-09T17:00:00Z"})));
    let put = client.admin("PUT", "/v1/properties/acme", json!({"members": ["ann"]}));
    grown("property", &put);
}
