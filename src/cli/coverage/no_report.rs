//! Why there is no report.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::text::diagnostics;
use lamplighter_core::hours::Zones;
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
        CoverageError::Faulty => {
            let stop = AtomicBool::new(false);
            let verdict = play_scenario(path, bytes, zones, Options::default(), &stop);
            if verdict.outcome() != Outcome::Invalid {
                let error = anyhow!("{} is read as faulty, and plays", path.display());
                return Err(Stop::machine(error));
            }
            printed(diagnostics(&mut anstream::stderr().lock(), &verdict))?;
            Ok(Exit::Invalid)
        }
        CoverageError::Stopped => Err(Stop::machine(anyhow!("stopped: there is no report"))),
        CoverageError::NoTime { .. } => {
            let hint = "give --to a later time, or the scenario an `until`";
            Err(Stop::invalid(error.into()).hint(hint))
        }
        CoverageError::Nothing | CoverageError::Arrivals(_) => Err(Stop::invalid(error.into())),
    }
}
