//! Connections that are one too many, and those that take nothing: who is told what, and what it costs.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::attacked::resident_kib;
use crate::certificates::Certified;
use crate::client::{Client, config, connect_from, limits, serve_in_shell, start_as, until};
use crate::frames::{Http2, OK};
use lamplighter_service::{Config, Limits};

/// Where the connections come from that hold their share.
const GREEDY: &str = "127.0.0.2";
const TOO_MANY: &str = "too many connections are open from this address";

/// All that is answered to a request.
fn answer(stream: &mut (impl Read + Write), method: &str, path: &str) -> String {
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sends");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("an answer, and a proper end");
    said
}

/// A share of connections that say nothing.
fn hold(service: SocketAddr) -> Vec<TcpStream> {
    let held = (0..2).map(|_| connect_from(GREEDY, service)).collect();
    std::thread::sleep(Duration::from_millis(100));
    held
}

#[test]
fn whoever_is_one_too_many_is_told_so_in_the_http_that_it_speaks() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { by_address_max: 2, ..limits() };
    let service = start_as(Config { limits, ..config(folder.path()) });
    let held = hold(service.address);
    let ask =
        |method: &str, path: &str| answer(&mut connect_from(GREEDY, service.address), method, path);
    let any_origin = "access-control-allow-origin: *\r\n";
    let of_visitor = ask("GET", "/v1/widgets/acme?page=/");
    assert!(
        of_visitor.starts_with("HTTP/1.1 429 ") && of_visitor.contains(any_origin),
        "{of_visitor}"
    );
    assert!(
        of_visitor.contains("retry-after: 5\r\n") && of_visitor.contains(TOO_MANY),
        "{of_visitor}"
    );
    let of_admin = ask("GET", "/v1/settings");
    assert!(of_admin.starts_with("HTTP/1.1 429 ") && !of_admin.contains(any_origin), "{of_admin}");
    let may_it = ask("OPTIONS", "/v1/widgets/acme/messages");
    assert!(may_it.starts_with("HTTP/1.1 204 ") && may_it.contains(any_origin), "{may_it}");
    let mut http = Http2::begin(connect_from(GREEDY, service.address));
    http.get(1, "/v1/widgets/acme").expect("sends");
    let (status, body) = http.answer(1);
    assert!(status != OK && body.contains(TOO_MANY), "{body}");
    assert!(std::iter::from_fn(|| http.frame()).count() < 10, "it ends");
    drop(held);
}

#[test]
fn whoever_is_one_too_many_is_told_so_within_tls_and_who_says_nothing_is_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let certified = Certified::write(folder.path());
    let limits = Limits { by_address_max: 2, ..limits() };
    let tls = Some(certified.tls());
    let service = start_as(Config { limits, tls, ..config(folder.path()) });
    let held = hold(service.address);
    let connect = |protocol| certified.connect(connect_from(GREEDY, service.address), &[protocol]);
    let said = answer(&mut connect("http/1.1"), "GET", "/v1/widgets/acme");
    assert!(said.starts_with("HTTP/1.1 429 ") && said.contains(TOO_MANY), "{said}");
    let mut http = Http2::begin(connect("h2"));
    http.get(1, "/v1/widgets/acme").expect("sends");
    let (status, body) = http.answer(1);
    assert!(status != OK && body.contains(TOO_MANY), "{body}");
    // Far more than may be told at once, which say nothing: each is cut, at once or soon.
    let began = Instant::now();
    let silent: Vec<_> = (0..100).map(|_| connect_from(GREEDY, service.address)).collect();
    for mut stream in silent {
        drop(stream.read_to_end(&mut Vec::new()));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(held);
}

/// Sends requests, without reading an answer, until no more are taken; why, where the connection has ended.
fn never_read(stream: &mut TcpStream) -> ErrorKind {
    let requests = "GET /v1/widgets/acme HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_000);
    loop {
        if let Err(error) = stream.write_all(requests.as_bytes()) {
            return error.kind();
        }
    }
}

#[test]
fn who_asks_and_never_reads_is_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { header_timeout: Duration::from_millis(300), ..limits() };
    let service = start_as(Config { limits, ..config(folder.path()) });
    service.client().acme(&[], json!({}));
    let mut stream = connect_from("127.0.0.1", service.address);
    stream.set_write_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let ended = never_read(&mut stream);
    assert!(matches!(ended, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{ended:?}");
}

#[test]
fn who_asks_and_never_reads_costs_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let (mut child, address) = serve_in_shell("", &store, "--password-memory 8", Stdio::null());
    let client = Client::new(address);
    client.acme(&[], json!({}));
    let before = resident_kib(&child);
    let connections = 24;
    let hold = || {
        let mut stream = connect_from(GREEDY, address);
        stream.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        assert_eq!(never_read(&mut stream), ErrorKind::WouldBlock, "no more is taken");
        stream
    };
    let held: Vec<TcpStream> = std::thread::scope(|scope| {
        let holding: Vec<_> = (0..connections).map(|_| scope.spawn(hold)).collect();
        holding.into_iter().map(|holding| holding.join().expect("is held")).collect()
    });
    let each = (resident_kib(&child).saturating_sub(before)) / connections;
    println!("{each} KiB a connection");
    // What comes in and what goes out, 64 KiB each and what was begun behind these.
    assert!(each < 300, "{each} KiB a connection");
    until("others are served", || client.status("acme") == "offline");
    drop(held);
    child.kill().expect("is killed");
    child.wait().expect("ends");
}
