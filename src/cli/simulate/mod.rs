//! `lamplighter simulate`: random worlds through engine and oracle, or on a service.
//!
//! | file | what it does |
//! | --- | --- |
//! | `on_target` | the worlds of many seeds on a running service |

#[cfg(feature = "target")]
mod on_target;

use std::io::{self, Write};
use std::num::ParseIntError;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;

use crate::cli::atomic_file::replace_file;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::process;
use crate::cli::progress::Progress;
use crate::cli::rules::given_rules;
use crate::cli::service::{SERVICE, ServiceArguments};
use crate::cli::terminal::printed;
use crate::report::format::{decimal, thousands};
use crate::report::simulation;
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::{Millis, RuleSet};
use lamplighter_scenario::simulate::{
    Counterexample, FULL_RUN, Run, SIZES, Written, rules_in_pairs, run as play, walk, walk_all,
};

/// `lamplighter simulate` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Every seed draws the options of a world, the world and its events. What the engine says is held
against the rule book followed word by word, minute by minute; what differs is made small and
written as a scenario. From 1,000 seeds on, every race that is listed must have been met, and all
small worlds are walked through, too. The same seeds give the same output, on any number of jobs.

With --target the worlds are played on a service, as far as it can be told them: what it answers is
held against the rules, and what differs is made small there.

Examples:
  lamplighter simulate                                # 2,000 seeds
  lamplighter simulate --seeds 17                     # one again
  lamplighter simulate --seeds 0..1000000 --minutes 60
  lamplighter simulate --rules zendesk --seeds 0..10000
  lamplighter simulate --target ours.toml --host http://chat.example:8008 --minutes 10")]
pub struct SimulateArguments {
    /// The first seed and the one after the last, or one seed alone
    #[arg(long, value_name = "A..B", default_value = "0..2000", value_parser = seeds)]
    pub seeds: Seeds,
    /// Begin no further seed after so many minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub minutes: Option<u64>,
    /// Play all of them by the rules of this product or file; without it each seed draws its own
    #[arg(long, value_name = "NAME", conflicts_with_all = ["host", "target"])]
    pub rules: Option<String>,
    /// How many seeds to play at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    #[arg(conflicts_with_all = ["host", "target"])]
    pub jobs: Option<u16>,
    /// The folder for the scenarios of failing seeds
    #[arg(long, value_name = "DIR", default_value = "reports/simulate")]
    pub out: PathBuf,
    #[command(flatten)]
    pub service: ServiceArguments,
    /// How long a world that a service answers wrong is made small there [default: 1m]
    #[arg(long, value_name = "DURATION", help_heading = SERVICE)]
    pub shrink_for: Option<Millis>,
    /// End at the first world that a service answers wrong
    #[arg(long, help_heading = SERVICE)]
    pub first: bool,
    /// Run against every deliberate fault instead, and say what caught it
    #[cfg(lamplighter_mutations)]
    #[arg(long)]
    pub faults: bool,
    /// Run with one deliberate fault
    #[cfg(lamplighter_mutations)]
    #[arg(long, value_parser = fault)]
    pub fault: Option<lamplighter_core::mutations::Mutation>,
}

/// Runs the command.
pub fn run(
    arguments: SimulateArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    let jobs = process::jobs(arguments.jobs);
    #[cfg(lamplighter_mutations)]
    if arguments.faults {
        return prove(jobs, zones);
    }
    #[cfg(lamplighter_mutations)]
    if let Some(fault) = arguments.fault {
        lamplighter_core::mutations::for_good(fault);
    }
    if arguments.service.is_any() {
        #[cfg(not(feature = "target"))]
        return Err(super::not_built::built_without("target"));
        #[cfg(feature = "target")]
        return on_target::run(&arguments, common, zones);
    }
    if arguments.shrink_for.is_some() || arguments.first {
        let error = anyhow!("--shrink-for and --first are for worlds on a service");
        return Err(Stop::invalid(error).hint("name it: --target NAME --host URL"));
    }
    let began = Instant::now();
    let stop = process::stop_on_ctrl_c();
    let until = arguments.minutes.map(|minutes| began + Duration::from_secs(60 * minutes));
    let is_stopped = || stop.load(Ordering::Relaxed);
    let goes_on = || !is_stopped() && until.is_none_or(|until| Instant::now() < until);
    let seeds = arguments.seeds.0;
    let progress = Mutex::new(Progress::of_length(seeds.end - seeds.start, common.quiet));
    let count = AtomicU64::new(0);
    let done = |_| {
        let done = count.fetch_add(1, Ordering::Relaxed) + 1;
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.reach(done, |took| {
            let rate = done as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE);
            format!("{} seeds, {} seeds/s", thousands(done), decimal(rate))
        });
    };
    let rules = arguments.rules.as_deref().map(given_rules).transpose()?;
    let ran = play(seeds.clone(), jobs, zones, rules.as_ref(), &goes_on, &done).map_err(no_zone)?;
    progress.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    let mut well = ran.failed == 0 && ran.missed().is_empty();
    for counterexample in &ran.counterexamples {
        report(counterexample, &arguments.out)?;
    }
    if seeds.end - seeds.start >= FULL_RUN && rules.is_none() && !is_stopped() {
        well &= walk_small_worlds(jobs, common, zones)?;
    }
    if !common.quiet || !well {
        printed(say(&ran, common.quiet))?;
    }
    if !common.quiet {
        printed(writeln!(anstream::stderr(), "took {:.1} s", began.elapsed().as_secs_f64()))?;
    }
    if is_stopped() {
        let (played, all) = (ran.seeds.end - ran.seeds.start, seeds.end - seeds.start);
        return Err(Stop::machine(anyhow!("stopped: only {played} of {all} seeds were played")));
    }
    Ok(if well { Exit::AllWell } else { Exit::Failed })
}

