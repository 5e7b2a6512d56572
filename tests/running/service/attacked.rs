//! What an attacker tries, and that everybody else is served meanwhile.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::client::{Client, KEY, ask_to_end, connect_from, serve_in_shell, start, until};

/// A service of its own process, whose stderr is what is given, or what is redirected in the shell.
fn serve(
    folder: &std::path::Path,
    redirected: &str,
    stderr: Stdio,
    further: &str,
) -> (Child, SocketAddr) {
    let arguments = format!("--max-failed-logins 1000000 --heartbeat 1d {further} {redirected}");
    serve_in_shell("", &folder.join("lamplighter.db"), &arguments, stderr)
}

fn terminate(mut child: Child) -> Option<i32> {
    ask_to_end(&child);
    child.wait().expect("ends").code()
}

fn wrong(agent: &str) -> Value {
    json!({"agent": agent, "password": "a wrong horse", "device": "laptop"})
}

/// A login from another address of this machine.
fn log_in_from(address: &str, to: SocketAddr, body: &Value) -> String {
    let mut stream = connect_from(address, to);
    let body = body.to_string();
    write!(
        stream,
        "POST /v1/login HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("sends");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("an answer");
    said
}

#[test]
fn of_hundreds_of_guesses_at_once_no_more_are_tried_than_may_fail_and_nobody_else_is_locked_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let tried = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..300 {
            scope.spawn(|| {
                let answer =
                    Client::new(client.address).call("POST", "/v1/login", None, wrong("ann"));
                match answer.status {
                    401 => drop(tried.fetch_add(1, Ordering::Relaxed)),
                    status => assert_eq!(status, 429, "{}", answer.text),
                }
            });
        }
    });
    assert_eq!(tried.load(Ordering::Relaxed), 10);
    let right = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    assert_eq!(client.call("POST", "/v1/login", None, right.clone()).status, 429);
    let said = log_in_from("127.0.0.2", client.address, &right);
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
}

#[test]
fn a_device_that_the_account_knows_passes_while_everybody_guesses() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann", "bob"], json!({}));
    let known = client.log_in("ann", "laptop");
    let other = client.log_in("bob", "laptop");
    assert_eq!(client.call("POST", "/v1/logout", Some(&known), Value::Null).status, 200);
    for last in 2..=11 {
        for _ in 0..10 {
            let said = log_in_from(&format!("127.0.0.{last}"), client.address, &wrong("ann"));
            assert!(said.starts_with("HTTP/1.1 401"), "{said}");
        }
    }
    let right = json!({"agent": "ann", "password": "correct horse", "device": "phone"});
    for (token, status) in
        [(None, 429), (Some("a token"), 429), (Some(other.as_str()), 429), (Some(&known), 201)]
    {
        let answer = client.call("POST", "/v1/login", token, right.clone());
        assert_eq!(answer.status, status, "{token:?}: {}", answer.text);
    }
}

/// Guesses that are on their way fill all that may fail: whoever waits for them finds nothing left.
#[test]
fn a_device_that_the_account_knows_waits_for_no_guess() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let known = client.log_in("ann", "laptop");
    thread::scope(|scope| {
        for last in 2..=13 {
            for _ in 0..10 {
                scope.spawn(move || {
                    log_in_from(&format!("127.0.0.{last}"), client.address, &wrong("ann"))
                });
            }
        }
        let right = json!({"agent": "ann", "password": "correct horse", "device": "phone"});
        for _ in 0..20 {
            let answer = client.call("POST", "/v1/login", Some(&known), right.clone());
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
    });
}

/// The memory of a process that is in use, in KiB.
pub fn resident_kib(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("is told");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn names_that_nobody_has_cost_neither_memory_nor_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let redirected = format!("2>'{}'", log.display());
    let (child, address) = serve(folder.path(), &redirected, Stdio::null(), "--password-memory 8");
    let client = Client::new(address);
    let guess = |number: usize| {
        let agent = format!("{number}\n2026-11-27T00:00:00Z ERROR forged {}", "x".repeat(200_000));
        assert_eq!(client.call("POST", "/v1/login", None, wrong(&agent)).status, 401);
    };
    (0..20).for_each(guess);
    let before = resident_kib(&child);
    (20..220).for_each(guess);
    let grown = resident_kib(&child).saturating_sub(before);
    // 200 names of 200 KB are 40 MB.
    assert!(grown < 10_000, "{grown} KiB more");
    assert_eq!(terminate(child), Some(0));
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(log.len() < 220 * 1_000, "{} bytes", log.len());
    assert_eq!(log.matches("a login has failed").count(), 220);
    assert!(!log.lines().any(|line| line.starts_with("2026-11-27T00:00:00Z ERROR")), "{log}");
}

