//! Where reports go: a file that was named, or stdout.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::atomic_file::{AtomicFile, cannot_write, replace_file};
use super::exit::Stop;
use super::terminal::printed;

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

/// Whether a path as typed stands for stdout.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Where something long goes row by row: into a file that takes its name only once it is whole, or
/// to stdout. Dropped unfinished, it leaves no file behind.
pub enum Output {
    File(BufWriter<AtomicFile>),
    Stdout(BufWriter<io::Stdout>),
}

impl Output {
    /// Begins a file, or writes to stdout where the path is `-`.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        const BUFFER_BYTES: usize = 1 << 17;
        Ok(match is_stdout(path) {
            true => Self::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout())),
            false => Self::File(BufWriter::with_capacity(BUFFER_BYTES, AtomicFile::create(path)?)),
        })
    }

    /// The file takes its name, which is this path.
    pub fn finish(self, path: &Path) -> Result<(), Stop> {
        match self {
            Self::Stdout(mut out) => printed(out.flush()),
            Self::File(out) => {
                let file = out.into_inner();
                file.map_err(|error| cannot_write(path, error.into_error()))?.put_in_place()
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(out) => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(out) => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}
