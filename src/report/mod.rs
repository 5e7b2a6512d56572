//! Reports from one result model, [`Verdict`](crate::scenario::Verdict): for people in a terminal,
//! for machines, for a browser. No report knows who ran what.

pub mod chart;
mod drawing;
pub mod html;
mod snippet;
mod style;
pub mod text;

pub use style::Paint;
