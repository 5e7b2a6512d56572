//! Two who change the same thing at once: nobody undoes unseen what somebody else has changed.

use serde_json::{Value, json};

use crate::client::{Answer, Client, KEY, start};

/// A write as the admin that goes by a version.
fn write(client: &Client, method: &str, path: &str, version: &str, body: Value) -> Answer {
    let text = (!body.is_null()).then(|| body.to_string());
    let headers = [("if-match", version)];
    let answer = client.try_call_with(method, path, Some(KEY), &headers, text.as_deref());
    answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

/// The version of what is set, as an answer has it.
fn version(answer: &Answer) -> String {
    answer.headers["etag"].to_str().expect("ASCII").to_owned()
}

fn read(client: &Client, path: &str) -> Answer {
    let answer = client.call("GET", path, Some(KEY), Value::Null);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer
}

#[test]
fn of_two_who_change_the_same_greeting_the_second_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({"greetings": {"online": "Hello"}}));
    client.admin("PUT", "/v1/properties/acme/widgets/shop", json!({"pre_chat_form": true}));
    for (path, first, second) in [
        ("/v1/properties/acme", json!({"hide_when_offline": true}), json!({"pre_chat_form": true})),
        (
            "/v1/properties/acme/widgets/shop",
            json!({"hide_on": ["mobile"]}),
            json!({"greetings": {"away": "Soon"}}),
        ),
        ("/v1/settings", json!({"grace": "3m"}), json!({"grace": "5m"})),
    ] {
        let seen_by_both = version(&read(&client, path));
        let written = write(&client, "PUT", path, &seen_by_both, first);
        assert_eq!(written.status, 200, "{path}: {}", written.text);
        let now = read(&client, path);
        assert_eq!(version(&written), version(&now), "{path}: a write tells the version it made");
        let refused = write(&client, "PUT", path, &seen_by_both, second.clone());
        assert_eq!(refused.status, 412, "{path}: {}", refused.text);
        let of_now = version(&now);
        assert_eq!(version(&refused), of_now);
        assert_eq!(refused.body["version"], of_now.trim_matches('"'));
        let detail = refused.body["detail"].as_str().expect("a sentence");
        assert!(detail.contains(&of_now) && detail.contains("meanwhile"), "{detail}");
        assert_eq!(read(&client, path).body, now.body, "{path}: nothing has happened");
        let versions = format!("\"ffffffffffffffff\", {of_now}");
        assert_eq!(write(&client, "PUT", path, &versions, second).status, 200, "{path}");
    }
}

#[test]
fn a_version_says_what_is_set_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let path = "/v1/properties/acme";
    let before = version(&read(&client, path));
    // What agents do changes what the widget shows, and not what is set.
    let token = client.log_in("ann", "laptop");
    client.call("PUT", "/v1/status", Some(&token), json!({"status": "away"}));
    assert_eq!(version(&read(&client, path)), before);
    service.stop();
    let service = start(folder.path());
    let client = service.client();
    assert_eq!(version(&read(&client, path)), before, "after a restart");
    let written = write(&client, "PATCH", path, &before, json!({"pre_chat_form": true}));
    assert_eq!(written.status, 200, "{}", written.text);
    assert_ne!(version(&written), before);
    assert_eq!(write(&client, "DELETE", path, &before, Value::Null).status, 412);
    assert_eq!(write(&client, "PUT", path, "*", json!({"members": ["ann"]})).status, 200);
    assert_eq!(version(&read(&client, path)), before, "the same content again");
    assert_eq!(write(&client, "PUT", "/v1/properties/new", "*", json!({})).status, 412);
    assert_eq!(write(&client, "PUT", path, "abc", json!({})).status, 400);
    // A proxy that compresses makes it weak, and it says the same.
    let same = write(&client, "PUT", path, &format!("W/{before}"), json!({"members": ["ann"]}));
    assert_eq!((same.status, version(&same)), (200, before.clone()));
    assert_eq!(write(&client, "DELETE", path, &before, Value::Null).status, 200);
}

#[test]
fn a_part_that_is_set_leaves_dates_in_the_order_in_which_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    // Of several that name a date the last one counts (rule S7).
    let text = |more: &str| {
        format!(
            r#"{{"scheduler":{{"timezone":"UTC","dates":{{"2026-12-25":["10:00-12:00"],"*-12-24..*-12-26":[]}}}}{more}}}"#
        )
    };
    client.acme(&[], json!({}));
    let dates = |client: &Client| {
        let text = read(client, "/v1/properties/acme").text;
        let (_, dates) = text.split_once("\"dates\":").expect("dates");
        dates.split('}').next().expect("their end").to_owned()
    };
    for (method, more) in [("PUT", ""), ("PATCH", r#","pre_chat_form":true"#)] {
        let set =
            client.try_call_with(method, "/v1/properties/acme", Some(KEY), &[], Some(&text(more)));
        assert_eq!(set.expect("an answer").status, 200, "{method}");
        let kept = dates(&client);
        assert_eq!(kept, r#"{"2026-12-25":["10:00-12:00"],"*-12-24..*-12-26":[]"#, "{method}");
        client.admin("PATCH", "/v1/properties/acme", json!({"hide_when_offline": true}));
        assert_eq!(dates(&client), kept, "what is not named stays as it is");
    }
    let list = json!({"scheduler": ["UTC", {}]});
    let refused = client.call("PATCH", "/v1/properties/acme", Some(KEY), list);
    assert_eq!((refused.status, &refused.body["field"]), (422, &json!("scheduler")));
}

#[test]
fn members_are_part_of_what_is_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let before = version(&read(&client, "/v1/properties/acme"));
    let suspended = json!({"suspended": true});
    for (method, agent, body) in [("PUT", "ann", suspended.clone()), ("DELETE", "bob", Value::Null)]
    {
        let path = format!("/v1/properties/acme/members/{agent}");
        let refused = write(&client, method, &path, "\"0000000000000000\"", body);
        assert_eq!(refused.status, 412, "{}", refused.text);
        assert_eq!(version(&read(&client, "/v1/properties/acme")), before, "nothing has happened");
    }
    // A proxy that compresses makes tags weak.
    let weak = format!("W/{before}");
    let written = write(&client, "PUT", "/v1/properties/acme/members/ann", &weak, suspended);
    assert_eq!(written.status, 200, "{}", written.text);
}
