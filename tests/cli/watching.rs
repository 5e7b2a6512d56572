//! `scenario --watch`: what is saved is played again, with all that hangs on it and nothing else.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// Much more than the slowest machine takes.
const PATIENCE: Duration = Duration::from_secs(120);

const OPEN: &str = "property acme\n  members ann\n";
const SHUT: &str = "property acme\n  members ann\n  scheduler UTC\n    daily closed\n";
const HEADER: &str = "at,agent,device,action\n";

fn ann(title: &str) -> String {
    format!(
        "scenario {title}\ninclude \"acme.world\"\nat 2026-03-09 09:00\n  ann logs in on desk\n  expect acme online\n"
    )
}

/// The command, and what it has said since it was last asked.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn begin(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .current_dir(folder)
            .args(["scenario", ".", "--watch", "--color", "never"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let (send, lines) = mpsc::channel();
        tell(child.stdout.take().expect("its answers"), send.clone());
        tell(child.stderr.take().expect("its talk"), send);
        Self { child, lines }
    }

    /// What it says until it waits for the next save.
    fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        let mut counted = false;
        let mut waits = false;
        // Two streams: whichever comes last.
        while !(counted && waits) {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("it does not come to wait, having said: {said:#?}");
            });
            counted |= line.contains("simulated days");
            waits |= line.starts_with("watching ");
            said.push(line);
        }
        said
    }

    /// The names of scenarios with the word before them, once it waits for the next save.
    fn played(&self) -> Vec<String> {
        let said = self.said();
        let played = said
            .iter()
            .filter(|line| ["ok ", "FAIL ", "BAD "].iter().any(|word| line.starts_with(word)));
        let mut played: Vec<String> = played
            .map(|line| {
                let (word, rest) = line.split_once(' ').expect("a word");
                let file = rest.split_whitespace().find(|word| word.ends_with(".scenario"));
                format!("{word} {}", file.unwrap_or_else(|| panic!("no file in {line}")))
            })
            .collect();
        played.sort();
        played
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tell(stream: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watching");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("more")).expect("a folder");
    folder
}

#[test]
fn what_is_saved_is_played_again_and_all_that_hangs_on_it_and_nothing_else() {
    let folder = folder();
    let save = |name: &str, text: &str| {
        // As editors do: a new file takes the place of the old one.
        let new = folder.join(format!("{name}.new"));
        std::fs::write(&new, text).expect("a new file");
        std::fs::rename(&new, folder.join(name)).expect("its place");
    };
    save("acme.world", OPEN);
    save("a.scenario", &ann("Ann is there"));
    save(
        "more/b.scenario",
        "scenario Nobody\nproperty shop\nat 2026-03-09 09:00\n  expect shop offline\n",
    );
    save(
        "c.scenario",
        "scenario A trace\nproperty acme\n  members ann\nreplay \"c.csv\"\nat 2026-03-09T09:00:01Z\n  expect acme online\n",
    );
    save("c.csv", &format!("{HEADER}2026-03-09T09:00:00Z,ann,desk,login\n"));
    let watching = Watching::begin(&folder);
    assert_eq!(watching.played(), ["ok ./a.scenario", "ok ./c.scenario", "ok ./more/b.scenario"]);

    save("acme.world", SHUT);
    assert_eq!(
        watching.played(),
        ["FAIL ./a.scenario"],
        "an included world concerns who includes it"
    );
    save("c.csv", &format!("{HEADER}2026-03-09T10:00:00Z,ann,desk,login\n"));
    assert_eq!(watching.played(), ["FAIL ./c.scenario"], "a trace concerns who replays it");
    save("notes.txt", "of no scenario");
    save("more/new.scenario", &ann("Ann is there").replace("acme.world", "../acme.world"));
    assert_eq!(watching.played(), ["FAIL ./more/new.scenario"], "a new file is taken in");
    std::fs::write(folder.join("acme.world"), OPEN).expect("written in place");
    assert_eq!(watching.played(), ["ok ./a.scenario", "ok ./more/new.scenario"]);
    save("a.scenario", "scenario Nothing of acme\n");
    assert_eq!(watching.played(), ["ok ./a.scenario"]);
    save("acme.world", SHUT);
    assert_eq!(
        watching.played(),
        ["FAIL ./more/new.scenario"],
        "what is no longer included concerns nobody"
    );
    std::fs::remove_file(folder.join("acme.world")).expect("removed");
    let said = watching.said();
    assert!(said.iter().any(|line| line.ends_with("acme.world is gone")), "{said:#?}");
    assert!(said.iter().any(|line| line.starts_with("BAD  ./more/new.scenario")), "{said:#?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watching-ends");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.scenario"), "scenario Nothing\n").expect("a file");
    let mut watching = Watching::begin(&folder);
    watching.played();
    let pressed = Command::new("kill").args(["-INT", &watching.child.id().to_string()]).status();
    assert!(pressed.expect("kill").success());
    assert_eq!(watching.child.wait().expect("its end").code(), Some(0));
}
