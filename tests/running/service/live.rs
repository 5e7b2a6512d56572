//! Sockets of agents, and event streams of visitors.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{KEY, NOON, limits, start, start_with, until};
use lamplighter_service::Clock;

/// A visitor's event stream.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: std::net::SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").expect("sends");
        let mut stream = Self(BufReader::new(stream));
        assert!(stream.line().starts_with("HTTP/1.1 200"));
        stream
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line");
        line
    }

    /// The next event; `None` at the end of the stream.
    fn next(&mut self) -> Option<Value> {
        loop {
            let line = self.line();
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
            // The last chunk is empty.
            if line.is_empty() || line == "0\r\n" {
                return None;
            }
        }
    }
}

#[test]
fn a_lost_socket_is_a_lost_connection_until_the_grace_runs_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let device = || {
        let why = client.admin("GET", "/v1/explain/acme", Value::Null);
        why["members"][0]["devices"][0].clone()
    };
    let socket = client.connect(&token);
    assert_eq!(device()["connection_lost"], false);
    socket.cut();
    until("the loss is noticed", || device()["connection_lost"] == true);
    assert_eq!(device()["grace_until"], "2026-03-09T16:02:00Z");
    // A call is no reconnection: within the grace the device can be given a status.
    client.call("PUT", "/v1/status", Some(&token), json!({"status": "away"}));
    assert_eq!(
        (&device()["connection_lost"], client.status("acme")),
        (&json!(true), "away".into())
    );
    // Coming back within the grace changes nothing else.
    client.put_clock("2026-03-09T16:01:59Z");
    let socket = client.connect(&token);
    assert_eq!(device()["connection_lost"], false);
    client.put_clock("2026-03-09T17:00:00Z");
    assert_eq!(client.status("acme"), "away");
    socket.cut();
    until("the loss is noticed", || device()["connection_lost"] == true);
    client.put_clock("2026-03-09T17:02:00Z");
    assert_eq!(client.status("acme"), "offline");
    let late = client.call("PUT", "/v1/status", Some(&token), json!({"status": "online"}));
    assert_eq!(late.status, 401, "{}", late.text);
}

#[test]
fn an_agent_of_many_properties_is_told_all_teams_and_stays_connected() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.account("ann");
    for number in 0..40 {
        let path = format!("/v1/properties/shop-{number}");
        client.admin("PUT", &path, json!({"members": ["ann"]}));
    }
    let token = client.log_in("ann", "laptop");
    let mut socket = client.connect(&token);
    assert_eq!(socket.next()["type"], "device");
    let teams: Vec<Value> = (0..40).map(|_| socket.next_of("team")["property"].clone()).collect();
    assert_eq!(teams.len(), 40);
    client.call("PUT", "/v1/status", Some(&token), json!({"status": "away"}));
    assert_eq!(socket.next_of("device")["status"], "away");
}

#[test]
fn who_goes_away_while_a_socket_is_opened_has_lost_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let devices = || client.admin("GET", "/v1/agents/ann/devices", Value::Null);
    let tokens: Vec<String> =
        (0..4).map(|number| client.log_in("ann", &format!("device-{number}"))).collect();
    for turn in 0..80 {
        let mut stream = TcpStream::connect(service.address).expect("connects");
        let token = &tokens[turn % tokens.len()];
        write!(
            stream,
            "GET /v1/connect HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\
             upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .expect("sends");
        // Gone at once, before the service has answered.
    }
    until("all are known to be gone", || {
        let devices = devices();
        let all = devices.as_array().expect("a list");
        all.len() == 4 && all.iter().all(|device| device["connected"] == false)
    });
}

#[test]
fn a_device_without_a_socket_lives_by_its_calls() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let token = client.log_in("ann", "laptop");
    let team = |token: &str| client.call("GET", "/v1/team/acme", Some(token), Value::Null);
    let why = || client.admin("GET", "/v1/explain/acme", Value::Null);
    let lost = || why()["members"][0]["devices"][0]["connection_lost"].clone();
    client.put_clock("2026-03-09T16:00:59Z");
    assert_eq!(team(&token).status, 200);
    client.put_clock("2026-03-09T16:01:58Z");
    assert_eq!(lost(), false);
    client.put_clock("2026-03-09T16:01:59Z");
    assert_eq!(lost(), true, "silent for a minute");
    // A device that was lost by silence is back by its next call.
    assert_eq!(team(&token).status, 200);
    assert_eq!(lost(), false);
    client.put_clock("2026-03-09T16:10:00Z");
    assert_eq!(team(&token).status, 401, "a minute of silence, then two of grace");
    let trace = client.call("GET", "/v1/trace", Some(KEY), Value::Null).text;
    let rows: Vec<&str> = trace.lines().collect();
    assert_eq!(
        rows,
        [
            "at,agent,device,action",
            "2026-03-09T16:00:00Z,ann,laptop,login",
            "2026-03-09T16:01:59Z,ann,laptop,disconnect",
            "2026-03-09T16:01:59Z,ann,laptop,reconnect",
            "2026-03-09T16:02:59Z,ann,laptop,disconnect",
        ]
    );
}

