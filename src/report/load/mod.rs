//! Load tests: for people in a terminal, for machines, for a browser, all from one
//! [`LoadResult`](lamplighter_load::result::LoadResult).
//!
//! | file | what it does |
//! | --- | --- |
//! | `text`, `progress` | a terminal: the summary, and the line while a run goes on |
//! | `warnings`, `outages` | what must be said loudly, and when the target gave no right answer |
//! | `evidence`, `story` | a wrong answer with what lay around it; the whole story of one |
//! | `wrong` | the list of all wrong answers |
//! | `words` | what each number means |
//! | `html` | one self-contained page with pictures, and the same while a test is gathered |
//! | `json` | the whole result, written and read again |
//! | `csv`, `junit` | spreadsheets, CI servers |
//! | `openmetrics`, `otlp` | what watches services: Prometheus, and whatever takes OTLP |
//! | `compare` | two results beside each other |

pub mod compare;
pub mod csv;
mod evidence;
pub mod html;
pub mod json;
pub mod junit;
pub mod openmetrics;
#[cfg(feature = "otlp")]
pub mod otlp;
mod outages;
pub mod progress;
pub mod story;
pub mod text;
mod warnings;
mod words;
pub mod wrong;

use lamplighter_load::result::Goal;
use warnings::{not_met, warnings};

/// Percentiles that reports have.
const PERCENTS: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 99.99];

/// What stands before a planned number: of some goals the plan has so many at least.
fn at_least(goal: Goal) -> &'static str {
    match goal {
        Goal::Edges | Goal::Graces | Goal::ShiftChanges => "≥ ",
        _ => "",
    }
}
