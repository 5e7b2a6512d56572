//! Why an adapter cannot be used, or no more: exit code 3.

use thiserror::Error;

/// Why an adapter cannot be used. Texts are as the adapter wrote them: whoever shows them masks them.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AdapterError {
    /// The machine does not start it.
    #[error("the adapter `{command}` cannot be started: {why}")]
    CannotStart {
        /// The program with its arguments.
        command: String,
        /// What the machine says.
        why: String,
    },
    /// It does not begin as the protocol says.
    #[error("the adapter does not say hello: {why}{log}")]
    NoHello {
        /// What it does instead.
        why: String,
        /// The last lines of its log.
        log: LastLines,
    },
    /// It has come to its end while the run goes on.
    #[error("the adapter has ended: {how}{log}")]
    Ended {
        /// Its exit status, or what the machine says.
        how: String,
        /// The last lines of its log.
        log: LastLines,
    },
    /// It wrote what is no line of the protocol; nothing behind it can be trusted.
    #[error("the adapter wrote what is no answer ({why}): {line}")]
    Malformed {
        /// What is wrong with the line.
        why: String,
        /// The line, cut where it is long.
        line: String,
    },
}

/// The last lines of a log, for a message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LastLines(pub Vec<String>);

impl std::fmt::Display for LastLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0[..] {
            [] => Ok(()),
            lines => write!(f, "; the last of its log:\n  {}", lines.join("\n  ")),
        }
    }
}