#[test]
fn team_statuses_are_pushed_to_every_member() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    client.account("eve");
    let token = client.log_in("ann", "laptop");
    let mut ann = client.connect(&token);
    assert_eq!(ann.next(), json!({"type": "device", "device": "laptop", "status": "online"}));
    let team = ann.next_of("team");
    assert_eq!(team["property"], "acme");
    assert_eq!(team["team"][1], json!({"agent": "bob", "status": "offline"}));
    let bob = client.log_in("bob", "desk");
    let pushed = ann.next_of("status");
    assert_eq!((&pushed["agent"], &pushed["status"]), (&json!("bob"), &json!("online")));
    client.call("PUT", "/v1/status", Some(&bob), json!({"status": "invisible"}));
    assert_eq!(ann.next_of("status")["status"], "invisible", "rule P4");
    client.log_in("eve", "desk");
    client.call("PUT", "/v1/status", Some(&token), json!({"status": "away"}));
    let pushed = ann.next_of("status");
    assert_eq!(pushed["agent"], "ann", "of who is no member nothing is pushed");
    client.admin("PUT", "/v1/properties/acme", json!({"members": ["ann", "eve"]}));
    assert_eq!(ann.next_of("team")["team"][1], json!({"agent": "eve", "status": "online"}));
}

#[test]
fn sockets_are_closed_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let first = client.connect(&token);
    let second = client.connect(&token);
    assert_eq!(first.closed().0, 4002, "replaced");
    client.call("POST", "/v1/logout", Some(&token), Value::Null);
    assert_eq!(second.closed(), (4001, "the device was logged out".to_owned()));
    let token = client.log_in("ann", "laptop");
    let third = client.connect(&token);
    let token = client.log_in("ann", "laptop");
    assert_eq!(third.closed(), (4001, "the device was logged in afresh".to_owned()));
    let fourth = client.connect(&token);
    let closing = std::thread::spawn(move || fourth.closed());
    service.stop();
    assert_eq!(closing.join().expect("closed"), (1001, "the service is stopping".to_owned()));
    // A device that was connected when the service stopped comes back as it was.
    let service = start(folder.path());
    let client = service.client();
    assert_eq!(client.status("acme"), "online");
    client.connect(&token);
}

#[test]
fn visitors_are_told_of_each_change_and_of_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let hours = json!({"timezone": "America/New_York", "hours": {"mon": ["09:00-17:00"]}});
    client.acme(&["ann"], json!({"scheduler": hours, "hide_on": ["mobile"]}));
    let mut stream = Stream::open(client.address, "/v1/widgets/acme/events");
    let mut phone = Stream::open(client.address, "/v1/widgets/acme/events?device=mobile");
    let first = stream.next().expect("the answer now");
    assert_eq!((&first["status"], &first["chat"]), (&json!("online"), &json!(false)));
    assert_eq!(phone.next().expect("the answer now")["hidden_because"], "device");
    let token = client.log_in("ann", "laptop");
    assert_eq!(stream.next().expect("a change")["chat"], true);
    // A fresh login changes nothing that visitors see.
    let socket = client.connect(&client.log_in("ann", "laptop"));
    client.put_clock("2026-03-09T21:00:00Z");
    let closed = stream.next().expect("a change");
    assert_eq!((&closed["status"], &closed["form"]), (&json!("offline"), &json!("offline")));
    assert!(!token.is_empty());
    drop(socket);
    client.admin("DELETE", "/v1/properties/acme", Value::Null);
    assert_eq!(stream.next(), None, "the widget is gone");
}

#[test]
fn an_edge_is_pushed_within_the_second_in_which_it_falls() {
    let folder = tempfile::tempdir().expect("a folder");
    // A clock that runs: the first edge is some two seconds ahead of the machine's.
    let service = start_with(folder.path(), Clock::system(), limits());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    client.admin("PUT", "/v1/settings", json!({"grace": "1s"}));
    let token = client.log_in("ann", "laptop");
    let socket = client.connect(&token);
    let mut stream = Stream::open(client.address, "/v1/widgets/acme/events");
    assert_eq!(stream.next().expect("the answer now")["status"], "online");
    socket.cut();
    let lost = Instant::now();
    let about_to = stream.next().expect("the loss is a change to come");
    assert!(about_to["next_change"].is_string(), "{about_to}");
    assert_eq!(stream.next().expect("the grace runs out")["status"], "offline");
    let took = lost.elapsed();
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_manual_clock_goes_through_everything_on_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let hours = json!({"timezone": "America/New_York", "hours": {"mon": ["09:00-17:00"],
        "tue": ["09:00-17:00"]}});
    client.acme(&[], json!({"scheduler": hours}));
    assert_eq!(
        NOON.parse::<lamplighter_core::model::Instant>().map(|at| at.to_string()),
        Ok(NOON.to_owned())
    );
    assert_eq!(client.status("acme"), "online");
    let version = client.get("/v1/widgets/acme")["version"].as_u64();
    client.put_clock("2026-03-10T16:00:00Z");
    let now = client.get("/v1/widgets/acme");
    assert_eq!(now["status"], "online");
    assert!(now["version"].as_u64() > version, "closed and open again");
}

#[test]
fn a_device_that_goes_away_by_itself_is_told_so_while_another_keeps_its_agent_online() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    client.admin("PUT", "/v1/settings", json!({"auto_away": "5m"}));
    let laptop = client.log_in("ann", "laptop");
    let mut socket = client.connect(&laptop);
    assert_eq!(socket.next_of("device")["status"], "online");
    client.put_clock("2026-03-09T16:03:00Z");
    client.log_in("ann", "phone");
    client.put_clock("2026-03-09T16:05:00Z");
    assert_eq!(client.status("acme"), "online");
    assert_eq!(
        socket.next_of("device"),
        json!({"type": "device", "device": "laptop", "status": "away"})
    );
}
