//! A machine's clock that is wrong for a while.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, KEY, NOON, Running, limits, start_with, until};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_service::{CLOCK_JUMP_MAX, Clock, Reading};

const TEN_YEARS_S: i64 = 10 * 365 * 86_400;

/// A machine whose clocks the test puts.
#[derive(Clone)]
struct Machine(Arc<Mutex<Reading>>);

impl Machine {
    fn new() -> Self {
        let wall = NOON.parse().expect("an instant");
        Self(Arc::new(Mutex::new(Reading { wall, passed: Duration::ZERO })))
    }

    /// The time that passes on both clocks.
    fn pass(&self, seconds: u64) {
        self.put(seconds as i64);
        self.0.lock().expect("no panic").passed += Duration::from_secs(seconds);
    }

    /// The wall's clock alone is put, ahead or back.
    fn put(&self, seconds: i64) {
        let mut reading = self.0.lock().expect("no panic");
        let wall = reading.wall.as_millis() + 1_000 * seconds;
        reading.wall = Instant::from_millis(wall).expect("in range");
    }

    fn start(&self, folder: &Path, jump_max: Millis) -> Running {
        let reading = Arc::clone(&self.0);
        let clock = Clock::of(move || *reading.lock().expect("no panic"), jump_max);
        start_with(folder, clock, limits())
    }
}

fn metric(client: &Client, name: &str) -> f64 {
    let text = client.call("GET", "/metrics", None, Value::Null).text;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("lamplighter_{name} ")));
    line.expect("is told").parse().expect("a number")
}

fn readyz(client: &Client) -> (u16, String) {
    let answer = client.call("GET", "/readyz", None, Value::Null);
    (answer.status, answer.text)
}

#[test]
fn a_glitch_of_ten_years_moves_nothing_and_writes_go_on_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let machine = Machine::new();
    let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
    let client = service.client();
    // It is noon on a Monday in New York.
    let hours = json!({"timezone": "America/New_York", "hours": {"mon": ["09:00-17:00"]}});
    client.acme(&["ann"], json!({"scheduler": hours}));
    let token = client.log_in("ann", "laptop");
    assert_eq!(client.status("acme"), "online");

    machine.put(TEN_YEARS_S);
    until("the service has seen it", || metric(&client, "clock_stopped") == 1.0);
    let status = json!({"status": "away"});
    for (method, path, bearer, body) in [
        ("PUT", "/v1/status", Some(token.as_str()), status.clone()),
        ("PATCH", "/v1/properties/acme", Some(KEY), json!({"pre_chat_form": true})),
        ("POST", "/v1/widgets/acme/messages", None, json!({"name": "Vi", "email": "v@x.org"})),
    ] {
        let answer = client.call(method, path, bearer, body);
        assert_eq!(answer.status, 503, "{method} {path}: {}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
        let detail = answer.body["detail"].as_str().expect("a sentence");
        for said in ["ahead of the time that has passed", "--max-clock-jump 10m", "restart"] {
            assert!(detail.contains(said), "{detail}");
        }
    }
    assert_eq!(readyz(&client).0, 503);
    assert!(metric(&client, "clock_off_seconds") > 300_000_000.0);
    assert_eq!(client.status("acme"), "online", "what is only read goes on, in its own time");
    machine.pass(1);
    machine.put(-TEN_YEARS_S);
    until("the service has seen it", || metric(&client, "clock_stopped") == 0.0);
    assert_eq!(readyz(&client).0, 200);
    let answer = client.call("PUT", "/v1/status", Some(&token), status);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    let instants: Vec<&str> = trace.lines().skip(1).collect();
    assert!(instants.iter().all(|row| row.starts_with("2026-03-09T16:00:0")), "{trace}");
}

#[test]
fn a_step_back_does_not_stop_a_grace() {
    let folder = tempfile::tempdir().expect("a folder");
    let machine = Machine::new();
    let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let socket = client.connect(&token);
    machine.pass(1);
    socket.cut();
    let lost = || {
        let why = client.admin("GET", "/v1/explain/acme", Value::Null);
        why["members"][0]["devices"][0]["connection_lost"] == true
    };
    until("the loss is noticed", lost);
    machine.put(-3_600);
    machine.pass(60);
    until("the service has seen it", || metric(&client, "clock_off_seconds") < -3_500.0);
    assert_eq!(client.status("acme"), "online", "the grace is of two minutes");
    // A tenth slower: two minutes are over after 134 seconds.
    machine.pass(75);
    until("the grace is over", || client.status("acme") == "offline");
    assert_eq!(readyz(&client).0, 200, "a step back stops no writes");
}

#[test]
fn a_start_far_before_what_is_kept_takes_no_writes_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let machine = Machine::new();
    machine.put(TEN_YEARS_S);
    let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
    service.client().acme(&["ann"], json!({}));
    service.client().log_in("ann", "laptop");
    service.stop();
    machine.put(-TEN_YEARS_S);
    let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
    let (status, said) = readyz(&service.client());
    assert_eq!(status, 503);
    assert!(said.contains("behind what is kept") && said.contains("restore a backup"), "{said}");
    service.stop();
    let service = machine.start(folder.path(), Millis(20 * 365 * 86_400_000));
    assert_eq!(readyz(&service.client()).0, 200);
}

#[test]
fn devices_whose_grace_is_over_when_a_service_comes_back_are_not_there() {
    for (minutes, status) in [(10, "offline"), (2, "online")] {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = Machine::new();
        let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
        let client = service.client();
        client.acme(&["ann", "bob"], json!({}));
        let token = client.log_in("ann", "laptop");
        let _socket = client.connect(&token);
        client.log_in("bob", "desk");
        service.stop();
        machine.pass(60 * minutes);
        let service = machine.start(folder.path(), CLOCK_JUMP_MAX);
        let client = service.client();
        // A minute of silence, and two of grace (rule P7).
        assert_eq!(client.status("acme"), status, "after {minutes} minutes");
        let team = client.admin("GET", "/v1/team/acme", Value::Null);
        assert_eq!((&team[0]["status"], &team[1]["status"]), (&json!(status), &json!(status)));
        let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
        assert!(trace.contains("2026-03-09T16:01:00Z,ann,laptop,disconnect"), "{trace}");
    }
}
