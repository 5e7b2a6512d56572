//! Many seeds on many threads, with the same outcome on any number of them.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::coverage::{Coverage, CoveragePoint};
use super::difference::Difference;
use super::digest::Digest;
use super::draw::draw;
use super::invariants::Checked;
use super::play::{PlayedCase, play};
use super::shrink::{Shrunken, shrink};
use super::swarm::Swarm;
use super::write::{Written, fails, line_count, write};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::{Millis, RuleSet};

/// Of so many failing seeds, the first ones, the cases are made small.
pub const SHRUNKEN_MAX: usize = 5;

/// So many seeds must have met every coverage point at least once.
pub const FULL_RUN: u64 = 1_000;

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The seeds that were played: all that were asked for, unless the run was stopped.
    pub seeds: Range<u64>,
    /// How many events were played, those that cannot happen included.
    pub events: u64,
    /// How many changes of widgets and agents the engine reported.
    pub changes: u64,
    /// At how many instants engine and oracle were compared in everything.
    pub instants: u64,
    /// At how many instants the oracle looked: every minute of every clock and every deadline.
    pub looks: u64,
    /// How much simulated time all seeds took together.
    pub simulated: Millis,
    /// How often each coverage point was met.
    pub coverage: Coverage,
    /// How often each invariant was checked.
    pub checked: Checked,
    /// Stands for everything that was reported and answered: the same seeds give the same number.
    pub fingerprint: u64,
    /// How many seeds have a difference.
    pub failed: u64,
    /// The first of the seeds that differ, each with its case made small.
    pub counterexamples: Vec<Counterexample>,
    /// Whether all seeds went by the rules of one product, by which not everything can be met.
    pub is_of_one_product: bool,
    /// Whether these are a part of the seeds alone: what all of them must meet, a part need not.
    pub is_part: bool,
}

/// A seed with a difference between engine and rule book.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The seed that shows the difference: it alone brings it back.
    pub seed: u64,
    /// Every option that was drawn for the seed, to be printed beside it.
    pub swarm: Swarm,
    /// The difference that playing the whole case found.
    pub difference: Difference,
    /// The smallest case that was found to show it.
    pub shrunken: Shrunken,
    /// The shrunken case written as a scenario.
    pub written: Written,
    /// Whether that scenario fails with this engine: some differences no scenario can ask for.
    pub shows: bool,
}

impl Counterexample {
    /// How many lines the scenario has in its `at` blocks.
    pub fn lines(&self) -> usize {
        line_count(&self.shrunken.case, self.shrunken.finding.as_ref())
    }
}

impl Run {
    /// Whether so many seeds were played that every coverage point must have been met.
    pub fn is_full(&self) -> bool {
        self.seeds.end - self.seeds.start >= FULL_RUN
    }

    /// The coverage points that a full run has not met, though it had to.
    pub fn missed(&self) -> Vec<CoveragePoint> {
        if self.is_of_one_product { Vec::new() } else { self.unmet() }
    }

    /// The coverage points that a full run has not met, those that its rules do not let it meet
    /// among them.
    pub fn unmet(&self) -> Vec<CoveragePoint> {
        let unmet = self
            .coverage
            .iter()
            .filter(|(_, count)| *count == 0 && self.is_full() && !self.is_part);
        unmet.map(|(point, _)| point).collect()
    }

    fn take(&mut self, seed: u64, played: &PlayedCase) {
        self.events += played.events;
        self.changes += played.changes;
        self.instants += played.instants;
        self.looks += played.looks;
        self.simulated.0 += played.simulated.0;
        self.coverage.add(&played.coverage);
        self.checked.add(&played.checked);
        // Added up, so that the order of the seeds does not matter.
        let mut digest = Digest::default();
        digest.number(seed);
        digest.number(played.digest.value());
        self.fingerprint = self.fingerprint.wrapping_add(digest.value());
        self.failed += u64::from(played.difference.is_some());
    }

    /// Adds what other seeds came to; which seeds these are, and which of them differ, is for the caller to
    /// put together.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.changes += other.changes;
        self.instants += other.instants;
        self.looks += other.looks;
        self.simulated.0 += other.simulated.0;
        self.coverage.add(&other.coverage);
        self.checked.add(&other.checked);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.failed += other.failed;
    }
}

/// Plays seeds on so many threads, as long as `goes_on` says so, and makes small what is wrong. Each
/// seed that is done is told to `done`. All of them go by the rules that are given; without any each
/// draws its own.
///
/// # Errors
/// When the zone database lacks a zone that seeds draw.
pub fn run(
    seeds: Range<u64>,
    jobs: usize,
    zones: &Arc<Zones>,
    rules: Option<&RuleSet>,
    goes_on: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn(u64) + Sync),
) -> Result<Run, UnknownZone> {
    let next = AtomicU64::new(seeds.start);
    let work = || -> Result<(Run, Vec<u64>), UnknownZone> {
        let (mut part, mut failed) = (Run::default(), Vec::new());
        while goes_on() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let (_, played) = play_seed(seed, rules, zones)?;
            if played.difference.is_some() {
                failed.push(seed);
            }
            part.take(seed, &played);
            done(seed);
        }
        Ok((part, failed))
    };
    let mut all = Run { is_of_one_product: rules.is_some(), ..Run::default() };
    let mut failed = Vec::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(part) => {
                    let (part, part_failed) = part?;
                    all.add(&part);
                    failed.extend(part_failed);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(())
    })?;
    all.seeds = seeds.start..next.load(Ordering::Relaxed).min(seeds.end);
    failed.sort_unstable();
    for seed in failed.into_iter().take(SHRUNKEN_MAX) {
        all.counterexamples.extend(counterexample(seed, rules, zones)?);
    }
    Ok(all)
}

/// Draws and plays one seed, by the rules that are given or by some that it draws.
///
/// # Errors
/// When the zone database lacks a zone that the seed draws.
pub fn play_seed(
    seed: u64,
    rules: Option<&RuleSet>,
    zones: &Arc<Zones>,
) -> Result<(Swarm, PlayedCase), UnknownZone> {
    let swarm = Swarm::draw(seed, rules);
    let played = play(&draw(seed, &swarm, zones), zones)?;
    Ok((swarm, played))
}

/// What is wrong with a seed, made small.
///
/// # Errors
/// When the zone database lacks a zone that the seed draws.
pub fn counterexample(
    seed: u64,
    rules: Option<&RuleSet>,
    zones: &Arc<Zones>,
) -> Result<Option<Counterexample>, UnknownZone> {
    let swarm = Swarm::draw(seed, rules);
    let case = draw(seed, &swarm, zones);
    let Some(difference) = play(&case, zones)?.difference else { return Ok(None) };
    let shrunken = shrink(&case, &difference, zones);
    let title = format!("Found by lamplighter simulate with seed {seed}");
    let stem = format!("seed-{seed}");
    let written = write(&title, &stem, &shrunken.case, shrunken.finding.as_ref(), zones);
    let shows = fails(&written, zones);
    Ok(Some(Counterexample { seed, swarm, difference, shrunken, written, shows }))
}
