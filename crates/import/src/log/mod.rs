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
use std::path::Path;

use crate::mapping::{Kind, Mapping};
pub use csv::{CsvForm, CsvLog};
pub use error::{OpenLogError, ReadLogError};
pub use field::Field;
pub use json::{JsonLog, JsonRow, Next, NoRow, NotARow};
pub use piece::Piece;
pub use pieces::Pieces;
pub use row::Row;
pub use shown::Shown;

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
