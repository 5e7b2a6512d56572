//! Many generators as one test: started together, added up while they go on, ended at once; and whatever
//! dies takes nothing with it but its own share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lamplighter_load::result::LoadResult;
use rustix::process::Signal;
use serde_json::Value;

use crate::client::{Client, KEY};
use crate::processes::{Process, serve, until, worst_wakeup_us};

/// The longest that a test may take; a machine that runs other tests, too, takes its time.
const PATIENCE: Duration = Duration::from_secs(180);
const TOKEN: &str = "a-token-that-only-tests-have";

/// Four clusters of properties, which four parts can share.
const PLAN: [&str; 17] = [
    "--properties",
    "64",
    "--agents",
    "2",
    "--visitors",
    "80/s",
    "--streams",
    "8",
    "--pace",
    "2s",
    // What a machine that is busy with other tests keeps is not asked here.
    "--within",
    "10s",
    "--grace",
    "2s",
    "--no-default-gates",
    "--prefix",
    "many",
];

/// A test that is gathered: its service, its gatherer, and its parts, in a folder.
struct Test {
    folder: tempfile::TempDir,
    _service: Process,
    service_address: String,
    gatherer: Process,
    address: SocketAddr,
    parts: Vec<Process>,
}

impl Test {
    /// A service, and a gatherer that waits for so many parts.
    fn new(parts: u32, arguments: &[&str]) -> Self {
        worst_wakeup_us();
        let folder = tempfile::tempdir().expect("a folder");
        let (service, service_address) = serve(folder.path());
        let files = ["--json", "whole.json", "--wrong", "wrong-whole"];
        let parts = parts.to_string();
        let of = ["gather", "--parts", &parts, "--listen", "127.0.0.1:0"];
        let gatherer =
            load(folder.path(), "gatherer", &[&of[..], &files, arguments].concat(), TOKEN);
        let address = until("the gatherer listens", PATIENCE, || {
            let said = said(folder.path(), "gatherer");
            said.split_once("parts at http://")?.1.lines().next()?.parse().ok()
        });
        Self { folder, _service: service, service_address, gatherer, address, parts: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self, who: &str) -> String {
        said(self.folder.path(), who)
    }

    /// Starts a generator of this name, with the files `NAME.json` and `NAME.err`.
    fn generator(&self, name: &str, shard: &str, duration: &str, token: &str) -> Process {
        let gatherer = format!("http://{}", self.address);
        let (json, wrong) = (format!("{name}.json"), format!("wrong-{name}"));
        let host = ["--host", &self.service_address, "--duration", duration];
        let part = ["--gather", &gatherer, "--shard", shard, "--json", &json, "--wrong", &wrong];
        load(self.folder.path(), name, &[&PLAN[..], &host, &part].concat(), token)
    }

    /// Starts all parts, as `part-1` and so on.
    fn start(&mut self, parts: usize, duration: &str) {
        for number in 1..=parts {
            let (name, shard) = (format!("part-{number}"), format!("{number}/{parts}"));
            let part = self.generator(&name, &shard, duration, TOKEN);
            self.parts.push(part);
        }
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let answer = Client::new(self.address).call("GET", path, Some(TOKEN), Value::Null);
        (answer.status, answer.body)
    }

    /// Waits until all parts have told something of the run.
    fn until_all_play(&self) {
        until("all parts play", PATIENCE, || {
            let (_, parts) = self.get("/v1/parts");
            let plays = |part: &Value| part["lasted_ms"].as_u64().is_some_and(|ms| ms > 0);
            parts.as_array().is_some_and(|parts| parts.iter().all(plays)).then_some(())
        });
    }

    /// Waits for all parts and the gatherer; their exit codes, the gatherer's last.
    fn ended(&mut self) -> Vec<Option<i32>> {
        let all = self.parts.iter_mut().chain([&mut self.gatherer]);
        all.map(|process| process.ended(PATIENCE).code()).collect()
    }

    fn result(&self, name: &str) -> LoadResult {
        let json = std::fs::read(self.path(&format!("{name}.json")));
        let json = json.unwrap_or_else(|error| panic!("{name}: {error}: {}", self.said(name)));
        serde_json::from_slice(&json).expect("is a result")
    }

    /// What `load merge` makes of all parts' files: its exit code, and its bytes.
    fn merged(&self) -> (Option<i32>, Vec<u8>) {
        let parts = (1..=self.parts.len()).map(|number| format!("part-{number}.json"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
        command.args([
            "load",
            "merge",
            "--quiet",
            "--json",
            "merged.json",
            "--wrong",
            "wrong-merged",
        ]);
        let ran = command.args(parts).current_dir(self.folder.path()).output().expect("runs");
        (ran.status.code(), std::fs::read(self.path("merged.json")).expect("is written"))
    }

    /// What everybody has said, for whoever looks at a test that has failed.
    fn all_said(&self) -> String {
        let parts = (1..=self.parts.len()).map(|number| format!("part-{number}"));
        let all = parts.chain(["gatherer".to_owned()]);
        all.map(|name| format!("── {name}\n{}", self.said(&name))).collect()
    }
}

/// Starts `lamplighter load` with what it says in files of this name.
fn load(folder: &Path, name: &str, arguments: &[&str], token: &str) -> Process {
    let file = |kind: &str| std::fs::File::create(folder.join(format!("{name}.{kind}")));
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.arg("load").args(arguments).current_dir(folder);
    command.env("LAMPLIGHTER_ADMIN_KEY", KEY).env("LAMPLIGHTER_GATHER_TOKEN", token);
    command.stdin(Stdio::null()).stdout(file("out").expect("a file"));
    command.stderr(file("err").expect("a file"));
    Process(command.spawn().expect("the program starts"))
}

fn said(folder: &Path, name: &str) -> String {
    let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{name}.{kind}")));
    format!("{}{}", read("out").unwrap_or_default(), read("err").unwrap_or_default())
}

#[test]
fn four_parts_start_together_and_are_added_up_as_a_merge_of_their_files() {
    let mut test = Test::new(4, &[]);
    // Before anybody has told anything there is a page already.
    let client = Client::new(test.address);
    let page = client.call("GET", &format!("/?token={TOKEN}"), None, Value::Null);
    assert!(page.text.contains("not heard of yet") && page.text.contains("/live.js"));
    test.start(4, "8s");
    test.until_all_play();
    let (status, so_far) = test.get("/v1/result");
    let so_far: LoadResult = serde_json::from_value(so_far).expect("a result");
    assert_eq!((status, so_far.about.shards), (200, vec!["1/1".to_owned()]));
    assert!(so_far.rate.sent > 0 && so_far.about.interrupted, "it goes on");
    let page = client.call("GET", &format!("/?token={TOKEN}"), None, Value::Null).text;
    assert!(page.contains("<svg") && page.contains("playing"), "pictures that grow");
    let codes = test.ended();
    assert_eq!(codes, [Some(0); 5], "{}", test.all_said());
    let (code, merged) = test.merged();
    assert_eq!(code, Some(0));
    let whole = std::fs::read(test.path("whole.json")).expect("is written");
    assert!(whole == merged, "the gatherer's result is not that of the files");
    let whole = test.result("whole");
    assert!(whole.rate.is_kept() && whole.rate.sent > so_far.rate.sent, "{:?}", whole.rate.sent);
    assert!(!whole.about.interrupted && whole.judged.reads > 300, "{:?}", whole.judged);
    let said = test.said("gatherer");
    assert!(said.contains("all 4 parts are ready, and start at "), "{said}");
    let starts = (1..=4).map(|number| test.result(&format!("part-{number}")).about.start);
    assert!(starts.into_iter().all(|start| start == whole.about.start));
}

#[test]
fn a_part_that_is_killed_is_named_with_its_share_of_the_plan_and_the_end_is_3() {
    let mut test = Test::new(2, &["--lost-after", "8s"]);
    test.start(2, "15s");
    test.until_all_play();
    test.parts[1].send(Signal::KILL);
    let codes = test.ended();
    assert_eq!(codes, [Some(0), None, Some(3)], "{}", test.all_said());
    let said = test.said("gatherer");
    assert!(said.contains("warning: shard 2/2 is lost, "), "{said}");
    let whole = test.result("whole");
    assert!(whole.about.interrupted, "{said}");
    let [lost] = &whole.unfinished[..] else { panic!("{:?}: {said}", whole.unfinished) };
    let (_, share) = lost.split_once("shard 2/2 was lost, ").expect(lost);
    let share = share.split_once("% of the plan is unjudged: nothing was heard of it for ");
    let share: f64 = share.expect(lost).0.parse().expect("a number");
    // Half of the properties, for what was left of the run.
    assert!(share > 0.0 && share < 50.0, "{lost}");
    // What it had told is in the whole.
    assert!(whole.rate.sent > test.result("part-1").rate.sent, "{said}");
    assert_eq!(whole.about.shards, ["1/1"]);
}

#[test]
fn the_first_gate_that_fails_over_the_whole_ends_all_parts_within_two_seconds() {
    let gate = ["--abort-on-fail", "--fail-if", "max(widget) > 1us"];
    let mut test = Test::new(2, &gate);
    test.start(2, "10m");
    until("a gate has failed", PATIENCE, || {
        test.said("gatherer").contains("all parts end: ").then_some(())
    });
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("later than 1970");
    let codes = test.ended();
    let said = test.all_said();
    assert_eq!(codes[2], Some(1), "{said}");
    for name in ["part-1", "part-2"] {
        let about = test.result(name).about;
        assert_eq!(
            about.ended_early.as_deref(),
            Some("a gate failed: max(widget) > 1us (of all parts)"),
            "{said}"
        );
        assert!(!about.interrupted, "{said}");
        let start: lamplighter_core::model::Instant = about.start.parse().expect("an instant");
        let ended_ms = start.as_millis() + about.lasted_ms as i64;
        let late_ms = ended_ms - since.as_millis() as i64;
        // Several threads wait in turn, on a machine that may be busy.
        let busy_ms = 6 * worst_wakeup_us() as i64 / 1_000;
        assert!(late_ms < 2_000 + busy_ms, "{late_ms} ms, the machine {busy_ms} ms: {said}");
    }
    assert!(test.result("whole").gates.iter().any(|gate| !gate.passed), "{said}");
}

#[test]
fn a_gatherer_that_is_killed_costs_the_parts_nothing() {
    let mut test = Test::new(2, &[]);
    test.start(2, "10s");
    test.until_all_play();
    test.gatherer.send(Signal::KILL);
    let codes = test.ended();
    assert_eq!(codes, [Some(0), Some(0), None], "{}", test.all_said());
    for name in ["part-1", "part-2"] {
        let said = test.said(name);
        assert!(
            said.contains(" does not answer: ") && said.contains("goes on without it"),
            "{said}"
        );
        assert!(said.contains("does not have the end of this part"), "{said}");
        assert!(!test.result(name).about.interrupted);
    }
    let (code, merged) = test.merged();
    assert_eq!(code, Some(0));
    let merged: LoadResult = serde_json::from_slice(&merged).expect("a result");
    assert_eq!((merged.about.shards, merged.about.lasted_ms), (vec!["1/1".to_owned()], 10_000));
}

#[test]
fn who_does_not_know_the_token_or_plays_what_another_one_plays_is_refused_with_a_word() {
    let mut test = Test::new(2, &[]);
    let mut stranger = test.generator("stranger", "1/2", "10s", "another-token-than-it-has");
    assert_eq!(stranger.ended(PATIENCE).code(), Some(2), "{}", test.said("stranger"));
    let said = test.said("stranger");
    assert!(
        said.contains("refuses: the token is missing, or is not that of the gatherer"),
        "{said}"
    );
    let client = Client::new(test.address);
    for path in ["/", "/v1/result", "/v1/parts", "/v1/events", "/v1/clock"] {
        let answer = client.call("GET", path, Some("another-token-than-it-has"), Value::Null);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.headers["www-authenticate"] == "Bearer", "{path}");
    }
    let script = client.call("GET", "/live.js", None, Value::Null);
    assert_eq!(script.status, 200, "the script is the same for everyone");
    assert_eq!(test.get("/v1/result").0, 404, "nothing was taken");

    let first = test.generator("part-1", "1/2", "10s", TOKEN);
    test.parts.push(first);
    let ready = |part: &Value| part["state"] == "ready";
    until("it is ready", PATIENCE, || ready(&test.get("/v1/parts").1[0]).then_some(()));
    for (name, shard, duration, told) in [
        ("twin", "1/2", "10s", "the shard 1/2 is played by another generator already"),
        ("third", "3/3", "10s", "the shard 3/3 is not one of 2 parts"),
        ("longer", "2/2", "11s", "the shard 2/2 has another plan than the shard 1/2: the plan is"),
    ] {
        let mut other = test.generator(name, shard, duration, TOKEN);
        assert_eq!(other.ended(PATIENCE).code(), Some(2), "{}", test.said(name));
        assert!(test.said(name).contains(told), "{}", test.said(name));
    }
    // Ctrl-C at the gatherer ends whoever waits.
    test.gatherer.send(Signal::INT);
    assert_eq!(test.ended(), [Some(3), Some(3)], "{}", test.all_said());
    assert!(test.said("part-1").contains("before the run began"), "{}", test.said("part-1"));
}

#[test]
fn a_gatherer_that_is_started_anew_learns_what_the_one_before_knew() {
    let mut test = Test::new(2, &[]);
    test.start(2, "30s");
    test.until_all_play();
    test.gatherer.send(Signal::KILL);
    test.gatherer.ended(PATIENCE);
    // One that comes back before anybody has missed it is no gatherer anew.
    let misses_it = || test.said("part-1").contains(" does not answer: ").then_some(());
    until("the first part misses it", PATIENCE, misses_it);
    let listen = test.address.to_string();
    let again = ["gather", "--parts", "2", "--listen", &listen, "--json", "whole.json"];
    let arguments = [&again[..], &["--wrong", "wrong-whole"]].concat();
    test.gatherer = load(test.folder.path(), "gatherer", &arguments, TOKEN);
    let codes = test.ended();
    assert_eq!(codes, [Some(0); 3], "{}", test.all_said());
    let (_, merged) = test.merged();
    assert!(std::fs::read(test.path("whole.json")).expect("is written") == merged);
    assert!(test.said("part-1").contains("answers again"), "{}", test.said("part-1"));
}

#[test]
fn a_gatherer_that_others_could_reach_wants_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.args(["load", "gather", "--parts", "2", "--listen", "0.0.0.0:0"]);
    let ran = command.current_dir(folder.path()).output().expect("runs");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("hint: --token-file FILE, or LAMPLIGHTER_GATHER_TOKEN"), "{said}");
}
