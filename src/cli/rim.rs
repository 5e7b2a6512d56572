//! Where the program meets the terminal and the file system: streams, progress, Ctrl-C, and why a
//! command stopped.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Error;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Exit;
use super::aside::{Aside, cannot_write};
use crate::report::Paint;

/// Why a command could not go on.
#[derive(Debug)]
pub struct Stop {
    exit: Exit,
    error: Error,
    hint: Option<String>,
}

impl Stop {
    /// The input or the usage is invalid.
    pub fn invalid(error: Error) -> Self {
        Self { exit: Exit::Invalid, error, hint: None }
    }

    /// The machine failed.
    pub fn machine(error: Error) -> Self {
        Self { exit: Exit::MachineFailed, error, hint: None }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// `error:`, `caused by:`, `hint:`, on stderr.
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

/// What became of printing on a standard stream. A reader that has gone away, as `head` does, is
/// nothing to speak of.
pub fn printed(result: io::Result<()>) -> Result<(), Stop> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::machine(Error::new(error).context("cannot print")))
        }
        _ => Ok(()),
    }
}

/// Prints on stdout.
pub fn say_out(text: fmt::Arguments<'_>) -> Result<(), Stop> {
    let mut out = anstream::stdout().lock();
    printed(out.write_fmt(text).and_then(|()| out.flush()))
}

/// Writes a report to a file, whole or not at all, or to stdout where the path is `-`.
pub fn write_report(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(Stop::machine)?;
    if is_stdout(path) {
        let mut out = io::stdout().lock();
        return printed(out.write_all(&bytes).and_then(|()| out.flush()));
    }
    replace_file(path, &bytes)
}

/// Puts new content into a file in one step, so that nobody ever finds half of it.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let mut aside = Aside::create(path)?;
    aside.write_all(bytes).map_err(|error| cannot_write(path, error))?;
    aside.put_in_place()
}

pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How many threads: as asked for, or one for each core.
pub fn jobs(asked: Option<u16>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(cores, usize::from)
}

/// As many open files as the machine allows: a socket is one. Where it allows no more, connections are
/// turned away sooner.
#[cfg(any(feature = "serve", feature = "load"))]
pub fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Set once Ctrl-C was pressed. A second Ctrl-C ends the process at once.
pub fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    // Without the handler Ctrl-C still ends the process, if less cleanly.
    let _ = ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::MachineFailed as i32);
        }
    });
    stop
}

/// A progress bar on a terminal, for what takes longer than a second.
pub struct Progress {
    bar: ProgressBar,
    began: std::time::Instant,
    target: Option<ProgressDrawTarget>,
}

impl Progress {
    /// Of so many scenarios, each of which makes a [`step`](Self::step).
    pub fn new(count: u64, quiet: bool) -> Self {
        Self::with_template("{bar:32} {pos} of {len} scenarios  {msg}  {elapsed}", count, quiet)
    }

    /// Of a length of any kind, along which [`reach`](Self::reach) says how far it is.
    pub fn of_length(length: u64, quiet: bool) -> Self {
        Self::with_template("{bar:32} {msg} {elapsed}", length, quiet)
    }

    fn with_template(template: &str, length: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let target = (!quiet && io::stderr().is_terminal()).then(ProgressDrawTarget::stderr);
        Self { bar, began: std::time::Instant::now(), target }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.bar.inc(1);
    }

    /// Says how things stand, in a message that can tell how long it took to get there.
    pub fn say(&mut self, message: impl FnOnce(Duration) -> String) {
        self.show_once_it_lasts();
        if !self.bar.is_hidden() {
            self.bar.set_message(message(self.began.elapsed()));
        }
    }

    /// Goes to a place on the length, with a message that can tell how long it took to get there.
    pub fn reach(&mut self, place: u64, message: impl FnOnce(Duration) -> String) {
        self.say(message);
        self.bar.set_position(place);
    }

    fn show_once_it_lasts(&mut self) {
        const QUIET_FOR: Duration = Duration::from_secs(1);
        if self.began.elapsed() > QUIET_FOR
            && let Some(target) = self.target.take()
        {
            self.bar.set_draw_target(target);
        }
    }

    /// Prints without tearing the bar apart.
    pub fn around<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
