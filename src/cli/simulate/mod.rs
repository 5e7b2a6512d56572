//! `lamplighter simulate`: random worlds through engine and oracle, or on a service.
//!
//! | file | what it does |
//! | --- | --- |
//! | `part`, `merge` | a part of seeds that were divided, and all parts in one |
//! | `on_target` | the worlds of many seeds on a running service |

mod merge;
#[cfg(feature = "target")]
mod on_target;
mod part;

use std::io::{self, Write};
use std::num::ParseIntError;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::{Args, Subcommand};

use crate::cli::atomic_file::replace_file;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::output::is_stdout;
use crate::cli::process;
use crate::cli::progress::Progress;
use crate::cli::rules::given_rules;
use crate::cli::service::{SERVICE, ServiceArguments};
use crate::cli::terminal::printed;
use crate::report::format::{decimal, thousands};
use crate::report::simulation::{self, ToldCounterexample};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::{Millis, RuleSet};
use lamplighter_scenario::shard::Shard;
use lamplighter_scenario::simulate::{
    FULL_RUN, Run, SIZES, rules_in_pairs, run as play, walk, walk_all,
};
use part::{PartOf, SimulationPart};

/// `lamplighter simulate` as typed.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
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
  lamplighter simulate --seeds 0..1000000 --shard 2/4 --json part-2.json
  lamplighter simulate merge part-*.json
  lamplighter simulate --target ours.toml --host http://chat.example:8008 --minutes 10")]
pub struct SimulateArguments {
    #[command(subcommand)]
    pub command: Option<SimulateCommand>,
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
    /// Play a part of the seeds, `2/4`; all parts make one simulation
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, requires = "json")]
    #[arg(conflicts_with_all = ["host", "target", "minutes"], help_heading = "Many machines")]
    pub shard: Option<Shard>,
    /// What the part came to, for `simulate merge`; `-` is stdout
    #[arg(long, value_name = "FILE", requires = "shard", help_heading = "Many machines")]
    pub json: Option<PathBuf>,
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

/// What is made of parts.
#[derive(Subcommand, Debug)]
pub enum SimulateCommand {
    /// Add up the parts of a simulation whose seeds were divided
    Merge(merge::MergeArguments),
}

/// Runs `lamplighter simulate` with its arguments as typed, and gives the exit code.
pub fn run(
    arguments: SimulateArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    if let Some(SimulateCommand::Merge(merge)) = arguments.command {
        return merge::run(merge, common);
    }
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
        return Err(super::built_without::built_without("target"));
        #[cfg(feature = "target")]
        return on_target::run(&arguments, common, zones);
    }
    if arguments.shrink_for.is_some() || arguments.first {
        let error = anyhow!("--shrink-for and --first are for worlds on a service");
        return Err(Stop::invalid(error).hint("name it: --target NAME --host URL"));
    }
    simulate(&arguments, jobs, common, zones)
}

