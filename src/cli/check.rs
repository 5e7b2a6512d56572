//! `lamplighter check`: reads without judging, and warns of hours that are probably not meant.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::common::Common;
use super::exit::{Exit, Stop};
use super::files::{self, repository};
use super::output::{is_stdout, write_report};
use super::process::jobs;
use super::same_file::{apart, each, scenario_files_of};
use super::side_by_side::{Threads, in_order};
use super::terminal::{print_out, printed};
use crate::report::checked;
use crate::report::format::counted;
use crate::report::{sarif, text};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::play::{self, Checked, Prepared, Reading};

/// `lamplighter check` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Warnings are for what is allowed and probably not meant: hours that leave out a minute, overlap,
run through the night for too long or into a date that is closed, that a clock change skips or
doubles, in which nobody or hardly anybody was present, or none at all; dates in the past; zones
that are not what they look like; properties of nobody; pages, countries and devices that hide a
widget from everybody or from nobody; lines that change nothing; a scenario that expects nothing.
A comment `# allow CODE` above a line silences the warning of that code there; `lamplighter rule
CODE` explains it.

Examples:
  lamplighter check scenarios
  lamplighter check team.scenario --deny-warnings
  lamplighter check tests/chat --sarif lamplighter.sarif  # for a code host's list of alerts")]
pub struct CheckArguments {
    /// Scenario files, or folders with *.scenario files below them; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write all findings as SARIF 2.1.0, which code hosts show in pull requests; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub sarif: Option<PathBuf>,
    /// Write all findings as JSON; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub json: Option<PathBuf>,
    /// End with 1 if there is a warning
    #[arg(long)]
    pub deny_warnings: bool,
    /// How many files to check at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
}

/// Runs `lamplighter check` with its arguments as typed, and gives the exit code.
pub fn run(arguments: CheckArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let reports = || [&arguments.sarif, &arguments.json].into_iter().flatten();
    let files::Files { found: paths, refused } = files::scenario_files(&arguments.paths);
    let written = [("--sarif", arguments.sarif.as_deref()), ("--json", arguments.json.as_deref())];
    apart(&written, &each("a scenario", &scenario_files_of(&paths)))?;
    refused.iter().for_each(Stop::print);
    let mut worst = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    let mut checked = Vec::with_capacity(paths.len());
    let threads = Threads::shared(jobs(arguments.jobs), paths.len());
    let check = |path: &PathBuf| Some(check_file(path, zones, threads.each));
    in_order(threads.jobs, &paths, check, &mut |file| {
        match file {
            Some(Ok(rows)) => {
                rows.iter().try_for_each(|one| printed(tell(one)))?;
                checked.extend(rows);
            }
            Some(Err(stop)) => {
                worst = worst.max(stop.exit());
                stop.print();
            }
            None => {}
        }
        Ok::<_, Stop>(())
    })?;
    let error_count: u64 = checked.iter().map(|one| one.verdict.error_count()).sum();
    let warning_count: usize = checked.iter().map(|one| one.warnings.len()).sum();
    if !common.quiet && !reports().any(|path| is_stdout(path)) {
        print_out(format_args!(
            "{} checked: {}, {} (zone data {})\n",
            counted(checked.len() as u64, "scenario"),
            counted(error_count, "error"),
            counted(warning_count as u64, "warning"),
            zones.release()
        ))?;
    }
    if let Some(path) = &arguments.sarif {
        write_report(path, |out| Ok(sarif::sarif(out, &checked, &repository())?))?;
    }
    if let Some(path) = &arguments.json {
        write_report(path, |out| Ok(checked::json(out, &checked, zones.release())?))?;
    }
    Ok(worst.max(match (error_count, warning_count) {
        (1.., _) => Exit::Invalid,
        (0, 1..) if arguments.deny_warnings => Exit::Failed,
        _ => Exit::AllWell,
    }))
}

/// What is found in the scenarios of a file.
fn check_file(path: &Path, zones: &Arc<Zones>, threads: usize) -> Result<Vec<Checked>, Stop> {
    let bytes = files::read(path)?;
    let reading = Reading { threads, ..Reading::default() };
    let rows = Prepared::rows(path, &bytes, zones);
    let mut checked = play::check(rows, zones, today(), reading, &AtomicBool::new(false));
    // What was drawn of them is no part of a report.
    checked.iter_mut().for_each(|one| one.verdict.picture = None);
    Ok(checked)
}

/// Writes what was found in one scenario.
fn tell(Checked { verdict, warnings }: &Checked) -> io::Result<()> {
    let mut err = anstream::stderr().lock();
    text::diagnostics(&mut err, verdict)?;
    for warning in warnings {
        text::of_file(&mut err, &verdict.file, warning)?;
    }
    Ok(())
}

/// Today, for scenarios that do not say when they play. The one place that reads a clock.
pub fn today() -> Instant {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since_1970.map_or(0, |length| i64::try_from(length.as_millis()).unwrap_or(0));
    Instant::from_millis(ms).unwrap_or(Instant::MIN)
}
