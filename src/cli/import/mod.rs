//! `lamplighter import`: a foreign log into a trace.

mod arguments;
mod error;
mod given;
mod mapping;
mod places;

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::anyhow;

use super::atomic_file::{cannot_write, replace_file};
use super::common::Common;
use super::exit::{Exit, Stop};
use super::files::is_stdin;
use super::output::{Output, is_stdout};
use super::process::{jobs, stop_on_ctrl_c};
use super::progress::Progress;
use super::terminal::{print_out, printed};
use crate::report::format::thousands;
use crate::report::import as report;
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_import::mapping::Mapping;
use lamplighter_import::pseudonym::Key;
use lamplighter_import::sort::Sorter;
use lamplighter_import::world::{self, World};
use lamplighter_import::{Import, ImportError, Imported, import};

pub use arguments::ImportArguments;
use error::{failed, unknown_zone};

/// Runs `lamplighter import` with its arguments as typed, and gives the exit code.
pub fn run(arguments: ImportArguments, common: &Common, zones: &Zones) -> Result<Exit, Stop> {
    if arguments.list {
        return mapping::list();
    }
    if let Some(key) = &arguments.show {
        let built_in = mapping::built_in(key)?;
        print_out(format_args!("{}", built_in.text))?;
        return Ok(Exit::AllWell);
    }
    let Some(log) = arguments.log.as_deref() else {
        return Err(Stop::invalid(anyhow!("there is no log to import")));
    };
    let file = places::log_file(log, &arguments)?;
    let Some(mapping) = mapping::mapping(log, &arguments, zones, common.quiet)? else {
        return Ok(Exit::Invalid);
    };
    let key = arguments.pseudonymise.as_deref().map(read_key).transpose()?;
    let stop = stop_on_ctrl_c();
    let mut progress = Progress::of_length(0, common.quiet);
    let guess_in = guess_in(&arguments, &mapping, zones)?;
    let of = Import {
        log: &file,
        mapping: &mapping,
        zones,
        key: key.as_ref(),
        guess_in,
        sorter: Sorter::default(),
        threads: NonZeroUsize::new(jobs(None)).unwrap_or(NonZeroUsize::MIN),
    };
    let mut out = Output::open(&arguments.out)?;
    let mut go_on = |rows: u64| {
        progress.reach(0, |elapsed| {
            let a_second = rows * 1_000 / (elapsed.as_millis() as u64).max(1);
            format!("{} rows, {} rows/s", thousands(rows), thousands(a_second))
        });
        !stop.load(Ordering::Relaxed)
    };
    let imported = match import(of, &mut out, &mut go_on) {
        Ok(imported) => imported,
        Err(ImportError::Write(error)) if is_stdout(&arguments.out) => {
            printed(Err(error))?;
            return Ok(Exit::AllWell);
        }
        Err(ImportError::Write(error)) => return Err(cannot_write(&arguments.out, error)),
        Err(error) => return failed(error, key.is_some()),
    };
    progress.finish();
    out.finish(&arguments.out)?;
    if let Some(path) = &arguments.world {
        write_world(path, log, &mapping, &arguments, &imported)?;
    }
    let told = report::Told {
        log,
        trace: &arguments.out,
        mapping: &mapping,
        imported: &imported,
        faults_max: arguments.faults_max,
        is_pseudonymous: key.is_some(),
    };
    let mut err = anstream::stderr().lock();
    printed(report::faults(&mut err, &told))?;
    if !common.quiet {
        printed(report::summary(&mut err, &told))?;
    }
    let failed = told.is_too_faulty();
    Ok(if failed { Exit::Failed } else { Exit::AllWell })
}

/// The zone in which hours are guessed, where a world is asked for.
fn guess_in(
    arguments: &ImportArguments,
    mapping: &Mapping,
    zones: &Zones,
) -> Result<Option<Arc<Zone>>, Stop> {
    match &arguments.world {
        None => Ok(None),
        Some(_) if is_stdout(&arguments.out) => {
            let stop = Stop::invalid(anyhow!("a world replays a trace that lies in a file"));
            Err(stop.hint("say where the trace goes: `--out trace.csv`"))
        }
        Some(_) => {
            let zone = mapping.time.zone.as_ref().map_or("UTC", |zone| &zone.node);
            zones.get(zone).map(Some).map_err(unknown_zone)
        }
    }
}

fn read_key(path: &Path) -> Result<Key, Stop> {
    let cannot_read = |error: io::Error| {
        let stop = match error.kind() {
            io::ErrorKind::NotFound => Stop::invalid,
            _ => Stop::machine,
        };
        stop(anyhow::Error::new(error).context(format!("cannot read {}", path.display())))
            .hint("make one: `head -c 32 /dev/urandom | base64 > key`")
    };
    let bytes = std::fs::read(path).map_err(cannot_read)?;
    Key::new(&bytes).map_err(|error| {
        let context = format!("{} cannot be a key for pseudonyms", path.display());
        Stop::invalid(anyhow::Error::new(error).context(context))
            .hint("make one: `head -c 32 /dev/urandom | base64 > key`")
    })
}

fn write_world(
    path: &Path,
    log: &Path,
    mapping: &Mapping,
    arguments: &ImportArguments,
    imported: &Imported,
) -> Result<(), Stop> {
    let name = |path: &Path, of: fn(&Path) -> Option<&std::ffi::OsStr>| {
        of(path).map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let log = if is_stdin(log) { Path::new("standard input") } else { log };
    let property = arguments.property.clone().unwrap_or_else(|| name(log, Path::file_stem));
    let trace = from_beside(path, &arguments.out).map_err(|error| cannot_write(path, error))?;
    let text = world::write(
        &World {
            log: &name(log, Path::file_name),
            mapping: &mapping.name,
            property: &property,
            trace: &trace.to_string_lossy(),
            is_zone_known: mapping.time.zone.is_some(),
        },
        imported,
    );
    replace_file(path, text.as_bytes())
}

/// A path as a file in another place has to name it: by its name alone if it lies beside it.
fn from_beside(from: &Path, to: &Path) -> io::Result<PathBuf> {
    let (from, to) = (std::path::absolute(from)?, std::path::absolute(to)?);
    match (from.parent() == to.parent(), to.file_name()) {
        (true, Some(name)) => Ok(name.into()),
        _ => Ok(to),
    }
}
