//! Many seeds on a target, one batch after another; what is wrong is made small there.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Monotonic};

use lamplighter_core::model::Instant;
use lamplighter_scenario::simulate::{
    Case, Coverage, CoveragePoint, Inquirer, Inquiry, Shrunken, Written, line_count, play,
    shrink_finding,
};

use super::batch::{FailingWorld, SimulationCounts, WorldOutcome, by_timing, placed, play_batch};
use super::draw::{SEEDS_PER_BATCH, draw_within};
use super::group::{Group, WrongKind, form};
use super::isolation::{alone, shrink_among};
use super::shrink::TargetInquirer;
use crate::driver::{Leftovers, RunError};
use crate::play::{AT_ONCE_MAX, PlayClock, PlaySettings, within_run};

/// The same where time goes by itself: as many as are played side by side there, so that a run ends soon behind
/// its time.
const SEEDS_A_REAL_SITTING: u64 = AT_ONCE_MAX as u64;
/// Of what seems to be of one kind so many worlds are made small: the same wrong answer can have several
/// reasons.
const SMALL_A_KIND: u64 = 3;
/// A world that does not fail again costs little, and the next of its kind may.
const GONE_A_SMALL: u64 = 10;
/// The seeds of worlds of which nothing but the hours stands by where a world fails only among others: as many
/// as a product may have that is small.
const BYSTANDERS: Range<u64> = 1 << 32..(1 << 32) + 128;
/// Where a clock may stand that nobody has put yet, in years from 2026 on.
const FIRST_YEARS: [i64; 6] = [0, 1, 2, 10, 100, 1_000];
const YEAR_MS: i64 = 365 * 86_400_000 + 86_400_000 / 4;

/// What is to be played.
pub struct Simulation<'a> {
    /// How and where worlds are played.
    pub playing: &'a PlaySettings<'a>,
    /// The seeds of the worlds, each once.
    pub seeds: Range<u64>,
    /// No batch is begun after that; `None` for no such end.
    pub until: Option<Monotonic>,
    /// Where files of rules lie that scenarios name.
    pub folder: &'a Path,
    /// So long a world is made small.
    pub shrink_for: Duration,
    /// Whether the first thing that is wrong ends the run.
    pub stops_at_first: bool,
    /// Is told how many seeds are done, and how many worlds are wrong.
    pub done: &'a dyn Fn(u64, u64),
}

/// What seeds came to on a target.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The seeds that were played.
    pub seeds: Range<u64>,
    /// How many worlds were played, and what testing their clauses came to.
    pub tally: SimulationCounts,
    /// How often each point was met by worlds that were played there.
    pub coverage: Coverage,
    /// How many worlds were answered wrong.
    pub wrong: u64,
    /// What is wrong, each kind once, as it was found.
    pub groups: Vec<Group>,
    /// What could not be deleted there.
    pub left: Leftovers,
}

impl Simulated {
    /// The points that no world met.
    pub fn missed(&self) -> Vec<CoveragePoint> {
        self.coverage.iter().filter(|(_, count)| *count == 0).map(|(point, _)| point).collect()
    }
}

/// Plays seeds on a target, and makes small what is wrong.
///
/// # Errors
/// When the target cannot be used at all, or is gone.
pub fn simulate(simulation: &Simulation<'_>) -> Result<Simulated, RunError> {
    let seeds = simulation.seeds.clone();
    let mut simulated = Simulated {
        seeds: seeds.start..seeds.start,
        tally: SimulationCounts::default(),
        coverage: Coverage::default(),
        wrong: 0,
        groups: Vec::new(),
        left: Leftovers::default(),
    };
    let played = within_run(simulation.playing, |left| {
        wake(simulation.playing)?;
        let together = match simulation.playing.clock {
            PlayClock::Real => SEEDS_A_REAL_SITTING,
            _ => SEEDS_PER_BATCH,
        };
        let mut seed = seeds.start;
        while seed < seeds.end && goes_on(simulation) {
            let end = seeds.end.min(seed + together);
            many(simulation, seed..end, &mut simulated, left)?;
            simulated.seeds.end = end;
            seed = end;
            (simulation.done)(seed - seeds.start, simulated.wrong);
            if simulation.has_enough(&simulated) {
                break;
            }
        }
        Ok(())
    })?;
    simulated.left += played.left;
    Ok(simulated)
}

