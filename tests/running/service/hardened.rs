//! What harms a service, and that it goes on answering others.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{KEY, NOON, ask_to_end, limits, serve_in_shell, start, start_with};
use lamplighter_service::{Clock, Limits};

fn manual() -> Clock {
    Clock::manual(NOON.parse().expect("an instant"))
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

/// What comes until the other side closes.
fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // Being cut off is an end like any other.
    drop(stream.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn slow_clients_are_let_go_and_others_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        header_timeout: Duration::from_millis(300),
        body_timeout: Duration::from_millis(300),
        ..limits()
    };
    let service = start_with(folder.path(), manual(), limits);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let mut headers = connect(client.address);
    write!(headers, "GET /v1/widgets/acme HTTP/1.1\r\nhost: a\r\nx: ").expect("sends");
    let mut body = connect(client.address);
    write!(body, "POST /v1/login HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\n{{")
        .expect("sends");
    assert_eq!(client.status("acme"), "offline");
    let said = read_all(&mut headers);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    let said = read_all(&mut body);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
}

#[test]
fn a_body_of_a_gigabyte_is_refused_without_reading_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let mut announced = connect(client.address);
    write!(
        announced,
        "POST /v1/login HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1000000000\r\n\r\n"
    )
    .expect("sends");
    let said = read_all(&mut announced);
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    // One that does not say how long it is is cut off at the limit.
    let mut endless = connect(client.address);
    write!(endless, "POST /v1/login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .expect("sends");
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let sent = (0..16_000).take_while(|_| endless.write_all(&chunk).is_ok()).count();
    assert!(sent < 1_000, "{sent} chunks of 64 KiB were taken");
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
}

#[test]
fn random_bytes_on_the_port_harm_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let mut draw = 0x9E37_79B9_7F4A_7C15_u64;
    for length in 1..100_usize {
        let bytes: Vec<u8> = (0..length * 7)
            .map(|_| {
                draw ^= draw << 13;
                draw ^= draw >> 7;
                draw ^= draw << 17;
                draw as u8
            })
            .collect();
        let mut stream = connect(client.address);
        drop(stream.write_all(&bytes));
        drop(stream.shutdown(std::net::Shutdown::Write));
        let said = read_all(&mut stream);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    }
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
}

#[test]
fn one_connection_too_many_is_told_to_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), manual(), Limits { connections_max: 3, ..limits() });
    let client = service.client();
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
    let held: Vec<TcpStream> = (0..2).map(|_| connect(client.address)).collect();
    std::thread::sleep(Duration::from_millis(100));
    let said = read_all(&mut connect(client.address));
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
    assert!(said.contains("retry-after: 5"), "{said}");
    let (head, body) = said.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.ends_with(&format!("content-length: {}", body.len())), "{said}");
    assert_eq!(client.call("GET", "/readyz", None, Value::Null).status, 200);
    drop(held);
}

#[test]
fn too_many_streams_and_sockets_are_told_to_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { streams_max: 0, sockets_max: 0, ..limits() };
    let service = start_with(folder.path(), manual(), limits);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let stream = client.call("GET", "/v1/widgets/acme/events", None, Value::Null);
    assert_eq!((stream.status, &stream.headers["retry-after"]), (503, &"5".parse().unwrap()));
    let token = client.log_in("ann", "laptop");
    let mut socket = connect(client.address);
    write!(
        socket,
        "GET /v1/connect HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    .expect("sends");
    let mut said = [0; 12];
    socket.read_exact(&mut said).expect("an answer");
    assert_eq!(&said, b"HTTP/1.1 503");
}

/// Starts the program on a store, as a user would; what it says and its exit code.
fn try_to_start(store: &std::path::Path) -> (String, Option<i32>) {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(store)
        .env("LAMPLIGHTER_ADMIN_KEY", KEY)
        .stdout(Stdio::null())
        .output()
        .expect("runs");
    (String::from_utf8_lossy(&ran.stderr).into_owned(), ran.status.code())
}

