//! `lamplighter scenario`: runs files in parallel and reports in their order.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::args::{Common, ScenarioArguments};
use super::rim::{self, Progress, Stop, printed};
use super::timeline::TimelineReport;
use super::{Exit, bless, files};
use crate::report::{chart, github, html, json, junit, text};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::{Keep, Meter, Outcome, TimelineSink, Verdict};

/// What becomes of one file after the other; nothing where there is no news.
pub type News = Option<Result<Verdict, Stop>>;

/// Settings as used.
struct Settings {
    files: Vec<PathBuf>,
    has_pictures: bool,
    /// Takes the rows of the one scenario that there then is.
    timeline: Option<Mutex<TimelineReport>>,
    jobs: usize,
    /// Whether a report goes to stdout, so that talk must not.
    stdout_is_taken: bool,
}

pub fn run(
    arguments: ScenarioArguments,
    common: &Common,
    zones: &Arc<Zones>,
) -> Result<Exit, Stop> {
    let (settings, refused) = settings(&arguments)?;
    if settings.files.is_empty() {
        return Ok(refused);
    }
    if arguments.bless {
        return Ok(bless::run(&settings.files, zones)?.max(refused));
    }
    let began = Instant::now();
    let mut summary = text::Summary::default();
    let mut verdicts = Vec::with_capacity(settings.files.len());
    let mut progress = Progress::new(settings.files.len() as u64, common.quiet);
    let stop = rim::stop_on_ctrl_c();
    let meter = Meter::default();
    let printer = Printer {
        quiet: common.quiet,
        chart: arguments.chart,
        stdout_is_taken: settings.stdout_is_taken,
    };
    let mut worst = refused;
    let mut take = |news: News| {
        progress.say(|took| how_far(&meter, took));
        let verdict = match news {
            None => return Ok(()),
            Some(Ok(verdict)) => verdict,
            Some(Err(stop)) => {
                // The other files run all the same.
                worst = worst.max(stop.exit());
                progress.around(|| stop.print());
                return Ok(());
            }
        };
        summary.add(&verdict);
        printed(progress.around(|| printer.verdict(&verdict)))?;
        progress.step();
        verdicts.push(verdict);
        Ok(())
    };
    match &arguments.host {
        None => play_all(&settings, zones, &stop, &meter, &mut take)?,
        #[cfg(not(feature = "target"))]
        Some(_) => return Err(super::not_built::built_without("target")),
        #[cfg(feature = "target")]
        Some(address) => {
            let files = &settings.files;
            super::host::play_all(address, &arguments, files, common, zones, &stop, &mut take)?;
        }
    }
    progress.finish();
    let took = began.elapsed();
    if arguments.github {
        rim::write_report(Path::new("-"), |out| Ok(github::annotations(out, &verdicts)?))?;
    }
    if !common.quiet {
        let print = |out: &mut dyn Write| text::summary(out, &summary, took);
        printed(printer.print(print))?;
    }
    if let (Some(timeline), [verdict]) = (settings.timeline, &verdicts[..])
        && verdict.outcome() != Outcome::Invalid
    {
        timeline.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
    }
    write_reports(&arguments, &verdicts, &summary, took, zones)?;
    if stop.load(Ordering::Relaxed) {
        let (run, all) = (verdicts.len(), settings.files.len());
        return Err(Stop::machine(anyhow!("stopped: only {run} of {all} scenarios were run")));
    }
    Ok(worst.max(match verdicts.iter().map(Verdict::outcome).max() {
        None | Some(Outcome::Passed) => Exit::AllWell,
        Some(Outcome::Failed) => Exit::Failed,
        Some(Outcome::Invalid) => Exit::Invalid,
    }))
}

/// How far all runs together have come.
fn how_far(meter: &Meter, took: Duration) -> String {
    let days = text::decimal(meter.simulated().as_days());
    match meter.rows() {
        0 => format!("{days} simulated days"),
        rows => {
            let rate = rows as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE);
            let (rows, rate) = (text::thousands(rows), text::thousands(rate as u64));
            format!("{rows} rows, {rate} rows/s, {days} simulated days")
        }
    }
}

