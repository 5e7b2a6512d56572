//! A foreign log, row by row, never the whole file: of each row the columns that a mapping names.
//!
//! | file | what it does |
//! | --- | --- |
//! | `piece` | some records with a separator between their fields |
//! | `pieces` | a log in such pieces |
//! | `csv` | fields with a separator; finds the header |
//! | `json` | values of JSON, one a line or as they come, and the rows in them |
//! | `pointer` | the way to a value of JSON |
//! | `shown` | the line of a row for messages |

mod csv;
mod json;
mod piece;
mod pieces;
mod pointer;
mod shown;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::mapping::{Kind, Mapping};
use csv::CsvRow;
pub use csv::{CsvForm, CsvLog};
pub use json::{JsonLog, JsonRow};
pub use piece::Piece;
pub use pieces::Pieces;
pub use shown::Shown;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A log that is being read.
pub enum Log {
    /// One with a separator, whose pieces can be looked into by several threads.
    Csv(Box<CsvLog>),
    /// One of JSON, which is read value by value.
    Json(Box<JsonLog>),
}

/// A row of a log: what it has in each column that was asked for.
pub enum Row<'a> {
    /// Of a log with a separator.
    Csv(CsvRow<'a>),
    /// Of a log of JSON.
    Json(JsonRow<'a>),
}

/// What a row has in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field<'a> {
    /// A text; an empty one where there is nothing.
    Text(&'a str),
    /// The row ends before it.
    Missing,
    /// Bytes that are no text.
    NotUtf8,
}

/// What comes next in a log.
pub enum Next<'a> {
    /// A row, to be taken.
    Row(Row<'a>),
    /// Something in a row's place that is no row.
    NoRow(NoRow),
    /// The log is at its end.
    End,
}

/// What is no row, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoRow {
    /// What makes it no row, for the message.
    pub why: NotARow,
    /// The line of the log, as a message shows it.
    pub shown: Shown,
}

/// Why something in a log is no row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotARow {
    /// A line is not JSON: what the parser says.
    NoJson(String),
    /// It is JSON, and there are no rows where they should be.
    NoRows,
}

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
        json::VALUE_BYTES_MAX >> 20
    )]
    TooLong {
        /// The path of the log that has the long value.
        path: PathBuf,
        /// The line in which the value begins, from 1.
        line: u64,
    },
}

impl Log {
    /// Opens a log for these columns of a mapping. Those after the first `needed` may be missing.
    ///
    /// # Errors
    /// When it cannot be read, or has not the columns.
    pub fn open(
        path: &Path,
        mapping: &Mapping,
        columns: &[String],
        needed: usize,
    ) -> Result<Self, OpenLogError> {
        let unreadable = |source| OpenLogError::Unreadable { path: path.into(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut first = [0; 2];
        let count = file.read(&mut first).map_err(unreadable)?;
        match first[..count] {
            [] => return Err(OpenLogError::Empty { path: path.into() }),
            [0xff, 0xfe] | [0xfe, 0xff] => return Err(OpenLogError::Utf16 { path: path.into() }),
            _ => {}
        }
        file.rewind().map_err(unreadable)?;
        Ok(match &mapping.log.kind {
            Kind::Csv { separator, quotes, columns: named } => {
                let named = named.as_ref().map(|columns| {
                    columns.iter().map(|column| column.node.clone()).collect::<Vec<_>>()
                });
                let form = (*separator, *quotes);
                let log = match named {
                    Some(named) => CsvLog::with_named_columns(file, form, path, &named, columns)
                        .map_err(unreadable)?,
                    None => CsvLog::with_header(file, form, path, columns, needed)?,
                };
                Self::Csv(Box::new(log))
            }
            Kind::Json { rows } => {
                let rows = rows.iter().map(|rows| rows.node.as_str());
                Self::Json(Box::new(JsonLog::new(file, path, rows, columns)))
            }
        })
    }
}

impl Row<'_> {
    /// What it has in a column, by its place among those for which the log was opened.
    #[inline]
    pub fn field(&self, column: usize) -> Field<'_> {
        match self {
            Self::Csv(row) => row.field(column),
            Self::Json(row) => Field::Text(row.text(column)),
        }
    }

    /// Its line for a message, with a column underlined, or all of it.
    pub fn show(&self, column: Option<usize>) -> Shown {
        match self {
            Self::Csv(row) => row.show(column),
            Self::Json(row) => row.show(column),
        }
    }
}
