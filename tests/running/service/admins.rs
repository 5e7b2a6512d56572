//! Admin keys and what they are for: who did what, who guesses, and what only admins find.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::client::{Client, KEY, NOON, limits, serve_in_shell, start, start_with, until};
use lamplighter_service::{Clock, FailuresMax, Limits};

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
