//! Load tests: for people in a terminal, for machines, for a browser, all from one
//! [`LoadResult`].
//!
//! | file | what it does |
//! | --- | --- |
//! | `text`, `progress` | a terminal: the summary, and the line while a run goes on |
//! | `evidence`, `story` | a wrong answer with what lay around it; the whole story of one |
//! | `wrong` | the list of all wrong answers |
//! | `words` | what each number means |
//! | `html` | one self-contained page with pictures |
//! | `json` | the whole result, written and read again |
//! | `csv`, `junit` | spreadsheets, CI servers |
//! | `compare` | two results beside each other |

pub mod compare;
pub mod csv;
mod evidence;
pub mod html;
pub mod json;
pub mod junit;
pub mod progress;
pub mod story;
pub mod text;
mod words;
pub mod wrong;

pub use progress::{ProgressMoment, progress_line};

use lamplighter_load::figures::{share, thousands};
use lamplighter_load::merge::missing_shards;
use lamplighter_load::result::{Goal, LoadResult};

/// Percentiles that reports have.
const PERCENTS: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 99.99];

/// What stands before a planned number: of some goals the plan has so many at least.
fn at_least(goal: Goal) -> &'static str {
    match goal {
        Goal::Edges | Goal::Graces | Goal::ShiftChanges => "≥ ",
        _ => "",
    }
}

/// What must be said loudly of a run, beside what its judge and its gates say.
fn warnings(result: &LoadResult) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(why) = &result.about.ended_early {
        warnings.push(format!("ended early: {why}"));
    }
    let missing = missing_shards(&result.about);
    if !missing.is_empty() {
        warnings.push(format!(
            "this is a part of the run only: the shards {} are missing",
            missing.join(", ")
        ));
    }
    for (goal, count) in &result.goals {
        if !count.is_met(*goal) {
            let (planned, met) = (thousands(count.planned), thousands(count.met));
            warnings.push(format!(
                "of {planned} {goal} that were to be met the run has met {met}: it says little of them"
            ));
        }
    }
    if !result.rate.is_kept() {
        let (asked, sent) = (result.rate.asked, result.rate.sent);
        warnings.push(format!(
            "of the {} visitors asked for only {} were sent: connections were not free or not to be \
             had; allow more with --connections, or use several generators with --shard",
            thousands(asked),
            share(sent, asked)
        ));
    }
    warnings.extend(result.generator.warnings.iter().cloned());
    warnings
}
