//! A load test on a product that is not ours: it signs in by a form with a token in a page and a cookie,
//! is held by long polls that carry the status, shows a picture of a length, and knows no versions.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lamplighter_load::result::LoadResult;

/// Who has no poll open stays in for so long: on a machine that is full a poll comes seconds late.
const GRACE: Duration = Duration::from_secs(5);
/// A poll is answered after so long, whatever happens.
const POLL: Duration = Duration::from_millis(1_500);

const TARGET: &str = r#"
format = 1
[target]
name = "tearoom"
base = "http://127.0.0.1:1"
[http]
gone = { status = 403, regex = "signed out" }
[agent]
make = { post = "/people", form = { who = "{{agent}}", word = "{{password}}" } }
[property]
make = { post = "/rooms", form = { room = "{{property}}" } }
[member]
add = { post = "/rooms/{{property}}", form = { who = "{{agent}}" } }
[device]
login  = [
  { as = "visitor", get = "/sign-in", keep.token = { regex = 'value="([a-z0-9]+)"' } },
  { as = "visitor", post = "/sign-in", form = { who = "{{agent}}", word = "{{password}}", token = "{{token}}" }, done = { status = 302 } },
]
logout = { post = "/sign-out", done = { status = 302 } }
status = []
values = { online = "here", away = "brb" }
[device.hold]
call = { get = "/wait", query = { mood = "{{value}}" } }
interrupt = true
[team]
read   = { get = "/rooms/{{property}}" }
rows   = "/people"
name   = "/who"
said   = "/mood"
values = { here = "online", brb = "away" }
[widget]
read = { get = "/rooms/{{property}}/picture", keep.length = { bytes = true } }
says = [
  { when = { length = 30 }, status = "online" },
  { when = { length = 20 }, status = "away" },
  { when = { length = 10 }, status = "offline" },
]
[can]
statuses  = ["online", "away"]
reconnect = true
[timing]
shows_within = 1
hold_settles = 2
grace_min    = 4.9
grace_max    = 8
clock        = "same-host"
"#;

/// One who has signed in.
struct Session {
    who: String,
    mood: Option<String>,
    polls: usize,
    until: Instant,
}

#[derive(Default)]
struct Tearoom {
    words: BTreeMap<String, String>,
    rooms: BTreeMap<String, Vec<String>>,
    sessions: BTreeMap<String, Session>,
    count: usize,
    /// How often each path was called, by its first part and its method.
    calls: BTreeMap<String, usize>,
    /// Whether nobody ever shows as away: what it says is false then.
    hides_away: bool,
}

impl Tearoom {
    fn mood(&self, who: &str) -> &'static str {
        let now = Instant::now();
        let own = self.sessions.values().filter(|session| session.who == who);
        let present = own.filter(|session| session.polls > 0 || session.until > now);
        let moods: Vec<&str> = present.filter_map(|session| session.mood.as_deref()).collect();
        match (moods.contains(&"here"), moods.contains(&"brb")) {
            (true, _) => "here",
            (false, true) => "brb",
            (false, false) => "out",
        }
    }

    fn picture(&self, room: &str) -> usize {
        let moods: Vec<&str> =
            self.rooms.get(room).into_iter().flatten().map(|who| self.mood(who)).collect();
        match (moods.contains(&"here"), moods.contains(&"brb") && !self.hides_away) {
            (true, _) => 30,
            (false, true) => 20,
            (false, false) => 10,
        }
    }
}

struct Call {
    method: String,
    path: String,
    cookie: String,
    form: BTreeMap<String, String>,
}

fn serve(hides_away: bool) -> (SocketAddr, Arc<Mutex<Tearoom>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let room = Arc::new(Mutex::new(Tearoom { hides_away, ..Tearoom::default() }));
    let served = Arc::clone(&room);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let room = Arc::clone(&served);
            thread::spawn(move || drop(attend(stream, &room)));
        }
    });
    (address, room)
}

fn attend(mut stream: TcpStream, room: &Mutex<Tearoom>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(call) = read(&mut stream, &mut buffer)? {
        let (status, header, body) = match call.path.strip_prefix("/wait?mood=") {
            Some(mood) => wait(&mut stream, room, &call, mood)?,
            None => answer(&mut room.lock().expect("nobody panics with it"), &call),
        };
        let head =
            format!("HTTP/1.1 {status} So\r\nContent-Length: {}\r\n{header}\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
    }
    Ok(())
}

fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Call>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let header = |wanted: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map_or("", |(_, it)| it)
            };
            let length: usize = header("content-length").parse().unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
                let form = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
                let mut first = head.split(' ').map(str::to_owned);
                let (method, path) = (first.next(), first.next());
                let cookie = header("cookie").trim_start_matches("tea=").to_owned();
                let (method, path) = (method.unwrap_or_default(), path.unwrap_or_default());
                buffer.drain(..end + 4 + length);
                return Ok(Some(Call { method, path, cookie, form }));
            }
        }
        let mut some = [0; 4_096];
        match stream.read(&mut some)? {
            0 => return Ok(None),
            read => buffer.extend(&some[..read]),
        }
    }
}

const GONE: (u16, String, &str) = (403, String::new(), "signed out");

