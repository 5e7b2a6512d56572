//! A foreign log, row by row, never the whole file: of each row the columns that a mapping names.
//!
//! | file | what it does |
//! | --- | --- |
//! | `error` | why a log cannot be opened, or read on |
//! | `field` | what a row has in a column |
//! | `piece` | some records with a separator between their fields |
//! | `pieces` | a log in such pieces |
//! | `csv` | fields with a separator; finds the header |
//! | `json` | values of JSON, one a line or as they come, and the rows in them |
//! | `row` | a row of either kind |
//! | `pointer` | the way to a value of JSON |
//! | `shown` | the line of a row for messages |

mod csv;
mod error;
mod field;
mod json;
mod piece;
mod pieces;
mod pointer;
mod row;
mod shown;

use std::fs::File;
use std::io::{Read, Seek};

use crate::mapping::{Kind, Mapping};
pub use csv::{CsvForm, CsvLog};
pub use error::{OpenLogError, ReadLogError};
pub use field::Field;
pub use json::{JsonLog, JsonRow, Next, NoRow, NotARow};
pub use piece::Piece;
pub use pieces::Pieces;
pub use row::Row;
pub use shown::{LogFile, Shown};

/// As many bytes of a file tell what it is.
const FIRST_BYTES: u64 = 10;

/// How packed files begin, and what they are.
const PACKED: [(&[u8], &str); 4] = [
    (b"\x1f\x8b", "packed with gzip"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\xfd7zXZ\0", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
];

/// What a packed file is, by its first bytes.
fn packed(first: &[u8]) -> Option<&'static str> {
    // Three letters, which a log may begin with, a level and the beginning of a block.
    if matches!(first, [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]) {
        return Some("packed with bzip2");
    }
    PACKED.iter().find(|(begin, _)| first.starts_with(begin)).map(|(_, kind)| *kind)
}

/// A log that is being read.
pub enum Log {
    /// One with a separator, whose pieces can be looked into by several threads.
    Csv(Box<CsvLog>),
    /// One of JSON, which is read value by value.
    Json(Box<JsonLog>),
}

impl Log {
    /// Opens a log for these columns of a mapping. Those after the first `needed` may be missing.
    ///
    /// # Errors
    /// When it cannot be read, or has not the columns.
    pub fn open(
        log: &LogFile,
        mapping: &Mapping,
        columns: &[String],
        needed: usize,
    ) -> Result<Self, OpenLogError> {
        let path_of = || log.name.clone();
        let unreadable = |source| OpenLogError::Unreadable { path: path_of(), source };
        let mut file = File::open(&log.path).map_err(unreadable)?;
        let mut first = Vec::new();
        file.by_ref().take(FIRST_BYTES).read_to_end(&mut first).map_err(unreadable)?;
        match first[..] {
            [] => return Err(OpenLogError::Empty { path: path_of() }),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return Err(OpenLogError::Utf16 { path: path_of() });
            }
            _ => {}
        }
        if let Some(kind) = packed(&first) {
            return Err(OpenLogError::Packed { path: path_of(), kind });
        }
        file.rewind().map_err(unreadable)?;
        Ok(match &mapping.log.kind {
            Kind::Csv { separator, quotes, columns: named } => {
                let named = named.as_ref().map(|columns| {
                    columns.iter().map(|column| column.node.clone()).collect::<Vec<_>>()
                });
                let form = (*separator, *quotes);
                let log = match named {
                    Some(named) => CsvLog::with_named_columns(file, form, log, &named, columns)
                        .map_err(unreadable)?,
                    None => CsvLog::with_header(file, form, log, columns, needed)?,
                };
                Self::Csv(Box::new(log))
            }
            Kind::Json { rows } => {
                let rows = rows.iter().map(|rows| rows.node.as_str());
                Self::Json(Box::new(JsonLog::new(file, &log.name, rows, columns)))
            }
        })
    }
}
