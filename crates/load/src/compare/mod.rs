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
//! | `lines` | what is compared, line by line |
//! | `times`, `shares` | a percentile of both sides; a share of both |
//! | `compared` | a figure of both, and what it comes to |
//! | `blocks` | blocks of a run over time, and what percentiles of one run are good for |
//! | `unlike` | why runs are not to be compared as they are |
//! | `statistics` | the tests |

mod blocks;
mod compared;
mod lines;
mod shares;
mod statistics;
#[cfg(test)]
mod tests;
mod times;
mod unlike;

use thiserror::Error;

use super::figures;
use super::result::LoadResult;

pub use times::Spread;

/// From where on a difference counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// The smallest effect that matters, as a part of what was before: 0.1.
    pub min_effect: f64,
    /// How certain a verdict must be: 0.99.
    pub certainty: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { min_effect: 0.1, certainty: 0.99 }
    }
}

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

/// One figure of both sides.
#[derive(Clone, PartialEq, Debug)]
pub struct ComparisonLine {
    /// As a gate names it: `p99(widget)`.
    pub what: String,
    /// The figure from before, with its unit.
    pub before: String,
    /// The figure from after, with its unit.
    pub after: String,
    /// The change as a part of what was before; `None` where nothing was before.
    pub change: Option<f64>,
    /// By so much, as a part of what was before, a figure differs from run to run by itself, with the
    /// certainty that was asked for; `None` where that is not known.
    pub noise: Option<f64>,
    /// What the difference comes to, by the thresholds.
    pub verdict: Judgement,
    /// How often chance alone makes a difference like this somewhere in the comparison; `None` where
    /// there is too little to tell.
    pub chance: Option<f64>,
}

/// What a difference comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// It is worse, with certainty and by more than the smallest effect that matters.
    Worse,
    /// It is better, with certainty and by more than the smallest effect that matters.
    Better,
    /// It is as it was: what it may have changed by is less than what matters.
    Alike,
    /// Whether it has changed is not to be told from noise.
    NoDifference,
    /// There is too little on one of the sides.
    TooLittle,
}

impl ComparisonLine {
    /// In words: `worse by 34% (noise ±8.1%), certain (99.99%)`.
    pub fn told(&self) -> String {
        let noise = self.noise.map(|noise| format!("noise ±{}", percent(noise)));
        let by = match self.change {
            None => "from nothing".to_owned(),
            Some(change) => format!("by {}", percent(change.abs())),
        };
        let beside = noise.as_ref().map(|noise| format!(" ({noise})")).unwrap_or_default();
        let certain = self.chance.map(certainty).unwrap_or_default();
        match self.verdict {
            Judgement::Worse => format!("worse {by}{beside}, {certain}"),
            Judgement::Better => format!("better {by}{beside}, {certain}"),
            Judgement::Alike => format!("as before{beside}"),
            Judgement::TooLittle => "too little to tell".to_owned(),
            Judgement::NoDifference => format!("no difference to be seen{beside}"),
        }
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent @ ..9.95 => format!("{percent:.1}%"),
        percent @ ..99_999.5 => format!("{}%", figures::thousands(percent.round() as u64)),
        _ => ">99,999%".to_owned(),
    }
}

/// A p-value turned into words.
fn certainty(chance: f64) -> String {
    match (1.0 - chance) * 100.0 {
        99.99.. => "as good as certain (> 99.99%)".to_owned(),
        percent @ 99.0.. => format!("certain ({percent:.2}%)"),
        percent @ 95.0.. => format!("likely ({percent:.1}%)"),
        percent => format!("doubtful ({:.0}%)", percent.max(0.0)),
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
