//! The command line: arguments as typed → settings as used → one module a command.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments`, `common` | as typed: the commands, and what all of them take |
//! | `scenario`, `explain`, `check`, `fmt`, `coverage`, `generate`, `import`, `simulate`, `rule`, `rules`, `lsp`, `play`, `serve`, `store`, `load`, `target` | a command each |
//! | `completions`, `man` | what shells and readers of manuals need |
//! | `not_built`, `built_without` | the commands and the features that a build was made without |
//! | `files` | paths into files to read |
//! | `service`, `host`, `admin_key` | a service: as typed, where it is, and the key to it |
//! | `output`, `atomic_file`, `same_file` | where reports go, whole or not at all, and over nothing that is read |
//! | `terminal`, `progress` | the standard streams, and a bar |
//! | `shards` | parts that were played apart |
//! | `process`, `side_by_side`, `exit` | threads, many files at once, Ctrl-C, and how a command ends |

// What a process has to do with: streams, files, threads, and how it ends.
mod atomic_file;
mod exit;
mod output;
mod process;
mod progress;
mod same_file;
mod side_by_side;
mod terminal;

// What several commands take.
#[cfg(any(feature = "target", feature = "serve"))]
mod admin_key;
#[cfg(not(all(feature = "serve", feature = "otlp", feature = "target", feature = "lsp")))]
mod built_without;
mod common;
mod files;
#[cfg(feature = "target")]
mod host;
mod service;
mod shards;

// The commands.
mod check;
mod completions;
mod coverage;
mod explain;
mod fmt;
mod generate;
mod import;
#[cfg(feature = "load")]
mod load;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
#[cfg(not(all(feature = "serve", feature = "load", feature = "target", feature = "lsp")))]
mod not_built;
#[cfg(feature = "serve")]
mod play;
mod rule;
mod rules;
mod scenario;
#[cfg(feature = "serve")]
mod serve;
mod simulate;
#[cfg(feature = "serve")]
mod store;
#[cfg(feature = "target")]
mod target;

mod arguments;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory;

use arguments::{Arguments, Command};
use exit::{Exit, Stop};
#[cfg(not(feature = "load"))]
use not_built::load;
#[cfg(not(feature = "lsp"))]
use not_built::lsp;
#[cfg(not(feature = "target"))]
use not_built::target;
#[cfg(not(feature = "serve"))]
use not_built::{play, serve, store};
use terminal::print_out;

use lamplighter_core::hours::Zones;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let ended = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => run(arguments),
        Err(refused) => Ok(say_usage(&refused)),
    };
    let exit = ended.unwrap_or_else(|stop| {
        stop.print();
        stop.exit()
    });
    ExitCode::from(exit as u8)
}

fn run(arguments: Arguments) -> Result<Exit, Stop> {
    let Arguments { command, common, version } = arguments;
    common.color.apply();
    let zones = Arc::new(open_zones(common.tzdata.as_deref())?);
    if version {
        return say_version(&zones);
    }
    match command {
        None => say_help(),
        Some(Command::Scenario(scenario)) => scenario::run(scenario, &common, &zones),
        Some(Command::Explain(explain)) => explain::run(explain, &common, &zones),
        Some(Command::Check(check)) => check::run(check, &common, &zones),
        Some(Command::Fmt(fmt)) => fmt::run(fmt, &common),
        Some(Command::Coverage(coverage)) => coverage::run(*coverage, &common, &zones),
        Some(Command::Generate(generate)) => generate::run(generate, &common, &zones),
        Some(Command::Import(import)) => import::run(*import, &common, &zones),
        Some(Command::Simulate(simulate)) => simulate::run(simulate, &common, &zones),
        Some(Command::Play(play)) => play::run(play, &common, &zones),
        Some(Command::Serve(serve)) => serve::run(serve, &common, &zones),
        Some(Command::Store(store)) => store::run(store, &common),
        Some(Command::Load(load)) => load::run(*load, &common, &zones),
        Some(Command::Target(target)) => target::run(*target, &common),
        Some(Command::Lsp(lsp)) => lsp::run(lsp, &zones),
        Some(Command::Rule(rule)) => rule::run(rule),
        Some(Command::Rules(rules)) => rules::run(rules, &zones),
        Some(Command::Completions(shell)) => completions::run(shell, Arguments::command()),
        Some(Command::Man(man)) => man::run(man, &common, Arguments::command()),
    }
}

fn open_zones(folder: Option<&Path>) -> Result<Zones, Stop> {
    let Some(folder) = folder else { return Ok(Zones::bundled()) };
    Zones::open(folder).map_err(|error| Stop::invalid(error.into()))
}

fn say_version(zones: &Zones) -> Result<Exit, Stop> {
    let (version, release) = (env!("CARGO_PKG_VERSION"), zones.release());
    print_out(format_args!("lamplighter {version} (zone data {release})\n"))?;
    Ok(Exit::AllWell)
}

/// The help, to those who gave options and no command.
fn say_help() -> Result<Exit, Stop> {
    print_out(format_args!("{}", Arguments::command().render_help()))?;
    Ok(Exit::Invalid)
}

/// The help that was asked for, or what is wrong with the command line.
fn say_usage(refused: &clap::Error) -> Exit {
    // Nowhere to say that it cannot be said.
    let _ = refused.print();
    if refused.use_stderr() { Exit::Invalid } else { Exit::AllWell }
}
