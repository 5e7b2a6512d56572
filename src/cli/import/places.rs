//! The files of an import: a log that can be read, and what is written over none of them.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::anyhow;

use super::arguments::ImportArguments;
use crate::cli::exit::Stop;
use crate::cli::files::{is_stdin, unreadable};
use crate::cli::same_file::apart;
use lamplighter_import::log::LogFile;

/// The file of a log, once nothing that is written goes where something is read, or where something else goes.
pub fn log_file(log: &Path, arguments: &ImportArguments) -> Result<LogFile, Stop> {
    check(log, arguments)?;
    readable(log)
}

fn check(log: &Path, arguments: &ImportArguments) -> Result<(), Stop> {
    let ImportArguments { out, world, pseudonymise, map, .. } = arguments;
    let read = [("the log", Some(log)), ("the mapping", map.as_deref())];
    let read = read.into_iter().chain([("the key for pseudonyms", pseudonymise.as_deref())]);
    let read: Vec<_> = read.filter_map(|(what, path)| Some((what, path?))).collect();
    apart(&[("--out", Some(out)), ("--world", world.as_deref())], &read)
}

/// A log is read more than once: what is no file on a disk is copied into one.
fn readable(log: &Path) -> Result<LogFile, Stop> {
    if is_stdin(log) {
        return LogFile::copy(log, io::stdin().lock()).map_err(|error| {
            Stop::machine(anyhow::Error::new(error).context("cannot keep standard input"))
        });
    }
    let unreadable = |error| unreadable(log, error);
    let found = std::fs::metadata(log).map_err(unreadable)?;
    if found.is_dir() {
        let error = anyhow!("{} is a folder", log.display());
        return Err(Stop::invalid(error).hint("name one log"));
    }
    if found.is_file() {
        return Ok(LogFile::new(log));
    }
    let pipe = File::open(log).map_err(unreadable)?;
    LogFile::copy(log, pipe).map_err(unreadable)
}