#[test]
fn a_log_that_cannot_be_written_costs_nothing_and_is_told() {
    for (what, redirected, is_gone) in [
        ("the disk of the log is full", "2>/dev/full", true),
        ("nobody reads the log any more", "", true),
        ("who reads the log reads no further", "", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let further = "--password-memory 8 --log-level debug";
        let (mut child, address) = serve(folder.path(), redirected, Stdio::piped(), further);
        // Its reader is gone, or is there and reads nothing.
        let held = child.stderr.take().filter(|_| !is_gone);
        let client = Client::new(address);
        client.acme(&["ann"], json!({}));
        let lost = || {
            let text = client.call("GET", "/metrics", None, Value::Null).text;
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("lamplighter_lost_log_lines_total "));
            line.expect("is told").parse::<u64>().expect("a number")
        };
        // A pipe that nobody reads takes 64 KiB, and the queue some thousand lines.
        let guesses = if is_gone { 50 } else { 7_000 };
        for _ in 0..guesses {
            assert_eq!(client.call("POST", "/v1/login", None, wrong("ann")).status, 401, "{what}");
        }
        until(&format!("lines are counted as lost: {what}"), || lost() > 0);
        assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200, "{what}");
        let token = client.log_in("ann", "laptop");
        assert_eq!(client.call("GET", "/v1/team/acme", Some(&token), Value::Null).status, 200);
        assert_eq!(terminate(child), Some(0), "{what}");
        drop(held);
    }
}

#[test]
fn a_list_in_the_place_of_an_object_is_refused_wherever_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({"pre_chat_form": true, "hide_when_offline": true}));
    let before = client.admin("GET", "/v1/properties/acme", Value::Null);
    let admin = Some(KEY);
    let token = client.log_in("ann", "laptop");
    for (method, path, bearer, body, field) in [
        ("PUT", "/v1/properties/acme", admin, json!([]), "."),
        ("PUT", "/v1/properties/acme", admin, json!({"scheduler": ["UTC"]}), "scheduler"),
        ("PUT", "/v1/properties/acme", admin, json!({"pages": [[], []]}), "pages"),
        ("PUT", "/v1/properties/acme", admin, json!({"greetings": []}), "greetings"),
        ("PATCH", "/v1/properties/acme", admin, json!([]), "."),
        ("PUT", "/v1/properties/acme/widgets/shop", admin, json!([]), "."),
        ("PUT", "/v1/settings", admin, json!([]), "."),
        ("PUT", "/v1/agents/bob", admin, json!(["correct horse"]), "."),
        ("POST", "/v1/login", None, json!(["ann", "correct horse", "phone"]), "."),
        ("PUT", "/v1/status", Some(token.as_str()), json!(["away"]), "."),
        ("POST", "/v1/logout", Some(token.as_str()), json!([true]), "."),
        ("POST", "/v1/widgets/acme/messages", None, json!(["Vi", "vi@example.com", "Hello"]), "."),
    ] {
        let answer = client.call(method, path, bearer, body.clone());
        assert_eq!(answer.status, 422, "{method} {path} {body}: {}", answer.text);
        assert_eq!(answer.body["field"], field, "{method} {path} {body}: {}", answer.text);
        let detail = answer.body["detail"].as_str().expect("a sentence");
        assert!(!detail.contains("struct"), "{detail}");
    }
    assert_eq!(client.admin("GET", "/v1/properties/acme", Value::Null), before);
    assert_eq!(client.status("acme"), "online");
}

