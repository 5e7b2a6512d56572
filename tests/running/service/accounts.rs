//! Who gets in, what ends it, and who is gone: accounts and their sessions.

use serde_json::{Value, json};

use crate::client::{Answer, Client, KEY, NOON, config, limits, start, start_as, start_with};
use lamplighter_service::{Clock, Config, FailuresMax, Limits, PasswordCost};

fn password(client: &Client, agent: &str, bearer: &str, body: Value) -> Answer {
    client.call("PUT", &format!("/v1/agents/{agent}"), Some(bearer), body)
}

pub fn team(client: &Client, token: &str) -> u16 {
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
fn a_password_that_is_none_any_more_when_it_was_looked_at_lets_nobody_in() {
    let folder = tempfile::tempdir().expect("a folder");
    // Each takes a while to look at.
    let password_cost = PasswordCost { memory_kib: 1_024, passes: 2 };
    let limits = Limits { password_cost, ..limits() };
    let service =
        start_with(folder.path(), Clock::manual(NOON.parse().expect("an instant")), limits);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let address = service.address;
    // They wait for each other: passwords are looked at a few at a time.
    let logins: Vec<_> = (0..8)
        .map(|number| {
            std::thread::spawn(move || {
                let device = format!("device-{number}");
                let body = json!({"agent": "ann", "password": "correct horse", "device": device});
                Client::new(address).call("POST", "/v1/login", None, body)
            })
        })
        .collect();
    // The account is gone before most of them were: their passwords were right when they came.
    std::thread::sleep(std::time::Duration::from_millis(20));
    client.admin("DELETE", "/v1/agents/ann", Value::Null);
    for login in logins {
        let login = login.join().expect("an answer");
        match login.status {
            201 => {
                let token = login.body["token"].as_str().expect("a token");
                assert_eq!(team(&client, token), 401, "a session of before");
            }
            status => assert_eq!(status, 401, "{}", login.text),
        }
    }
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
