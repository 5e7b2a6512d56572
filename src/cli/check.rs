//! `lamplighter check`: reads without judging, and warns of hours that are probably not meant.

use std::io::Write;
use std::sync::Arc;

use super::args::{CheckArguments, Common};
use super::rim::{Stop, printed, say_out};
use super::{Exit, files};
use crate::report::{Paint, text};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::lint;

pub fn run(arguments: CheckArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let files::Files { found: paths, refused } = files::scenario_files(&arguments.paths);
    refused.iter().for_each(Stop::print);
    let mut worst = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    let (mut error_count, mut warning_count) = (0, 0);
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
        printed(text::faults(&mut err, &verdict))?;
        for warning in &warnings {
            let shown = path.display().to_string();
            printed(
                text::fault(&mut err, "warning", Paint::Warn, &shown, &verdict.source, warning)
                    .and_then(|()| writeln!(err)),
            )?;
        }
        error_count += verdict.faults.len() + verdict.trace_faults.len();
        warning_count += warnings.len();
    }
    if !common.quiet {
        say_out(format_args!(
            "{} checked: {}, {} (zone data {})\n",
            text::counted(paths.len() as u64, "scenario"),
            text::counted(error_count as u64, "error"),
            text::counted(warning_count as u64, "warning"),
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
