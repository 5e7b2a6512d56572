//! The standard streams: data go to stdout, talk to stderr.

use std::fmt;
use std::io::{self, Write};

use anyhow::Error;

use super::exit::Stop;

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

/// Prints a text on stdout, where data goes.
pub fn print_out(text: fmt::Arguments<'_>) -> Result<(), Stop> {
    let mut out = anstream::stdout().lock();
    printed(out.write_fmt(text).and_then(|()| out.flush()))
}

/// The width to draw to: that of the terminal, or what `COLUMNS` says, or a page's.
pub fn width() -> usize {
    const PAGE: usize = 100;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
    columns.or_else(terminal).unwrap_or(PAGE)
}
