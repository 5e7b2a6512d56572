//! TLS of the service's own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;

use crate::certificates::Certified;
use crate::client::{Running, config, connect_from, limits, start_as};
use crate::frames::{Http2, OK};
use lamplighter_service::{Config, Limits};

fn start(folder: &Path, limits: Limits) -> (Running, Certified) {
    let certified = Certified::write(folder);
    let service = start_as(Config { tls: Some(certified.tls()), limits, ..config(folder) });
    (service, certified)
}

/// A call by HTTP/1.1, and its answer.
fn call(
    stream: &mut (impl Read + Write),
    method: &str,
    path: &str,
    bearer: &str,
    body: &Value,
) -> String {
    let body = body.to_string();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {bearer}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("sends");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("an answer, and a proper end");
    said
}

#[test]
fn calls_streams_and_sockets_go_within_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let (service, certified) = start(folder.path(), limits());
    let connect = |protocols: &[&str]| {
        certified.connect(connect_from("127.0.0.1", service.address), protocols)
    };
    let as_admin = |method: &str, path: &str, body: Value| {
        let said = call(&mut connect(&["http/1.1"]), method, path, crate::client::KEY, &body);
        assert!(said.starts_with("HTTP/1.1 201"), "{said}");
    };
    as_admin("PUT", "/v1/agents/ann", json!({"password": "correct horse"}));
    as_admin("PUT", "/v1/properties/acme", json!({"members": ["ann"]}));
    // A browser offers both, and opens its sockets by HTTP/1.1.
    let stream = connect(&["h2", "http/1.1"]);
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    let mut http = Http2::begin(stream);
    http.get(1, "/v1/widgets/acme/events").expect("sends");
    http.event(1);
    let body = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    let said = call(&mut connect(&[]), "POST", "/v1/login", "", &body);
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
    let event = http.event(1);
    assert!(event.contains("\"status\":\"online\""), "{event}");
    http.get(3, "/v1/widgets/acme").expect("sends");
    assert_eq!(http.answer(3).0, OK);
    let body = said.split_once("\r\n\r\n").expect("a body").1;
    let login: Value = serde_json::from_str(body).expect("JSON");
    let mut request = "wss://localhost/v1/connect".into_client_request().expect("a request");
    let token = format!("bearer.{}, lamplighter", login["token"].as_str().expect("a token"));
    let name = "sec-websocket-protocol";
    request.headers_mut().insert(name, token.parse().expect("a header"));
    let (mut socket, _) = tungstenite::client(request, connect(&["http/1.1"])).expect("opens");
    let first = socket.read().expect("a text").into_text().expect("a text");
    assert!(first.contains("\"type\":\"device\""), "{first}");
}

#[test]
fn a_handshake_that_does_not_come_is_not_waited_for_and_others_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { header_timeout: Duration::from_millis(300), ..limits() };
    let (service, certified) = start(folder.path(), limits);
    let connect = || connect_from("127.0.0.1", service.address);
    let mut silent = connect();
    let mut begun = connect();
    begun.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).expect("sends");
    let mut plain = connect();
    write!(plain, "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n").expect("sends");
    let mut handshaken = certified.connect(connect(), &["h2"]);
    let mut said = certified.connect(connect(), &["http/1.1"]);
    let said = call(&mut said, "GET", "/readyz", "", &Value::Null);
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    for stream in [&mut silent as &mut dyn Read, &mut begun, &mut plain, &mut handshaken] {
        let mut rest = Vec::new();
        // Being cut off is an end like any other.
        drop(stream.read_to_end(&mut rest));
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
}

/// Starts the program with a certificate and a key; its exit code and what it says.
fn try_to_start(folder: &Path, certificate: &Path, key: &Path) -> (Option<i32>, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(folder.join("never.db"))
        .arg("--tls-cert")
        .arg(certificate)
        .arg("--tls-key")
        .arg(key)
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn what_is_wrong_with_a_certificate_or_its_key_is_told_before_anything_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    let (mine, its) = (Certified::write(folder.path()), Certified::write(other.path()));
    let missing = folder.path().join("missing.pem");
    let nonsense = folder.path().join("nonsense.pem");
    std::fs::write(&nonsense, "Dear Ann,").expect("writes");
    let broken = folder.path().join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
        .expect("writes");
    let wrong = folder.path().join("wrong.pem");
    std::fs::write(&wrong, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .expect("writes");
    for (certificate, key, code, why) in [
        (&missing, &mine.key, 3, "cannot read FOLDER/missing.pem"),
        (&mine.certificate, &missing, 3, "cannot read FOLDER/missing.pem"),
        (&mine.certificate, &its.key, 2, "is not that of the first certificate in"),
        (&nonsense, &mine.key, 2, "FOLDER/nonsense.pem has no certificate"),
        (&mine.key, &mine.key, 2, "FOLDER/key.pem has no certificate"),
        (&mine.certificate, &nonsense, 2, "FOLDER/nonsense.pem has no private key"),
        (&mine.certificate, &mine.certificate, 2, "FOLDER/certificate.pem has no private key"),
        (&broken, &mine.key, 2, "FOLDER/broken.pem is no PEM file"),
        (&wrong, &mine.key, 2, "cannot use FOLDER/wrong.pem with"),
    ] {
        let (ended, said) = try_to_start(folder.path(), certificate, key);
        let why = why.replace("FOLDER", &folder.path().display().to_string());
        assert!(ended == Some(code) && said.contains(&why), "{why}: {ended:?} {said}");
    }
    assert!(!folder.path().join("never.db").exists());
}

#[test]
fn a_program_that_speaks_tls_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let certified = Certified::write(folder.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(folder.path().join("lamplighter.db"))
        .arg("--tls-cert")
        .arg(&certified.certificate)
        .arg("--tls-key")
        .arg(&certified.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("runs");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on https://").expect(&line);
    let mut stream = certified.connect(TcpStream::connect(address).expect("connects"), &[]);
    let said = call(&mut stream, "GET", "/healthz", "", &Value::Null);
    child.kill().expect("is killed");
    child.wait().expect("ends");
    assert!(said.ends_with("ok\n"), "{said}");
}
