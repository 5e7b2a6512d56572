//! Who gets in, what ends it, and who did what: accounts, sessions, admin keys, and what is deleted.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::client::{
    Answer, Client, KEY, NOON, config, limits, serve_in_shell, start, start_as, start_with, until,
};
use lamplighter_core::model::Millis;
use lamplighter_service::{Clock, Config, FailuresMax, Limits};

fn password(client: &Client, agent: &str, bearer: &str, body: Value) -> Answer {
    client.call("PUT", &format!("/v1/agents/{agent}"), Some(bearer), body)
}

fn team(client: &Client, token: &str) -> u16 {
    client.call("GET", "/v1/team/acme", Some(token), Value::Null).status
}

#[test]
fn another_password_ends_the_sessions_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let (laptop, phone) = (client.log_in("ann", "laptop"), client.log_in("ann", "phone"));
    let bob = client.log_in("bob", "desk");
    let socket = client.connect(&laptop);
    client.account("ann");
    assert_eq!(team(&client, &laptop), 200, "the same password again changes nothing");

    let put = password(&client, "ann", KEY, json!({"password": "another horse"}));
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(socket.closed().0, 4001);
    assert_eq!(
        (team(&client, &laptop), team(&client, &phone), team(&client, &bob)),
        (401, 401, 200)
    );
    let of_ann = client.admin("GET", "/v1/team/acme", Value::Null)[0]["status"].clone();
    assert_eq!(of_ann, "offline");
    let old = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    assert_eq!(client.call("POST", "/v1/login", None, old).status, 401);
    service.stop();
    let service = start(folder.path());
    assert_eq!(team(&service.client(), &laptop), 401, "after a restart");
}

#[test]
fn an_agent_changes_its_own_password_by_the_current_one_and_nobody_elses() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { failures_max: FailuresMax::of(3), ..limits() };
    let service =
        start_with(folder.path(), Clock::manual(NOON.parse().expect("an instant")), limits);
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let (laptop, phone) = (client.log_in("ann", "laptop"), client.log_in("ann", "phone"));
    let bob = client.log_in("bob", "desk");
    let new = json!({"password": "another horse", "current": "correct horse"});
    assert_eq!(password(&client, "ann", &bob, new.clone()).status, 403);
    let without = password(&client, "ann", &laptop, json!({"password": "another horse"}));
    assert_eq!((without.status, &without.body["field"]), (422, &json!("current")));
    let wrong = json!({"password": "another horse", "current": "a wrong horse"});
    for status in [403, 403, 403, 429] {
        assert_eq!(password(&client, "ann", &laptop, wrong.clone()).status, status);
    }
    assert_eq!(password(&client, "bob", &bob, new).status, 200);
    assert_eq!(team(&client, &bob), 200, "the device that changes it stays");
    assert_eq!((team(&client, &laptop), team(&client, &phone)), (200, 200));
    let entries = client.admin("GET", "/v1/audit?of=/v1/agents/bob&limit=1", Value::Null);
    assert_eq!(entries["entries"][0]["by"], "agent:bob");
}

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

#[test]
fn an_account_that_is_gone_is_gone_everywhere_and_the_journal_still_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({"suspended": ["bob"]}));
    let ann = client.log_in("ann", "laptop");
    assert_eq!(client.status("acme"), "online");
    let deleted = client.admin("DELETE", "/v1/agents/ann", Value::Null);
    let widget = client.get("/v1/widgets/acme");
    assert_eq!(deleted["version"]["acme"], widget["version"], "the one at which it took effect");
    let gone = |client: &Client| {
        assert_eq!(team(client, &ann), 401);
        let body = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
        assert_eq!(client.call("POST", "/v1/login", None, body).status, 401);
        assert_eq!(
            client.admin("GET", "/v1/properties/acme", Value::Null)["members"],
            json!(["bob"])
        );
        assert_eq!(client.status("acme"), "offline");
        let again = client.call("DELETE", "/v1/agents/ann", Some(KEY), Value::Null);
        assert_eq!(again.status, 404);
        let member = client.call("PUT", "/v1/properties/acme/members/ann", Some(KEY), json!({}));
        assert_eq!(member.status, 404, "{}", member.text);
    };
    gone(&client);
    let trace = |client: &Client| client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    let rows = trace(&client);
    assert!(rows.contains(",ann,laptop,login") && rows.contains(",ann,laptop,logout"), "{rows}");
    service.stop();
    let service = start(folder.path());
    let client = service.client();
    gone(&client);
    assert_eq!(trace(&client), rows);
    // The name is free again, and nothing of before comes with it.
    let made = password(&client, "ann", KEY, json!({"password": "correct horse"}));
    assert_eq!(made.status, 201, "{}", made.text);
    client.log_in("ann", "laptop");
    assert_eq!(client.status("acme"), "offline", "no member any more");
}

