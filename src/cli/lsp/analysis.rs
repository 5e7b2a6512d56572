//! What looking at a file gave.

use crate::editor::finding::Finding;
use lamplighter_scenario::play::Checked;

/// What was found in a text of a file.
pub struct Analysis {
    /// The number of the text.
    pub version: i32,
    /// What playing it gave, row by row of its table; what reading it gave where it was not played.
    pub checked: Vec<Checked>,
    /// What is wrong, in any of the files that it names.
    pub found: Vec<Finding>,
}
