//! Results of runs, read again.

use std::path::Path;

use anyhow::Error;

use crate::cli::exit::Stop;
use crate::cli::files;
use crate::report::load::json;
use lamplighter_load::result::LoadResult;

/// Reads the result of a run.
pub fn read_result(path: &Path) -> Result<LoadResult, Stop> {
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