#[test]
fn an_account_that_is_made_anew_has_no_devices_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { devices_max: 2, ..limits() };
    let begin = || start_as(Config { limits, ..config(folder.path()) });
    let service = begin();
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    client.log_in("ann", "laptop");
    let phone = client.log_in("ann", "phone");
    client.call("PUT", "/v1/status", Some(&phone), json!({"status": "away", "for": "30m"}));
    client.admin("DELETE", "/v1/agents/ann", Value::Null);
    client.account("ann");
    client.admin("PUT", "/v1/properties/acme/members/ann", json!({}));
    let devices = |client: &Client| {
        let rows = client.admin("GET", "/v1/agents/ann/devices", Value::Null);
        let names = rows.as_array().expect("a list").iter();
        names.map(|row| row["device"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let explained =
        |client: &Client| client.call("GET", "/v1/explain/acme", Some(KEY), Value::Null).text;
    assert_eq!(devices(&client), [""; 0], "it begins clean");
    let text = explained(&client);
    assert!(!text.contains("laptop") && !text.contains("phone"), "{text}");
    for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({"device": "watch"}))] {
        let answer = client.call(method, "/v1/agents/ann/devices/phone", Some(KEY), body);
        assert_eq!(answer.status, 404, "{method}: {}", answer.text);
    }
    service.stop();
    // What a start reads is a snapshot; after another one there are rows behind it, too.
    let service = begin();
    let client = service.client();
    assert_eq!(devices(&client), [""; 0], "after a restart");
    // As many devices as there may be, though others had names before.
    client.log_in("ann", "desk");
    client.log_in("ann", "phone");
    let body = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    assert_eq!(client.call("POST", "/v1/login", None, body).status, 409);
    let mut now = devices(&client);
    now.sort();
    assert_eq!(now, ["desk", "phone"]);
    let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    assert!(!trace.contains("account"), "{trace}");
    service.stop();
    let client = begin();
    let mut again = devices(&client.client());
    again.sort();
    assert_eq!(again, now);
}

#[test]
fn a_suspended_member_reads_nothing_of_the_property() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let (ann, bob) = (client.log_in("ann", "laptop"), client.log_in("bob", "desk"));
    let mut socket = client.connect(&ann);
    socket.next_of("team");
    let suspend = |suspended: bool| {
        client.admin("PUT", "/v1/properties/acme/members/ann", json!({"suspended": suspended}));
    };
    suspend(true);
    for path in ["/v1/team/acme", "/v1/messages/acme", "/v1/explain/acme"] {
        let answer = client.call("GET", path, Some(&ann), Value::Null);
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
        assert!(answer.text.contains("suspended"), "{}", answer.text);
    }
    let body = json!({"agent": "ann", "password": "correct horse", "device": "phone"});
    let login = client.call("POST", "/v1/login", None, body).body;
    assert_eq!((&login["properties"], &login["version"]), (&json!([]), &json!({})));
    client.call("PUT", "/v1/status", Some(&bob), json!({"status": "away"}));
    suspend(false);
    // Meanwhile nothing was told but that there is nothing to be seen any more.
    assert_eq!(socket.next_of("team")["team"], json!([]));
    let next = socket.next_of("team");
    assert_eq!(next["team"][1], json!({"agent": "bob", "status": "away"}));
    assert_eq!(team(&client, &ann), 200);
}