#[test]
fn a_foreign_file_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("letter.txt");
    fs::write(&text, "Dear Ann, ".repeat(1_000)).expect("writes");
    let (said, code) = try_to_start(&text);
    assert!(said.contains("is not a store of Lamplighter: it is no SQLite database"), "{said}");
    assert_eq!(code, Some(2));
    assert_eq!(fs::read_to_string(&text).expect("reads"), "Dear Ann, ".repeat(1_000));
    let other = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).expect("opens");
    connection.execute_batch("CREATE TABLE lamps (id INTEGER)").expect("makes");
    drop(connection);
    let before = fs::read(&other).expect("reads");
    let (said, code) = try_to_start(&other);
    assert!(said.contains("it is a database of another program"), "{said}");
    assert_eq!((code, fs::read(&other).expect("reads")), (Some(2), before));
}

#[test]
fn two_services_never_share_a_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let _service = start(folder.path());
    let (said, code) = try_to_start(&folder.path().join("lamplighter.db"));
    assert!(said.contains("is in use by another process"), "{said}");
    assert_eq!(code, Some(3));
}

/// A store with some hundred rows in its journal.
fn filled(folder: &std::path::Path) -> std::path::PathBuf {
    let service = start(folder);
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    for status in ["away", "online"].iter().cycle().take(300) {
        client.call("PUT", "/v1/status", Some(&token), json!({"status": status}));
    }
    service.stop();
    folder.join("lamplighter.db")
}

#[test]
fn a_damaged_page_is_found_and_nothing_is_repaired() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path());
    let whole = fs::read(&store).expect("reads");
    assert!(whole.len() > 5 * 4_096);
    let mut refused = 0;
    for page in 1..whole.len() / 4_096 {
        let mut file = fs::File::options().write(true).open(&store).expect("opens");
        file.seek(SeekFrom::Start(page as u64 * 4_096)).expect("seeks");
        file.write_all(&[0xA5; 4_096]).expect("writes");
        drop(file);
        let harmed = fs::read(&store).expect("reads");
        let (said, code) = try_to_start_for_a_moment(&store);
        if code == Some(3) {
            assert!(said.contains("is damaged"), "page {page}: {said}");
            assert!(said.contains("put a copy of the file back that is whole"), "{said}");
            assert_eq!(fs::read(&store).expect("reads"), harmed, "page {page}");
            refused += 1;
        } else {
            panic!("page {page}: {code:?} {said}");
        }
        fs::write(&store, &whole).expect("writes");
    }
    assert!(refused >= 5, "{refused}");
}

/// How long a busy machine may take to start the program, and it to look through a small store.
const REFUSES_WITHIN: Duration = Duration::from_secs(60);

/// A service that starts against all expectation must not run for ever.
fn try_to_start_for_a_moment(store: &std::path::Path) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(store)
        .env("LAMPLIGHTER_ADMIN_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let began = Instant::now();
    while child.try_wait().expect("waits").is_none() && began.elapsed() < REFUSES_WITHIN {
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(child.kill());
    let ran = child.wait_with_output().expect("ends");
    (String::from_utf8_lossy(&ran.stderr).into_owned(), ran.status.code())
}

#[test]
fn a_row_of_the_journal_that_was_changed_behind_the_services_back_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path());
    let connection = rusqlite::Connection::open(&store).expect("opens");
    connection.execute("DELETE FROM snapshot", []).expect("without a snapshot all rows are read");
    connection
        .execute("UPDATE journal SET action = 'invisible' WHERE seq = 100", [])
        .expect("updates");
    drop(connection);
    let (said, code) = try_to_start_for_a_moment(&store);
    assert!(said.contains("row 100 of the journal is not what was written"), "{said}");
    assert_eq!(code, Some(3));
}

