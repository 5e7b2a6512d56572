//! What is told while one file after the other is run.

use crate::cli::exit::Stop;
use crate::report::tested::Skipped;
use lamplighter_scenario::play::Verdict;

/// What is told while one file after the other is run.
pub enum RunUpdate {
    /// Nothing new, but time has gone on.
    Tick,
    /// A file was played.
    Played(Box<Verdict>),
    /// A scenario was not asked for; these are its tags.
    LeftOut(Vec<String>),
    /// A file, or several, could not be played.
    #[cfg_attr(not(feature = "target"), allow(dead_code, reason = "only targets leave files out"))]
    Skipped(Skipped),
    /// Something is wrong; the other files run all the same.
    Failed(Stop),
}
