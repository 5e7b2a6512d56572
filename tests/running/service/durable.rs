//! What was answered is there after any end of the process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, KEY, ask_to_end, serve_in_shell, start, until};

/// The program itself, to be killed.
struct Process {
    child: Child,
    address: SocketAddr,
    ready_after: Duration,
}

impl Process {
    fn start(store: &Path) -> Self {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["serve", "--listen", "127.0.0.1:0", "--password-memory", "8"])
            .args(["--heartbeat", "1d", "--max-messages", "1000000000"])
            .args(["--max-messages-by-property", "1000000000", "--store"])
            .arg(store)
            .env("LAMPLIGHTER_ADMIN_KEY", KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("says where it listens");
        let address = line.trim().rsplit_once("http://").expect("an address").1;
        let address = address.parse().expect("an address");
        Self { child, address, ready_after: began.elapsed() }
    }

    fn kill(mut self) -> Duration {
        self.child.kill().expect("is killed");
        self.child.wait().expect("ends");
        self.ready_after
    }
}

/// What one writer knows: what was answered last, and what was sent and never answered.
#[derive(Default, Debug)]
struct Known {
    answered: Option<Value>,
    unanswered: Option<Value>,
}

impl Known {
    /// Whether what is found is what was answered, or what was sent after that: nothing older, and
    /// nothing else.
    fn admits(&self, found: &Value) -> bool {
        self.answered.as_ref() == Some(found) || self.unanswered.as_ref() == Some(found)
    }
}

/// Writes until the process is gone; what was answered and what was not.
fn write(client: &Client, stop: &AtomicBool, known: &Mutex<Known>, next: impl Fn(u64) -> Write) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let Write { method, path, bearer, body, leads_to } = next(number);
        known.lock().expect("no panic").unanswered = Some(leads_to.clone());
        let answer = client.try_call(method, &path, bearer.as_deref(), Some(&body.to_string()));
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => {
                *known.lock().expect("no panic") =
                    Known { answered: Some(leads_to), unanswered: None };
            }
            Ok(answer) => panic!("{method} {path}: {}", answer.text),
            Err(_) => return,
        }
    }
}

struct Write {
    method: &'static str,
    path: String,
    bearer: Option<String>,
    body: Value,
    leads_to: Value,
}

/// So many times; `LAMPLIGHTER_KILLS` says how often.
fn kills() -> u64 {
    std::env::var("LAMPLIGHTER_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

#[test]
#[allow(clippy::too_many_lines, reason = "one course of events, told as it happens")]
fn killed_at_any_moment_everything_that_was_answered_is_there_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let process = Process::start(&store);
    let client = Client::new(process.address);
    let agents = ["ann", "bob", "cy", "dot"];
    client.acme(&agents, json!({}));
    let mut tokens: BTreeMap<&str, String> =
        agents.iter().map(|agent| (*agent, client.log_in(agent, "laptop"))).collect();
    process.kill();

    let mut messages_answered = 0_u64;
    let mut slowest = Duration::ZERO;
    let mut draw = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..kills() {
        let process = Process::start(&store);
        slowest = slowest.max(process.ready_after);
        let stop = AtomicBool::new(false);
        let statuses: Vec<Mutex<Known>> = agents.iter().map(|_| Mutex::default()).collect();
        let (settings, messages) = (Mutex::<Known>::default(), Mutex::new(0_u64));
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        let lives = Duration::from_micros(20_000 + draw % 180_000);
        let mut killed = Some(process);
        let address = killed.as_ref().expect("runs").address;
        thread::scope(|scope| {
            for (place, agent) in agents.iter().enumerate() {
                let (known, stop, token) = (&statuses[place], &stop, tokens[agent].clone());
                scope.spawn(move || {
                    write(&Client::new(address), stop, known, |number| {
                        let word = ["online", "away", "invisible"][number as usize % 3];
                        Write {
                            method: "PUT",
                            path: "/v1/status".to_owned(),
                            bearer: Some(token.clone()),
                            body: json!({"status": word}),
                            leads_to: json!(word),
                        }
                    });
                });
            }
            scope.spawn(|| {
                write(&Client::new(address), &stop, &settings, |number| {
                    let greeting = format!("round {round}, write {number}");
                    Write {
                        method: "PUT",
                        path: "/v1/properties/acme".to_owned(),
                        bearer: Some(KEY.to_owned()),
                        body: json!({"members": agents, "greetings": {"online": greeting}}),
                        leads_to: json!(greeting),
                    }
                });
            });
            scope.spawn(|| {
                let client = Client::new(address);
                while !stop.load(Ordering::Relaxed) {
                    let left = json!({"name": "Vi", "email": "vi@example.com"}).to_string();
                    let left =
                        client.try_call("POST", "/v1/widgets/acme/messages", None, Some(&left));
                    match left {
                        Ok(answer) if answer.status == 201 => {
                            let id = answer.body["id"].as_u64().expect("a number");
                            *messages.lock().expect("no panic") = id;
                        }
                        Ok(answer) => panic!("{}", answer.text),
                        Err(_) => return,
                    }
                }
            });
            thread::sleep(lives);
            killed.take().expect("runs").kill();
            stop.store(true, Ordering::Relaxed);
        });

        let process = Process::start(&store);
        slowest = slowest.max(process.ready_after);
        let client = Client::new(process.address);
        let team = client.admin("GET", "/v1/team/acme", Value::Null);
        for (place, agent) in agents.iter().enumerate() {
            let known = statuses[place].lock().expect("no panic");
            let found = &team[place]["status"];
            let untouched = known.answered.is_none() && known.unanswered.is_none();
            // Before the first answer of a round what the round before left may still stand.
            let ok = known.admits(found) || known.answered.is_none();
            assert!(ok || untouched, "round {round}: {agent} is {found}, known is {known:?}");
        }
        let greeting = client.admin("GET", "/v1/properties/acme", Value::Null);
        let found = &greeting["greetings"]["online"];
        let known = settings.lock().expect("no panic");
        assert!(
            known.admits(found) || known.answered.is_none(),
            "round {round}: {found}, {known:?}"
        );
        let last = client.admin("GET", "/v1/messages/acme?limit=1", Value::Null);
        let last = last["messages"][0]["id"].as_u64().unwrap_or(0);
        let answered = *messages.lock().expect("no panic");
        messages_answered = messages_answered.max(answered);
        assert!(last >= messages_answered, "round {round}: message {messages_answered} is lost");
        // A login is there, too: its token is good, and the one before it is void.
        let agent = agents[round as usize % agents.len()];
        let token = client.log_in(agent, "laptop");
        let old = tokens.insert(agent, token.clone()).expect("logged in");
        process.kill();
        let process = Process::start(&store);
        let client = Client::new(process.address);
        let team =
            |token: &str| client.call("GET", "/v1/team/acme", Some(token), Value::Null).status;
        assert_eq!((team(&token), team(&old)), (200, 401), "round {round}");
        if round % 2 == 0 {
            client.call("POST", "/v1/logout", Some(&token), Value::Null);
            process.kill();
            let process = Process::start(&store);
            let client = Client::new(process.address);
            let status = client.call("GET", "/v1/team/acme", Some(&token), Value::Null).status;
            assert_eq!(status, 401, "round {round}: a logout is lost");
            tokens.insert(agent, client.log_in(agent, "laptop"));
            process.kill();
        } else {
            process.kill();
        }
    }
    println!("{} kills; the slowest start took {slowest:?}", kills());
}

#[test]
fn sigterm_finishes_what_was_taken_in_and_ends_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let mut process = Process::start(&store);
    let client = Client::new(process.address);
    client.acme(&["ann"], json!({}));
    client.log_in("ann", "laptop");
    ask_to_end(&process.child);
    let ended = process.child.wait().expect("ends");
    assert_eq!(ended.code(), Some(0));
    let process = Process::start(&store);
    assert_eq!(Client::new(process.address).status("acme"), "online");
    process.kill();
}

