//! Reports from one result model, [`Verdict`](lamplighter_scenario::play::Verdict): for people in a terminal,
//! for machines, for a browser. No report knows who ran what.

pub mod chart;
mod drawing;
pub mod explain;
pub mod format;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
#[cfg(feature = "load")]
pub mod load;
pub mod rule_book;
pub mod simulation;
mod snippet;
mod style;
pub mod summary;
pub mod text;
pub mod timeline;

pub use style::Paint;
