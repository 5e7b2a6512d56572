//! Blocks of a run over time: what was the same for all requests of a moment was so for one block, and
//! is one witness.

use crate::latencies::Latencies;
use crate::result::{IntervalStats, LoadResult};

use super::statistics::{Share, mean, variance};

/// A run is divided into so many blocks at most,
const BLOCKS_MAX: usize = 10;
/// and into so many at least, if there is to be something to tell from it.
const BLOCKS_MIN: usize = 4;
/// In each of them so many reads must be longer than the percentile.
const BEYOND_MIN: f64 = 3.0;
/// And from so many lengths of time on a percentile is one.
const COUNT_MIN: f64 = 10.0;

/// A percentile as it was in each block of a run, as logarithms of microseconds.
#[derive(Clone, PartialEq, Debug)]
pub struct Blocks {
    /// The logarithm of each block's percentile.
    pub logs: Vec<f64>,
    /// What that varies by, on average, because a block has only so many reads.
    sampling: f64,
    /// How long a block is, in milliseconds.
    pub length_ms: u64,
}

impl Blocks {
    /// Those of visitors' reads; none where there are too few of them.
    pub fn of(run: &LoadResult, percent: f64) -> Option<Self> {
        let reads: u64 = run.intervals.iter().map(|interval| interval.widget.count()).sum();
        let beyond = reads as f64 * (1.0 - percent / 100.0);
        let most = ((beyond / BEYOND_MIN) as usize).min(BLOCKS_MAX).min(run.intervals.len());
        if most < BLOCKS_MIN {
            return None;
        }
        let length = run.intervals.len() / most;
        // What is left over belongs to the last one.
        let blocks = (0..most).filter_map(|place| {
            let end = if place + 1 == most { run.intervals.len() } else { (place + 1) * length };
            let mut reads = Latencies::default();
            run.intervals[place * length..end].iter().for_each(|one| reads.add(&one.widget));
            Some((log_percentile(&reads, percent)?, by_sampling(&reads, percent)?))
        });
        let (logs, sampling): (Vec<f64>, Vec<f64>) = blocks.unzip();
        let sampling = mean(&sampling)?;
        let length_ms = length as u64 * run.about.interval_ms;
        (logs.len() >= BLOCKS_MIN).then_some(Self { logs, sampling, length_ms })
    }

    /// What whole runs vary by: as much as blocks do, for what else the machine does lasts for seconds
    /// and for minutes. But for what blocks vary by only because each has so few reads: of that a run
    /// keeps a part.
    pub fn variance(&self) -> f64 {
        let all = variance(&self.logs);
        (all - self.sampling).max(all / self.logs.len() as f64)
    }
}

/// The logarithm of a percentile; none of nothing.
pub fn log_percentile(all: &Latencies, percent: f64) -> Option<f64> {
    (all.count() > 0).then(|| (all.percentile(percent).max(1) as f64).ln())
}

/// What the logarithm of a percentile varies by from one sample of so many to the next: half of what
/// lies between the lengths of time that are a standard deviation of ranks away. None where too few
/// lengths were counted, or too few that are longer than the percentile.
pub fn sampling_variance(all: &Latencies, percent: f64) -> Option<f64> {
    let beyond = all.count() as f64 * (1.0 - percent / 100.0);
    if beyond < COUNT_MIN { None } else { by_sampling(all, percent) }
}

/// The same, however few there are.
fn by_sampling(all: &Latencies, percent: f64) -> Option<f64> {
    let (count, share) = (all.count() as f64, percent / 100.0);
    let deviation = (share * (1.0 - share) / count).sqrt();
    let at = |share: f64| log_percentile(all, 100.0 * share.clamp(0.0, 1.0));
    let half = (at(share + deviation)? - at(share - deviation)?) / 2.0;
    // Places of the histogram are a thousandth apart.
    Some((half * half).max(1e-6))
}

/// A share in each block of a run.
pub fn shares(run: &LoadResult, of: impl Fn(&IntervalStats) -> Share) -> Vec<Share> {
    let length = run.intervals.len().div_ceil(BLOCKS_MAX).max(1);
    let sum = |block: &[IntervalStats]| {
        block.iter().map(&of).fold(Share { part: 0.0, whole: 0.0 }, |sum, one| Share {
            part: sum.part + one.part,
            whole: sum.whole + one.whole,
        })
    };
    run.intervals.chunks(length).map(sum).collect()
}