/// Plays seeds through engine and oracle, and tells what they came to.
fn simulate(
    arguments: &SimulateArguments,
    jobs: usize,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    let began = Instant::now();
    let stop = process::stop_on_ctrl_c();
    let until = arguments.minutes.map(|minutes| began + Duration::from_secs(60 * minutes));
    let is_stopped = || stop.load(Ordering::Relaxed);
    let goes_on = || !is_stopped() && until.is_none_or(|until| Instant::now() < until);
    let (all, shard) = (&arguments.seeds, arguments.shard.unwrap_or(Shard::WHOLE));
    let seeds = shard.slice(all.0.clone());
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
    let ran = Run { is_part: shard != Shard::WHOLE, ..ran };
    // Small worlds hang on no seed: the first part walks through them for all.
    let walks_here = all.0.end - all.0.start >= FULL_RUN && rules.is_none() && shard.number == 1;
    let (walks, walks_failed) = match walks_here && !is_stopped() {
        true => walk_small_worlds(jobs, zones),
        false => (Vec::new(), false),
    };
    let found: Vec<ToldCounterexample> =
        ran.counterexamples.iter().map(ToldCounterexample::from).collect();
    let told =
        SimulationOutcome { run: &ran, counterexamples: &found, walks: &walks, walks_failed };
    let exit = match arguments.json.as_deref().is_some_and(is_stdout) {
        // What it came to is there.
        true => told.exit(),
        false => tell(&told, &arguments.out, common)?,
    };
    if !common.quiet {
        printed(writeln!(anstream::stderr(), "took {:.1} s", began.elapsed().as_secs_f64()))?;
    }
    if is_stopped() {
        let (played, all) = (ran.seeds.end - ran.seeds.start, seeds.end - seeds.start);
        return Err(Stop::machine(anyhow!("stopped: only {played} of {all} seeds were played")));
    }
    if let Some(path) = &arguments.json {
        let rules = arguments.rules.as_deref();
        let of = PartOf { seeds: all, shard, rules, walks: (&walks, walks_failed) };
        SimulationPart::new(&ran, &of).write(path)?;
    }
    Ok(exit)
}

fn no_zone(error: UnknownZone) -> Stop {
    Stop::invalid(error.into()).hint("leave out --tzdata: the bundled release has every zone")
}

/// What seeds came to, ready to be told.
pub struct SimulationOutcome<'r> {
    run: &'r Run,
    counterexamples: &'r [ToldCounterexample],
    /// The walks through small worlds, as they are told.
    walks: &'r [String],
    walks_failed: bool,
}

impl SimulationOutcome<'_> {
    fn exit(&self) -> Exit {
        match self.run.failed == 0 && self.run.missed().is_empty() && !self.walks_failed {
            true => Exit::AllWell,
            false => Exit::Failed,
        }
    }
}

/// Tells what seeds came to, and keeps the scenarios of those that failed.
pub fn tell(told: &SimulationOutcome<'_>, folder: &Path, common: &Common) -> Result<Exit, Stop> {
    for counterexample in told.counterexamples {
        report(counterexample, folder)?;
    }
    let (exit, mut out) = (told.exit(), anstream::stdout().lock());
    if !common.quiet || told.walks_failed {
        told.walks.iter().try_for_each(|walk| printed(out.write_all(walk.as_bytes())))?;
    }
    if !common.quiet {
        printed(simulation::counters(&mut out, told.run))?;
    }
    if !common.quiet || exit != Exit::AllWell {
        printed(simulation::summary(&mut out, told.run))?;
    }
    Ok(exit)
}

/// Prints a failing seed, and keeps its scenario.
fn report(counterexample: &ToldCounterexample, folder: &Path) -> Result<(), Stop> {
    let path = folder.join(format!("seed-{}.scenario", counterexample.seed));
    if let Some((name, text)) = &counterexample.rules {
        replace_file(&folder.join(name), text.as_bytes())?;
    }
    replace_file(&path, counterexample.scenario.as_bytes())?;
    let mut out = anstream::stdout().lock();
    printed(simulation::counterexample(&mut out, counterexample, Some(&path)))
}

/// Walks through all small worlds: what is told of each, and whether something is wrong in one.
fn walk_small_worlds(jobs: usize, zones: &Arc<Zones>) -> (Vec<String>, bool) {
    let (mut walks, mut failed) = (Vec::new(), false);
    let mut text = |write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).expect("memory takes it");
        walks.push(String::from_utf8_lossy(&out).into_owned());
    };
    for size in SIZES {
        let walked = walk(size, &RuleSet::BOOK, jobs, zones);
        failed |= !walked.wrong.is_empty();
        text(&|out| simulation::walked(out, size, &walked));
    }
    let pairs = rules_in_pairs();
    let walked = walk_all(&pairs, jobs, zones);
    failed |= !walked.wrong.is_empty();
    text(&|out| simulation::walked_rules(out, pairs.len(), &walked));
    (walks, failed)
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
