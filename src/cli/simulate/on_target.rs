//! `lamplighter simulate --target`: the worlds of many seeds on a running service.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::arguments::SimulateArguments;
use crate::cli::atomic_file::replace_file;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::process::stop_on_ctrl_c;
use crate::cli::progress::Progress;
use crate::cli::target::{Opened, START_ONE, cannot_go_on, say_left};
use crate::cli::terminal::printed;
use crate::report::format::{counted, thousands};
use crate::report::simulated;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;
use lamplighter_target::driver::RunError;
use lamplighter_target::simulate::{Group, Simulation, simulate};

/// So long a world is made small where nothing is said.
const SHRINK_FOR: Millis = Millis(60_000);

/// Plays seeds on the service that was named.
pub fn run(
    arguments: &SimulateArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    let began = Instant::now();
    let stop = stop_on_ctrl_c();
    let opened = Opened::new(&arguments.service, false, zones)?;
    let playing = opened.playing(&arguments.service, zones, &stop);
    let seeds = arguments.seeds.0.clone();
    let progress = Mutex::new(Progress::of_length(seeds.end - seeds.start, common.quiet));
    let done = |done: u64, wrong: u64| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.reach(done, |_| format!("{} seeds, {} wrong", thousands(done), thousands(wrong)));
    };
    let minutes = arguments.minutes.map(|minutes| Duration::from_secs(60 * minutes));
    let simulation = Simulation {
        playing: &playing,
        seeds: seeds.clone(),
        until: minutes.map(|minutes| began + minutes),
        folder: &arguments.out,
        shrink_for: Duration::from_millis(arguments.shrink_for.unwrap_or(SHRINK_FOR).0),
        stops_at_first: arguments.first,
        done: &done,
    };
    let ran = simulate(&simulation);
    progress.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    let ran = ran.map_err(|error| match error {
        RunError::Unreachable { .. } if opened.is_ours() => {
            Stop::machine(error.into()).hint(START_ONE)
        }
        error => cannot_go_on(error),
    })?;
    for group in &ran.groups {
        report(group, arguments)?;
    }
    printed(simulated::summary(&mut anstream::stdout().lock(), &ran, common.quiet))?;
    if !common.quiet {
        say_left(&ran.left);
        let took = began.elapsed().as_secs_f64();
        printed(writeln!(anstream::stderr(), "took {took:.1} s"))?;
    }
    if stop.load(Ordering::Relaxed) {
        let played = counted(ran.tally.played, "world");
        return Err(Stop::machine(anyhow!("stopped: only {played} were played")));
    }
    if ran.tally.played == 0 {
        let error = anyhow!("no world could be played there, so nothing is known");
        return Err(Stop::machine(error).hint("`lamplighter target try` shows what it can"));
    }
    Ok(if ran.wrong == 0 { Exit::AllWell } else { Exit::Failed })
}

/// Prints what is wrong, and keeps its scenario with the command that plays it.
fn report(group: &Group, arguments: &SimulateArguments) -> Result<(), Stop> {
    let path = arguments.out.join(format!("seed-{}.scenario", group.seed));
    if let Some(scenario) = &group.scenario {
        replace_file(&path, scenario.scenario.as_bytes())?;
        if let Some((name, text)) = &scenario.rules {
            replace_file(&arguments.out.join(name), text.as_bytes())?;
        }
    }
    let mut again = format!("lamplighter scenario {}", path.display());
    let service = &arguments.service;
    for (name, value) in [("--target", &service.target), ("--host", &service.host)] {
        if let Some(value) = value {
            again.push_str(&format!(" {name} {value}"));
        }
    }
    printed(simulated::group(&mut anstream::stdout().lock(), group, &again))
}
