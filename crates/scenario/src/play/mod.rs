//! Playing a plan: time moves on, events are applied, and expectations are held against what is seen.
//!
//! ```text
//! Plan ─┐            ┌─▶ World ──▶ judge ─▶ record ─▶ Verdict ─▶ bless, lint, reports
//!       ├─▶ player ──┤               ▲
//! trace ┘            └─▶ Observer ───┘
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `prepared`, `run` | a scenario from its bytes to its verdict, or to the world at an instant |
//! | `player`, `agenda` | one scenario from instant to instant; what of it is still to come |
//! | `stepper` | a scenario led by somebody else, beside others that share a clock |
//! | `observer`, `tested` | who goes along beside the engine and is looked at in its place; what that could test |
//! | `batch`, `ahead` | some rows of a trace; a long trace read ahead on several threads |
//! | `directory` | whom the rows of traces are about, found by their names |
//! | `rows`, `traces` | the rows of one trace; those of all in the order of time |
//! | `replay`, `happenings` | a trace alone into a world; all that happens, for worlds of others |
//! | `observed`, `observations` | recordings held against the rules; what they came to |
//! | `row_faults` | what is wrong with the rows of one file |
//! | `second_run` | looks once more at what is told of recordings |
//! | `widget_view`, `judge` | a widget by the engine or as it was seen; which words of an expectation are false |
//! | `impossible`, `unchanged` | why a line cannot happen, or changes nothing |
//! | `changes`, `anomalies` | how often a widget changes; whether all rows of traces could happen |
//! | `facts`, `special_hours`, `words` | the facts behind an answer, as data; what else than the hours of its weekday decides; and in words |
//! | `rules_answer` | what the rules say where an expectation stands |
//! | `anomaly` | rows of traces that cannot happen |
//! | `record`, `verdict` | what a run has come to so far; what it gave, behind every report |
//! | `outputs`, `picture`, `meter` | timeline, what to draw, and how far runs have come |
//! | `bless`, `lint` | false expectations rewritten; what is allowed and probably not meant |

mod agenda;
mod ahead;
mod anomalies;
mod anomaly;
mod batch;
mod bless;
mod changes;
mod directory;
mod facts;
mod happenings;
mod impossible;
mod judge;
mod lint;
mod meter;
mod observations;
mod observed;
mod observer;
mod outputs;
mod picture;
mod player;
mod prepared;
mod record;
mod replay;
mod row_faults;
mod rows;
mod rules_answer;
mod run;
mod second_run;
mod special_hours;
mod stepper;
mod tested;
mod traces;
mod unchanged;
mod verdict;
mod widget_view;
mod words;

pub use ahead::Reading;
pub use anomaly::{Anomalies, Anomaly};
pub use bless::{BlessError, Blessed, Left, bless, bless_reading};
pub use facts::{AgentFacts, ChangesFacts, Discrepancy, Fact, Facts, HoursFacts, MembersFacts};
pub use happenings::{Happening, Happenings};
pub use lint::{Checked, Planned, check, lint, lint_played, warn_once};
pub use meter::Meter;
pub use observations::{Around, FalseRow, Observations, Truth};
pub use observer::{
    Disagreement, ObservedPart, Observer, ObserverAnswer, SeenWidget, Unobserved, Untested,
};
pub use outputs::{Options, TimelineSink};
pub use picture::{DrawnWidget, Picture};
pub use prepared::{Prepared, files_beside, named_row, path_of_row, reader_beside, rows_of};
pub use replay::{Replayed, replay};
pub use rules_answer::RulesAnswer;
pub use run::{PlayedUntil, described, play, play_and_look, run, world_at};
pub use special_hours::{origin_words, other_week};
pub use stepper::{Begun, LedBy, Stepper, begin};
pub use tested::{CameTo, Capability, ClauseTested, NotTested, Tested};
pub use verdict::{
    Counts, Edit, Failure, MadeName, Notice, Outcome, RunSpan, ScenarioFile, Totals, Unchanged,
    Verdict, tell_once,
};
pub use words::Words;