#[test]
fn whoever_reads_nothing_of_a_property_any_more_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let ann = ["ann"];
    client.acme(&ann, json!({}));
    let token = client.log_in("ann", "laptop");
    let mut socket = client.connect(&token);
    socket.next_of("team");
    for (method, path, body) in [
        ("DELETE", "/v1/properties/acme/members/ann", Value::Null),
        ("PATCH", "/v1/properties/acme", json!({"members": []})),
        ("PUT", "/v1/properties/acme", json!({})),
        ("DELETE", "/v1/properties/acme", Value::Null),
    ] {
        client.admin(method, path, body);
        let left = socket.next_of("team");
        assert_eq!(
            (&left["property"], &left["team"]),
            (&json!("acme"), &json!([])),
            "{method} {path}"
        );
        client.admin("PUT", "/v1/properties/acme", json!({"members": ann}));
        assert_eq!(socket.next_of("team")["team"][0]["agent"], "ann", "{method} {path}");
    }
}

#[test]
fn every_write_of_an_admin_is_told_with_the_name_of_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    let file = "# who may\nolga: olga's own secret key\n\nnight shift: another long secret\n";
    std::fs::write(&keys, file).expect("writes");
    let store = folder.path().join("lamplighter.db");
    let arguments = format!("--password-memory 8 --admin-key-file '{}'", keys.display());
    let (mut child, address) = serve_in_shell("", &store, &arguments, Stdio::null());
    let client = Client::new(address);
    let (olga, night) = (Some("olga's own secret key"), Some("another long secret"));
    client.call("PUT", "/v1/properties/acme", olga, json!({}));
    client.call("PATCH", "/v1/properties/acme", night, json!({"pre_chat_form": true}));
    client.call("PUT", "/v1/agents/ann", night, json!({"password": "correct horse"}));
    client.call("DELETE", "/v1/messages?email=vi@example.com", night, Value::Null);
    assert_eq!(client.call("PUT", "/v1/properties/acme", night, json!({"hide_on": 1})).status, 422);
    assert_eq!(client.call("GET", "/v1/settings", olga, Value::Null).status, 200);
    let page = client.call("GET", "/v1/audit?limit=3", olga, Value::Null).body;
    let told = |page: &Value| -> Vec<String> {
        let entries = page["entries"].as_array().expect("a list").iter();
        let word = |entry: &Value, field: &str| entry[field].as_str().expect("a text").to_owned();
        entries
            .map(|entry| ["by", "method", "path"].map(|field| word(entry, field)).join(" "))
            .collect()
    };
    assert_eq!(
        told(&page),
        [
            "night shift DELETE /v1/messages",
            "night shift PUT /v1/agents/ann",
            "night shift PATCH /v1/properties/acme"
        ]
    );
    let next = page["next"].as_i64().expect("a further page");
    let page = client.call("GET", &format!("/v1/audit?before={next}"), olga, Value::Null).body;
    assert_eq!(
        (told(&page), &page["next"]),
        (vec!["olga PUT /v1/properties/acme".to_owned()], &Value::Null)
    );
    let of = client.call("GET", "/v1/audit?of=/v1/agents/", olga, Value::Null).body;
    assert_eq!(told(&of), ["night shift PUT /v1/agents/ann"]);
    child.kill().expect("is killed");
    child.wait().expect("ends");
}

#[test]
fn guesses_at_admin_keys_are_counted_and_who_guesses_too_often_learns_nothing_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { failures_max: FailuresMax::of(1), ..limits() };
    let service =
        start_with(folder.path(), Clock::manual(NOON.parse().expect("an instant")), limits);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let ask = |path: &str, bearer: &str| client.call("GET", path, Some(bearer), Value::Null).status;
    // Ten may fail from an address within a minute, by whatever call.
    for number in 0..5 {
        assert_eq!(ask("/v1/settings", &format!("a guess, {number}")), 401);
        assert_eq!(ask("/v1/team/acme", &format!("another guess, {number}")), 401);
    }
    let counted = client.call("GET", "/metrics", None, Value::Null).text;
    assert!(counted.contains("lamplighter_wrong_keys_total 10\n"), "{counted}");
    for guess in ["one guess more", KEY] {
        assert_eq!(ask("/v1/settings", guess), 429, "the right one is told from no other");
        assert_eq!(ask("/v1/team/acme", guess), 429, "nor is it called wrong");
        let put = client.call("PUT", "/v1/status", Some(guess), json!({"status": "away"}));
        assert_eq!(put.status, 429);
        assert!(put.headers.contains_key("retry-after"));
    }
    let counted = client.call("GET", "/metrics", None, Value::Null).text;
    assert!(counted.contains("lamplighter_wrong_keys_total 10\n"), "{counted}");
    assert_eq!(ask("/v1/team/acme", &token), 200, "agents are not held up");
}

