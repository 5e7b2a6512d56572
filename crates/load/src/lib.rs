//! A load test that judges every answer: a working day of agents and visitors against a running
//! service, and of each answer whether it could be true.
//!
//! ```text
//! knobs ─▶ plan ─┬─▶ provision ─▶ the target, by its file
//!                ├─▶ agents (goose) ──┐
//!                └─▶ visitors ────────┴─▶ history ─▶ judge ─▶ result ─▶ gates, merge, compare
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `plan` | who does what when, as plain data, drawn from a seed around the start of the run |
//! | `service` | the service under test: its target file followed, and what of the plan stands on it |
//! | `provision` | puts the plan's properties and accounts there, and takes them away again |
//! | `wait_budget` | how long the target is waited for once a run is over |
//! | `context` | what all who play a run share |
//! | `agents` | agents on their devices, as goose users; goose is known nowhere else |
//! | `visitors` | visitors, as open-loop arrivals, and those who hold event streams |
//! | `error_labels` | what went wrong with a call, in the few words by which it is counted |
//! | `exchange` | a call as it was sent and answered, until it has been judged |
//! | `observation` | what was seen, from where it is read to where it is reported |
//! | `history` | what was written and seen, and when, on one clock |
//! | `judge` | which observations are admissible, and evidence for those that are not |
//! | `tally`, `latencies` | what is counted meanwhile; lengths of time in histograms that add up exactly |
//! | `outages` | times in which the target gave no right answer, and what was still true behind them |
//! | `result` | what a run gives, as one model that adds up over many generators |
//! | `gates`, `merge`, `compare` | what is made of results |
//! | `metrics` | a result as metrics, for those who watch services |
//! | `gather` | many generators as one test: started together, added up meanwhile, stopped at once |
//! | `clock`, `skew` | the run's clock, and how far the target's is ahead |
//! | `run` | all of it, one after the other |
//! | `figures` | lengths of time and shares in words |
//! | `sample`, `draw` | results made up for tests, and the numbers that they are drawn by |

pub mod clock;
#[cfg(any(test, feature = "sample"))]
mod draw;
mod error_labels;
pub mod figures;
pub mod latencies;
pub mod wait_budget;

pub mod plan;
pub mod result;

pub mod exchange;
pub mod service;

pub mod observation;
pub mod provision;

pub mod history;

pub mod outages;

pub mod tally;

pub mod compare;
pub mod context;
pub mod gates;
pub mod judge;
#[cfg(any(test, feature = "sample"))]
pub mod sample;

pub mod agents;
pub mod merge;
pub mod visitors;

pub mod gather;
pub mod skew;

pub mod metrics;
pub mod run;