fn no_zone(error: UnknownZone) -> Stop {
    Stop::invalid(error.into()).hint("leave out --tzdata: the bundled release has every zone")
}

fn say(ran: &Run, quiet: bool) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    if !quiet {
        simulation::counters(&mut out, ran)?;
    }
    simulation::summary(&mut out, ran)
}

/// Prints a failing seed, and keeps its scenario.
fn report(counterexample: &Counterexample, folder: &Path) -> Result<(), Stop> {
    let path = folder.join(format!("seed-{}.scenario", counterexample.seed));
    let Written { scenario, rules } = &counterexample.written;
    if let Some((name, text)) = rules {
        replace_file(&folder.join(name), text.as_bytes())?;
    }
    replace_file(&path, scenario.as_bytes())?;
    let mut out = anstream::stdout().lock();
    printed(simulation::counterexample(&mut out, counterexample, Some(&path)))
}

fn walk_small_worlds(jobs: usize, common: &Common, zones: &Arc<Zones>) -> Result<bool, Stop> {
    let mut well = true;
    for size in SIZES {
        let walked = walk(size, &RuleSet::BOOK, jobs, zones);
        well &= walked.wrong.is_empty();
        if !common.quiet || !walked.wrong.is_empty() {
            let mut out = anstream::stdout().lock();
            printed(simulation::walked(&mut out, size, &walked))?;
        }
    }
    let pairs = rules_in_pairs();
    let walked = walk_all(&pairs, jobs, zones);
    well &= walked.wrong.is_empty();
    if !common.quiet || !walked.wrong.is_empty() {
        let mut out = anstream::stdout().lock();
        printed(simulation::walked_rules(&mut out, pairs.len(), &walked))?;
    }
    Ok(well)
}

/// Runs the simulator against every deliberate mutation.
#[cfg(lamplighter_mutations)]
fn prove(jobs: usize, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    use lamplighter_core::mutations::Mutation;
    use lamplighter_scenario::simulate::{Proof, prove};
    let done = |proof: &Proof| {
        let word = if proof.caught.is_some() { "caught" } else { "NOT caught" };
        // Nobody depends on it.
        let _ = writeln!(anstream::stderr(), "{word}: {}", proof.mutation.name());
    };
    let proofs = prove(Mutation::ALL, jobs, zones, &done).map_err(no_zone)?;
    let mut out = anstream::stdout().lock();
    printed(simulation::caught(&mut out, &proofs))?;
    let all = proofs.iter().all(|proof| proof.caught.is_some());
    Ok(if all { Exit::AllWell } else { Exit::Failed })
}

/// A deliberate mutation by its name.
#[cfg(lamplighter_mutations)]
pub fn fault(name: &str) -> Result<lamplighter_core::mutations::Mutation, String> {
    let mut all = lamplighter_core::mutations::Mutation::ALL.iter().copied();
    all.find(|fault| fault.name() == name).ok_or_else(|| "there is no such fault".to_owned())
}

/// Seeds as typed: `A..B`, or one alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seeds(pub Range<u64>);

/// Reads `A..B` or one number.
pub fn seeds(text: &str) -> Result<Seeds, String> {
    let number = |text: &str| {
        text.parse().map_err(|error: ParseIntError| format!("`{text}` is no seed: {error}"))
    };
    let seeds = match text.split_once("..") {
        Some((first, end)) => number(first)?..number(end)?,
        None => {
            let seed: u64 = number(text)?;
            seed..seed.checked_add(1).ok_or("there is no seed behind the last one")?
        }
    };
    if seeds.is_empty() {
        return Err("there is no seed in it; write the first one and the one after the last, \
                    e.g. `0..2000`"
            .to_owned());
    }
    Ok(Seeds(seeds))
}
