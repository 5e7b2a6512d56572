//! How a command ends: the exit code, and why it could not go on.

use std::io::Write;

use anyhow::{Error, anyhow};

use crate::report::Paint;
use lamplighter_scenario::language::diagnostic::nearest;

/// How a command ended; the number is the exit code. Of several ends the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Whatever was to be true is true.
    AllWell = 0,
    /// An expectation, an invariant or a gate failed.
    Failed = 1,
    /// The input or the usage is invalid.
    Invalid = 2,
    /// The machine or a service failed, or Ctrl-C ended the command early.
    MachineFailed = 3,
}

/// Why a command could not go on.
#[derive(Debug)]
pub struct Stop {
    exit: Exit,
    error: Error,
    hint: Option<String>,
}

/// Why a widget cannot be asked about: the scenario has none of this name, but these.
pub fn no_widget<'a, I: Iterator<Item = &'a str>>(name: &str, known: impl Fn() -> I) -> Stop {
    let stop = Stop::invalid(anyhow!("there is no widget `{name}` in the scenario"));
    match nearest(name, known()) {
        Some(near) => stop.hint(format!("did you mean `{near}`?")),
        None => {
            let known: Vec<&str> = known().collect();
            stop.hint(format!("its widgets are: {}", known.join(", ")))
        }
    }
}

impl Stop {
    /// The input or the usage is invalid.
    pub fn invalid(error: Error) -> Self {
        Self { exit: Exit::Invalid, error, hint: None }
    }

    /// The machine failed: a file, a socket or the like, and not what the user wrote.
    pub fn machine(error: Error) -> Self {
        Self { exit: Exit::MachineFailed, error, hint: None }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code of a command that ends with this.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What went wrong with what is behind it, in a line.
    pub fn told(&self) -> String {
        format!("{:#}", self.error)
    }

    /// Prints `error:`, `caused by:` and `hint:` on stderr.
    pub fn print(&self) {
        let mut err = anstream::stderr().lock();
        // Nowhere to say that it cannot be said.
        let _ = writeln!(err, "{}: {}", Paint::Bad.on("error"), self.error);
        for cause in self.error.chain().skip(1) {
            let _ = writeln!(err, "{}: {cause}", Paint::Faint.on("caused by"));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "{}: {hint}", Paint::Good.on("hint"));
        }
    }
}
