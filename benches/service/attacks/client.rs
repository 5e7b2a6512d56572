//! Connections from any address of this machine, and calls on them as bytes: what attackers send is no polite
//! client's.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpSocket;

/// The password of every account here.
const PASSWORD: &str = "correct horse";
/// Where attackers come from.
pub const ATTACKER: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Where everybody else comes from.
pub const SOMEBODY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Longer than anything is waited for: what takes as long has not been answered.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was answered, and how soon.
pub struct Answer {
    /// The status; 0 where the connection ended or nothing came.
    pub status: u16,
    /// What stands in it.
    pub body: String,
    /// From the first byte sent to the last one received.
    pub took: Duration,
}

/// A connection that stays open.
pub struct Connection(TcpStream);

impl Connection {
    /// Connects from one of this machine's addresses.
    pub fn open(from: Ipv4Addr, to: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let stream = runtime.expect("a runtime").block_on(async {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.bind(SocketAddr::new(from.into(), 0)).expect("an address of loopback");
            socket.connect(to).await.expect("connects").into_std().expect("a stream")
        });
        stream.set_nonblocking(false).expect("a stream that blocks");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self(stream)
    }

    /// Sends bytes and reads one answer.
    pub fn call(&mut self, bytes: &str) -> Answer {
        let began = Instant::now();
        // Who turns a connection away may have closed it already: the answer says so.
        drop(self.0.write_all(bytes.as_bytes()));
        let (status, body) = self.read().unwrap_or_default();
        Answer { status, body, took: began.elapsed() }
    }

    fn read(&mut self) -> Option<(u16, String)> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(Some(0), |length| length.parse().ok())?];
        self.0.read_exact(&mut body).ok()?;
        let status = head.get(9..12)?.parse().ok()?;
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// One call on a connection of its own.
pub fn call(from: Ipv4Addr, to: SocketAddr, bytes: &str) -> Answer {
    Connection::open(from, to).call(bytes)
}

/// A call as bytes.
pub fn request(method: &str, path: &str, bearer: Option<&str>, body: &Value) -> String {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let bearer = bearer.map(|bearer| format!("authorization: Bearer {bearer}\r\n"));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: a\r\n{}content-length: {}\r\n\r\n{body}",
        bearer.unwrap_or_default(),
        body.len()
    )
}

/// A read of the widget of `acme`.
pub fn read() -> String {
    request("GET", "/v1/widgets/acme", None, &Value::Null)
}

/// A login whose password is right.
pub fn login(agent: &str, device: &str, bearer: Option<&str>) -> String {
    let body = json!({"agent": agent, "password": PASSWORD, "device": device});
    request("POST", "/v1/login", bearer, &body)
}

/// A login whose password is wrong.
pub fn guess(agent: &str) -> String {
    let body = json!({"agent": agent, "password": "a wrong horse", "device": "laptop"});
    request("POST", "/v1/login", None, &body)
}

/// The number that `/metrics` tells by a name.
pub fn metric(of: SocketAddr, name: &str) -> u64 {
    let text = call(SOMEBODY, of, &request("GET", "/metrics", None, &Value::Null)).body;
    let number = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    number.unwrap_or_else(|| panic!("no {name} in:\n{text}")).parse().expect("a number")
}
