//! Runs beside each other: what became worse or better, by how much, and how certain that is.
//!
//! Requests of one moment fare alike: a pause of a second makes a thousand of them slow, and a test that
//! takes them for a thousand witnesses is certain of everything. Nor do two runs of the same service give
//! the same: what else the machine does comes and goes in seconds and minutes, over a part of a run or
//! over all of it. So the unit is a **block** of some seconds, and what blocks of one run differ by stands
//! for what whole runs differ by: a run is one witness, however many requests it made. Where there are
//! several runs a side, what those differ by counts, from three a side on alone.
//!
//! A difference counts where it is larger, for certain, than the smallest that matters (`--min-effect`),
//! with what the generators were late by themselves taken off. For all that is not counted by stretches
//! of time the blocks of visitors' reads tell how noisy the runs were, and the counts how far a percentile
//! is to be trusted.
//!
//! Certainties are of the whole comparison, not of its one luckiest line: p-values are Holm's.
//!
//! | file | what it does |
//! | --- | --- |
//! | `thresholds` | from where on a difference counts |
//! | `line` | one figure of both sides, and its verdict |
//! | `lines` | what is compared, line by line |
//! | `times`, `shares` | a percentile of both sides; a share of both |
//! | `compared` | a figure of both, and what it comes to |
//! | `blocks` | blocks of a run over time, and what percentiles of one run are good for |
//! | `unlike` | why runs are not to be compared as they are |
//! | `statistics` | the tests |

mod blocks;
mod compared;
mod line;
mod lines;
mod shares;
mod statistics;
#[cfg(test)]
mod tests;
mod thresholds;
mod times;
mod unlike;

use thiserror::Error;

use super::result::LoadResult;

pub use line::{ComparisonLine, Judgement};
pub use thresholds::Thresholds;
pub use times::Spread;

/// There is nothing to compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("there is no run {0} to compare: name one result at least")]
pub struct NoRun(pub &'static str);

/// Runs from before and from after, beside each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// Why they are not to be compared as they are, to be said loudly.
    pub unlike: Vec<String>,
    /// The figures that were compared, in the order in which they are told.
    pub lines: Vec<ComparisonLine>,
    /// By what runs of one service differ, as far as these tell: the noise of A/A pairs.
    pub noise: Vec<String>,
}

impl Comparison {
    /// Whether something is worse, with certainty and by more than the smallest effect that matters.
    pub fn is_worse(&self) -> bool {
        self.lines.iter().any(|line| line.verdict == Judgement::Worse)
    }
}

/// Compares runs with such from before.
///
/// # Errors
/// When there is no run on one of the sides.
pub fn compare(
    before: &[LoadResult],
    after: &[LoadResult],
    thresholds: Thresholds,
) -> Result<Comparison, NoRun> {
    for (side, runs) in [("from before", before), ("from after", after)] {
        if runs.is_empty() {
            return Err(NoRun(side));
        }
    }
    let mut compared = lines::all(before, after, thresholds);
    statistics::holm(compared.iter_mut().filter_map(|line| line.chance.as_mut()).collect());
    let lines: Vec<ComparisonLine> =
        compared.into_iter().map(|line| line.judged(thresholds)).collect();
    let noise = lines::noise(&lines, before, after);
    Ok(Comparison { unlike: unlike::unlike(before, after), lines, noise })
}
