//! Arguments as typed → settings as used → one file a command.

#[cfg(any(feature = "target", feature = "serve"))]
mod admin_key;
mod args;
mod aside;
mod bless;
mod check;
mod explain;
mod files;
mod generate;
#[cfg(feature = "target")]
mod host;
mod knobs;
#[cfg(feature = "load")]
mod load;
#[cfg(not(all(feature = "serve", feature = "load")))]
mod not_built;
mod rim;
mod scenario;
#[cfg(feature = "serve")]
mod serve;
mod simulate;
#[cfg(feature = "target")]
mod target;
mod timeline;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use args::{Arguments, Color, Command};
#[cfg(not(feature = "load"))]
use not_built::load;
#[cfg(not(feature = "serve"))]
use not_built::serve;
use rim::Stop;

use lamplighter_core::hours::Zones;

/// How a command ended; the number is the exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Exit {
    AllWell = 0,
    Failed = 1,
    Invalid = 2,
    MachineFailed = 3,
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(with_default_command(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Invalid } else { Exit::AllWell };
            // Nowhere to say that it cannot be said.
            let _ = error.print();
            return ExitCode::from(exit as u8);
        }
    };
    choose_color(arguments.common.color);
    match run(arguments) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(stop) => {
            stop.print();
            ExitCode::from(stop.exit() as u8)
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Stop> {
    let Arguments { command, common, version } = arguments;
    let zones = Arc::new(open_zones(common.tzdata.as_deref())?);
    if version {
        rim::say_out(format_args!(
            "lamplighter {} (zone data {})\n",
            env!("CARGO_PKG_VERSION"),
            zones.release()
        ))?;
        return Ok(Exit::AllWell);
    }
    match command {
        None => {
            let help = Arguments::command().render_help();
            rim::say_out(format_args!("{help}"))?;
            Ok(Exit::Invalid)
        }
        Some(Command::Scenario(scenario)) => scenario::run(scenario, &common, &zones),
        Some(Command::Explain(explain)) => explain::run(explain, &zones),
        Some(Command::Check(check)) => check::run(check, &common, &zones),
        Some(Command::Generate(generate)) => generate::run(generate, &common, &zones),
        Some(Command::Simulate(simulate)) => simulate::run(simulate, &common, &zones),
        Some(Command::Serve(serve)) => serve::run(serve, &common, &zones),
        Some(Command::Load(load)) => load::run(*load, &common, &zones),
    }
}

fn open_zones(folder: Option<&Path>) -> Result<Zones, Stop> {
    let Some(folder) = folder else { return Ok(Zones::bundled()) };
    Zones::open(folder).map_err(|error| Stop::invalid(error.into()))
}

fn choose_color(color: Color) {
    use anstream::ColorChoice;
    match color {
        // `auto` looks at the terminal and at NO_COLOR by itself.
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
}

/// `lamplighter FILE.scenario` is short for `lamplighter scenario FILE.scenario`, and so for folders.
fn with_default_command(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let commands = Arguments::command();
    let named = |argument: &OsString| {
        let commands = commands.get_subcommands().map(clap::Command::get_name);
        commands.chain(["help"]).any(|name| argument == name)
    };
    let given = &arguments[1.min(arguments.len())..];
    let is_scenario = |a: &OsString| Path::new(a).extension().is_some_and(|e| e == "scenario");
    // A folder without a command means the same.
    let is_folder = given.first().is_some_and(|first| Path::new(first).is_dir());
    if (given.iter().any(is_scenario) || is_folder) && !given.iter().any(named) {
        arguments.insert(1, "scenario".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_scenario_file_alone_is_run() {
        let given = |line: &str| {
            let words = line.split(' ').map(OsString::from);
            let words = with_default_command(words).into_iter();
            words.map(|word| word.into_string().expect("ascii")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(given("lamplighter a.scenario"), "lamplighter scenario a.scenario");
        assert_eq!(
            given("lamplighter --chart a.scenario"),
            "lamplighter scenario --chart a.scenario"
        );
        assert_eq!(given("lamplighter check a.scenario"), "lamplighter check a.scenario");
        assert_eq!(given("lamplighter nonsense"), "lamplighter nonsense");
    }
}
