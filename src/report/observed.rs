//! What recordings came to, as JSON has it.

use std::collections::BTreeMap;

use serde::Serialize;

use lamplighter_scenario::play::{FalseRow, Verdict};

/// What the recordings of a scenario came to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Observed<'a> {
    /// Rows of recordings.
    rows: u64,
    /// How many are wrong, by `stale`, `early` and `never`.
    wrong: &'a BTreeMap<&'static str, u64>,
    /// The first wrong rows of each kind.
    false_rows: Vec<WrongRow<'a>>,
    /// Wrong rows of kinds that are not among those.
    untold: u64,
}

/// A wrong row of a recording.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WrongRow<'a> {
    /// The recording.
    path: String,
    /// Its line, from 1.
    line: u64,
    /// That line.
    text: &'a str,
    /// Its instant.
    at: String,
    /// In which way it is wrong.
    #[cfg_attr(test, schemars(extend("enum" = ["stale", "early", "never"])))]
    class: &'static str,
    /// By how much it is late or early, in milliseconds.
    by_ms: Option<u64>,
    /// The nearest instant at which it would have been right.
    right_at: Option<String>,
    /// What would have been right.
    expected: String,
    /// What it says.
    found: String,
    /// The facts behind it.
    notes: Vec<String>,
    /// How many more rows are wrong in the same way, and are not listed.
    more: u64,
    /// What was so around it, each from its instant on.
    timeline: Vec<Around>,
    /// What had happened, and what was right, as a scenario; absent where none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<&'a str>,
}

/// What was so from an instant on.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Around {
    /// From when on.
    at: String,
    /// What was so.
    truth: String,
}

impl<'a> Observed<'a> {
    /// What was observed in the scenario of a verdict.
    pub fn of(verdict: &'a Verdict) -> Self {
        let observations = &verdict.observations;
        let row = |row: &'a FalseRow| {
            let words = verdict.words();
            let truth = |around: &lamplighter_scenario::play::Around| Around {
                at: around.at.to_string(),
                truth: row.truth_words(around.truth, words),
            };
            WrongRow {
                path: row.path.display().to_string(),
                line: row.line,
                text: &row.text,
                at: row.at.to_string(),
                class: row.miss.word(),
                by_ms: row.miss.distance(),
                right_at: row.right_at().map(|at| at.to_string()),
                expected: row.expected(words),
                found: row.found(),
                notes: row.notes(words),
                more: row.more,
                timeline: row.around.iter().map(truth).collect(),
                scenario: row.scenario.as_deref(),
            }
        };
        Self {
            rows: observations.rows,
            wrong: &observations.wrong,
            false_rows: observations.false_rows.iter().map(row).collect(),
            untold: observations.untold,
        }
    }
}
