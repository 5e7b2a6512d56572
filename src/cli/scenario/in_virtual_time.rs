//! Scenarios in virtual time, several at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use super::settings::Settings;
use super::update::RunUpdate;
use crate::cli::exit::Stop;
use crate::cli::files;
use crate::cli::side_by_side::in_order;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{
    Meter, Options, Prepared, Reading, TimelineSink, Verdict, tell_once,
};

/// Plays all files on several threads and hands the verdicts over in the order of the files; nothing
/// every now and then, as long as there is no news.
pub fn play_all(
    settings: &Settings,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    meter: &Meter,
    take: &mut dyn FnMut(RunUpdate) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let play = |path: &PathBuf| {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        Some(match files::read(path) {
            Ok(bytes) => play_file(path, bytes, settings, zones, stop, meter),
            Err(stop) => vec![RunUpdate::Failed(stop)],
        })
    };
    in_order(settings.threads.jobs, &settings.files, play, &mut |news| {
        let Some(news) = news else { return take(RunUpdate::Tick) };
        // Of a run cut short by Ctrl-C nothing is known.
        let is_whole =
            |one: &RunUpdate| !matches!(one, RunUpdate::Played(verdict) if verdict.stopped);
        news.into_iter().filter(is_whole).try_for_each(&mut *take)
    })
}

/// Plays the scenarios of a file that the choice takes.
fn play_file(
    path: &Path,
    bytes: Vec<u8>,
    settings: &Settings,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    meter: &Meter,
) -> Vec<RunUpdate> {
    let (has_pictures, threads) = (settings.has_pictures, settings.threads.each);
    let all = match Prepared::plain(path, bytes, zones, has_pictures, threads) {
        Ok(prepared) => vec![prepared],
        // One timeline is of one scenario.
        Err(bytes) if settings.timeline.is_some() => vec![Prepared::new(path, &bytes, zones)],
        Err(bytes) => Prepared::rows(path, &bytes, zones),
    };
    let mut news = Vec::with_capacity(all.len());
    for prepared in all {
        // Of rows that were not begun nothing is known.
        if stop.load(Ordering::Relaxed) {
            break;
        }
        news.push(match settings.choice.takes(&prepared) {
            false => RunUpdate::LeftOut(prepared.file.tags),
            true => RunUpdate::Played(Box::new(play(prepared, settings, zones, stop, meter))),
        });
    }
    tell_once(news.iter_mut().filter_map(|one| match one {
        RunUpdate::Played(verdict) => Some(&mut **verdict),
        _ => None,
    }));
    news
}

fn play(
    mut prepared: Prepared,
    settings: &Settings,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    meter: &Meter,
) -> Verdict {
    let mut timeline =
        settings.timeline.as_ref().map(|t| t.lock().unwrap_or_else(PoisonError::into_inner));
    let mut sink = timeline.as_mut().map(|timeline| |row, widgets: &_| timeline.take(row, widgets));
    let timeline = sink.as_mut().map(|sink| sink as TimelineSink<'_>);
    let (picture, meter) = (settings.has_pictures, Some(meter));
    let reading = Reading { threads: settings.threads.each, ..Reading::default() };
    let options = Options { timeline, picture, meter, reading, ..Options::default() };
    if let Some(rules) = settings.rules {
        prepared.plan.put_rules(rules);
    }
    lamplighter_scenario::play::play(prepared, zones, options, stop)
}
