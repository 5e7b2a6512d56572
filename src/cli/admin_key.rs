//! The key of a service, from a file or the environment.

use std::path::Path;

use anyhow::{Context, Error, anyhow};

use super::exit::Stop;

/// The environment variable that an admin key may stand in.
pub const ADMIN_KEY: &str = "LAMPLIGHTER_ADMIN_KEY";

/// The admin key from the file or the environment.
pub fn admin_key(file: Option<&Path>) -> Result<Option<String>, Stop> {
    let key = match file {
        Some(path) => {
            let read = std::fs::read_to_string(path);
            let read = read.with_context(|| format!("cannot read {}", path.display()));
            Some(read.map_err(Stop::invalid)?)
        }
        None => std::env::var(ADMIN_KEY).ok(),
    };
    let Some(key) = key else { return Ok(None) };
    let key = key.trim();
    if key.len() < 16 {
        let error: Error = anyhow!("the admin key is too short");
        return Err(Stop::invalid(error).hint("it needs 16 characters or more"));
    }
    Ok(Some(key.to_owned()))
}