#[test]
fn everything_is_as_it_was_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let hours = json!({"timezone": "America/New_York", "hours": {"mon": ["09:00-17:00"]}});
    client.acme(&["ann", "bob"], json!({"scheduler": hours}));
    client.admin("PUT", "/v1/properties/acme/widgets/sales", json!({"pre_chat_form": true}));
    client.admin("PUT", "/v1/settings", json!({"grace": "3m", "auto_away": "30m"}));
    let token = client.log_in("ann", "laptop");
    let socket = client.connect(&token);
    client.put_clock("2026-03-09T16:05:00Z");
    let bob = client.log_in("bob", "desk");
    client.call("PUT", "/v1/status", Some(&bob), json!({"status": "away"}));
    socket.cut();
    let lost = |client: &Client| {
        let why = client.admin("GET", "/v1/explain/acme", Value::Null);
        why["members"][0]["devices"][0]["connection_lost"] == true
    };
    crate::client::until("the loss is noticed", || lost(&client));
    let everything = |client: &Client| -> Vec<Value> {
        let mut all = vec![
            client.admin("GET", "/v1/explain/acme", Value::Null),
            client.admin("GET", "/v1/explain/acme/sales", Value::Null),
            client.admin("GET", "/v1/properties/acme", Value::Null),
            client.admin("GET", "/v1/properties/acme/widgets/sales", Value::Null),
            client.admin("GET", "/v1/settings", Value::Null),
            client.admin("GET", "/v1/clock", Value::Null),
            client.get("/v1/widgets/acme"),
        ];
        all.iter_mut().for_each(|answer| {
            answer.as_object_mut().expect("an object").remove("version");
        });
        all
    };
    let (before, version) =
        (everything(&client), client.get("/v1/widgets/acme")["version"].as_u64());
    service.stop();
    for round in 0..2 {
        let service = start(folder.path());
        let client = service.client();
        assert_eq!(everything(&client), before, "restart {round}");
        assert!(client.get("/v1/widgets/acme")["version"].as_u64() > version);
        service.stop();
    }
    // The grace that ran when it stopped runs out at its instant.
    let service = start(folder.path());
    let client = service.client();
    client.put_clock("2026-03-09T16:08:00Z");
    let team = client.admin("GET", "/v1/team/acme", Value::Null);
    assert_eq!(team[0]["status"], "offline");
}

#[test]
fn killed_a_service_does_not_come_back_with_devices_whose_grace_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let begin = || serve_in_shell("", &store, "--password-memory 8 --heartbeat 1s", Stdio::null());
    let (mut child, address) = begin();
    let client = Client::new(address);
    client.acme(&["ann"], json!({}));
    client.admin("PUT", "/v1/settings", json!({"grace": "1s"}));
    let token = client.log_in("ann", "laptop");
    let _socket = client.connect(&token);
    let noted =
        || std::fs::read_to_string(folder.path().join("lamplighter.db.lock")).expect("a note");
    let at_login = noted();
    until("the service has noted that it is there", || noted() != at_login);
    assert_eq!(client.status("acme"), "online");
    child.kill().expect("is killed");
    child.wait().expect("ends");
    // No longer than a second of silence and one of grace may she count.
    thread::sleep(Duration::from_millis(2_100));
    let (mut child, address) = begin();
    assert_eq!(Client::new(address).status("acme"), "offline");
    child.kill().expect("is killed");
    child.wait().expect("ends");
}
