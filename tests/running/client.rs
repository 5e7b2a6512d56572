//! A service of the test's own, and a plain client of it.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;
use lamplighter_service::{
    AdminKey, Clock, Config, Limits, LostLines, PasswordCost, Secret, Service,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

pub const KEY: &str = "a key that only tests have";
pub const NOON: &str = "2026-03-09T16:00:00Z";

/// A service in this process.
pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

pub fn limits() -> Limits {
    let password_cost = PasswordCost { memory_kib: 8, passes: 1 };
    Limits { password_cost, ..Limits::default() }
}

/// A service whose manual clock stands at noon in New York.
pub fn start(folder: &Path) -> Running {
    start_with(folder, Clock::manual(NOON.parse().expect("an instant")), limits())
}

pub fn start_with(folder: &Path, clock: Clock, limits: Limits) -> Running {
    start_as(Config { clock, limits, ..config(folder) })
}

/// What services of tests are started with, where a test has no wishes.
pub fn config(folder: &Path) -> Config {
    Config {
        store: folder.join("lamplighter.db"),
        clock: Clock::manual(NOON.parse().expect("an instant")),
        admin_keys: vec![AdminKey { name: "tests".to_owned(), secret: Secret::new(KEY) }],
        metrics_listener: None,
        keep_messages: Some(Millis(400 * 86_400_000)),
        trusted_proxies: Vec::new(),
        tls: None,
        limits: limits(),
        lost_log_lines: LostLines::default(),
    }
}

pub fn start_as(config: Config) -> Running {
    let (tell, told) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("an address");
            let zones = Arc::new(Zones::bundled());
            let service = Service::start(listener, config, zones).await.expect("starts");
            tell.send(address).expect("the test waits");
            let stopped = async { drop(stopped.await) };
            service.run(stopped).await.expect("stops cleanly");
        });
    });
    let address = told.recv().expect("the service starts");
    Running { address, stop: Some(stop), thread: Some(thread) }
}

/// A connection from another address of this machine, such as `127.0.0.2`.
pub fn connect_from(address: &str, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let stream = runtime.expect("a runtime").block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(address.parse().expect("an address"), 0)).expect("is ours");
        socket.connect(to).await.expect("connects").into_std().expect("a stream")
    });
    stream.set_nonblocking(false).expect("a stream that blocks");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

impl Running {
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(thread::panicking() || ended.is_ok(), "the service panicked");
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// A service in a process of its own, behind what a shell does before, with arguments as a shell reads them.
pub fn serve_in_shell(
    before: &str,
    store: &Path,
    arguments: &str,
    stderr: Stdio,
) -> (Child, SocketAddr) {
    let script = format!(
        "{before} exec \"$PROGRAM\" serve --listen 127.0.0.1:0 --store \"$STORE\" {arguments}"
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .env("PROGRAM", env!("CARGO_BIN_EXE_lamplighter"))
        .env("STORE", store)
        .env("LAMPLIGHTER_ADMIN_KEY", KEY)
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .expect("runs");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once("http://").expect("an address").1;
    (child, address.parse().expect("an address"))
}

/// Asks a service to end in order: what it has to say is said before it is gone.
pub fn ask_to_end(service: &Child) {
    let asked = Command::new("kill").arg(service.id().to_string()).status().expect("runs");
    assert!(asked.success());
}

pub struct Client {
    agent: ureq::Agent,
    pub address: SocketAddr,
}

/// A status, the headers and the body, `Null` where it is not JSON.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self { agent: config.into(), address }
    }

    pub fn try_call(
        &self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: Option<&str>,
    ) -> Result<Answer, ureq::Error> {
        self.try_call_with(method, path, bearer, &[], body)
    }

    /// A call with headers of its own.
    pub fn call_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let text = (!body.is_null()).then(|| body.to_string());
        let answer = self.try_call_with(method, path, None, headers, text.as_deref());
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same with further headers.
    pub fn try_call_with(
        &self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).expect("a request"))?,
            None => self.agent.run(request.body(()).expect("a request"))?,
        };
        let text = response.body_mut().read_to_string()?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    pub fn call(&self, method: &str, path: &str, bearer: Option<&str>, body: Value) -> Answer {
        let text = (!body.is_null()).then(|| body.to_string());
        let answer = self.try_call(method, path, bearer, text.as_deref());
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// A call as the admin that must succeed.
    pub fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, Some(KEY), body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text);
        answer.body
    }

    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, None, Value::Null).body
    }

    pub fn account(&self, agent: &str) {
        self.admin("PUT", &format!("/v1/agents/{agent}"), json!({"password": "correct horse"}));
    }

    /// Logs in; gives the token.
    pub fn log_in(&self, agent: &str, device: &str) -> String {
        let body = json!({"agent": agent, "password": "correct horse", "device": device});
        let answer = self.call("POST", "/v1/login", None, body);
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["token"].as_str().expect("a token").to_owned()
    }

    pub fn put_clock(&self, now: &str) {
        self.admin("PUT", "/v1/clock", json!({"now": now}));
    }

    /// A property `acme` with members, who have accounts, and settings.
    pub fn acme(&self, members: &[&str], mut settings: Value) {
        members.iter().for_each(|member| self.account(member));
        settings["members"] = json!(members);
        self.admin("PUT", "/v1/properties/acme", settings);
    }

    pub fn status(&self, widget: &str) -> String {
        self.get(&format!("/v1/widgets/{widget}"))["status"].as_str().unwrap_or("none").to_owned()
    }

    pub fn connect(&self, token: &str) -> Socket {
        let url = format!("ws://{}/v1/connect", self.address);
        let mut request = url.into_client_request().expect("a request");
        let bearer = format!("Bearer {token}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        let (socket, _) = tungstenite::connect(request).expect("connects");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        }
        Socket(socket)
    }
}

pub struct Socket(WebSocket<MaybeTlsStream<std::net::TcpStream>>);

impl Socket {
    /// The next text.
    pub fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text()).expect("JSON")
    }

    /// The next text, as it came.
    pub fn next_text(&mut self) -> String {
        loop {
            match self.0.read().expect("a message") {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a text: {other:?}"),
            }
        }
    }

    /// The next text of a type.
    pub fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let text = self.next();
            if text["type"] == kind {
                return text;
            }
        }
    }

    /// The code and the reason with which the service closes it.
    pub fn closed(mut self) -> (u16, String) {
        loop {
            match self.0.read() {
                Ok(Message::Close(Some(frame))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Ok(_) => {}
                Err(error) => panic!("closed without a reason: {error}"),
            }
        }
    }

    /// Cuts the connection.
    pub fn cut(self) {
        if let MaybeTlsStream::Plain(stream) = self.0.get_ref() {
            stream.shutdown(std::net::Shutdown::Both).expect("a connection");
        }
    }
}

/// Waits for what happens soon.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
