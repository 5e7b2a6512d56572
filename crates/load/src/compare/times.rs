//! A percentile of both sides: by how much it has changed, and by how much it varies by itself.

use super::blocks::{Blocks, log_percentile, sampling_variance};
use super::compared::Compared;
use super::statistics::{mean, t_beyond, t_quantile, variance};
use super::thresholds::Thresholds;
use crate::figures;
use crate::latencies::Latencies;
use crate::result::LoadResult;
use crate::tally::WIDGET;

/// With so many runs more than sides, what runs differ by is known from them alone.
const RUNS_TELL: usize = 4;

/// What a figure varies by from run to run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// The variance of one run's logarithm.
    pub variance: f64,
    /// From how much that is known: degrees of freedom.
    pub freedom: f64,
}

impl Spread {
    /// Whichever says that runs differ by more.
    fn or_wider(self, other: Self) -> Self {
        if other.variance > self.variance { other } else { self }
    }
}

/// Which lengths of time of a run are compared.
pub type Of = fn(&LoadResult, &str) -> Option<Latencies>;

/// A percentile of something on both sides.
pub struct Times<'r> {
    /// What it is called by: `widget`.
    pub name: &'r str,
    /// Which percentile it is, from 0 to 100: 99 stands for the p99.
    pub percent: f64,
    /// The lengths of time that it is of.
    pub of: Of,
    /// The runs from before, and those from after.
    pub sides: [&'r [LoadResult]; 2],
}

