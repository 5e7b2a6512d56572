//! Why no more rows can be taken.

use std::io;

use lamplighter_core::hours::UnknownZone;
use thiserror::Error;

use crate::log::Shown;

/// Why no more rows can be taken.
#[derive(Debug, Error)]
pub enum TakeError {
    /// The mapping's zone is none.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// The log has local times, and nobody said of which zone.
    #[error("`{text}` is a local time, and nothing says of which zone")]
    WithoutZone {
        /// The local time as the log has it.
        text: String,
        /// The line in which it stands.
        shown: Shown,
    },
    /// What is sorted does not fit into memory, nor into files.
    #[error("cannot write what is sorted into a temporary file")]
    Sort(#[from] io::Error),
}
