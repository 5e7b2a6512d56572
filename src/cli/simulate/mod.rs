//! `lamplighter simulate`: random worlds through engine and oracle, or on a service.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments`, `seeds` | as typed |
//! | `outcome` | what seeds came to, told |
//! | `part`, `merge` | a part of seeds that were divided, and all parts in one |
//! | `on_target` | the worlds of many seeds on a running service |

mod arguments;
mod merge;
#[cfg(feature = "target")]
mod on_target;
mod outcome;
mod part;
mod seeds;

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::output::is_stdout;
use crate::cli::process;
use crate::cli::progress::Progress;
use crate::cli::rules::given_rules;
use crate::cli::terminal::printed;
use crate::report::format::{decimal, thousands};
use crate::report::simulation::{self, ToldCounterexample};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::RuleSet;
use lamplighter_scenario::shard::Shard;
use lamplighter_scenario::simulate::{
    FULL_RUN, Run, SIZES, rules_in_pairs, run as play, walk, walk_all,
};
use outcome::{SimulationOutcome, tell};
use part::{PartOf, SimulationPart};

#[cfg(lamplighter_mutations)]
pub use arguments::fault;
pub use arguments::{SimulateArguments, SimulateCommand};

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
