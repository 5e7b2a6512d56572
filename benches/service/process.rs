//! Processes on a core of their own: what they cost, and how they are asked.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

pub const KEY: &str = "a key for measuring only";

pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whatever prints `… http://ADDRESS` once it listens.
fn start(mut command: Command) -> Process {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.expect("taskset and the program are there");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once("http://").expect("an address").1;
    Process { address: address.parse().expect("an address"), child }
}

/// The service itself, with passwords that cost less than they should.
pub fn service(store: &Path, further: &[&str]) -> Process {
    service_at("0", store, &[&["--password-memory", "8"], further].concat())
}

/// The service itself on such cores.
pub fn service_at(cores: &str, store: &Path, further: &[&str]) -> Process {
    let mut command = serve(cores, store);
    command.args(["--log-level", "warn", "--max-connections-by-address", "1000000"]).args(further);
    start(command)
}

/// The service itself on core 0, with its own limits but for what is said further; its log goes where it is told.
pub fn service_with(store: &Path, further: &[&str], log: Stdio) -> Process {
    let mut command = serve("0", store);
    command.args(further).stderr(log);
    start(command)
}

fn serve(cores: &str, store: &Path) -> Command {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/lamplighter");
    let mut command = Command::new("taskset");
    command.args(["-c", cores]).arg(program).args(["serve", "--listen", "127.0.0.1:0"]);
    command.args(["--heartbeat", "10d", "--store"]).arg(store).env("LAMPLIGHTER_ADMIN_KEY", KEY);
    command
}

/// This program in another part, which prints a number.
pub fn bare_number(arguments: &[&str]) -> f64 {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(std::env::current_exe().expect("a path")).args(arguments);
    let ran = command.output().expect("runs");
    String::from_utf8_lossy(&ran.stdout).trim().parse().expect("a number")
}

/// This program in another part.
pub fn bare(arguments: &[&str]) -> Process {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(std::env::current_exe().expect("a path")).args(arguments);
    start(command)
}

impl Process {
    /// Lets go of the log where this process was to read it: nobody reads it any more.
    pub fn let_log_go(&mut self) {
        drop(self.child.stderr.take());
    }

    /// Asks it to end, and waits for it; its exit code, `None` where a signal ended it.
    pub fn terminate(mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("kill is there").success());
        self.child.wait().expect("ends").code()
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("runs");
        let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
        let ticks: u64 =
            fields[11].parse::<u64>().expect("utime") + fields[12].parse::<u64>().expect("stime");
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        let kib: u64 = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
        kib * 1_024
    }

    pub fn call(&self, method: &str, path: &str, bearer: &str, body: &Value) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("authorization", format!("Bearer {bearer}"))
            .body(body.to_string())
            .expect("a request");
        let mut response = agent.run(request).unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        let text = response.body_mut().read_to_string().expect("an answer");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, path, KEY, body)
    }

    /// A property with members who have accounts.
    pub fn property(&self, name: &str, members: &[String]) {
        for member in members {
            let body = json!({"password": "correct horse"});
            self.admin("PUT", &format!("/v1/agents/{member}"), &body);
        }
        let greeting = json!({"online": "Hello! How can we help?"});
        let document = json!({"members": members, "greetings": greeting});
        self.admin("PUT", &format!("/v1/properties/{name}"), &document);
    }

    pub fn log_in(&self, agent: &str, device: &str) -> String {
        let body = json!({"agent": agent, "password": "correct horse", "device": device});
        let answer = self.call("POST", "/v1/login", "", &body);
        answer["token"].as_str().expect("a token").to_owned()
    }
}

/// What `wrk` measured.
pub struct Load {
    pub requests: f64,
    pub per_second: f64,
    pub p99_ms: f64,
}

/// Loads an address from core 1 with 64 connections.
pub fn wrk(url: &str, seconds: u32, script: Option<&Path>) -> Load {
    let mut command = Command::new("taskset");
    command.args(["-c", "1", "wrk", "-t1", "-c64", "--latency"]);
    command.arg(format!("-d{seconds}s"));
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    let ran = command.arg(url).output().expect("wrk is there: apt-get install wrk");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}");
    assert!(!said.contains("Non-2xx"), "{said}");
    let field = |begin: &str, place: usize| {
        let line = said.lines().find(|line| line.trim().starts_with(begin)).expect("a figure");
        line.split_whitespace().nth(place).expect("a figure").to_owned()
    };
    let requests = said.lines().find(|line| line.contains("requests in")).expect("requests");
    let requests = requests.split_whitespace().next().expect("a number");
    Load {
        requests: requests.parse().expect("a number"),
        per_second: field("Requests/sec:", 1).parse().expect("a number"),
        p99_ms: milliseconds(&field("99%", 1)),
    }
}

fn milliseconds(text: &str) -> f64 {
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic());
    let number: f64 = digits.parse().expect("a number");
    match &text[digits.len()..] {
        "us" => number / 1_000.0,
        "s" => number * 1_000.0,
        _ => number,
    }
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Says something beside the figures, at once.
pub fn say(text: &str) {
    println!("{text}");
    drop(std::io::stdout().flush());
}
