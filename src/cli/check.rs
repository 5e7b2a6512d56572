//! `lamplighter check`: reads without judging, and warns of hours that are probably not meant.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::common::Common;
use super::exit::{Exit, Stop};
use super::files;
use super::terminal::{print_out, printed};
use crate::report::format::counted;
use crate::report::{Paint, text};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::play::lint;

/// `lamplighter check` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Warnings are for what is allowed and probably not meant: hours that leave out a minute, overlap,
run through the night for too long or into a date that is closed, that a clock change skips or
doubles, in which nobody or hardly anybody was present, or none at all; dates in the past; zones
that are not what they look like; properties of nobody; pages, countries and devices that hide a
widget from everybody or from nobody; lines that change nothing; a scenario that expects nothing.

Examples:
  lamplighter check scenarios
  lamplighter check team.scenario --deny-warnings")]
pub struct CheckArguments {
    /// Scenario files, or folders with *.scenario files below them; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// End with 1 if there is a warning
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Runs the command.
pub fn run(arguments: CheckArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let files::Files { found: paths, refused } = files::scenario_files(&arguments.paths);
    refused.iter().for_each(Stop::print);
    let mut worst = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    let (mut error_count, mut warning_count) = (0, 0_usize);
    for path in &paths {
        let bytes = match files::read(path) {
            Ok(bytes) => bytes,
            Err(stop) => {
                worst = worst.max(stop.exit());
                stop.print();
                continue;
            }
        };
        let (verdict, warnings) = lint(path, &bytes, zones, today());
        let mut err = anstream::stderr().lock();
        printed(text::diagnostics(&mut err, &verdict))?;
        for warning in &warnings {
            let shown = path.display().to_string();
            printed(
                text::diagnostic(
                    &mut err,
                    "warning",
                    Paint::Warn,
                    &shown,
                    &verdict.file.source,
                    warning,
                )
                .and_then(|()| writeln!(err)),
            )?;
        }
        error_count += verdict.error_count();
        warning_count += warnings.len();
    }
    if !common.quiet {
        print_out(format_args!(
            "{} checked: {}, {} (zone data {})\n",
            counted(paths.len() as u64, "scenario"),
            counted(error_count, "error"),
            counted(warning_count as u64, "warning"),
            zones.release()
        ))?;
    }
    Ok(worst.max(match (error_count, warning_count) {
        (1.., _) => Exit::Invalid,
        (0, 1..) if arguments.deny_warnings => Exit::Failed,
        _ => Exit::AllWell,
    }))
}

/// Today, for scenarios that do not say when they play. The one place that reads a clock.
fn today() -> Instant {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since_1970.map_or(0, |length| i64::try_from(length.as_millis()).unwrap_or(0));
    Instant::from_millis(ms).unwrap_or(Instant::MIN)
}