fn leave(client: &Client, email: &str) -> i64 {
    let left = json!({"name": "Vi", "email": email, "message": "Is it lit?"});
    let answer = client.call("POST", "/v1/widgets/acme/messages", None, left);
    answer.body["id"].as_i64().expect("a number")
}

fn messages(client: &Client) -> Vec<i64> {
    let page = client.admin("GET", "/v1/messages/acme", Value::Null);
    let messages = page["messages"].as_array().expect("a list").iter();
    messages.map(|message| message["id"].as_i64().expect("a number")).collect()
}

#[test]
fn messages_are_deleted_one_by_one_by_address_and_with_their_property() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let [one, two, three, four] =
        ["vi@example.com", "wu@example.com", "VI@Example.com", "xi@example.com"]
            .map(|email| leave(&client, email));
    let delete = |path: &str| client.call("DELETE", path, Some(KEY), Value::Null);
    assert_eq!(delete(&format!("/v1/messages/other/{two}")).status, 404);
    assert_eq!(delete(&format!("/v1/messages/acme/{two}")).status, 200);
    assert_eq!(delete(&format!("/v1/messages/acme/{two}")).status, 404);
    assert_eq!(messages(&client), [four, three, one]);
    assert_eq!(delete("/v1/messages").status, 422);
    let erased = delete("/v1/messages?email=vi@example.com");
    assert_eq!((erased.status, &erased.body["deleted"]), (200, &json!(2)), "{}", erased.text);
    assert_eq!(messages(&client), [four]);
    service.stop();
    let bytes = std::fs::read(folder.path().join("lamplighter.db")).expect("the store");
    let is_there = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(
        !is_there(b"vi@example.com") && is_there(b"xi@example.com"),
        "it is erased, not hidden"
    );

    let service = start(folder.path());
    let client = service.client();
    let delete = |path: &str| client.call("DELETE", path, Some(KEY), Value::Null);
    let refused = delete("/v1/properties/acme");
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("?messages=delete"), "{}", refused.text);
    assert_eq!(delete("/v1/properties/acme?messages=perhaps").status, 422);
    assert_eq!(delete("/v1/properties/acme?messages=delete").status, 200);
    client.acme(&["ann"], json!({}));
    assert_eq!(messages(&client), [0; 0], "who has the property next reads nothing of before");
    assert_eq!(delete("/v1/properties/acme").status, 200);
    let of_none = client.call("GET", "/v1/messages/acme", Some(KEY), Value::Null);
    assert_eq!(of_none.status, 404, "{}", of_none.text);
}

#[test]
fn what_was_left_with_a_property_that_is_gone_can_be_read_by_admins_until_it_is_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let left = leave(&client, "vi@example.com");
    service.stop();
    // As releases did that asked nobody what is to become of messages.
    let store = rusqlite::Connection::open(folder.path().join("lamplighter.db")).expect("opens");
    store.execute("DELETE FROM properties WHERE name = 'acme'", []).expect("deletes");
    drop(store);
    let service = start(folder.path());
    let client = service.client();
    assert_eq!(client.call("GET", "/v1/widgets/acme", None, Value::Null).status, 404);
    assert_eq!(messages(&client), [left]);
    client.admin("GET", &format!("/v1/messages/acme?before={left}"), Value::Null);
    client.admin("DELETE", &format!("/v1/messages/acme/{left}"), Value::Null);
    let none = client.call("GET", "/v1/messages/acme", Some(KEY), Value::Null);
    assert_eq!(none.status, 404, "{}", none.text);
}

#[test]
fn messages_are_kept_as_long_as_they_may_and_no_longer() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let old = leave(&client, "vi@example.com");
    client.put_clock("2027-01-01T00:00:00Z");
    let young = leave(&client, "wu@example.com");
    client.put_clock("2027-04-13T15:59:00Z");
    assert_eq!(messages(&client), [young, old], "400 days are not over");
    client.put_clock("2027-04-13T16:15:00Z");
    until("it is deleted", || messages(&client) == [young]);
}

