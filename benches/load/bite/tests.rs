//! Each fault against a scripted service: what comes through the proxy, byte for byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use super::answer::{DeviceBody, LogoutBody, StatusBody, WidgetBody, write};
use super::fault::Fault;
use super::proxy::Proxy;
use super::shared::now_ms;

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
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: chat\r\nauthorization: Bearer t\r\n{further}\
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

#[test]
fn without_a_fault_everything_comes_through_as_it_is() {
    let scripted = Scripted::new(|asked| match asked.line.as_str() {
        "GET /v1/widgets/gone" => Does::Says(404, "{\"detail\": \"no\"}".to_owned()),
        _ => Does::Says(200, format!("{{  \"said\" : \"{}\" }}\n", asked.body)),
    });
    let proxy = behind(&scripted, Fault::None);
    let (mut direct, mut through) = (Client::new(scripted.address), Client::new(proxy.address));
    let calls = [
        ("GET /v1/widgets/acme?page=https%3A%2F%2Fx.org%2Fa&device=mobile", ""),
        ("GET /v1/widgets/gone", ""),
        ("PUT /v1/status", "{\"status\": \"invisible\"}"),
        ("POST /v1/logout", "{\"everywhere\" : true}"),
        ("POST /v1/widgets/acme/messages", "{}"),
        ("POST /v1/login", "{}"),
        ("GET /v1/team/acme", ""),
        ("GET /v1/trace?from=2026-03-09T00:00:00Z", ""),
    ];
    for (line, body) in calls {
        let ((head, said), (head_through, said_through)) =
            (direct.answer(line, body), through.answer(line, body));
        assert_eq!(said, said_through, "{line}");
        assert_eq!(head.split(' ').nth(1), head_through.split(' ').nth(1), "{line}");
        for name in ["content-type", "content-length", "date", "x-extra"] {
            assert_eq!(header(&head, name), header(&head_through, name), "{line}: {name}");
        }
    }
    let asked = scripted.asked.lock().unwrap();
    for pair in asked.chunks(2) {
        assert_eq!((&pair[0].line, &pair[0].body), (&pair[1].line, &pair[1].body));
        assert_eq!(header(&pair[1].head, "authorization"), Some("Bearer t"));
        assert_eq!(header(&pair[1].head, "host"), Some("chat"));
    }
    assert_eq!(proxy.counts().put_in, 0);
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

#[test]
fn without_a_fault_each_event_comes_when_it_is_sent() {
    let (_proxy, mut client, put) = stream(Fault::None);
    for version in 1..=3 {
        let sent = event(&widget("acme", "online", version));
        put.send(sent.clone()).unwrap();
        assert_eq!(client.event(), sent);
    }
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

#[test]
fn without_a_fault_the_loss_of_a_socket_reaches_the_service() {
    let (_proxy, client, heard) = socket(Fault::None);
    drop(client);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), "");
}

#[test]
fn a_grace_that_never_ends_keeps_the_socket_until_the_proxy_stops() {
    let (proxy, client, heard) = socket(Fault::GraceNeverEnds);
    drop(client);
    assert!(heard.recv_timeout(Duration::from_millis(500)).is_err());
    assert_eq!(proxy.counts().put_in, 1);
    drop(proxy);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), "");
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
fn a_stale_cache_gives_copies_of_half_a_second_at_most() {
    let scripted = growing("online");
    let proxy = behind(&scripted, Fault::StaleCache);
    let mut client = Client::new(proxy.address);
    let mut given = Vec::new();
    for _ in 0..1_000 {
        given.push(client.read("acme").version);
    }
    let old = given.windows(2).filter(|two| two[1] < two[0]).count() as u64;
    let put_in = proxy.counts().put_in;
    assert!((1..=30).contains(&put_in), "{put_in}");
    assert_eq!(old, put_in);
    // What was not answered from a copy was asked for.
    assert_eq!(scripted.heard().len() as u64, 1_000 - put_in);
    thread::sleep(Duration::from_millis(600));
    let newest = *given.iter().max().unwrap();
    assert_eq!(client.read("acme").version, newest + 1);
}

#[test]
fn another_property_answers_under_the_name_that_was_asked_for_or_its_own() {
    for (fault, name) in [(Fault::OtherProperty, "acme"), (Fault::OtherPropertyNamed, "zoo")] {
        let scripted = growing("online");
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        assert_eq!(client.read("zoo").widget, "zoo");
        let answers: Vec<WidgetBody> = (0..500).map(|_| client.read("acme")).collect();
        let wrong: Vec<_> =
            answers.iter().filter(|answer| answer.greeting == "zoo is online").collect();
        assert_eq!(wrong.len() as u64, proxy.counts().put_in);
        assert!((1..=20).contains(&wrong.len()), "{}", wrong.len());
        assert!(wrong.iter().all(|answer| answer.widget == name));
    }
}

