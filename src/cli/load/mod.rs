//! `lamplighter load`: the run itself, and what is made of results of runs.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `run`, `own_service` | a run, and a service for one that names none |
//! | `plan_check` | what a run is sure to meet, looked at before it |
//! | `violations` | the folder of wrong answers |
//! | `merge`, `compare`, `explain` | what is made of results |
//! | `gather` | many generators as one test, watched live |
//! | `export` | metrics while a run goes on, for those who watch services |
//! | `reports`, `background_reports` | the summary and the reports, at the end and as the run goes |
//! | `screen` | what a person sees while a run goes on |

pub mod arguments;
mod background_reports;
mod compare;
mod explain;
mod export;
mod gather;
mod merge;
#[cfg(feature = "serve")]
mod own_service;
mod plan_check;
mod reports;
mod run;
mod screen;
mod violations;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Error, anyhow};

use super::common::Common;
use super::exit::{Exit, Stop};
use super::files;
use crate::report::load::json;
use lamplighter_core::hours::Zones;
use lamplighter_load::gates::Gate;
use lamplighter_load::result::LoadResult;

pub use arguments::LoadArguments;
use arguments::{GateArguments, LoadCommand};

pub use reports::{print_summary, write_reports};

/// Runs the command as typed: a load test, or a comparison or merge of results.
pub fn run(arguments: LoadArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    match arguments.command {
        Some(LoadCommand::Compare(compare)) => compare::run(compare, common),
        Some(LoadCommand::Merge(merge)) => merge::run(merge, common),
        Some(LoadCommand::Gather(gather)) => gather::run(gather, common),
        Some(LoadCommand::Explain(explain)) => explain::run(explain, zones),
        None => run::run(arguments, common, zones),
    }
}

/// The gates of a run: those of the command line, those of files, and before them those that every
/// run has, unless one of the former is on the same.
pub fn gates(arguments: &GateArguments, no_default: bool) -> Result<Vec<Gate>, Stop> {
    let given = given(arguments)?;
    let mut gates = vec![Gate::nothing_wrong()];
    if !no_default {
        gates.extend(Gate::defaults());
    }
    gates.retain(|default| !given.iter().any(|gate| gate.is_on_the_same(default)));
    gates.extend(given);
    Ok(gates)
}

/// The gates that were asked for, each once.
fn given(arguments: &GateArguments) -> Result<Vec<Gate>, Stop> {
    let mut gates: Vec<Gate> = Vec::new();
    let mut take = |gate: Gate| {
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    };
    arguments.fail_if.iter().cloned().for_each(&mut take);
    for path in &arguments.gates {
        let bytes = files::read(path)?;
        let of_file = std::str::from_utf8(&bytes)
            .map_err(|_| Stop::invalid(anyhow!("{} is not UTF-8", path.display())))?;
        let of_file = Gate::parse_file(of_file)
            .map_err(|error| Stop::invalid(anyhow!("{}:{error}", path.display())))?;
        of_file.into_iter().for_each(&mut take);
    }
    Ok(gates)
}

/// Reads the result of a run.
fn read_result(path: &Path) -> Result<LoadResult, Stop> {
    let bytes = files::read(path)?;
    json::read(&bytes).map_err(|error| {
        let hint = match error {
            json::ReadError::Format(_) => "read it with the release that wrote it",
            _ => "name a file that `lamplighter load --json FILE` has written",
        };
        let told = format!("{} is not the result of a load test", path.display());
        Stop::invalid(Error::new(error).context(told)).hint(hint)
    })
}

/// How a run ends that all gates have been held against. One that was cut off says nothing of the
/// whole; and one that passes is no success where the target could not be looked at or cleaned up at
/// its end.
pub fn exit(result: &LoadResult) -> Exit {
    let passes = result.gates.iter().all(|verdict| verdict.passed);
    match (result.about.interrupted, passes, result.unfinished.is_empty()) {
        (true, _, _) | (false, true, false) => Exit::MachineFailed,
        (false, false, _) => Exit::Failed,
        (false, true, true) => Exit::AllWell,
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::Sample;

    fn gates_of(fail_if: &[&str], no_default: bool) -> Vec<String> {
        let fail_if = fail_if.iter().map(|gate| Gate::parse(gate).expect("a gate")).collect();
        let arguments = GateArguments { fail_if, gates: Vec::new() };
        let all = gates(&arguments, no_default).expect("no file is read");
        all.iter().map(Gate::to_string).collect()
    }

    #[test]
    fn a_gate_of_ones_own_takes_the_place_of_that_of_every_run_on_the_same() {
        assert_eq!(gates_of(&[], false), ["wrong > 0", "errors > 1%", "rate < 95%"]);
        assert_eq!(gates_of(&[], true), ["wrong > 0"]);
        let own = ["errors > 20", "p99(widget) > 1s", "wrong > 3"];
        assert_eq!(gates_of(&own, false), [&["rate < 95%"], &own[..]].concat());
        assert_eq!(gates_of(&["errors(login) > 9%"], false).len(), 4);
    }

    #[test]
    fn how_a_run_ends_is_what_its_exit_code_says() {
        let end = |is_good: bool, unfinished: &[&str], interrupted: bool| {
            let mut result = Sample::default().whole();
            let gate = if is_good { "wrong > 0" } else { "p99(widget) > 1us" };
            result.gates = vec![Gate::parse(gate).expect("a gate").verdict(&result)];
            result.unfinished = unfinished.iter().map(|line| (*line).to_owned()).collect();
            result.about.interrupted = interrupted;
            exit(&result)
        };
        let left = ["8 properties could not be taken away"];
        assert_eq!(end(true, &[], false), Exit::AllWell);
        assert_eq!(end(false, &[], false), Exit::Failed);
        assert_eq!(end(false, &left, false), Exit::Failed);
        assert_eq!(end(true, &left, false), Exit::MachineFailed);
        assert_eq!(end(false, &[], true), Exit::MachineFailed);
    }
}
