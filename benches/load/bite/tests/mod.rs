//! Each fault against a scripted service: what comes through the proxy, byte for byte.

mod reads;
mod streams;
mod writes;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use super::answer::{DeviceBody, StatusBody, WidgetBody, write};
use super::clock::now_ms;
use super::fault::Fault;
use super::proxy::Proxy;

/// Whatever is waited for comes sooner, on any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the service was asked.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// `GET /v1/widgets/a`
    line: String,
    head: String,
    body: String,
}

/// What it does then.
enum Does {
    /// Answers.
    Says(u16, String),
    /// Sends whatever is put in, until the other end is dropped.
    Streams(mpsc::Receiver<String>),
    /// Becomes a socket: tells what it hears, and its end as an empty text; says `hello`.
    Opens(mpsc::Sender<String>),
}

/// A service that does what a test says, and everything that it was asked.
struct Scripted {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    fn new(script: impl FnMut(&Asked) -> Does + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(script)));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, script) = (Arc::clone(&noted), Arc::clone(&script));
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while let Some(asked) = request(&mut reader) {
                        noted.lock().unwrap().push(asked.clone());
                        let does = (script.lock().unwrap())(&asked);
                        serve(&mut reader, does);
                    }
                });
            }
        });
        Self { address, asked }
    }

    /// The lines of all requests, with their bodies.
    fn heard(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|asked| format!("{} {}", asked.line, asked.body).trim().into()).collect()
    }
}

fn request(reader: &mut impl BufRead) -> Option<Asked> {
    let (head, body) = message(reader)?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, head, body })
}

/// A head, and a body of the length that it says.
fn message(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut body = vec![0; header(&head, "content-length").map_or(0, |n| n.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn serve(reader: &mut BufReader<TcpStream>, does: Does) {
    let stream = reader.get_mut();
    match does {
        Does::Says(status, body) => {
            let kind = if status < 400 { "application/json" } else { "application/problem+json" };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
                 date: Mon, 09 Mar 2026 13:55:00 GMT\r\nx-extra: kept\r\n\r\n"
            );
            // One who has gone hears nothing.
            drop(stream.write_all((head + &body).as_bytes()));
        }
        Does::Streams(pieces) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                        transfer-encoding: chunked\r\n\r\n";
            drop(stream.write_all(head.as_bytes()));
            for piece in pieces {
                drop(stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()));
            }
            drop(stream.write_all(b"0\r\n\r\n"));
        }
        Does::Opens(heard) => {
            let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\
                        connection: upgrade\r\n\r\nhello";
            drop(stream.write_all(head.as_bytes()));
            let mut bytes = [0; 64];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                drop(heard.send(String::from_utf8_lossy(&bytes[..read]).into_owned()));
            }
            drop(heard.send(String::new()));
        }
    }
}

/// One connection of a client.
struct Client(BufReader<TcpStream>);

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, line: &str, further: &str, body: &str) {
        self.send_by("t", line, further, body);
    }

    /// The same with this token.
    fn send_by(&mut self, token: &str, line: &str, further: &str, body: &str) {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: chat\r\nauthorization: Bearer {token}\r\n{further}\
             content-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
    }

    fn answer(&mut self, line: &str, body: &str) -> (String, String) {
        self.send(line, "", body);
        message(&mut self.0).expect("an answer")
    }

    fn ask(&mut self, line: &str, body: &str) -> String {
        self.answer(line, body).1
    }

    fn read(&mut self, path: &str) -> WidgetBody {
        serde_json::from_str(&self.ask(&format!("GET /v1/widgets/{path}"), "")).unwrap()
    }

    /// The next event of a stream that has been asked for.
    fn event(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("\n\n") {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            // Sizes of pieces, and what ends them.
            if !line.ends_with("\r\n") {
                text += &line;
            }
        }
        text
    }
}

fn widget(name: &str, status: &str, version: u64) -> WidgetBody {
    WidgetBody {
        widget: name.to_owned(),
        status: status.to_owned(),
        chat: status == "online",
        shown: true,
        hidden_because: None,
        greeting: format!("{name} is {status}"),
        form: "none".to_owned(),
        next_change: None,
        version,
    }
}

