//! Playing a plan: time moves on, events are applied, and expectations are held against what is seen.
//!
//! ```text
//! Plan ─┐
//!       ├─▶ player ─▶ World ──┬─▶ judge ─▶ Verdict ─▶ bless, lint, reports
//! trace ┘      └─▶ Target ────┘   facts
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `player` | one scenario from its first instant to its last |
//! | `observer` | what a scenario is held against: the engine itself, or a service beside it |
//! | `guided` | a scenario led from instant to instant, beside others that share a clock |
//! | `traces`, `replay` | the rows of traces in the order of time; a trace alone into a world |
//! | `judge`, `impossible` | which words of an expectation are false; why a line cannot happen |
//! | `facts` | the facts behind an answer, in words |
//! | `verdict` | what a run gave: the one model behind every report |
//! | `picture`, `meter` | what devices and widgets were over time; how far runs have come |
//! | `bless`, `lint` | false expectations rewritten; what is allowed and probably not meant |

mod bless;
mod facts;
mod guided;
mod impossible;
mod judge;
mod lint;
mod meter;
mod observer;
mod picture;
mod player;
mod replay;
mod traces;
mod verdict;

pub use bless::{BlessError, bless};
pub use facts::Facts;
pub use guided::{Begun, Guided, begin};
pub use lint::lint;
pub use meter::Meter;
pub use observer::{Disagreement, SeenWidget, Target};
pub use player::{Keep, TimelineSink, described, run, world_at};
pub use replay::{Replayed, replay};
pub use verdict::{
    Anomalies, Anomaly, DrawnWidget, Edit, Failure, Outcome, Picture, Totals, Verdict,
};
