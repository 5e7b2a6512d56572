//! What is kept: harmed rows are not served, copies are made while the service runs, and put back.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, KEY, start};

fn leave(client: &Client, text: &str) {
    let left = json!({"name": "Vi", "email": "vi@example.com", "message": text});
    let answer = client.call("POST", "/v1/widgets/acme/messages", None, left);
    assert_eq!(answer.status, 201, "{}", answer.text);
}

/// `lamplighter store`: its exit code, and all that it says.
fn store(words: &[&Path]) -> (Option<i32>, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .arg("store")
        .args(words)
        .output()
        .expect("runs");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8(said).expect("text"))
}

#[test]
fn a_message_that_was_changed_behind_the_services_back_is_not_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    ["One", "Two", "Three"].iter().for_each(|text| leave(&client, text));
    let path = folder.path().join("lamplighter.db");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let change = "UPDATE messages SET message = 'TwO' WHERE id = 2";
    connection.execute_batch(change).expect("is changed");
    let read = |query: &str| {
        client.call("GET", &format!("/v1/messages/acme{query}"), Some(KEY), Value::Null)
    };
    let refused = read("");
    assert_eq!(refused.status, 500, "{}", refused.text);
    let said = refused.body["detail"].as_str().expect("a sentence");
    assert!(said.contains("row 2 of messages is not what was written"), "{said}");
    assert_eq!(read("?limit=1").body["messages"][0]["message"], "Three", "the others are served");
    assert_eq!(read("?before=2").body["messages"][0]["message"], "One");
    let (code, said) = store(&[Path::new("check"), &path]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("row 2 of messages"), "{said}");
}

#[test]
fn a_copy_is_made_while_the_service_runs_and_is_what_it_was_when_it_is_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({"greetings": {"online": "Hello"}}));
    leave(&client, "Is it lit?");
    let path = folder.path().join("lamplighter.db");
    let copy = folder.path().join("monday.db");
    let (code, said) = store(&[Path::new("backup"), &path, &copy]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 properties") && said.contains("1 messages"), "{said}");
    client.admin("PATCH", "/v1/properties/acme", json!({"greetings": {"online": "Later"}}));
    let restore = [Path::new("restore"), &copy, &path, Path::new("--replace")];
    let (code, said) = store(&restore);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("in use") && said.contains("stop the other service"), "{said}");
    service.stop();
    let (code, said) = store(&restore);
    assert_eq!(code, Some(0), "{said}");
    let service = start(folder.path());
    let client = service.client();
    let document = client.admin("GET", "/v1/properties/acme", Value::Null);
    assert_eq!(document["greetings"]["online"], "Hello");
    assert!(folder.path().join("lamplighter.db.before").exists(), "the other one stays");
    let (code, said) = store(&[Path::new("check"), &folder.path().join("none.db")]);
    assert_eq!(code, Some(3), "{said}");
}