#[test]
fn metrics_are_on_their_own_address_alone_where_they_have_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let log = folder.path().join("log");
    let arguments = format!("--metrics-listen 127.0.0.1:0 2>'{}'", log.display());
    let (mut child, address) = serve_in_shell("", &store, &arguments, Stdio::null());
    let client = Client::new(address);
    let mut apart = None;
    until("the log says where they are", || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        apart = text.lines().find_map(|line| {
            let said = line.split_once("metrics on http://")?.1;
            said.split('/').next()?.parse().ok()
        });
        apart.is_some()
    });
    let apart = Client::new(apart.expect("an address"));
    let get = |client: &Client, path: &str| client.call("GET", path, None, Value::Null);
    assert!(get(&apart, "/metrics").text.contains("lamplighter_connections"));
    assert_eq!(get(&apart, "/readyz").status, 200);
    assert_eq!(get(&apart, "/v1/widgets/acme").status, 404);
    assert_eq!(get(&client, "/metrics").status, 404);
    assert_eq!(get(&client, "/readyz").status, 200);
    child.kill().expect("is killed");
    child.wait().expect("ends");
}

#[test]
fn an_admin_finds_properties_and_accounts_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({"suspended": ["bob"]}));
    for property in ["Acorn", "zoo"] {
        client.admin("PUT", &format!("/v1/properties/{property}"), json!({}));
    }
    client.admin("PUT", "/v1/properties/acme/widgets/shop", json!({}));
    client.account("Annika");
    let ann = client.log_in("ann", "laptop");
    let list = |path: &str| client.call("GET", path, Some(KEY), Value::Null);
    let acme = json!({"property": "acme", "status": "online", "members": 2, "widgets": ["shop"]});
    let found = list("/v1/properties?search=AC").body;
    assert_eq!(found["properties"][1], acme);
    assert_eq!(
        (&found["properties"][0]["property"], &found["next"]),
        (&json!("Acorn"), &Value::Null)
    );
    let first = list("/v1/properties?limit=2").body;
    assert_eq!(
        (first["properties"].as_array().map(Vec::len), &first["next"]),
        (Some(2), &json!("acme"))
    );
    let second = list("/v1/properties?limit=2&after=acme").body;
    assert_eq!(
        (&second["properties"][0]["property"], &second["next"]),
        (&json!("zoo"), &Value::Null)
    );
    let found = list("/v1/agents?search=ann").body;
    let of_ann = json!({"agent": "ann", "status": "online", "devices": 1, "properties": ["acme"]});
    assert_eq!((&found["agents"][0]["agent"], &found["agents"][1]), (&json!("Annika"), &of_ann));
    client.admin("DELETE", "/v1/agents/ann", Value::Null);
    client.admin("DELETE", "/v1/properties/acme", Value::Null);
    let names = |path: &str| list(path).text;
    assert!(!names("/v1/agents").contains("\"ann\"") && !names("/v1/properties").contains("acme"));
    for path in ["/v1/agents", "/v1/properties"] {
        assert_eq!(client.call("GET", path, Some(&ann), Value::Null).status, 401, "{path}");
        assert_eq!(client.call("GET", path, None, Value::Null).status, 401, "{path}");
    }
}

#[test]
fn what_a_visitor_leaves_is_pushed_to_members_and_to_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({"suspended": ["bob"]}));
    client.account("cy");
    client.admin("PUT", "/v1/properties/other", json!({"members": ["cy"]}));
    let (ann, bob, cy) =
        (client.log_in("ann", "laptop"), client.log_in("bob", "desk"), client.log_in("cy", "desk"));
    let (mut of_ann, mut of_bob, mut of_cy) =
        (client.connect(&ann), client.connect(&bob), client.connect(&cy));
    let leave = |property: &str| {
        let body = json!({"name": "Wanda", "email": "wanda@example.com", "message": "Hello"});
        let path = format!("/v1/widgets/{property}/messages");
        assert_eq!(client.call("POST", &path, None, body).status, 201);
    };
    leave("acme");
    leave("other");
    let told = of_ann.next_of("message");
    let listed = client.admin("GET", "/v1/messages/acme", Value::Null);
    assert_eq!((&told["property"], &told["message"]), (&json!("acme"), &listed["messages"][0]));
    assert_eq!(of_cy.next_of("message")["property"], "other", "nothing of acme before it");
    // Who is suspended hears of nothing until reinstated (rule P6).
    client.admin("PUT", "/v1/properties/acme/members/bob", json!({"suspended": false}));
    leave("acme");
    assert_eq!(of_bob.next_of("message")["message"]["id"], 3);
}