impl Simulation<'_> {
    /// Whether the first is found, where that is enough: a world that fails again.
    fn has_enough(&self, simulated: &Simulated) -> bool {
        let mut groups = simulated.groups.iter();
        self.stops_at_first && groups.any(|group| group.scenario.is_some())
    }
}

fn goes_on(simulation: &Simulation<'_>) -> bool {
    let is_stopped = simulation.playing.stop.load(Ordering::Relaxed);
    !is_stopped && simulation.until.is_none_or(|until| Monotonic::now() < until)
}

/// Puts a clock that goes forward only for the first time: where it stands nobody can ask.
fn wake(playing: &PlaySettings<'_>) -> Result<(), RunError> {
    if matches!(playing.clock, PlayClock::Real) || playing.goes_back {
        return Ok(());
    }
    let first: Instant = "2026-01-01T00:00:00Z".parse().unwrap_or(Instant::MIN);
    let mut refused = None;
    for years in FIRST_YEARS {
        let Some(at) = Instant::from_millis(first.as_millis() + years * YEAR_MS) else { break };
        match playing.runtime.block_on(playing.clock.put(&playing.driver, at)) {
            Ok(()) => return Ok(()),
            Err(error @ RunError::NotDone { .. }) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    refused.map_or(Ok(()), Err)
}

/// Some seeds together.
fn many(
    simulation: &Simulation<'_>,
    seeds: Range<u64>,
    simulated: &mut Simulated,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    let playing = simulation.playing;
    let file = playing.driver.file();
    let drawn = seeds.map(|seed| (seed, draw_within(seed, file, playing.zones))).collect();
    for group in by_timing(drawn) {
        if !goes_on(simulation) || simulation.has_enough(simulated) {
            break;
        }
        let placed: Vec<(u64, Case)> = group
            .into_iter()
            .filter_map(|(seed, case)| Some((seed, placed(playing, &case)?)))
            .collect();
        let cases: Vec<Case> = placed.iter().map(|(_, case)| case.clone()).collect();
        let outcomes = play_batch(playing, &cases, simulation.folder, &mut simulated.tally, left)?;
        let mut wrongs = Vec::new();
        for (index, (seed, outcomes)) in
            placed.iter().map(|(seed, _)| *seed).zip(outcomes).enumerate()
        {
            if !matches!(outcomes, WorldOutcome::Skipped)
                && let Ok(played) = play(&cases[index], playing.zones)
            {
                simulated.coverage.add(&played.coverage);
            }
            if let WorldOutcome::Failed(wrong) = outcomes
                && !simulation.has_enough(simulated)
            {
                simulated.wrong += 1;
                take(simulation, seed, &wrong, simulated, left)?;
                wrongs.push((index, seed, wrong));
            }
        }
        // Most fail alone, too, which costs much less to find out.
        for (index, seed, wrong) in wrongs {
            if goes_on(simulation) && !simulation.has_enough(simulated) {
                let others = (&cases[..index], &cases[index + 1..]);
                take_among(simulation, seed, (&wrong, others), simulated, left)?;
            }
        }
    }
    Ok(())
}

/// Makes a wrong world small, and puts it to its like.
fn take(
    simulation: &Simulation<'_>,
    seed: u64,
    wrong: &FailingWorld,
    simulated: &mut Simulated,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    let kind = WrongKind::of(wrong);
    let known = simulated.groups.iter_mut().filter(|group| group.kind == kind);
    let (mut of_kind, mut count) = (None, 0);
    for group in known {
        count += match group.scenario {
            Some(_) => group.worlds,
            None => group.worlds / GONE_A_SMALL,
        };
        of_kind.get_or_insert(group);
    }
    if let Some(group) = of_kind.filter(|_| count >= SMALL_A_KIND || !goes_on(simulation)) {
        group.worlds += 1;
        return Ok(());
    }
    let small = made_small(simulation, seed, wrong, left, |inquirer| {
        alone(wrong, simulation.playing.zones).find_map(|case| {
            match inquirer.ask(&case, &wrong.question) {
                Inquiry::Differs(finding) => Some(shrink_finding(case, finding, inquirer)),
                Inquiry::Same | Inquiry::NoScenario => None,
            }
        })
    })?;
    let form = |written: &Option<Written>| written.as_ref().map(|it| form(&it.scenario));
    let of_form = form(&small.scenario);
    let mut groups = simulated.groups.iter_mut();
    match groups.find(|group| group.kind == kind && form(&group.scenario) == of_form) {
        Some(group) => group.worlds += 1,
        None => simulated.groups.push(Group {
            seed,
            worlds: 1,
            kind,
            lines: small.lines,
            tries: small.tries,
            scenario: small.scenario,
        }),
    }
    Ok(())
}

/// The same of a world that did not fail again alone, where none of its kind did: among those that were there
/// with it.
fn take_among(
    simulation: &Simulation<'_>,
    seed: u64,
    (wrong, others): (&FailingWorld, (&[Case], &[Case])),
    simulated: &mut Simulated,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    let kind = WrongKind::of(wrong);
    let is_shown = |group: &Group| group.kind == kind && group.scenario.is_some();
    if simulated.groups.iter().any(is_shown) {
        return Ok(());
    }
    let PlaySettings { driver, clock, zones, .. } = simulation.playing;
    let bystanders: Vec<Case> = match clock {
        // Where time goes by itself making so many takes too much of it.
        PlayClock::Real => Vec::new(),
        _ => BYSTANDERS.map(|seed| draw_within(seed, driver.file(), zones)).collect(),
    };
    let small = made_small(simulation, seed, wrong, left, |inquirer| {
        shrink_among(wrong, others, &bystanders, zones, inquirer)
    })?;
    if let Some(group) = simulated.groups.iter_mut().find(|group| group.kind == kind)
        && small.scenario.is_some()
    {
        (group.seed, group.scenario) = (seed, small.scenario);
        (group.lines, group.tries) = (small.lines, small.tries);
    }
    Ok(())
}

/// What a wrong world came to that was made small.
struct ShrunkWorld {
    scenario: Option<Written>,
    lines: usize,
    tries: usize,
}

/// Plays smaller worlds on the target, as it is told how.
fn made_small(
    simulation: &Simulation<'_>,
    seed: u64,
    wrong: &FailingWorld,
    left: &mut Leftovers,
    shrink: impl FnOnce(&mut TargetInquirer<'_, '_>) -> Option<Shrunken>,
) -> Result<ShrunkWorld, RunError> {
    let mut inquirer = TargetInquirer {
        playing: simulation.playing,
        aspects: wrong.aspects.clone(),
        title: format!("Found by lamplighter simulate --target with seed {seed}"),
        stem: format!("seed-{seed}"),
        folder: simulation.folder,
        rules: wrong.case.rules,
        until: Monotonic::now() + simulation.shrink_for,
        times: 1,
        failed: None,
        gone: None,
        left: Leftovers::default(),
    };
    let shrunken = shrink(&mut inquirer);
    *left += inquirer.left;
    match inquirer.gone {
        Some(error) => Err(error),
        None => Ok(ShrunkWorld {
            scenario: inquirer.failed,
            lines: shrunken.as_ref().map_or(0, |it| line_count(&it.case, it.finding.as_ref())),
            tries: shrunken.as_ref().map_or(0, |it| it.tries),
        }),
    }
}
