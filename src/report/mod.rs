//! Reports from one result model, [`Verdict`](crate::scenario::Verdict): for people in a terminal,
//! for machines, for a browser. No report knows who ran what.

mod snippet;
mod style;
pub mod text;

pub use style::Paint;