/// The same, which will next change so many milliseconds from now.
fn changing(name: &str, status: &str, version: u64, in_ms: i64) -> WidgetBody {
    let at = lamplighter_core::model::Instant::from_millis(now_ms() + in_ms).unwrap();
    WidgetBody { next_change: Some(at.to_string()), ..widget(name, status, version) }
}

fn text<T: serde::Serialize>(said: &T) -> String {
    String::from_utf8(write(said).to_vec()).unwrap()
}

fn says<T: serde::Serialize>(said: &T) -> Does {
    Does::Says(200, text(said))
}

fn event(said: &WidgetBody) -> String {
    format!("event: widget\ndata: {}\n\n", text(said))
}

fn behind(scripted: &Scripted, fault: Fault) -> Proxy {
    Proxy::start(0, scripted.address, fault, 7).unwrap()
}

/// A login on a device, or a change of its status, as the service answers it.
fn device(asked: &Asked, version: u64) -> Does {
    let properties = [("acme".to_owned(), version)];
    if asked.line == "POST /v1/login" {
        let name = &asked.body;
        return Does::Says(
            201,
            format!(
                r#"{{"token":"t","agent":"ann","device":"{name}","version":{{"acme":{version}}}}}"#
            ),
        );
    }
    let status = match serde_json::from_str::<StatusBody>(&asked.body) {
        Ok(put) => put.status,
        Err(_) => return says(&serde_json::json!({"version": {"acme": version}})),
    };
    let (agent, device) = ("ann".to_owned(), "desk".to_owned());
    says(&DeviceBody { agent, device, status, version: properties.into() })
}

/// A service whose writes take effect at versions 1, 2, 3, …
fn counting() -> Scripted {
    let mut version = 0;
    Scripted::new(move |asked| {
        version += 1;
        device(asked, version)
    })
}

/// A stream through a proxy with this fault, and where its events are put in.
fn stream(fault: Fault) -> (Proxy, Client, mpsc::Sender<String>) {
    let (put, pieces) = mpsc::channel();
    let mut pieces = Some(pieces);
    let scripted = Scripted::new(move |_| Does::Streams(pieces.take().unwrap()));
    let proxy = behind(&scripted, fault);
    let mut client = Client::new(proxy.address);
    client.send("GET /v1/widgets/acme/events", "", "");
    let (head, _) = message(&mut client.0).unwrap();
    assert_eq!(header(&head, "content-type"), Some("text/event-stream"));
    (proxy, client, put)
}

/// A socket through a proxy with this fault, and what the service hears on it.
fn socket(fault: Fault) -> (Proxy, Client, mpsc::Receiver<String>) {
    let (tell, heard) = mpsc::channel();
    let scripted = Scripted::new(move |_| Does::Opens(tell.clone()));
    let proxy = behind(&scripted, fault);
    let mut client = Client::new(proxy.address);
    client.send("GET /v1/connect", "connection: upgrade\r\nupgrade: websocket\r\n", "");
    let (head, _) = message(&mut client.0).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut hello = [0; 5];
    client.0.read_exact(&mut hello).unwrap();
    assert_eq!(&hello, b"hello");
    client.0.get_mut().write_all(b"ping").unwrap();
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), "ping");
    (proxy, client, heard)
}

/// Whatever is read has the next version.
fn growing(status: &'static str) -> Scripted {
    let mut version = 100;
    Scripted::new(move |asked| {
        version += 1;
        let name = asked.line.trim_start_matches("GET /v1/widgets/");
        says(&widget(name, status, version))
    })
}

#[test]
fn how_long_all_faults_take_is_known_before_and_quick_is_below_five_minutes() {
    let quick = super::run::quick_groups(&Fault::ALL, &super::process::LoadSize::quick());
    assert_eq!(
        super::run::foreseen(&quick),
        "load tests: 4 of 20 s, 2 at once, then 13 of 15 s, 6 at once; between 1m25s and 4m45s"
    );
    let all = vec![(Fault::ALL.to_vec(), super::process::LoadSize::default())];
    assert_eq!(
        super::run::foreseen(&all),
        "load tests: 17 of 60 s, 1 at once; between 17m00s and 25m30s"
    );
}
