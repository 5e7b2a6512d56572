//! Why a store cannot be used, and what an error of SQLite means for whoever runs the service.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why a store cannot be used, or could not keep something.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is some other program's file, or no database at all. Start with another path.
    #[error("{path} is not a store of Lamplighter: {why}")]
    Foreign {
        /// The path of the file that was opened as a store.
        path: PathBuf,
        /// What the file is instead.
        why: String,
    },
    /// It was written by a release that knows more. Start that release.
    #[error("{path} was written by a newer release (format {found}, this one knows {known})")]
    Newer {
        /// The path of the store's file.
        path: PathBuf,
        /// The number of the format in which it was written.
        found: i64,
        /// The newest number of a format that this release reads.
        known: i64,
    },
    /// What is in it is not what was written. Nothing is repaired: restore a copy.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The path of the store's file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// Another process has it open.
    #[error("{path} is in use by another process")]
    InUse {
        /// The path of the store's file.
        path: PathBuf,
    },
    /// The machine does not give or take it: no space, no permission, a failing disk.
    #[error("cannot use {path}: {why}")]
    Machine {
        /// The path of the store's file.
        path: PathBuf,
        /// What the operating system or SQLite says.
        why: String,
    },
}

/// What an error of SQLite means for whoever runs the service.
pub fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            StoreError::Foreign { path, why: "it is no SQLite database".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, why },
        Some(ErrorCode::ReadOnly) => {
            let why = "it can only be read, and a service writes".to_owned();
            StoreError::Machine { path, why }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse { path },
        Some(_) => StoreError::Machine { path, why },
        None => StoreError::Damaged { path, why },
    }
}