#[test]
fn whoever_is_not_known_is_told_how_to_be_and_case_matters_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let answer = client.call("GET", "/v1/team/acme", None, Value::Null);
    assert_eq!(
        (answer.status, &answer.headers["www-authenticate"]),
        (401, &"Bearer".parse().expect("a value"))
    );
    let token = client.log_in("ann", "laptop");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        for (path, status) in [("/v1/team/acme", "200"), ("/v1/connect", "101")] {
            let mut stream = TcpStream::connect(client.address).expect("connects");
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: {scheme} {token}\r\nconnection: upgrade\r\n\
                 upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                 sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            .expect("sends");
            let mut begun = [0; 12];
            stream.read_exact(&mut begun).expect("an answer");
            assert_eq!(&begun[9..], status.as_bytes(), "{scheme} {path}");
        }
    }
    let empty = client.call("GET", "/v1/trace?from=&to=", Some(KEY), Value::Null);
    assert_eq!(empty.status, 200, "{}", empty.text);
}

#[cfg(unix)]
#[test]
fn a_store_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    service.client().acme(&["ann"], json!({}));
    for file in ["lamplighter.db", "lamplighter.db-wal"] {
        let about = std::fs::metadata(folder.path().join(file)).expect("is there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600, "{file}");
    }
}

/// What is answered within a few seconds to bytes after which the connection stays open.
fn answer_to(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).expect("a timeout");
    stream.write_all(bytes).expect("sends");
    let mut said = [0; 4_096];
    let length = stream.read(&mut said).unwrap_or(0);
    String::from_utf8_lossy(&said[..length]).into_owned()
}

#[test]
fn an_answer_does_not_wait_for_bytes_behind_its_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let body = json!({"name": "Vi", "email": "vi@example.com", "message": "Hello"}).to_string();
    let message = |further: &str| {
        let length = body.len();
        format!(
            "POST /v1/widgets/acme/messages HTTP/1.1\r\nhost: a\r\n{further}content-length: {length}\r\n\r\n{body}"
        )
    };
    for (what, sent) in [
        ("half of the next request", message("") + "GET /v1/wid"),
        ("an empty line behind the body", message("") + "\r\n"),
        ("more behind the last request", message("connection: close\r\n") + "GET / HTTP/1.1\r\n"),
        ("two requests and a half", message("") + &message("") + "GET"),
    ] {
        let said = answer_to(client.address, sent.as_bytes());
        assert!(said.starts_with("HTTP/1.1 201"), "{what}: {said:?}");
    }
    let read = b"GET /v1/widgets/acme HTTP/1.1\r\nhost: a\r\n\r\nGET /v1/wid";
    assert!(answer_to(client.address, read).starts_with("HTTP/1.1 200"));
}

#[test]
fn what_is_no_request_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let address = service.client().address;
    let long = "x".repeat(100_000);
    for (sent, status) in [
        ("nonsense\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nno header\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n".to_owned(), "400"),
        (format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"), "414"),
        (format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(1_000)), "431"),
    ] {
        let said = answer_to(address, sent.as_bytes());
        let begun = &sent[..sent.len().min(60)];
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{begun:?}: {said:?}");
    }
}

#[test]
fn a_page_of_anywhere_reads_what_is_wrong_with_a_visitors_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    for (method, path, body, status) in [
        ("GET", "/v1/widgets/none", Value::Null, 404),
        ("GET", "/v1/widgets/none/events", Value::Null, 404),
        ("GET", "/v1/widgets/acme?device=fridge", Value::Null, 422),
        ("GET", "/v1/widgets/%ff", Value::Null, 400),
        (
            "POST",
            "/v1/widgets/none/messages",
            json!({"name": "Vi", "email": "v@x.org", "message": "Hi"}),
            404,
        ),
        ("POST", "/v1/widgets/acme/messages", json!({"name": 1}), 422),
        ("POST", "/v1/widgets/acme/messages", json!([]), 422),
        ("POST", "/v1/widgets/acme/messages", Value::String("x".repeat(300_000)), 413),
        ("DELETE", "/v1/widgets/acme/messages", Value::Null, 405),
    ] {
        let answer = client.call(method, path, None, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let origin = answer.headers.get("access-control-allow-origin");
        assert!(origin.is_some_and(|origin| origin == "*"), "{method} {path}: {}", answer.text);
    }
    let of_agents = client.call("GET", "/v1/team/acme", None, Value::Null);
    assert!(!of_agents.headers.contains_key("access-control-allow-origin"));
}
