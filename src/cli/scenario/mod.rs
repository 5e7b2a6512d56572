//! `lamplighter scenario`: runs files and reports in their order.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments`, `settings` | as typed, and as used |
//! | `choice` | which of the scenarios, by tags and texts |
//! | `in_virtual_time` | several files at once, in process |
//! | `on_target` | the same files against a running service: ours, or one that a target file describes |
//! | `update`, `reporter` | what is told of a run that goes on, and who tells it |
//! | `bless` | false expectations rewritten |
//! | `timeline` | rows that go out while the run goes on |
//! | `watch` | again what a saved file concerns |

mod arguments;
pub mod bless;
mod choice;
mod in_virtual_time;
#[cfg(feature = "target")]
mod on_target;
mod reporter;
mod settings;
mod timeline;
mod update;
mod watch;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::common::Common;
use super::exit::{Exit, Stop};
use super::files::repository;
use super::output::write_report;
use super::process::stop_on_ctrl_c;
use super::terminal::printed;
use crate::report::format::counted;
use crate::report::summary::Summary;
use crate::report::tested::{Skipped, TestedTotals};
use crate::report::{github, html, json, junit, text};
use choice::Choice;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::write_word;
use lamplighter_scenario::play::{Meter, Outcome, Verdict};
use reporter::RunReporter;
use settings::Settings;

pub use arguments::ScenarioArguments;

/// Runs `lamplighter scenario` with its arguments as typed, and gives the exit code.
pub fn run(
    arguments: ScenarioArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    let (settings, refused) = Settings::new(&arguments)?;
    if settings.files.is_empty() {
        return Ok(refused);
    }
    if arguments.bless {
        return Ok(bless::run(&settings, zones)?.max(refused));
    }
    let stop = stop_on_ctrl_c();
    if arguments.watch {
        return watch::run(&arguments, settings, common, zones, &stop);
    }
    let began = Instant::now();
    let meter = Meter::default();
    let mut told = RunReporter::new(&settings, arguments.chart, common.quiet, &meter);
    play_all(&arguments, &settings, common, zones, &stop, &mut told)?;
    let RunReporter { progress, printer, summary, verdicts, skipped, worst, tags_left_out, .. } =
        told;
    progress.finish();
    let took = began.elapsed();
    if summary.left_out > 0 && verdicts.is_empty() && skipped.is_empty() && worst == Exit::AllWell {
        return Err(nothing_left(&settings.choice, summary.left_out, &tags_left_out));
    }
    if arguments.github {
        write_report(Path::new("-"), |out| {
            Ok(github::annotations(out, &verdicts, &repository())?)
        })?;
    }
    if !common.quiet {
        printed(printer.print(|out| text::summary(out, &summary, &settings.choice, took)))?;
        printed(printer.print(|out| TestedTotals::of(&verdicts).write(out)))?;
    }
    let count = settings.files.len();
    finish_timeline(settings, &verdicts)?;
    write_reports(&arguments, (&verdicts, &skipped), &summary, took, zones)?;
    if stop.load(Ordering::Relaxed) {
        let run = verdicts.len();
        let stopped = anyhow!("stopped: only {run} of {count} scenarios were run");
        return Err(Stop::machine(stopped));
    }
    Ok(worst.max(refused).max(match verdicts.iter().map(Verdict::outcome).max() {
        None | Some(Outcome::Passed) => Exit::AllWell,
        Some(Outcome::Failed) => Exit::Failed,
        Some(Outcome::Invalid) => Exit::Invalid,
    }))
}

/// That nothing is left to run, with what was chosen by: the tags that there are, or where texts are looked for.
fn nothing_left(choice: &Choice, left_out: u64, tags: &BTreeSet<String>) -> Stop {
    let all = counted(left_out, "scenario");
    let error = anyhow!("nothing is left to run: {all} left out by {choice}");
    let tags: Vec<String> = tags.iter().map(|tag| write_word(tag)).collect();
    Stop::invalid(error).hint(match (choice.goes_by_tags(), tags.is_empty()) {
        (false, _) => {
            "--filter looks for a text in titles and paths, in capitals or not".to_owned()
        }
        (true, true) => "none of them has a tag: write `tags WORD` below the title".to_owned(),
        (true, false) => format!("their tags are: {}", tags.join(" ")),
    })
}

/// Plays all files, in virtual time or on the service that was named.
fn play_all(
    arguments: &ScenarioArguments,
    settings: &Settings,
    #[allow(unused_variables, reason = "a build without `target` has no use for it")]
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    told: &mut RunReporter<'_>,
) -> Result<(), Stop> {
    let meter = told.meter;
    let mut take = |news| told.take(news);
    if !arguments.service.is_any() {
        return in_virtual_time::play_all(settings, zones, stop, meter, &mut take);
    }
    #[cfg(not(feature = "target"))]
    return Err(super::built_without::built_without("target"));
    #[cfg(feature = "target")]
    on_target::play_all(arguments, settings, common, zones, stop, &mut take)
}

/// Gives the timeline its name, where there is one. A faulty scenario has none.
fn finish_timeline(settings: Settings, verdicts: &[Verdict]) -> Result<(), Stop> {
    match (settings.timeline, verdicts) {
        (Some(timeline), [verdict]) if verdict.outcome() != Outcome::Invalid => {
            timeline.into_inner().unwrap_or_else(PoisonError::into_inner).finish()
        }
        _ => Ok(()),
    }
}

fn write_reports(
    arguments: &ScenarioArguments,
    (verdicts, skipped): (&[Verdict], &[Skipped]),
    summary: &Summary,
    took: Duration,
    zones: &Zones,
) -> Result<(), Stop> {
    if let Some(path) = &arguments.junit {
        write_report(path, |out| Ok(junit::junit(out, verdicts, skipped, took)?))?;
    }
    if let Some(path) = &arguments.json {
        let release = zones.release();
        write_report(path, |out| Ok(json::json(out, verdicts, skipped, summary, release)?))?;
    }
    if let Some(path) = &arguments.html {
        write_report(path, |out| Ok(html::page(out, verdicts, skipped, summary, took)?))?;
    }
    Ok(())
}
