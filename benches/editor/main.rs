//! From a key to what is wrong: how long an editor waits for the diagnostics of a scenario of 5,000 lines.
//!
//! ```sh
//! cargo build --release --features lsp
//! cargo run --release -p lamplighter-benches --features editor --bin keystrokes -- target/release/lamplighter
//! ```
//!
//! A server of its own is started, as editors start it; each key changes one letter somewhere in the text, and the
//! next one comes once the text is told of. Half of the keys make a line wrong, and the next corrects it.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const LINES: usize = 5_000;
const KEYS: usize = 1_000;
const URI: &str = "file:///keystrokes.scenario";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let program = std::env::args().nth(1).ok_or("name the program: target/release/lamplighter")?;
    let text = scenario();
    let mut server = Server::start(&program)?;
    server.ask("initialize", &json!({"capabilities": {}}))?;
    server.tell("initialized", &json!({}))?;
    let item = json!({"uri": URI, "languageId": "lamplighter", "version": 0, "text": text});
    server.tell("textDocument/didOpen", &json!({"textDocument": item}))?;
    let found = server.diagnostics(0)?;
    if !found.is_empty() {
        return Err(format!("the text is sound, and has: {found:?}").into());
    }
    let expected: Vec<usize> = lines_that_expect(&text);
    let mut took = Vec::with_capacity(KEYS);
    for key in 0..KEYS {
        // A letter behind `expect`, and away with it again.
        let line = expected[key / 2 * 7919 % expected.len()];
        let (end, letter) = if key % 2 == 0 { (8, "x") } else { (9, "") };
        let range = json!({"start": {"line": line, "character": 8},
                           "end": {"line": line, "character": end}});
        let version = key + 1;
        let change = json!({
            "textDocument": {"uri": URI, "version": version},
            "contentChanges": [{"range": range, "text": letter}],
        });
        let pressed = Instant::now();
        server.tell("textDocument/didChange", &change)?;
        let found = server.diagnostics(version)?;
        took.push(pressed.elapsed());
        if found.is_empty() != (key % 2 == 1) {
            return Err(format!("key {key}: {found:?}").into());
        }
    }
    server.ask("shutdown", &Value::Null)?;
    server.tell("exit", &Value::Null)?;
    server.child.wait()?;
    took.sort_unstable();
    let at = |share: usize| ms(took[(KEYS * share / 1_000).min(KEYS - 1)]);
    println!(
        "{LINES} lines, {KEYS} keys: p50 {} ms, p90 {} ms, p99 {} ms, worst {} ms (goal: p99 at most 20 ms)",
        at(500),
        at(900),
        at(990),
        at(1_000)
    );
    Ok(())
}

fn ms(length: Duration) -> String {
    format!("{:.1}", length.as_secs_f64() * 1_000.0)
}

/// A scenario in which forty agents of ten properties go through their days, with an expectation behind
/// everything that happens.
fn scenario() -> String {
    let mut lines = vec!["scenario A long one".to_owned(), "source a bench".to_owned()];
    lines.push("timezone America/New_York".to_owned());
    for property in 0..10 {
        lines.push(format!("property p{property}"));
        let members: Vec<String> = (0..4).map(|n| format!("a{}", property * 4 + n)).collect();
        lines.push(format!("  members {}", members.join(" ")));
        lines.push("  scheduler America/New_York".to_owned());
        lines.push("    daily 00:00-24:00".to_owned());
    }
    lines.push("at 2026-03-09 09:00".to_owned());
    lines.extend((0..40).map(|agent| format!("  a{agent} logs in on laptop")));
    let mut step = 0;
    while lines.len() < LINES {
        let agent = step * 13 % 40;
        let (status, shown) =
            if step / 40 % 2 == 0 { ("away", "away") } else { ("online", "online") };
        lines.push("at +1m".to_owned());
        lines.push(format!("  a{agent} goes {status}"));
        lines.push(format!("  expect a{agent} {shown}"));
        step += 1;
    }
    lines.truncate(LINES);
    lines.join("\n") + "\n"
}

/// The lines that begin with `expect`, from 0.
fn lines_that_expect(text: &str) -> Vec<usize> {
    let lines = text.lines().enumerate();
    lines.filter(|(_, line)| line.starts_with("  expect ")).map(|(number, _)| number).collect()
}

/// A language server, spoken to over pipes.
struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(program: &str) -> Outcome<Self> {
        let mut command = Command::new(program);
        let mut child = command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().ok_or("no pipe")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        Ok(Self { child, stdin, stdout })
    }

    fn send(&mut self, message: &Value) -> Outcome<()> {
        let text = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.stdin.flush()?)
    }

    fn tell(&mut self, method: &str, params: &Value) -> Outcome<()> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Outcome<()> {
        self.send(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))?;
        while self.receive()?["id"] != 1 {}
        Ok(())
    }

    fn receive(&mut self) -> Outcome<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err("the server has gone".into());
            }
            match line.trim().split_once(": ") {
                Some(("Content-Length", count)) => length = count.parse()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.stdout.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// What is wrong with a version of the text.
    fn diagnostics(&mut self, version: usize) -> Outcome<Vec<Value>> {
        loop {
            let told = self.receive()?;
            let params = &told["params"];
            if told["method"] == "textDocument/publishDiagnostics" && params["version"] == version {
                return Ok(params["diagnostics"].as_array().cloned().unwrap_or_default());
            }
        }
    }
}
