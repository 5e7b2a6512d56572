//! What visitors leave: to whom it is pushed, and how long it is kept.

use serde_json::{Value, json};

use crate::client::{Client, KEY, start, until};

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
