//! Why a log cannot be opened, or read on.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::shown::Shown;

/// No value of JSON may be longer, since it is read whole.
pub(super) const VALUE_BYTES_MAX: usize = 256 << 20;

/// Why a log cannot be opened.
#[derive(Debug, Error)]
pub enum OpenLogError {
    /// The machine does not let us.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path of the log that was asked for.
        path: PathBuf,
        /// The operating system's reason for not opening it.
        source: io::Error,
    },
    /// It is UTF-16, as spreadsheets write "Unicode text".
    #[error("{} is UTF-16", path.display())]
    Utf16 {
        /// The path of the log, which has to be saved as UTF-8 first.
        path: PathBuf,
    },
    /// No row of its beginning names these columns.
    #[error("the log has no column `{column}`")]
    NoColumn {
        /// The first column that the mapping needs and no row names.
        column: String,
        /// The name in the log that is most like it.
        near: Option<String>,
        /// The columns that the mapping needs.
        needed: Vec<String>,
        /// The row that is most like a header.
        shown: Box<Shown>,
    },
    /// A quote above the header, or in it, is not closed.
    #[error("a quote is not closed")]
    OpenQuote {
        /// The line that has it.
        shown: Box<Shown>,
    },
    /// It is packed, as its first bytes say.
    #[error("{} is {kind}", path.display())]
    Packed {
        /// The path of the log, which has to be unpacked first.
        path: PathBuf,
        /// What it is packed as, in words.
        kind: &'static str,
    },
    /// There is nothing in it.
    #[error("{} is empty", path.display())]
    Empty {
        /// The path of the log that has nothing in it.
        path: PathBuf,
    },
}

/// Why a log cannot be read on.
#[derive(Debug, Error)]
pub enum ReadLogError {
    /// The machine does not let us.
    #[error("cannot read on in {}", path.display())]
    Unreadable {
        /// The path of the log, of which a part was read.
        path: PathBuf,
        /// The operating system's reason for not reading on.
        source: io::Error,
    },
    /// One value of JSON is longer than all the memory that it should take.
    #[error(
        "the value of JSON that begins in line {line} of {} is longer than {} MiB", path.display(),
        VALUE_BYTES_MAX >> 20
    )]
    TooLong {
        /// The path of the log that has the long value.
        path: PathBuf,
        /// The line in which the value begins, from 1.
        line: u64,
    },
}