/// A long poll: who waits is in, in this mood; an end that is lost is noticed.
fn wait(
    stream: &mut TcpStream,
    room: &Mutex<Tearoom>,
    call: &Call,
    mood: &str,
) -> std::io::Result<(u16, String, String)> {
    let lock = || room.lock().expect("nobody panics with it");
    {
        let mut room = lock();
        *room.calls.entry("GET wait".to_owned()).or_default() += 1;
        let now = Instant::now();
        let Some(session) = room
            .sessions
            .get_mut(&call.cookie)
            .filter(|session| session.mood.is_none() || session.polls > 0 || session.until > now)
        else {
            room.sessions.remove(&call.cookie);
            return Ok((GONE.0, GONE.1, GONE.2.to_owned()));
        };
        session.polls += 1;
        session.mood = Some(mood.to_owned());
    }
    let began = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut is_lost = false;
    while began.elapsed() < POLL && !is_lost && lock().sessions.contains_key(&call.cookie) {
        is_lost = match stream.peek(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        };
    }
    stream.set_read_timeout(None)?;
    let mut room = lock();
    let Some(session) = room.sessions.get_mut(&call.cookie) else {
        return Ok((GONE.0, GONE.1, GONE.2.to_owned()));
    };
    session.polls -= 1;
    session.until = Instant::now() + GRACE;
    match is_lost {
        true => Err(std::io::ErrorKind::ConnectionReset.into()),
        false => Ok((200, String::new(), "{}".to_owned())),
    }
}

fn answer(room: &mut Tearoom, call: &Call) -> (u16, String, String) {
    let parts: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
    *room.calls.entry(format!("{} {}", call.method, parts[0])).or_default() += 1;
    let said = |name: &str| call.form.get(name).cloned().unwrap_or_default();
    let ok = |body: String| (200, String::new(), body);
    match (call.method.as_str(), &parts[..]) {
        ("POST", ["people"]) => {
            room.words.insert(said("who"), said("word"));
            ok(String::new())
        }
        ("POST", ["rooms"]) => {
            room.rooms.entry(said("room")).or_default();
            ok(String::new())
        }
        ("POST", ["rooms", name]) => {
            room.rooms.entry((*name).to_owned()).or_default().push(said("who"));
            ok(String::new())
        }
        ("GET", ["rooms", name]) => {
            let people = room.rooms.get(*name).into_iter().flatten();
            let rows = people.map(|who| (who, room.mood(who))).filter(|(_, mood)| *mood != "out");
            let rows = rows.map(|(who, mood)| format!(r#"{{"who":"{who}","mood":"{mood}"}}"#));
            ok(format!(r#"{{"people":[{}]}}"#, rows.collect::<Vec<_>>().join(",")))
        }
        ("GET", ["rooms", name, "picture"]) => ok("*".repeat(room.picture(name))),
        ("GET", ["sign-in"]) => ok(r#"<input name="token" value="abc123">"#.to_owned()),
        ("POST", ["sign-in"]) => {
            let is_right = room.words.get(&said("who")) == Some(&said("word"));
            if !is_right || said("token") != "abc123" {
                return (200, String::new(), "wrong".to_owned());
            }
            room.count += 1;
            let cookie = format!("c{}", room.count);
            let until = Instant::now();
            let session = Session { who: said("who"), mood: None, polls: 0, until };
            room.sessions.insert(cookie.clone(), session);
            (302, format!("Set-Cookie: tea={cookie}; Path=/\r\n"), String::new())
        }
        ("POST", ["sign-out"]) => match room.sessions.remove(&call.cookie) {
            Some(_) => (302, String::new(), String::new()),
            None => (GONE.0, GONE.1, GONE.2.to_owned()),
        },
        _ => (404, String::new(), String::new()),
    }
}

fn load(address: SocketAddr, folder: &std::path::Path) -> (Output, LoadResult) {
    std::fs::write(folder.join("tearoom.toml"), TARGET).expect("is written");
    let host = format!("http://{address}");
    let out = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["load", "--target", "tearoom.toml", "--host", &host, "--duration", "12s"])
        .args(["--properties", "6", "--agents", "2", "--visitors", "60/s", "--pace", "2s"])
        .args(["--within", "2s", "--json", "load.json"])
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let json = std::fs::read(folder.join("load.json"));
    let json = json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)));
    (out, serde_json::from_slice(&json).expect("a result"))
}

#[test]
fn a_product_with_forms_cookies_and_polls_is_judged_without_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, room) = serve(false);
    let (out, result) = load(address, folder.path());
    let said =
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert_eq!(result.about.product, "tearoom");
    assert!(result.about.arguments.contains("--target tearoom.toml"), "{}", result.about.arguments);
    let judged = &result.judged;
    assert!(judged.reads > 300 && judged.decisive > 50 && judged.wrong_count() == 0, "{judged:?}");
    for operation in ["widget", "login", "status", "connect"] {
        assert!(result.operations[operation].ok > 0, "{operation}: {said}");
    }
    assert!(said.contains("left on the target, for want of steps that delete"), "{said}");
    let room = room.lock().expect("nobody panics with it");
    assert!(room.calls["GET wait"] > room.calls["POST sign-in"], "{:?}", room.calls);
    assert!(room.calls["POST sign-out"] > 0, "{:?}", room.calls);
}

#[test]
fn a_product_that_never_shows_who_is_away_is_found_to_be_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _) = serve(true);
    let (out, result) = load(address, folder.path());
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stdout));
    assert!(result.judged.wrong_count() > 0, "{:?}", result.judged);
}
