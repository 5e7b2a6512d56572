//! What seeds came to, told, and the scenarios of those that failed.

use std::io::Write;
use std::path::Path;

use crate::cli::atomic_file::replace_file;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::simulation::{self, ToldCounterexample};
use lamplighter_scenario::simulate::Run;

/// What seeds came to, ready to be told.
pub struct SimulationOutcome<'r> {
    /// All that was played.
    pub run: &'r Run,
    /// The seeds that failed, made small.
    pub counterexamples: &'r [ToldCounterexample],
    /// The walks through small worlds, as they are told.
    pub walks: &'r [String],
    /// Whether something was wrong in one of them.
    pub walks_failed: bool,
}

impl SimulationOutcome<'_> {
    /// How the command ends by it.
    pub fn exit(&self) -> Exit {
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
