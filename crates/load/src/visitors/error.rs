//! Why visitors cannot go about.

use std::io;

use thiserror::Error;

/// Visitors cannot go about.
#[derive(Debug, Error)]
pub enum VisitorsError {
    /// The target has no address.
    #[error("`{target}` has no address: {why}")]
    Target {
        /// The target, as it was given.
        target: String,
        /// What the machine says of it.
        why: io::Error,
    },
    /// The machine has nothing left for it.
    #[error("the machine cannot do it: {0}")]
    Machine(#[from] io::Error),
}
