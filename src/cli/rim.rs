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
    let failed = |error: io::Error| {
        let error = Error::new(error).context(format!("cannot write {}", path.display()));
        Stop::machine(error)
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // What is no plain file, such as /dev/null or a link, is written through.
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.tmp", std::process::id()));
    let aside = Path::new(&aside);
    let written = std::fs::write(aside, bytes)
        .and_then(|()| match std::fs::metadata(path) {
            Ok(before) => std::fs::set_permissions(aside, before.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| std::fs::rename(aside, path));
    written.map_err(|error| {
        // The error is about the file, not about its leftover.
        let _ = std::fs::remove_file(aside);
        failed(error)
    })
}

pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
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
    pub fn new(count: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let target = (!quiet && io::stderr().is_terminal()).then(ProgressDrawTarget::stderr);
        Self { bar, began: std::time::Instant::now(), target }
    }

    pub fn step(&mut self, message: String) {
        const QUIET_FOR: Duration = Duration::from_secs(1);
        if self.began.elapsed() > QUIET_FOR
            && let Some(target) = self.target.take()
        {
            self.bar.set_draw_target(target);
        }
        self.bar.set_message(message);
        self.bar.inc(1);
    }

    /// Prints without tearing the bar apart.
    pub fn around<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
