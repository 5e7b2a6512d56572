//! Why there is no report.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::text::diagnostics;
use lamplighter_core::hours::Zones;
use lamplighter_coverage::arrivals::ArrivalsError;
use lamplighter_coverage::play::CoverageError;
use lamplighter_scenario::play::{Options, Outcome, run as play_scenario};

/// Why there is no report; a faulty scenario is told as playing it tells it.
pub fn failed(
    error: CoverageError,
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    match error {
        CoverageError::Faulty => faulty(path, bytes, zones).map(|_| Exit::Invalid),
        CoverageError::Stopped => Err(Stop::machine(anyhow!("stopped: there is no report"))),
        CoverageError::NoTime { .. } => {
            let hint = "give --to a later time, or the scenario an `until`";
            Err(Stop::invalid(error.into()).hint(hint))
        }
        CoverageError::Arrivals(ArrivalsError::Unopened(..) | ArrivalsError::Unreadable(..)) => {
            Err(Stop::machine(error.into()))
        }
        CoverageError::Nothing | CoverageError::Arrivals(_) => Err(Stop::invalid(error.into())),
    }
}

/// Tells what is wrong with a scenario, and gives it back as one line.
pub fn faulty(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> Result<String, Stop> {
    let stop = AtomicBool::new(false);
    let verdict = play_scenario(path, bytes, zones, Options::default(), &stop);
    if verdict.outcome() != Outcome::Invalid {
        return Err(Stop::machine(anyhow!("{} is read as faulty, and plays", path.display())));
    }
    printed(diagnostics(&mut anstream::stderr().lock(), &verdict))?;
    let first = verdict.diagnostics.first().map(|found| {
        let line = verdict.file.source.position(found.span.start).line;
        format!("line {line}: {}", found.message)
    });
    // By its name alone, which is the same on every machine.
    let of_trace = verdict.trace_diagnostics.first().map(|found| {
        let name = found.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}, line {}: {}", found.line, found.message)
    });
    Ok(first.or(of_trace).unwrap_or_else(|| "by what it includes".to_owned()))
}