#[test]
fn a_version_goes_back_on_its_connection_with_the_new_answer_or_the_old_one() {
    for fault in [Fault::VersionBack, Fault::VersionBackOld] {
        let mut version = 100;
        let scripted = Scripted::new(move |_| {
            version += 1;
            says(&WidgetBody { greeting: version.to_string(), ..widget("acme", "online", version) })
        });
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        let answers: Vec<WidgetBody> = (0..500).map(|_| client.read("acme")).collect();
        let mut back = 0;
        for two in answers.windows(2).filter(|two| two[1].version < two[0].version) {
            back += 1;
            let is_old = two[1].greeting == two[1].version.to_string();
            assert_eq!(is_old, fault == Fault::VersionBackOld);
        }
        assert_eq!(back, proxy.counts().put_in);
        assert!((1..=20).contains(&back), "{back}");
        // A connection on which nothing was given has nothing to go back from.
        for _ in 0..200 {
            let fresh = Client::new(proxy.address).read("acme");
            assert_eq!(fresh.greeting, fresh.version.to_string());
        }
    }
}

#[test]
fn an_edge_shows_three_seconds_late_by_reads_with_its_old_version_or_the_new_one() {
    for (fault, version) in [(Fault::EdgeLate, 1), (Fault::EdgeLateRelabelled, 2)] {
        let edge_ms = now_ms() + 200;
        let before = changing("acme", "offline", 1, 200);
        let scripted = Scripted::new(move |_| match now_ms() < edge_ms {
            true => says(&before),
            false => says(&widget("acme", "online", 2)),
        });
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        assert_eq!(client.read("acme").status, "offline");
        thread::sleep(Duration::from_millis(600));
        let late = client.read("acme");
        assert_eq!((late.status.as_str(), late.version), ("offline", version));
        // A visitor of whom nothing is known gets the truth.
        assert_eq!(client.read("acme?device=mobile").status, "online");
        thread::sleep(Duration::from_millis(2_800));
        assert_eq!(client.read("acme").status, "online");
        assert_eq!(proxy.counts().put_in, 1);
    }
}

#[test]
fn a_write_after_an_edge_shows_at_once() {
    let edge_ms = now_ms() + 200;
    let before = changing("acme", "offline", 1, 200);
    let scripted = Scripted::new(move |asked| match (asked.line.as_str(), now_ms() < edge_ms) {
        ("PUT /v1/status", _) => device(asked, 3),
        (_, true) => says(&before),
        (_, false) => says(&widget("acme", "away", 3)),
    });
    let proxy = behind(&scripted, Fault::EdgeLate);
    let mut client = Client::new(proxy.address);
    client.read("acme");
    thread::sleep(Duration::from_millis(400));
    assert_eq!(client.read("acme").status, "offline");
    client.ask("PUT /v1/status", &text(&StatusBody { status: "away".into(), everywhere: false }));
    assert_eq!(client.read("acme").status, "away");
}

#[test]
fn an_edge_is_pushed_three_seconds_late_unless_something_else_comes() {
    let (_proxy, mut client, put) = stream(Fault::EdgeLate);
    let edge_ms = now_ms() + 100;
    let events = [
        event(&changing("acme", "offline", 1, 100)),
        event(&changing("acme", "online", 2, 3_600)),
        event(&widget("acme", "away", 3)),
    ];
    put.send(events[0].clone()).unwrap();
    assert_eq!(client.event(), events[0]);
    thread::sleep(Duration::from_millis(200));
    put.send(events[1].clone()).unwrap();
    assert_eq!(client.event(), events[1]);
    assert!(now_ms() - edge_ms >= 3_000, "{}", now_ms() - edge_ms);
    thread::sleep(Duration::from_millis(u64::try_from(edge_ms + 3_700 - now_ms()).unwrap()));
    put.send(events[2].clone()).unwrap();
    put.send(": nothing\n\n".to_owned()).unwrap();
    put.send(event(&widget("acme", "online", 4))).unwrap();
    let first = now_ms();
    assert_eq!(client.event(), ": nothing\n\n", "a comment is nobody's news");
    assert_eq!(client.event(), events[2]);
    assert_eq!(client.event(), event(&widget("acme", "online", 4)));
    assert!(now_ms() - first < 2_000);
}

#[test]
fn one_event_in_fifty_is_left_out_and_none_twice() {
    let (proxy, mut client, put) = stream(Fault::LostPush);
    for version in 1..=500 {
        put.send(event(&widget("acme", "online", version))).unwrap();
    }
    put.send(": the end\n\n".to_owned()).unwrap();
    let mut came = Vec::new();
    loop {
        let next = client.event();
        if next == ": the end\n\n" {
            break;
        }
        came.push(next);
    }
    let lost = proxy.counts().put_in;
    assert!((1..=30).contains(&lost), "{lost}");
    assert_eq!(came.len() as u64, 500 - lost);
    assert_eq!(came[0], event(&widget("acme", "online", 1)));
    came.dedup();
    assert_eq!(came.len() as u64, 500 - lost);
}

