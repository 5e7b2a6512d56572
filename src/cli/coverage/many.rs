//! `lamplighter coverage FOLDER`: each scenario of a folder by itself, or those of a part of it.

use std::convert::Infallible;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;

use super::arguments::CoverageArguments;
use super::given;
use super::no_report::{failed, faulty};
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files::{self, scenario_files};
use crate::cli::output::{is_stdout, write_report};
use crate::cli::process::{jobs, stop_on_ctrl_c};
use crate::cli::progress::Progress;
use crate::cli::same_file::{apart, each};
use crate::cli::side_by_side::in_order;
use crate::cli::terminal::printed;
use crate::report::coverage::many as text;
use crate::report::format::counted;
use lamplighter_core::hours::Zones;
use lamplighter_coverage::many::{FileCoverage, ManyCoverage, ManyHead};
use lamplighter_coverage::play::{CoverageError, Opened, Options};
use lamplighter_scenario::play::{Prepared, path_of_row, rows_of};
use lamplighter_scenario::shard::Shard;

/// Plays the scenarios of a folder, or a part of them.
pub fn run(
    arguments: &CoverageArguments,
    folder: &Path,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    if !arguments.widget.is_empty() || arguments.csv.is_some() || arguments.html.is_some() {
        let error = anyhow!("--widget, --csv and --html are of one scenario");
        return Err(Stop::invalid(error).hint("name a file, or take --json, which has all of each"));
    }
    let mut found = scenario_files(&[folder.to_owned()]);
    if let Some(stop) = found.refused.pop() {
        return Err(stop);
    }
    let paths: Vec<PathBuf> = found.found.iter().flat_map(|path| scenarios_of(path)).collect();
    let mut read = arguments.read();
    read.extend(each("a scenario", &found.found));
    apart(&[("--json", arguments.json.as_deref())], &read)?;
    let names: Vec<String> = paths.iter().map(|path| name_in(folder, path)).collect();
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    let own = shard.slice(0..paths.len() as u64);
    let own: Vec<(PathBuf, &str)> = (own.start as usize..own.end as usize)
        .map(|at| (paths[at].clone(), names[at].as_str()))
        .collect();
    let stop = stop_on_ctrl_c();
    let files = play(arguments, &own, common, zones, &stop);
    if stop.load(Ordering::Relaxed) {
        return Err(Stop::machine(anyhow!("stopped: there is no report")));
    }
    let head = ManyHead {
        lamplighter: env!("CARGO_PKG_VERSION").to_owned(),
        arguments: arguments.that_count(),
        files: names.clone(),
        shard: arguments.shard.map(|shard| shard.to_string()),
    };
    tell(&ManyCoverage { head, files }, arguments.json.as_deref(), common)
}

/// The scenarios of a file: by the lines of its rows those of one with a table of examples. What cannot be read is
/// told when it is played.
fn scenarios_of(path: &Path) -> Vec<PathBuf> {
    let rows = files::read(path).map(|bytes| rows_of(&bytes)).unwrap_or_default();
    match rows[..] {
        [] => vec![path.to_owned()],
        ref rows => rows.iter().map(|line| path_of_row(path, *line)).collect(),
    }
}

/// A file's name in its folder, the same on every machine.
fn name_in(folder: &Path, path: &Path) -> String {
    let name = path.strip_prefix(folder).unwrap_or(path);
    let parts = name.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// Writes and prints what files came to. One that could not be played is invalid; the others count all the same.
pub fn tell(many: &ManyCoverage, json: Option<&Path>, common: &Common) -> Result<Exit, Stop> {
    if let Some(path) = json {
        write_report(path, |out| Ok(many.write(out)?))?;
    }
    if !common.quiet && !json.is_some_and(is_stdout) {
        let mut out = anstream::stdout().lock();
        printed(text::report(&mut out, many).and_then(|()| out.flush()))?;
    }
    Ok(if many.failed_count() == 0 { Exit::AllWell } else { Exit::Invalid })
}

/// Plays files, several at once, as long as nobody says stop.
fn play(
    arguments: &CoverageArguments,
    files: &[(PathBuf, &str)],
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Vec<FileCoverage> {
    let mut progress = Progress::of_length(files.len() as u64, common.quiet);
    let mut all = Vec::with_capacity(files.len());
    let play = |(path, name): &(PathBuf, &str)| {
        let is_wanted = !stop.load(Ordering::Relaxed);
        is_wanted.then(|| play_one(arguments, path, name, zones, stop))
    };
    let Ok(()) = in_order(jobs(arguments.jobs).min(files.len()), files, play, &mut |played| {
        let Some(played) = played else { return Ok::<_, Infallible>(()) };
        let name = files[all.len()].1;
        all.push(played.unwrap_or_else(|error| {
            progress.suspend(|| error.print());
            FileCoverage::failed(name, &error.told())
        }));
        let done = all.len() as u64;
        progress.reach(done, |_| counted(done, "scenario"));
        Ok(())
    });
    progress.finish();
    all
}

fn play_one(
    arguments: &CoverageArguments,
    path: &Path,
    name: &str,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Result<FileCoverage, Stop> {
    let bytes = files::read(path)?;
    let prepared = Prepared::new(path, &bytes, zones);
    let title = prepared.file.title.clone();
    let no_report = |error| match error {
        CoverageError::Faulty => match faulty(path, &bytes, zones) {
            Ok(first) => Err(Stop::invalid(anyhow!("{name} is faulty: {first}"))),
            Err(stop) => Err(stop),
        },
        // As it is meant, where nobody asked for other times: an expectation or two at one instant.
        CoverageError::NoTime { .. } | CoverageError::Nothing
            if arguments.from.is_none() && arguments.to.is_none() =>
        {
            Ok(FileCoverage::of_no_time(name, &title))
        }
        other => match failed(other, path, &bytes, zones) {
            Err(stop) => Err(stop),
            Ok(_) => Err(Stop::invalid(anyhow!("{name} is faulty"))),
        },
    };
    let opened = match Opened::new(path, prepared, zones) {
        Ok(opened) => opened,
        Err(error) => return no_report(error),
    };
    let options = given::options(arguments, path, &opened, zones)?;
    // Several files are played at once, and so one world of each at a time.
    let options = Options { jobs: 1, ..options };
    match opened.play(&options, stop, &mut |_, _| {}) {
        Ok(coverage) => FileCoverage::played(name, &title, &coverage)
            .map_err(|error| Stop::machine(error.into())),
        Err(error) => no_report(error),
    }
}
