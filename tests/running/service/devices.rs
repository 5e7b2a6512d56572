//! Devices as their agent and admins see them: listed, ended, and given other names.

use serde_json::{Value, json};

use super::accounts::team;
use crate::client::{Client, KEY, NOON, config, limits, start, start_as};
use lamplighter_core::model::Millis;
use lamplighter_service::{Config, Limits};

#[test]
fn an_agent_sees_its_devices_and_ends_one_and_an_admin_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let (laptop, phone) = (client.log_in("ann", "laptop"), client.log_in("ann", "phone"));
    let bob = client.log_in("bob", "desk");
    let devices =
        |bearer: &str| client.call("GET", "/v1/agents/ann/devices", Some(bearer), Value::Null);
    let seen = devices(&laptop).body;
    assert_eq!(seen[0]["device"], "laptop");
    assert_eq!(
        (&seen[1]["device"], &seen[1]["status"], &seen[1]["connected"], &seen[1]["since"]),
        (&json!("phone"), &json!("online"), &json!(true), &json!(NOON))
    );
    assert_eq!((devices(&bob).status, devices(KEY).body == seen), (403, true));
    let end = |bearer: &str, device: &str| {
        let path = format!("/v1/agents/ann/devices/{device}");
        client.call("DELETE", &path, Some(bearer), Value::Null).status
    };
    assert_eq!(end(&bob, "phone"), 403);
    assert_eq!(end(&laptop, "phone"), 200);
    assert_eq!((team(&client, &laptop), team(&client, &phone)), (200, 401));
    assert_eq!(end(KEY, "laptop"), 200);
    assert_eq!(team(&client, &laptop), 401);
    assert_eq!(end(KEY, "tablet"), 404);
}

#[test]
fn a_device_with_another_name_is_the_same_to_everybody_else_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    // A device that is silent for half an hour is still there.
    let limits = Limits { silence_max: Millis(86_400_000), ..limits() };
    let begin = || start_as(Config { limits, ..config(folder.path()) });
    let service = begin();
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let (laptop, _phone) = (client.log_in("ann", "laptop"), client.log_in("ann", "phone"));
    client.admin("DELETE", "/v1/agents/ann/devices/phone", Value::Null);
    let away = json!({"status": "invisible", "for": "30m"});
    client.call("PUT", "/v1/status", Some(&laptop), json!({"status": "away"}));
    client.call("PUT", "/v1/status", Some(&laptop), away);
    let socket = client.connect(&laptop);
    let rename = |bearer: &str, from: &str, to: &str| {
        let path = format!("/v1/agents/ann/devices/{from}");
        client.call("PATCH", &path, Some(bearer), json!({"device": to}))
    };
    // A name that a session had before is free; that of one that goes on is not.
    assert_eq!(rename(&laptop, "laptop", "phone").status, 200);
    let desk = client.log_in("ann", "desk");
    assert_eq!(rename(&laptop, "phone", "desk").status, 409);
    assert_eq!(rename(&laptop, "laptop", "watch").status, 409, "it is logged out");
    client.call("POST", "/v1/logout", Some(&desk), Value::Null);
    let answer = rename(&laptop, "phone", "the-old-one").body;
    assert_eq!(
        (&answer["device"], &answer["status"], &answer["until"]),
        (&json!("the-old-one"), &json!("invisible"), &json!("2026-03-09T16:30:00Z"))
    );
    let (code, reason) = socket.closed();
    assert_eq!((code, reason.as_str()), (4002, "the device has another name: connect again"));
    let statuses = |client: &Client| {
        let rows = client.admin("GET", "/v1/agents/ann/devices", Value::Null);
        let rows = rows.as_array().expect("a list").clone();
        let row = |row: Value| format!("{} {}", row["device"], row["status"]).replace('"', "");
        rows.into_iter().map(row).collect::<Vec<String>>()
    };
    let expected =
        ["laptop logged out", "phone logged out", "desk logged out", "the-old-one invisible"];
    assert_eq!(statuses(&client), expected);
    let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    service.stop();
    let service = begin();
    let client = service.client();
    assert_eq!(statuses(&client), expected, "{trace}");
    assert_eq!(team(&client, &laptop), 200, "its token is good on");
    client.put_clock("2026-03-09T16:30:00Z");
    assert_eq!(statuses(&client)[3], "the-old-one away", "the time goes on, too");
}

#[test]
fn nobody_sees_another_status_when_a_device_gets_another_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let ann = client.log_in("ann", "laptop");
    client.call("PUT", "/v1/status", Some(&ann), json!({"status": "invisible"}));
    let mut told = client.connect(&client.log_in("bob", "desk"));
    told.next_of("team");
    let answer = client.call(
        "PATCH",
        "/v1/agents/ann/devices/laptop",
        Some(&ann),
        json!({"device": "desk"}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
    client.call("PUT", "/v1/status", Some(&ann), json!({"status": "away"}));
    let next = || told.next_of("status")["status"].as_str().expect("a status").to_owned();
    let seen: Vec<String> = std::iter::repeat_with(next).take_while(|s| s != "away").collect();
    assert!(seen.iter().all(|status| status == "invisible"), "{seen:?}");
}
