//! The scenario language: a plain text that reads like a help article.
//!
//! ```text
//! bytes ─ lex ─ parse ─▶ Document ─ plan ─▶ Plan ─ play ─▶ Verdict
//!                          │ spans on every node    │ judge, facts
//!                          └─▶ print          ▲     └─▶ bless
//!                                      a target: the engine, or a service
//! ```

pub mod ast;
mod bless;
pub mod diagnostic;
mod facts;
mod guided;
mod impossible;
mod judge;
mod lex;
mod lint;
mod meter;
mod parse;
mod picture;
pub mod plan;
mod play;
mod print;
mod replay;
mod roster;
pub mod span;
mod target;
pub mod time;
mod traces;
mod verdict;

pub use bless::{BlessError, bless};
pub use facts::Facts;
pub use guided::{Begun, Guided, begin};
pub use lint::lint;
pub use meter::Meter;
pub use parse::{Parsed, keywords, parse, parse_time_alone};
pub use play::{Keep, TimelineSink, described, run, world_at};
pub use print::print;
pub use replay::{Replayed, replay};
pub use roster::Roster;
pub use target::{Disagreement, SeenWidget, Target};
pub use verdict::{
    Anomalies, Anomaly, DrawnWidget, Edit, Failure, Outcome, Picture, Totals, Verdict,
};