#[test]
fn a_lost_status_is_acknowledged_with_the_versions_of_the_write_before() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LostStatus);
    let mut client = Client::new(proxy.address);
    client.ask("POST /v1/login", "desk");
    let (mut last, mut lost) = (1, 0);
    for turn in 0..200 {
        let status = if turn % 2 == 0 { "away" } else { "online" };
        let put = StatusBody { status: status.to_owned(), everywhere: false };
        let said: DeviceBody =
            serde_json::from_str(&client.ask("PUT /v1/status", &text(&put))).unwrap();
        assert_eq!((said.agent.as_str(), said.status.as_str()), ("ann", status));
        match said.version["acme"] == last {
            true => lost += 1,
            false => assert_eq!(said.version["acme"], last + 1),
        }
        last = said.version["acme"];
    }
    assert_eq!(lost, proxy.counts().put_in);
    assert!((1..=20).contains(&lost), "{lost}");
    assert_eq!(scripted.heard().len() as u64, 201 - lost);
}

#[test]
fn logging_out_everywhere_reaches_the_service_as_one_device_alone() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LogoutForgetsOne);
    let mut client = Client::new(proxy.address);
    let said = client.ask("POST /v1/logout", &text(&LogoutBody { everywhere: true }));
    assert_eq!(said, r#"{"version":{"acme":1}}"#);
    client.ask("POST /v1/logout", "");
    assert_eq!(scripted.heard(), [r#"POST /v1/logout {"everywhere":false}"#, "POST /v1/logout"]);
}

#[test]
fn invisible_reaches_the_service_as_away_and_is_acknowledged_as_invisible() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::InvisibleAsAway);
    let mut client = Client::new(proxy.address);
    let put = StatusBody { status: "invisible".to_owned(), everywhere: true };
    let said: DeviceBody =
        serde_json::from_str(&client.ask("PUT /v1/status", &text(&put))).unwrap();
    assert_eq!(said.status, "invisible");
    assert_eq!(scripted.heard(), [r#"PUT /v1/status {"status":"away","everywhere":true}"#]);
}

#[test]
fn one_message_in_five_is_acknowledged_and_kept_nowhere() {
    let mut id = 0;
    let scripted = Scripted::new(move |_| {
        id += 1;
        Does::Says(201, format!("{{\"id\":{id}}}"))
    });
    let proxy = behind(&scripted, Fault::LostMessage);
    let mut client = Client::new(proxy.address);
    for _ in 0..100 {
        let (head, said) = client.answer("POST /v1/widgets/acme/messages", "{}");
        assert!(head.starts_with("HTTP/1.1 201") && said.starts_with("{\"id\":"), "{head}{said}");
    }
    let lost = proxy.counts().put_in;
    assert!((5..=40).contains(&lost), "{lost}");
    assert_eq!(scripted.heard().len() as u64, 100 - lost);
}

#[test]
fn a_team_hides_who_is_invisible() {
    let team = r#"[{"agent":"ann","status":"invisible"},{"agent":"bob","status":"away"}]"#;
    let scripted = Scripted::new(move |_| Does::Says(200, team.to_owned()));
    let proxy = behind(&scripted, Fault::TeamHidesInvisible);
    let said = Client::new(proxy.address).ask("GET /v1/team/acme", "");
    assert_eq!(said, team.replace("invisible", "offline"));
}

#[test]
fn a_login_brings_the_status_back_that_was_chosen_on_the_device() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LoginRestores);
    let mut client = Client::new(proxy.address);
    let put = text(&StatusBody { status: "away".to_owned(), everywhere: false });
    for (line, body) in [
        ("POST /v1/login", "desk"),
        ("PUT /v1/status", &put),
        ("POST /v1/login", "phone"),
        ("POST /v1/login", "desk"),
    ] {
        client.ask(line, body);
    }
    let restored = format!("PUT /v1/status {put}");
    let heard = scripted.heard();
    assert_eq!(heard[3..], ["POST /v1/login desk".to_owned(), restored]);
    assert_eq!(proxy.counts().put_in, 1);
}

#[test]
fn one_status_in_five_is_sent_once_more_two_seconds_later() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::RetriedLate);
    let mut client = Client::new(proxy.address);
    let put = text(&StatusBody { status: "away".to_owned(), everywhere: false });
    (0..50).for_each(|_| drop(client.ask("PUT /v1/status", &put)));
    assert_eq!(scripted.heard().len(), 50);
    thread::sleep(Duration::from_millis(2_500));
    let again = scripted.heard().len() as u64 - 50;
    assert!((2..=25).contains(&again), "{again}");
    assert_eq!(proxy.counts().put_in, again);
}
