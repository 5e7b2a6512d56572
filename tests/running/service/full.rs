//! Killed while its disk fills: what was answered is there, what was refused is not, and nothing is in halves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, serve_in_shell, until};

const WRITERS: usize = 4;
const CHUNK: usize = 64 * 1_024;
const ARGUMENTS: &str = "--password-memory 8 --heartbeat 1d --max-messages 1000000000 \
     --max-messages-by-property 1000000000 --log-level error";

/// A disk that is full soon.
enum Disk {
    /// A volume of some MB, of which a file takes what is not to be free: `LAMPLIGHTER_SMALL_DISK`, as `.ci/kills`
    /// mounts it.
    Volume(PathBuf),
    /// No file may grow beyond a limit: to SQLite, that is a disk that is full.
    Limit(tempfile::TempDir),
}

impl Disk {
    fn new() -> Self {
        match std::env::var_os("LAMPLIGHTER_SMALL_DISK") {
            Some(volume) => Self::Volume(volume.into()),
            None => Self::Limit(tempfile::tempdir().expect("a folder")),
        }
    }

    fn store(&self) -> PathBuf {
        let folder = match self {
            Self::Volume(folder) => folder,
            Self::Limit(folder) => folder.path(),
        };
        folder.join("lamplighter.db")
    }

    fn ballast(volume: &Path) -> PathBuf {
        volume.join("ballast")
    }

    /// Leaves so much room from here on; what a shell has to say first before it starts a service.
    fn leave(&self, bytes: u64) -> String {
        match self {
            Self::Volume(volume) => {
                let mut ballast = File::create(Self::ballast(volume)).expect("a file");
                let mut length = 0;
                while let Ok(written @ 1..) = ballast.write(&[0; CHUNK]) {
                    length += written as u64;
                }
                ballast.set_len(length.saturating_sub(bytes)).expect("is cut");
                String::new()
            }
            Self::Limit(_) => {
                let files =
                    ["", "-wal"].map(|behind| format!("{}{behind}", self.store().display()));
                let longest =
                    files.iter().filter_map(|file| fs::metadata(file).ok()).map(|at| at.len());
                let blocks = (longest.max().unwrap_or(0) + bytes) / 512;
                format!("trap '' XFSZ; ulimit -f {blocks};")
            }
        }
    }

    /// There is room again.
    fn clear(&self) {
        if let Self::Volume(volume) = self {
            fs::remove_file(Self::ballast(volume)).expect("is gone");
        }
    }
}

/// What the writers know of their messages, by their texts.
#[derive(Default)]
struct Known {
    /// Answered with 201 and this number.
    kept: BTreeMap<String, u64>,
    /// Answered with 503: it has not happened.
    refused: BTreeSet<String>,
    /// Sent, and not answered.
    open: BTreeSet<String>,
}

/// Leaves messages until the service is gone; counts those that the disk was too full for.
fn write(address: SocketAddr, name: &str, known: &Mutex<Known>, refusals: &AtomicUsize) {
    let client = Client::new(address);
    for number in 0_u64.. {
        let text = format!("{name}, message {number}: {}", "x".repeat(3_000));
        let left = json!({"name": "Vi", "email": "vi@example.com", "message": text}).to_string();
        known.lock().expect("no panic").open.insert(text.clone());
        let answer = client.try_call("POST", "/v1/widgets/acme/messages", None, Some(&left));
        let Ok(answer) = answer else { return };
        let mut known = known.lock().expect("no panic");
        known.open.remove(&text);
        match answer.status {
            201 => drop(known.kept.insert(text, answer.body["id"].as_u64().expect("a number"))),
            503 => {
                known.refused.insert(text);
                refusals.fetch_add(1, Ordering::Relaxed);
            }
            status => panic!("{status}: {}", answer.text),
        }
    }
}

/// Every message that is there, by its number.
fn found(client: &Client) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page =
            client.admin("GET", &format!("/v1/messages/acme?limit=200{before}"), Value::Null);
        for message in page["messages"].as_array().expect("a list") {
            let text = message["message"].as_str().expect("a text").to_owned();
            found.insert(message["id"].as_u64().expect("a number"), text);
        }
        match page["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => return found,
        }
    }
}

/// Writes until the disk is full, and is killed after so long a time more.
fn fill_and_kill(disk: &Disk, room: u64, goes_on: Duration, name: &str, known: &Mutex<Known>) {
    let before = disk.leave(room);
    let (mut child, address) = serve_in_shell(&before, &disk.store(), ARGUMENTS, Stdio::null());
    let refusals = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (name, refusals) = (format!("{name}, writer {writer}"), &refusals);
            scope.spawn(move || write(address, &name, known, refusals));
        }
        until("the disk is full", || refusals.load(Ordering::Relaxed) > 0);
        assert_eq!(Client::new(address).status("acme"), "offline", "reads go on");
        // As draws have it, between two writes or within one.
        thread::sleep(goes_on);
        child.kill().expect("is killed");
        child.wait().expect("ends");
    });
}

/// Holds what is there against what is known.
fn check(disk: &Disk, known: &mut Known, round: u64) {
    let (mut child, address) = serve_in_shell("", &disk.store(), ARGUMENTS, Stdio::null());
    let found = found(&Client::new(address));
    child.kill().expect("is killed");
    child.wait().expect("ends");
    for (text, id) in &known.kept {
        assert_eq!(found.get(id), Some(text), "round {round}: message {id} was answered");
    }
    for (id, text) in &found {
        let is_known = known.kept.get(text) == Some(id) || known.open.contains(text);
        let is_refused = known.refused.contains(text);
        assert!(
            is_known && !is_refused,
            "round {round}: message {id}, refused {is_refused}: {text}"
        );
        // It counts from here on.
        known.kept.insert(text.clone(), *id);
    }
    known.open.clear();
    let checked = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(["store", "check"])
        .arg(disk.store())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "round {round}: {said}");
}

#[test]
fn killed_while_its_disk_fills_what_was_answered_is_there_and_what_was_refused_is_not() {
    let rounds = std::env::var("LAMPLIGHTER_KILLS").ok().and_then(|kills| kills.parse().ok());
    let disk = Disk::new();
    let (mut child, address) = serve_in_shell("", &disk.store(), ARGUMENTS, Stdio::null());
    Client::new(address).acme(&["ann"], json!({}));
    child.kill().expect("is killed");
    child.wait().expect("ends");
    let known = Mutex::<Known>::default();
    let mut draw = 0x9E37_79B9_7F4A_7C15_u64;
    let rounds = rounds.unwrap_or(3_u64);
    for round in 0..rounds {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        let room = 150_000 + draw % 250_000;
        let goes_on = Duration::from_micros(draw >> 32 & 0xFFFF);
        fill_and_kill(&disk, room, goes_on, &format!("round {round}"), &known);
        disk.clear();
        check(&disk, &mut known.lock().expect("no panic"), round);
    }
    let known = known.into_inner().expect("no panic");
    let (kept, refused) = (known.kept.len(), known.refused.len());
    println!("{rounds} kills on a full disk: {kept} messages are there, {refused} were refused");
    assert!(kept > 0 && refused > 0, "{kept}, {refused}");
}
