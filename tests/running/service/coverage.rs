//! Coverage from the journal: the same figures as `lamplighter coverage` has of the exported trace.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, KEY, Running, limits, start_with};
use lamplighter_core::model::Millis;
use lamplighter_service::{Clock, Limits};

/// A service on a Sunday night in New York, on which nobody is silent for too long.
fn service(folder: &std::path::Path) -> Running {
    let limits = Limits { silence_max: Millis(30 * 86_400_000), ..limits() };
    start_with(folder, Clock::manual("2026-03-09T03:00:00Z".parse().expect("an instant")), limits)
}

fn hours() -> Value {
    let day = json!(["09:00-17:00"]);
    json!({"timezone": "America/New_York",
        "hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}})
}

/// Two members with hours, a further widget without any, and somebody of another property.
fn properties(client: &Client) {
    client.acme(&["ann", "bob"], json!({"scheduler": hours()}));
    client.admin("PUT", "/v1/properties/acme/widgets/sales", json!({}));
    client.account("eve");
    client.admin("PUT", "/v1/properties/other", json!({"members": ["eve"]}));
}

fn set(client: &Client, token: &str, status: &str) {
    let answer = client.call("PUT", "/v1/status", Some(token), json!({ "status": status }));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn leave(client: &Client, token: &str) {
    let answer = client.call("POST", "/v1/logout", Some(token), Value::Null);
    assert!(answer.status < 300, "{}", answer.text);
}

/// Two days: late on Monday, a gap at noon, somebody after hours; Tuesday by one person alone.
fn days(client: &Client) {
    client.put_clock("2026-03-09T13:20:00Z");
    let ann = client.log_in("ann", "laptop");
    let eve = client.log_in("eve", "laptop");
    client.put_clock("2026-03-09T16:00:00.250Z");
    leave(client, &ann);
    client.put_clock("2026-03-09T16:41:00Z");
    let bob = client.log_in("bob", "phone");
    client.put_clock("2026-03-09T19:00:00Z");
    set(client, &bob, "away");
    leave(client, &eve);
    client.put_clock("2026-03-10T00:30:00Z");
    leave(client, &bob);
    client.put_clock("2026-03-10T13:00:00Z");
    let ann = client.log_in("ann", "laptop");
    client.put_clock("2026-03-10T18:30:00Z");
    set(client, &ann, "invisible");
    client.put_clock("2026-03-11T12:00:00Z");
}

/// The same property as a scenario, of which the trace is what the service has exported.
const SCENARIO: &str = "scenario The exported journal
timezone America/New_York

property acme
  members ann bob
  scheduler America/New_York
    mon-fri 09:00-17:00
widget acme/sales

property other
  members eve

replay \"trace.csv\"
";

#[test]
fn coverage_is_what_the_command_says_of_the_exported_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service(folder.path());
    let client = service.client();
    properties(&client);
    days(&client);
    let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    std::fs::write(folder.path().join("trace.csv"), trace).expect("writes");
    let scenario = folder.path().join("journal.scenario");
    std::fs::write(&scenario, SCENARIO).expect("writes");
    for (query, span) in [
        ("", &["--to", "2026-03-11T12:00:00Z"][..]),
        (
            "?from=2026-03-09T14:00:00Z&to=2026-03-10T20:00:00.001Z",
            &["--from", "2026-03-09T14:00:00Z", "--to", "2026-03-10T20:00:00.001Z"],
        ),
    ] {
        let asked = client.admin("GET", &format!("/v1/coverage/acme{query}"), Value::Null);
        let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["coverage", "--json", "-"])
            .arg(&scenario)
            .args(span)
            .output()
            .expect("the program");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let mut told: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
        // The service answers for one property: the other one's figures and events are left out.
        let of_acme = |widget: &Value| widget["property"] == "acme";
        let acme: Vec<Value> = told["widgets"]
            .as_array()
            .expect("widgets")
            .iter()
            .filter(|widget| of_acme(widget))
            .cloned()
            .collect();
        assert_eq!(acme.len(), 2);
        assert_eq!(asked["widgets"], Value::Array(acme), "{query}");
        assert_eq!(asked["events"].as_u64().map(|events| events + 2), told["events"].as_u64());
        for field in ["events", "totals", "ranking", "widgets"] {
            told[field] = asked[field].clone();
        }
        assert_eq!(asked, told, "{query}");
    }
}

#[test]
fn coverage_is_by_the_settings_of_the_whole_service_when_it_happened_and_outlives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = service(folder.path());
    let client = first.client();
    properties(&client);
    let none = client.call("GET", "/v1/coverage/acme", Some(KEY), Value::Null);
    assert_eq!(none.status, 404, "{}", none.text);
    assert!(none.text.contains("nothing is recorded before 2026-03-09T03:00:00Z"), "{}", none.text);
    client.put_clock("2026-03-09T14:00:00Z");
    client.log_in("ann", "laptop");
    client.put_clock("2026-03-09T15:00:00Z");
    client.admin("PUT", "/v1/settings", json!({"grace": "2m", "auto_away": "10m"}));
    client.put_clock("2026-03-09T16:00:00Z");
    let ask = |client: &Client| client.admin("GET", "/v1/coverage/acme", Value::Null);
    let figures = ask(&client);
    let acme = &figures["widgets"][0];
    assert_eq!(figures["from"], "2026-03-09T14:00:00Z", "where the journal begins");
    assert_eq!(acme["staffed_ms"], 70 * 60_000, "an hour, and ten minutes until she is idle");
    assert_eq!(acme["away_only_ms"], 50 * 60_000);
    let began = &acme["stretches"]["away_only"]["longest"][0]["began"];
    assert_eq!(began, "ann goes away by being idle on laptop");
    drop(first);
    let again = service(folder.path());
    let client = again.client();
    client.put_clock("2026-03-09T16:00:00Z");
    assert_eq!(ask(&client), figures);
}

#[test]
fn coverage_does_not_hold_the_service_up_and_only_so_many_are_reckoned_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = service(folder.path());
    let client = service.client();
    properties(&client);
    days(&client);
    let address = service.address;
    let askers = (0..12).map(|_| {
        std::thread::spawn(move || {
            let client = Client::new(address);
            let answer = client.call("GET", "/v1/coverage/acme", Some(KEY), Value::Null);
            if answer.status == 503 {
                assert_eq!(answer.headers["retry-after"], "2");
            }
            answer.status
        })
    });
    let askers: Vec<_> = askers.collect();
    let statuses: Vec<u16> = askers.into_iter().map(|a| a.join().expect("answered")).collect();
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    // Whoever was sent away is answered once the others are.
    client.admin("GET", "/v1/coverage/acme", Value::Null);
}
