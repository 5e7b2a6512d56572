//! The line of a row, for messages. It is read anew: only what is reported needs it.

use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lamplighter_core::trace::{self, RowStart};
use tempfile::TempPath;

/// A place in a log, and the line that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The path of the log, as it was given.
    pub path: PathBuf,
    /// The number of the line in the log, from 1.
    pub line: u64,
    /// The text of that line, which a message shows and underlines.
    pub text: String,
    /// The characters of the line that are meant, counted from 0.
    pub underlined: Range<usize>,
}

/// The file of a log.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Where it is read, more than once.
    pub path: PathBuf,
    /// What messages call it: as it was given.
    pub name: PathBuf,
    /// Removes the file with the last of those who hold it, if it is a copy.
    _copy: Option<Arc<TempPath>>,
}

impl LogFile {
    /// A file that is called as it was given.
    pub fn new(path: &Path) -> Self {
        Self { path: path.into(), name: path.into(), _copy: None }
    }

    /// A copy of what can be read but once, such as standard input.
    ///
    /// # Errors
    /// When it cannot be read, or not be kept.
    pub fn copy(name: &Path, mut from: impl Read) -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        io::copy(&mut from, &mut file)?;
        let copy = Arc::new(file.into_temp_path());
        Ok(Self { path: copy.to_path_buf(), name: name.into(), _copy: Some(copy) })
    }
}

/// More of a line than this helps nobody.
const SHOWN_BYTES_MAX: u64 = 4_096;

impl Shown {
    /// Bytes of a line.
    pub fn new(path: &Path, line: u64, text: &str, bytes: Range<usize>) -> Self {
        let text = text.trim_end_matches(['\r', '\n']);
        let chars = |bytes: usize| {
            let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
            text[..end.unwrap_or(0)].chars().count()
        };
        let underlined = chars(bytes.start)..chars(bytes.end);
        let count = text.chars().take(SHOWN_BYTES_MAX as usize + underlined.end);
        Self { path: path.into(), line, text: count.collect(), underlined }
    }

    /// A line of a log that is underlined as a whole.
    pub fn whole(path: &Path, line: u64, text: &str) -> Self {
        Self::new(path, line, text, 0..text.len())
    }
}

/// The number and the text of the line at a byte of a log, which may begin with a byte order mark.
pub fn line_at(log: &LogFile, byte: u64, line: u64) -> (u64, String) {
    let (line, text) = trace::line_at(&log.path, RowStart::new(byte, line));
    (line, text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}
