//! `lamplighter load`: the run itself, and what is made of results of runs.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `run`, `own_service` | a run, and a service for one that names none |
//! | `promised` | what a run is sure to meet, looked at before it |
//! | `wrong` | the folder of wrong answers |
//! | `merge`, `compare`, `explain` | what is made of results |
//! | `reports` | the summary and the reports |

pub mod arguments;
mod compare;
mod explain;
mod merge;
#[cfg(feature = "serve")]
mod own_service;
mod promised;
mod reports;
mod run;
mod wrong;

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

pub use reports::{talk, write_reports};

/// Runs the command as typed: a load test, or a comparison or merge of results.
pub fn run(arguments: LoadArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    match arguments.command {
        Some(LoadCommand::Compare(compare)) => compare::run(compare, common),
        Some(LoadCommand::Merge(merge)) => merge::run(merge, common),
        Some(LoadCommand::Explain(explain)) => explain::run(explain, zones),
        None => run::run(arguments, common, zones),
    }
}

/// The gates of a run: those of the command line, those of files, and `wrong > 0` where none of them
/// is about all wrong answers.
pub fn gates(arguments: &GateArguments) -> Result<Vec<Gate>, Stop> {
    let mut gates = given(arguments)?;
    if !gates.iter().any(Gate::is_on_all_wrong) {
        gates.insert(0, Gate::nothing_wrong());
    }
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

/// How a run ends that all gates have been held against.
pub fn exit(result: &LoadResult) -> Exit {
    match result.gates.iter().all(|verdict| verdict.passed) {
        true => Exit::AllWell,
        false => Exit::Failed,
    }
}
