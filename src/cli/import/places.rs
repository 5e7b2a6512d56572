//! The files of an import: a log that can be read, and what is written over none of them.

use std::path::Path;

use anyhow::anyhow;

use super::arguments::ImportArguments;
use crate::cli::exit::Stop;
use crate::cli::files::{is_stdin, unreadable};
use crate::cli::output::is_stdout;
use crate::cli::same_file::lead_to_one_file;

/// Looks at a log and at where the trace and the world go, before any of them is opened.
pub fn check(log: &Path, arguments: &ImportArguments) -> Result<(), Stop> {
    let ImportArguments { out, world, pseudonymise, map, .. } = arguments;
    readable(log)?;
    let read = [("the log", Some(log)), ("the mapping", map.as_deref())];
    let read = read.into_iter().chain([("the key for pseudonyms", pseudonymise.as_deref())]);
    let out = Some(&**out).filter(|out| !is_stdout(out));
    let written = [("--out", out), ("--world", world.as_deref())];
    for (option, path) in written {
        let Some(path) = path else { continue };
        for (what, other) in read.clone() {
            if other.is_some_and(|other| lead_to_one_file(path, other)) {
                return Err(in_the_place_of(option, path, what));
            }
        }
    }
    match (out, world) {
        (Some(out), Some(world)) if lead_to_one_file(out, world) => {
            Err(in_the_place_of("--world", world, "the trace"))
        }
        _ => Ok(()),
    }
}

fn in_the_place_of(option: &str, path: &Path, what: &str) -> Stop {
    let error = anyhow!("{option} {} would be written over {what}", path.display());
    Stop::invalid(error).hint("name another file")
}

/// A log is read from its beginning more than once, so it is a file on a disk.
fn readable(log: &Path) -> Result<(), Stop> {
    const HINT: &str = "write the log to a file first, and name that";
    if is_stdin(log) {
        let error = anyhow!("a log is read from a file, not from standard input");
        return Err(Stop::invalid(error).hint(HINT));
    }
    let found = std::fs::metadata(log).map_err(|error| unreadable(log, error))?;
    if found.is_dir() {
        let error = anyhow!("{} is a folder", log.display());
        return Err(Stop::invalid(error).hint("name one log"));
    }
    if !found.is_file() {
        let error = anyhow!("{} is no file on a disk, and a log is one", log.display());
        return Err(Stop::invalid(error).hint(HINT));
    }
    Ok(())
}
