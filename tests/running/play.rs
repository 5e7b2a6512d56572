//! The page of `lamplighter play`, from outside: what it answers, to whom, and what it never does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};

/// The program, with a page of its own.
struct Page {
    child: Child,
    address: SocketAddr,
}

/// What it answered.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn detail(&self) -> String {
        self.json()["detail"].as_str().expect("a word").to_owned()
    }

    /// A header, by its name in small letters.
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Page {
    fn open(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["play", "--no-open"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("its address");
        let address = line.trim().strip_prefix("http://").and_then(|url| url.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("{line}")).parse().expect("an address");
        Self { child, address }
    }

    /// Asks as a browser does that shows the page.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string);
        let kind = body.as_ref().map(|_| "Content-Type: application/json");
        let host = format!("Host: {}", self.address);
        let headers: Vec<&str> = [host.as_str()].into_iter().chain(kind).collect();
        self.send(method, path, &headers, body.as_deref().unwrap_or_default())
    }

    fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("connects");
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        for header in headers {
            text.push_str(&format!("{header}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        // A refusal can come before all is sent.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).expect("UTF-8");
        let (head, body) =
            answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn says(&self, text: &str) -> Answer {
        self.ask("POST", "/api/says", Some(&json!({ "text": text, "width": 600 })))
    }

    fn interrupt(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().expect("a signal");
        self.child.wait().expect("ends")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HOLDS: &str = "scenario a\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  ann logs in on laptop\n  \
     expect acme online\n";

#[test]
fn the_page_takes_nothing_from_elsewhere_and_says_so_with_every_answer() {
    let page = Page::open(&[]);
    let start = page.ask("GET", "/", None);
    assert_eq!(
        (start.status, start.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    for part in start.body.split("=\"/").skip(1) {
        let path = format!("/{}", part.split('"').next().expect("a path"));
        assert_eq!(page.ask("GET", &path, None).status, 200, "{path}");
    }
    let other = format!("Host: {}", page.address);
    let answers = [
        start,
        page.ask("GET", "/play.css", None),
        page.ask("GET", "/nothing", None),
        page.says(HOLDS),
        page.send("GET", "/", &["Host: evil.example"], ""),
        page.send("POST", "/api/says", &[&other], "{}"),
    ];
    assert_eq!(
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>(),
        [200, 200, 404, 200, 421, 415]
    );
    for answer in answers {
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.head);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.head);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{}", answer.head);
    }
}

#[test]
fn nobody_but_this_machine_by_its_own_name_is_answered() {
    let page = Page::open(&[]);
    assert!(page.address.ip().is_loopback());
    let port = page.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
    ] {
        for path in ["/", "/api/start", "/api/file"] {
            let answer = page.send("GET", path, &[&format!("Host: {host}")], "");
            assert_eq!(answer.status, 421, "{host}");
            assert!(answer.detail().contains("DNS rebinding"), "{}", answer.body);
        }
    }
    assert_eq!(page.send("GET", "/", &[&format!("Host: localhost:{port}")], "").status, 200);
    let own = format!("Host: 127.0.0.1:{port}");
    let kind = "Content-Type: application/json";
    let body = json!({ "text": HOLDS }).to_string();
    let from = |origin: &str| {
        page.send("POST", "/api/says", &[&own, kind, &format!("Origin: {origin}")], &body)
    };
    assert_eq!(from(&format!("http://127.0.0.1:{port}")).status, 200);
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        assert_eq!(from(origin).status, 403, "{origin}");
    }
    // What another page's form could send without asking first.
    let plain = page.send("POST", "/api/says", &[&own, "Content-Type: text/plain"], &body);
    assert_eq!(plain.status, 415, "{}", plain.body);
}

#[test]
fn a_text_is_answered_with_its_verdict_and_its_picture() {
    let page = Page::open(&[]);
    let said = page.says(HOLDS).json();
    assert_eq!(
        (&said["outcome"], &said["headline"]),
        (&json!("passed"), &json!("The expectation holds"))
    );
    assert!(said["picture"]["markup"].as_str().is_some_and(|markup| markup.contains("<svg")));
    let at_ms = said["picture"]["stops"][0]["at_ms"].clone();
    let now = page.ask("POST", "/api/now", Some(&json!({ "text": HOLDS, "at_ms": at_ms }))).json();
    assert_eq!(
        (&now["widgets"][0]["status"], &now["agents"][0]["status"]),
        (&json!("online"), &json!("online"))
    );
    let wrong = page.ask("POST", "/api/says", Some(&json!({ "texts": HOLDS })));
    assert_eq!(wrong.status, 422);
    assert!(wrong.detail().contains("texts"), "{}", wrong.body);
}

#[test]
fn too_much_is_refused_with_a_word_and_others_are_answered_meanwhile() {
    let page = Page::open(&[]);
    let long = page.says(&"# a lamp\n".repeat(30_000));
    assert_eq!(long.status, 413);
    assert!(long.detail().contains("256 KiB"), "{}", long.body);
    assert_eq!(page.says(&"x".repeat(4 << 20)).status, 413);
    let years = format!("{HOLDS}until 9000-01-01 00:00\n").replace(
        "members ann\n",
        "members ann\n  scheduler Europe/Berlin\n    daily 09:00-12:00 13:00-17:00\n",
    );
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(|| page.says(&years))).collect();
        assert_eq!(page.ask("GET", "/api/start", None).status, 200);
        asking.into_iter().map(|one| one.join().expect("answers")).collect()
    });
    for answer in answers {
        // Where the machine is busy it may be another bound that is met.
        match answer.status {
            200 => assert_eq!(answer.json()["outcome"], "stopped"),
            status => assert_eq!(status, 503, "{}", answer.body),
        }
        assert!(
            answer.body.contains("`lamplighter scenario FILE` plays it whole"),
            "{}",
            answer.body
        );
    }
    assert_eq!(page.says(HOLDS).json()["outcome"], "passed");
}

