//! What is known of a run so far, each part of it told when it came.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use super::settings::Settings;
use super::update::RunUpdate;
use crate::cli::exit::{Exit, Stop};
use crate::cli::progress::Progress;
use crate::cli::terminal::{self, printed};
use crate::report::format::{decimal, thousands};
use crate::report::summary::Summary;
use crate::report::tested::Skipped;
use crate::report::{chart, text};
use lamplighter_scenario::play::{Meter, Outcome, Verdict};

/// What is known so far, each part of it told when it came.
pub struct RunReporter<'a> {
    /// How far it is.
    pub progress: Progress,
    /// Where verdicts go.
    pub printer: Printer,
    /// The counts so far.
    pub summary: Summary,
    /// What was played, in the order of the files.
    pub verdicts: Vec<Verdict>,
    /// What could not be played.
    pub skipped: Vec<Skipped>,
    /// How bad it is what could not be run.
    pub worst: Exit,
    /// The tags of what was not asked for.
    pub tags_left_out: BTreeSet<String>,
    /// How far all runs together have come.
    pub meter: &'a Meter,
}

impl<'a> RunReporter<'a> {
    /// Nothing is known yet.
    pub fn new(settings: &Settings, chart: bool, quiet: bool, meter: &'a Meter) -> Self {
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

    /// Takes what is new, and tells it.
    pub fn take(&mut self, news: RunUpdate) -> Result<(), Stop> {
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
pub struct Printer {
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

    /// Prints what was asked for: to stderr where a report takes stdout.
    pub fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if self.stdout_is_taken {
            let mut err = anstream::stderr().lock();
            return write(&mut err).and_then(|()| err.flush());
        }
        let mut out = anstream::stdout().lock();
        write(&mut out).and_then(|()| out.flush())
    }
}
