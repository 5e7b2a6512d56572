//! What several test files share.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod falsehoods;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::{Parsed, Suite};
use lamplighter_scenario::play::{Options, Verdict, named_row};

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// The scenarios of a file as they are named: by its path, or by the lines of the rows of its table.
pub fn names(path: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let lines = Suite::new(bytes, Path::new(""), &|_| Err(String::new())).lines();
    match lines.is_empty() {
        true => vec![path.to_owned()],
        false => lines.iter().map(|line| format!("{}:{line}", path.display()).into()).collect(),
    }
}

/// A scenario by its name, as it is written, with the blocks of the files that it includes.
pub fn read(name: &Path, bytes: &[u8]) -> Parsed {
    let (path, line) = named_row(name);
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside =
        |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    let mut suite = Suite::new(bytes, folder, &beside);
    let row = line.map(|line| suite.lines().iter().position(|row| *row == line));
    suite.read(row.map_or(0, |row| row.expect("the line of a row")))
}

/// Runs the scenario of a file that has one.
pub fn run(path: &Path) -> Verdict {
    run_bytes(path, &std::fs::read(path).expect("a scenario"))
}

/// Runs a scenario as if it stood in that file.
pub fn run_bytes(path: &Path, bytes: &[u8]) -> Verdict {
    lamplighter_scenario::play::run(
        path,
        bytes,
        &ZONES,
        Options::default(),
        &AtomicBool::new(false),
    )
}

/// What a person sees of a verdict, without colours.
pub fn rendered(verdict: &Verdict) -> String {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    text::diagnostics(&mut plain, verdict).expect("a vector takes everything");
    text::verdict(&mut plain, verdict).expect("a vector takes everything");
    String::from_utf8(bytes).expect("UTF-8")
}