impl Times<'_> {
    /// The line of it.
    pub fn compared(&self, thresholds: Thresholds) -> Compared {
        let all = self.sides.map(|runs| {
            let mut all = Latencies::default();
            let of_runs = runs.iter().filter_map(|run| (self.of)(run, self.name));
            of_runs.for_each(|of_run| all.add(&of_run));
            all
        });
        let told = |all: &Latencies| match all.count() {
            0 => "–".to_owned(),
            _ => figures::duration(all.percentile(self.percent) as f64),
        };
        let effect = self.effect(&all);
        let mut line = Compared {
            what: format!("p{}({})", self.percent, self.name),
            before: told(&all[0]),
            after: told(&all[1]),
            change: effect.map(|effect| effect.exp() - 1.0),
            noise: None,
            chance: None,
            is_alike: false,
        };
        let (Some(effect), Some(spread)) = (effect, self.spread()) else { return line };
        let [one, other] = self.sides.map(|runs| runs.len() as f64);
        let error = (spread.variance * (1.0 / one + 1.0 / other)).sqrt();
        let noise = t_quantile(thresholds.certainty, spread.freedom) * error;
        let matters = thresholds.min_effect.ln_1p();
        let size = self.less_the_generators(effect, &all).abs();
        let beyond = |limit: f64| t_beyond(limit / error, spread.freedom);
        line.chance = Some((beyond(size - matters) + beyond(size + matters)).min(1.0));
        line.noise = Some(noise.exp_m1());
        line.is_alike = effect.abs() + noise <= matters;
        line
    }

    /// By how much the logarithm has changed. Where all of both sides says something else than the runs
    /// do, it is the smaller change; none where they contradict each other.
    fn effect(&self, all: &[Latencies; 2]) -> Option<f64> {
        let difference = |sides: [Option<f64>; 2]| Some(sides[1]? - sides[0]?);
        let whole = difference([0, 1].map(|side| log_percentile(&all[side], self.percent)))?;
        let runs = difference(self.sides.map(|runs| mean(&self.of_each(runs))));
        let blocks = match self.name == WIDGET {
            true => difference(self.sides.map(|runs| {
                let of_each = runs.iter().map(|run| Blocks::of(run, self.percent));
                let of_each: Vec<f64> =
                    of_each.map(|blocks| mean(&blocks?.logs)).collect::<Option<_>>()?;
                mean(&of_each)
            })),
            false => None,
        };
        let said = [Some(whole), runs, blocks].into_iter().flatten();
        let smallest = said.clone().fold(f64::INFINITY, |least, one| least.min(one.abs()));
        let agree = said.clone().all(|one| one >= 0.0) || said.clone().all(|one| one <= 0.0);
        Some(if agree { smallest.copysign(whole) } else { 0.0 })
    }

    /// The logarithm of each run's percentile.
    fn of_each(&self, runs: &[LoadResult]) -> Vec<f64> {
        let of_each = runs.iter().filter_map(|run| (self.of)(run, self.name));
        of_each.filter_map(|all| log_percentile(&all, self.percent)).collect()
    }

    /// A change without what the generators themselves were late by: that is none of the target's doing.
    fn less_the_generators(&self, effect: f64, all: &[Latencies; 2]) -> f64 {
        let [before, after] = self.sides.map(|runs| {
            let mut late = Latencies::default();
            runs.iter().for_each(|run| late.add(&run.rate.generator_late));
            late.percentile(self.percent) as f64
        });
        let late = (after - before).abs();
        let longer = all[0].percentile(self.percent).max(all[1].percentile(self.percent)) as f64;
        // As a part of the longer of the two, which it would make shorter.
        let explained = match late < longer {
            true => -(-late / longer.max(1.0)).ln_1p(),
            false => f64::INFINITY,
        };
        // Only what goes the same way explains something.
        match (after > before) == (effect > 0.0) {
            true => (effect.abs() - explained).max(0.0).copysign(effect),
            false => effect,
        }
    }

    /// What one run varies by.
    fn spread(&self) -> Option<Spread> {
        let between = self.between_runs();
        if let Some(between) = between.filter(|known| known.freedom >= RUNS_TELL as f64) {
            // Runs that are the same by chance do not make it certain.
            let sampling = self.sampling().map_or(0.0, |sampling| sampling.variance);
            return Some(Spread { variance: between.variance.max(sampling), ..between });
        }
        let within = self.within_runs()?;
        Some(between.map_or(within, |between| within.or_wider(between)))
    }

    /// What runs of one side differ by, where there are several.
    fn between_runs(&self) -> Option<Spread> {
        let sides = self.sides.map(|runs| self.of_each(runs));
        let freedom: usize = sides.iter().map(|logs| logs.len().saturating_sub(1)).sum();
        let squares = |logs: &Vec<f64>| variance(logs) * logs.len().saturating_sub(1) as f64;
        let sum: f64 = sides.iter().map(squares).sum();
        let freedom = freedom as f64;
        (freedom > 0.0).then(|| Spread { variance: sum / freedom, freedom })
    }

    /// What blocks differ by. Where it was not counted by blocks, those of visitors' reads tell how noisy
    /// it was, and the tail of reads more of it than their median; to that comes the sampling.
    fn within_runs(&self) -> Option<Spread> {
        let runs = || self.sides.into_iter().flatten();
        let of = |run: &LoadResult, percent: f64| {
            let blocks = Blocks::of(run, percent)?;
            let freedom = (blocks.logs.len() - 1) as f64;
            Some(Spread { variance: blocks.variance(), freedom })
        };
        let widest = |all: Vec<Spread>| all.into_iter().reduce(Spread::or_wider);
        if self.name == WIDGET {
            return widest(runs().map(|run| of(run, self.percent)).collect::<Option<_>>()?);
        }
        let of_reads = runs().map(|run| {
            let all = [50.0, 90.0, self.percent].into_iter().filter_map(|percent| of(run, percent));
            widest(all.collect())
        });
        let blocks = widest(of_reads.collect::<Option<_>>()?)?;
        let sampling = self.sampling()?;
        Some(Spread { variance: blocks.variance + sampling.variance, ..blocks })
    }

    /// What a percentile varies by because only so many were counted.
    fn sampling(&self) -> Option<Spread> {
        let mut widest: f64 = 0.0;
        for run in self.sides.into_iter().flatten() {
            let all = (self.of)(run, self.name)?;
            widest = widest.max(sampling_variance(&all, self.percent)?);
        }
        Some(Spread { variance: widest, freedom: f64::INFINITY })
    }
}
