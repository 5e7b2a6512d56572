//! Published counts: a file of `work,instructions` under a line that says which compiler and target
//! they are of.

use std::fmt::{self, Write as _};
use std::path::Path;
use std::process::Command;

/// What counts depend on besides the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Machine {
    /// As rustc prints it, e.g. `1.95.0`.
    rustc: String,
    target: String,
}

impl Machine {
    /// The compiler that cargo uses here.
    pub fn this() -> Self {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc).arg("-vV").output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let text = text.unwrap_or_default();
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            value.map_or("unknown", str::trim).to_owned()
        };
        Self { rustc: field("release:"), target: field("host:") }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rustc {} for {}", self.rustc, self.target)
    }
}

/// Counts and what they are of.
pub struct Baseline {
    pub machine: Machine,
    pub counts: Vec<(String, u64)>,
}

const COLUMNS: &str = "work,instructions";

impl Baseline {
    pub fn count(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|(other, _)| other == name).map(|(_, count)| *count)
    }

    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut text = format!("# {}\n{COLUMNS}\n", self.machine);
        for (name, count) in &self.counts {
            writeln!(text, "{name},{count}").expect("strings take everything");
        }
        std::fs::write(path, text)
    }

    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Self::parse(&text).ok_or(format!("{} is not a baseline", path.display()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (rustc, target) = lines.next()?.strip_prefix("# rustc ")?.split_once(" for ")?;
        let machine = Machine { rustc: rustc.into(), target: target.into() };
        (lines.next()? == COLUMNS).then_some(())?;
        let row = |line: &str| {
            let (name, count) = line.split_once(',')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        Some(Self { machine, counts: lines.map(row).collect::<Option<_>>()? })
    }
}
