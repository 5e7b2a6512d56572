//! `lamplighter coverage`: how long widgets kept what their light promises, what other settings would
//! have done, and how many people it takes.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `given` | as used: times, visitors, alternatives, chats |
//! | `no_report` | why there is no report |
//! | `many`, `merge` | a folder, or a part of one, and all parts in one |

mod arguments;
mod given;
mod many;
mod merge;
mod no_report;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

pub use arguments::CoverageArguments;
use arguments::CoverageCommand;

use super::common::Common;
use super::exit::{Exit, Stop, no_widget};
use super::files;
use super::output::{is_stdout, write_report};
use super::process::stop_on_ctrl_c;
use super::progress::Progress;
use super::same_file::{apart, each};
use super::terminal::printed;
use crate::report::coverage::{csv, html, text};
use crate::report::format::thousands;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::WidgetId;
use lamplighter_coverage::figures::Coverage;
use lamplighter_coverage::json as coverage_json;
use lamplighter_coverage::play::{CoverageError, Opened};
use lamplighter_scenario::play::{Prepared, named_row};
use no_report::failed;

/// Without `--widget` so many are shown in full.
const SHOWN: usize = 4;

/// Runs `lamplighter coverage` with its arguments as typed, and gives the exit code.
pub fn run(
    arguments: CoverageArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    match (&arguments.command, &arguments.path) {
        (Some(CoverageCommand::Merge(merge)), _) => merge::run(merge, common),
        (None, Some(path)) if path.is_dir() => many::run(&arguments, path, common, zones),
        (None, path) => one(&arguments, path.as_deref().unwrap_or(Path::new("-")), common, zones),
    }
}

/// Plays one scenario.
fn one(
    arguments: &CoverageArguments,
    path: &Path,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    if arguments.shard.is_some() {
        let error =
            anyhow!("--shard divides the scenarios of a folder, and {} is one", path.display());
        return Err(Stop::invalid(error).hint("name a folder, or leave --shard out"));
    }
    let bytes = files::read(path)?;
    let prepared = Prepared::new(path, &bytes, zones);
    let title = prepared.file.title.clone();
    let stop = stop_on_ctrl_c();
    let opened = match Opened::new(path, prepared, zones) {
        Ok(opened) => opened,
        Err(error) => return failed(error, path, &bytes, zones),
    };
    write_apart(arguments, path, &opened)?;
    for name in &arguments.widget {
        let widgets = &opened.plan().roster.widgets;
        if widgets.get(name).is_none() {
            return Err(no_widget(name, || widgets.iter()));
        }
    }
    let options = given::options(arguments, path, &opened, zones)?;
    let played = play(opened, &options, common, &stop);
    let coverage = match played {
        Ok(coverage) => coverage,
        Err(error) => return failed(error, path, &bytes, zones),
    };
    write(arguments, &title, &coverage, common)?;
    Ok(Exit::AllWell)
}

/// Refuses reports that would go over the scenario, its traces, or what else was named.
fn write_apart(arguments: &CoverageArguments, path: &Path, opened: &Opened) -> Result<(), Stop> {
    let CoverageArguments { json, csv, html, .. } = arguments;
    let (file, _) = named_row(path);
    let folder = file.parent().unwrap_or(Path::new(""));
    let traces: Vec<PathBuf> =
        opened.plan().traces.iter().map(|name| folder.join(&name.node)).collect();
    let mut read = arguments.read();
    read.push(("the scenario", &*file));
    read.extend(each("a trace", &traces));
    let written =
        [("--json", json.as_deref()), ("--csv", csv.as_deref()), ("--html", html.as_deref())];
    apart(&written, &read)
}

fn play(
    opened: Opened,
    options: &lamplighter_coverage::play::Options,
    common: &Common,
    stop: &AtomicBool,
) -> Result<Coverage, CoverageError> {
    let zone = Arc::clone(&opened.plan().zone);
    let mut progress = Progress::of_length(0, common.quiet);
    let played = opened.play(options, stop, &mut |rows, at| {
        progress.reach(0, |elapsed| {
            let a_second = rows * 1_000 / (elapsed.as_millis() as u64).max(1);
            let at = lamplighter_scenario::language::time::write(at, &zone);
            format!("{} rows, {} rows/s, at {at}", thousands(rows), thousands(a_second))
        });
    });
    progress.finish();
    played
}

/// Writes all that was asked for; the terminal's report where nothing else takes stdout.
fn write(
    arguments: &CoverageArguments,
    title: &str,
    coverage: &Coverage,
    common: &Common,
) -> Result<(), Stop> {
    let CoverageArguments { json, csv, html, .. } = arguments;
    if let Some(path) = json {
        write_report(path, |out| Ok(coverage_json::write(out, coverage)?))?;
    }
    if let Some(path) = csv {
        write_report(path, |out| Ok(csv::write(out, coverage)?))?;
    }
    if let Some(path) = html {
        write_report(path, |out| Ok(html::page(out, title, coverage)?))?;
    }
    let mut paths = [json, csv, html].into_iter().flatten();
    if common.quiet || paths.any(|path| is_stdout(path)) {
        return Ok(());
    }
    let shown: Vec<WidgetId> = match arguments.widget.is_empty() {
        true => coverage.ranking().iter().take(SHOWN).map(|widget| widget.widget).collect(),
        false => {
            let names = arguments.widget.iter();
            names.filter_map(|name| coverage.roster.widgets.get(name)).collect()
        }
    };
    let mut out = anstream::stdout().lock();
    printed(text::report(&mut out, title, coverage, &shown).and_then(|()| out.flush()))
}