#[test]
fn a_store_that_takes_no_more_answers_503_and_reads_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let set =
        |status: &str| client.call("PUT", "/v1/status", Some(&token), json!({"status": status}));
    assert_eq!(set("away").status, 200);
    // Another writer that does not let go stands for a disk that takes nothing.
    let other = rusqlite::Connection::open(folder.path().join("lamplighter.db")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("begins");
    let failed = set("invisible");
    assert_eq!(failed.status, 503, "{}", failed.text);
    assert!(failed.headers.contains_key("retry-after"));
    assert!(failed.text.contains("has not happened"), "{}", failed.text);
    assert!(!failed.text.contains("lamplighter.db"), "where it is kept is for the log alone");
    assert_eq!(client.status("acme"), "away", "what could not be kept has not happened");
    assert_eq!(client.call("GET", "/v1/team/acme", Some(&token), Value::Null).status, 200);
    other.execute_batch("ROLLBACK").expect("ends");
    assert_eq!(set("invisible").status, 200);
    assert_eq!(client.status("acme"), "offline");
    service.stop();
    let service = start(folder.path());
    assert_eq!(service.client().status("acme"), "offline");
}

/// Starts the program under a shell that says something first.
fn start_under(before: &str, store: &std::path::Path) -> (std::process::Child, SocketAddr) {
    let arguments = "--password-memory 8 --max-messages 1000000 --heartbeat 1d --log-level debug";
    serve_in_shell(before, store, arguments, Stdio::piped())
}

#[test]
fn a_full_disk_answers_503_and_what_was_answered_before_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    // No file may grow beyond 400 KiB: to SQLite, that is a disk that is full.
    let (mut child, address) = start_under("trap '' XFSZ; ulimit -f 800;", &store);
    let client = crate::client::Client::new(address);
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    let left = json!({"name": "Vi", "email": "vi@example.com", "message": "x".repeat(5_000)});
    let leave = || client.call("POST", "/v1/widgets/acme/messages", None, left.clone());
    let mut answered = 0;
    let refused = loop {
        let answer = leave();
        if answer.status != 201 {
            break answer;
        }
        answered = answer.body["id"].as_u64().expect("a number");
        assert!(answered < 10_000, "the disk is never full");
    };
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(answered > 10, "{answered}");
    assert_eq!(client.status("acme"), "online", "reads go on");
    assert_eq!(client.call("GET", "/v1/team/acme", Some(&token), Value::Null).status, 200);
    child.kill().expect("is killed");
    child.wait().expect("ends");
    let service = start(folder.path());
    let page = service.client().admin("GET", "/v1/messages/acme?limit=1", Value::Null);
    assert_eq!(page["messages"][0]["id"], answered);
}

#[test]
fn a_store_that_cannot_be_written_is_told_at_the_start() {
    let (said, code) = try_to_start(std::path::Path::new("/proc/version"));
    assert!(said.contains("cannot use /proc/version"), "{said}");
    assert_eq!(code, Some(3));
    let (said, code) = try_to_start(std::path::Path::new("/no/such/folder/lamplighter.db"));
    assert!(said.contains("cannot use /no/such/folder/lamplighter.db"), "{said}");
    assert_eq!(code, Some(3));
}

#[test]
fn no_secret_is_in_any_log_and_none_in_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let (child, address) = start_under("", &store);
    let client = crate::client::Client::new(address);
    client.acme(&["ann"], json!({}));
    let token = client.log_in("ann", "laptop");
    drop(client.connect(&token));
    let wrong = json!({"agent": "ann", "password": "a wrong horse", "device": "laptop"});
    assert_eq!(client.call("POST", "/v1/login", None, wrong).status, 401);
    client.call("GET", "/v1/team/acme", Some("a wrong token"), Value::Null);
    ask_to_end(&child);
    let said = child.wait_with_output().expect("ends").stderr;
    let log = String::from_utf8_lossy(&said).into_owned();
    assert!(log.contains("a login has failed"), "{log}");
    let files = ["", "-wal"].map(|behind| format!("{}{behind}", store.display()));
    let mut places = vec![log];
    places.extend(
        files
            .iter()
            .map(|file| String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()),
    );
    for secret in [KEY, "correct horse", "a wrong horse", "a wrong token", token.as_str()] {
        assert!(places.iter().all(|text| !text.contains(secret)), "{secret}");
    }
}
