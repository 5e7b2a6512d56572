//! `lamplighter scenario`: runs files and reports in their order.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments`, `settings` | as typed, and as used |
//! | `choice` | which of the scenarios, by tags and texts |
//! | `in_virtual_time` | several files at once, in process |
//! | `on_target` | the same files against a running service: ours, or one that a target file describes |
//! | `bless` | false expectations rewritten |
//! | `timeline` | rows that go out while the run goes on |
//! | `watch` | again what a saved file concerns |

mod arguments;
pub mod bless;
mod choice;
mod in_virtual_time;
#[cfg(feature = "target")]
mod on_target;
mod settings;
mod timeline;
mod watch;

use std::collections::BTreeSet;
use std::io::{self, Write};
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
use super::progress::Progress;
use super::terminal::{self, printed};
use crate::report::format::{counted, decimal, thousands};
use crate::report::summary::Summary;
use crate::report::tested::{Skipped, TestedTotals};
use crate::report::{chart, github, html, json, junit, text};
use choice::Choice;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::write_word;
use lamplighter_scenario::play::{Meter, Outcome, Verdict};
use settings::Settings;

pub use arguments::ScenarioArguments;

/// What is told while one file after the other is run.
enum RunUpdate {
    /// Nothing new, but time has gone on.
    Tick,
    /// A file was played.
    Played(Box<Verdict>),
    /// A scenario was not asked for; these are its tags.
    LeftOut(Vec<String>),
    /// A file, or several, could not be played.
    #[cfg_attr(not(feature = "target"), allow(dead_code, reason = "only targets leave files out"))]
    Skipped(Skipped),
    /// Something is wrong; the other files run all the same.
    Failed(Stop),
}

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

/// That nothing is left to run, with the tags that there are.
fn nothing_left(choice: &Choice, left_out: u64, tags: &BTreeSet<String>) -> Stop {
    let all = counted(left_out, "scenario");
    let error = anyhow!("nothing is left to run: {all} left out by {choice}");
    let tags: Vec<String> = tags.iter().map(|tag| write_word(tag)).collect();
    Stop::invalid(error).hint(match tags.is_empty() {
        true => "none of them has a tag: write `tags WORD` below the title".to_owned(),
        false => format!("their tags are: {}", tags.join(" ")),
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

/// What is known so far, each part of it told when it came.
struct RunReporter<'a> {
    progress: Progress,
    printer: Printer,
    summary: Summary,
    verdicts: Vec<Verdict>,
    skipped: Vec<Skipped>,
    /// How bad it is what could not be run.
    worst: Exit,
    /// The tags of what was not asked for.
    tags_left_out: BTreeSet<String>,
    meter: &'a Meter,
}

impl<'a> RunReporter<'a> {
    fn new(settings: &Settings, chart: bool, quiet: bool, meter: &'a Meter) -> Self {
        let count = settings.files.len();
        Self {
            progress: Progress::of_scenarios(count as u64, quiet),
            printer: Printer { quiet, chart, stdout_is_taken: settings.stdout_is_taken },
            summary: Summary::default(),
            verdicts: Vec::with_capacity(count),
            skipped: Vec::new(),
            worst: Exit::AllWell,
            tags_left_out: BTreeSet::new(),
            meter,
        }
    }

    fn take(&mut self, news: RunUpdate) -> Result<(), Stop> {
        self.progress.say(|took| how_far(self.meter, took));
        match news {
            RunUpdate::Tick => Ok(()),
            RunUpdate::Skipped(skipped) => {
                self.skipped.push(skipped);
                Ok(())
            }
            RunUpdate::Played(verdict) => {
                self.summary.add(&verdict);
                printed(self.progress.suspend(|| self.printer.verdict(&verdict)))?;
                self.progress.step();
                self.verdicts.push(*verdict);
                Ok(())
            }
            RunUpdate::LeftOut(tags) => {
                self.summary.left_out += 1;
                self.tags_left_out.extend(tags);
                self.progress.step();
                Ok(())
            }
            RunUpdate::Failed(stop) => {
                self.worst = self.worst.max(stop.exit());
                self.progress.suspend(|| stop.print());
                Ok(())
            }
        }
    }
}

/// How far all runs together have come.
fn how_far(meter: &Meter, took: Duration) -> String {
    let days = decimal(meter.simulated().as_days());
    match meter.rows() {
        0 => format!("{days} simulated days"),
        rows => {
            let rate = rows as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE);
            let (rows, rate) = (thousands(rows), thousands(rate as u64));
            format!("{rows} rows, {rate} rows/s, {days} simulated days")
        }
    }
}

/// Prints verdicts: lines and failures are what was asked for, faults are talk.
struct Printer {
    quiet: bool,
    chart: bool,
    stdout_is_taken: bool,
}

impl Printer {
    fn verdict(&self, verdict: &Verdict) -> io::Result<()> {
        if verdict.outcome() == Outcome::Invalid {
            let mut err = anstream::stderr().lock();
            text::diagnostics(&mut err, verdict)?;
            err.flush()?;
        }
        self.print(|out| {
            if !self.quiet || verdict.outcome() == Outcome::Failed {
                text::verdict(out, verdict)?;
            }
            if self.chart && verdict.outcome() != Outcome::Invalid {
                chart::chart(out, verdict, terminal::width())?;
            }
            Ok(())
        })
    }

    fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if self.stdout_is_taken {
            let mut err = anstream::stderr().lock();
            return write(&mut err).and_then(|()| err.flush());
        }
        let mut out = anstream::stdout().lock();
        write(&mut out).and_then(|()| out.flush())
    }
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
