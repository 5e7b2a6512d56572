//! `lamplighter load`: the run itself, and what is made of results of runs.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `gates`, `exit` | the gates of a run, and how it ends by them |
//! | `run`, `own_service` | a run, and a service for one that names none |
//! | `plan_check` | what a run is sure to meet, looked at before it |
//! | `violations` | the folder of wrong answers |
//! | `result_file` | results of runs, read again |
//! | `merge`, `compare`, `explain` | what is made of results |
//! | `gather` | many generators as one test, watched live |
//! | `export` | metrics while a run goes on, for those who watch services |
//! | `reports`, `background_reports` | the summary and the reports, at the end and as the run goes |
//! | `screen` | what a person sees while a run goes on |

pub mod arguments;
mod background_reports;
mod compare;
mod exit;
mod explain;
mod export;
mod gates;
mod gather;
mod merge;
#[cfg(feature = "serve")]
mod own_service;
mod plan_check;
mod reports;
mod result_file;
mod run;
mod screen;
mod violations;

use std::sync::Arc;

use super::common::Common;
use super::exit::{Exit, Stop};
use lamplighter_core::hours::Zones;

pub use arguments::LoadArguments;
use arguments::LoadCommand;

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