#[test]
fn a_file_is_shown_and_saved_unless_it_has_changed_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("team.scenario");
    std::fs::write(&path, HOLDS).expect("writes");
    let page = Page::open(&[path.to_str().expect("UTF-8")]);
    let file = page.ask("GET", "/api/start", None).json()["file"].clone();
    assert_eq!((&file["text"], &file["read_only"]), (&json!(HOLDS), &Value::Null));
    let own = format!("Host: {}", page.address);
    let known = |version: &Value| {
        let tag = format!("If-None-Match: \"{}\"", version.as_str().expect("a version"));
        page.send("GET", "/api/file", &[&own, &tag], "").status
    };
    assert_eq!(known(&file["version"]), 304);
    let save = |text: &str, version: &Value| {
        page.ask("PUT", "/api/file", Some(&json!({ "text": text, "version": version })))
    };
    let mine = HOLDS.replace("laptop", "phone");
    let saved = save(&mine, &file["version"]);
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), mine);
    let version = saved.json()["version"].clone();
    assert_eq!((known(&version), known(&file["version"])), (304, 200));
    let theirs = HOLDS.replace("laptop", "desk");
    std::fs::write(&path, &theirs).expect("writes");
    assert_eq!(page.ask("GET", "/api/file", None).json()["text"], theirs);
    let refused = save(HOLDS, &version);
    assert_eq!(refused.status, 409);
    assert!(refused.detail().contains("has changed on disk"), "{}", refused.body);
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), theirs, "nothing is overwritten");
    std::fs::remove_file(&path).expect("removes");
    assert_eq!(save(HOLDS, &version).status, 500);
    assert!(!path.exists(), "and nothing is made anew");
}

#[test]
fn pasted_text_reads_what_lies_beside_the_file_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("a folder");
    std::fs::write(folder.path().join("secret.world"), "property secret\n").expect("writes");
    std::fs::write(inside.join("acme.world"), "property acme\n  members ann\n").expect("writes");
    let path = inside.join("team.scenario");
    std::fs::write(&path, HOLDS).expect("writes");
    let including = |name: &str| format!("scenario a\ninclude \"{name}\"\nat 2026-03-09 09:00\n");
    let page = Page::open(&[path.to_str().expect("UTF-8")]);
    assert_eq!(page.says(&including("acme.world")).json()["outcome"], "passed");
    let secret = folder.path().join("secret.world").display().to_string();
    for name in ["../secret.world", &secret, "../inside/../secret.world"] {
        let said = page.says(&including(name)).json();
        assert_eq!(said["outcome"], "invalid", "{name}");
        assert!(
            said["findings"][0]["label"]
                .as_str()
                .is_some_and(|why| why.starts_with("only files of")),
            "{said}"
        );
    }
    let none = Page::open(&[]);
    let said = none.says(&including("acme.world")).json();
    assert!(
        said["findings"][0]["label"].as_str().is_some_and(|why| why.contains("stands in no file")),
        "{said}"
    );
    assert_eq!(none.ask("GET", "/api/file", None).status, 404);
}

#[test]
fn ctrl_c_ends_it_with_0_though_a_browser_is_still_there() {
    let page = Page::open(&[]);
    let mut idle = TcpStream::connect(page.address).expect("connects");
    write!(idle, "GET / HTTP/1.1\r\nHost: {}\r\n\r\n", page.address).expect("asks");
    idle.read_exact(&mut [0; 15]).expect("an answer begins");
    assert_eq!(page.interrupt().code(), Some(0));
}

#[test]
fn what_cannot_be_shown_is_said_before_anything_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = folder.path().join("long.scenario");
    std::fs::write(&long, "# a lamp\n".repeat(30_000)).expect("writes");
    let missing = folder.path().join("long.scenari");
    for (path, why) in [
        (missing.as_path(), "there is no file or folder"),
        (folder.path(), "is a folder"),
        (Path::new("-"), "standard input cannot be shown and saved"),
        (long.as_path(), "is longer than the 256 KiB"),
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["play", "--no-open"])
            .arg(path)
            .output()
            .expect("runs");
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{err}");
        assert!(err.contains(why) && err.contains("hint: "), "{err}");
        assert!(ran.stdout.is_empty());
    }
}
