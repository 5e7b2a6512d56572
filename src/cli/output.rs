//! Where reports go: a file that was named, or stdout.

use std::io::{self, Write};
use std::path::Path;

use super::atomic_file::replace_file;
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