/// The settings, and how bad it is what was refused of the paths.
fn settings(arguments: &ScenarioArguments) -> Result<(Settings, Exit), Stop> {
    let files::Files { found: files, refused } = files::scenario_files(&arguments.paths);
    refused.iter().for_each(Stop::print);
    let refused = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    if arguments.timeline.is_some() && files.len() > 1 {
        let message = anyhow!("--timeline takes one scenario, and there are {}", files.len());
        return Err(Stop::invalid(message).hint("name one file"));
    }
    let to_stdout = [&arguments.timeline, &arguments.junit, &arguments.json, &arguments.html]
        .into_iter()
        .flatten()
        .filter(|path| rim::is_stdout(path))
        .count();
    if to_stdout + usize::from(arguments.github && to_stdout > 0) > 1 {
        let message = anyhow!("only one report can go to stdout");
        return Err(Stop::invalid(message).hint("name a file for the others"));
    }
    let settings = Settings {
        has_pictures: arguments.chart || arguments.html.is_some(),
        timeline: arguments.timeline.clone().map(|path| Mutex::new(TimelineReport::new(path))),
        jobs: rim::jobs(arguments.jobs).min(files.len()),
        files,
        stdout_is_taken: to_stdout > 0,
    };
    Ok((settings, refused))
}

/// Plays all files on several threads and hands the verdicts over in the order of the files; nothing
/// every now and then, as long as there is no news.
fn play_all(
    settings: &Settings,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    meter: &Meter,
    take: &mut dyn FnMut(News) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..settings.jobs {
            let send = send.clone();
            let next = &next;
            threads.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = settings.files.get(index) else { return };
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let verdict = files::read(path)
                        .map(|bytes| play(path, &bytes, settings, zones, stop, meter));
                    if send.send((index, verdict)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        loop {
            const QUIET_FOR: Duration = Duration::from_millis(100);
            let (index, verdict) = match receive.recv_timeout(QUIET_FOR) {
                Ok(news) => news,
                Err(RecvTimeoutError::Timeout) => {
                    take(None)?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            early.insert(index, verdict);
            while let Some(verdict) = early.remove(&expected) {
                expected += 1;
                // Of a run cut short by Ctrl-C nothing is known.
                if !verdict.as_ref().is_ok_and(|verdict| verdict.stopped) {
                    take(Some(verdict))?;
                }
            }
        }
    })
}

fn play(
    path: &Path,
    bytes: &[u8],
    settings: &Settings,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    meter: &Meter,
) -> Verdict {
    let mut timeline =
        settings.timeline.as_ref().map(|t| t.lock().unwrap_or_else(PoisonError::into_inner));
    let mut sink = timeline.as_mut().map(|timeline| |row, widgets: &_| timeline.take(row, widgets));
    let timeline = sink.as_mut().map(|sink| sink as TimelineSink<'_>);
    let keep = Keep { timeline, picture: settings.has_pictures, meter: Some(meter) };
    lamplighter_scenario::language::run(path, bytes, zones, keep, stop)
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
            text::faults(&mut err, verdict)?;
            err.flush()?;
        }
        self.print(|out| {
            if !self.quiet || verdict.outcome() == Outcome::Failed {
                text::verdict(out, verdict)?;
            }
            if self.chart && verdict.outcome() != Outcome::Invalid {
                chart::chart(out, verdict, terminal_width())?;
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

/// The width to draw to: that of the terminal, or what `COLUMNS` says, or a page's.
fn terminal_width() -> usize {
    const PAGE: usize = 100;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
    columns.or_else(terminal).unwrap_or(PAGE)
}

fn write_reports(
    arguments: &ScenarioArguments,
    verdicts: &[Verdict],
    summary: &text::Summary,
    took: Duration,
    zones: &Zones,
) -> Result<(), Stop> {
    if let Some(path) = &arguments.junit {
        rim::write_report(path, |out| Ok(junit::junit(out, verdicts, took)?))?;
    }
    if let Some(path) = &arguments.json {
        rim::write_report(path, |out| Ok(json::json(out, verdicts, summary, zones.release())?))?;
    }
    if let Some(path) = &arguments.html {
        rim::write_report(path, |out| Ok(html::page(out, verdicts, summary, took)?))?;
    }
    Ok(())
}
