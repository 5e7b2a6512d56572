//! A row of a log of any kind: what it has in a column, and its line for messages.

use super::csv::CsvRow;
use super::field::Field;
use super::json::JsonRow;
use super::shown::Shown;

/// A row of a log: what it has in each column that was asked for.
pub enum Row<'a> {
    /// Of a log with a separator.
    Csv(CsvRow<'a>),
    /// Of a log of JSON.
    Json(JsonRow<'a>),
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
