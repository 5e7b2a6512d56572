//! `lamplighter scenario --target` and `--host`: the same files on a service that a target file describes;
//! without one on the reference service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Error, anyhow};

use super::arguments::ScenarioArguments;
use super::settings::Settings;
use super::update::RunUpdate;
use crate::cli::common::Common;
use crate::cli::exit::Stop;
use crate::cli::files;
use crate::cli::target::{Opened, START_ONE, cannot_go_on, say_left};
use crate::report::Paint;
use crate::report::format::counted;
use crate::report::tested::Skipped;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::{NotTested, Prepared, Verdict, named_row};
use lamplighter_target::driver::RunError;
use lamplighter_target::play::{ScenarioInput, SkipReason, play};

/// Plays all files on a target, and hands the verdicts over in the order of the files.
pub fn play_all(
    arguments: &ScenarioArguments,
    settings: &Settings,
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    take: &mut dyn FnMut(RunUpdate) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let opened = Opened::new(&arguments.service, true, zones)?;
    let playing = opened.playing(&arguments.service, zones, stop);
    let mut inputs = Vec::with_capacity(settings.files.len());
    for path in &settings.files {
        match files::read(path) {
            Ok(bytes) => {
                for scenario in Prepared::rows(path, &bytes, zones) {
                    if !settings.choice.takes(&scenario) {
                        take(RunUpdate::LeftOut(scenario.file.tags))?;
                        continue;
                    }
                    // What names no row is told by its own name.
                    let path = match scenario.is_misnamed() {
                        true => path.clone(),
                        false => scenario.file.name().into(),
                    };
                    inputs.push(ScenarioInput { path, bytes: bytes.clone() });
                }
            }
            Err(stop) => take(RunUpdate::Failed(stop))?,
        }
    }
    let mut early: BTreeMap<usize, Option<Verdict>> = BTreeMap::new();
    let mut expected = 0;
    let mut printed = Ok(());
    let mut left_out = NotPlayed::default();
    let played = play(&playing, &inputs, &mut |index, ended| {
        let verdict = ended.map_err(|why| left_out.take(&inputs[index].path, why));
        early.insert(index, verdict.ok());
        while let Some(verdict) = early.remove(&expected) {
            expected += 1;
            if let (Some(verdict), Ok(())) = (verdict, &printed) {
                printed = take(RunUpdate::Played(Box::new(verdict)));
                if printed.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    // Those behind one that never came to its end have come to theirs.
    for verdict in early.into_values().flatten() {
        take(RunUpdate::Played(Box::new(verdict)))?;
    }
    printed?;
    left_out.tell(&arguments.paths, common.quiet, take)?;
    let played = played.map_err(|error| match error {
        RunError::Unreachable { .. } if opened.is_ours() => {
            Stop::machine(error.into()).hint(START_ONE)
        }
        error => cannot_go_on(error),
    })?;
    if !common.quiet {
        say_left(&played.left);
    }
    Ok(())
}

/// What was not played, by why.
#[derive(Default)]
struct NotPlayed {
    replays: Vec<PathBuf>,
    skipped: Vec<Skipped>,
    past: Group,
    past_why: Option<String>,
    others: BTreeMap<(Millis, Option<Millis>), Group>,
    failed: Vec<(PathBuf, SkipReason)>,
}

/// Files that another service could play, and when the first of them begins.
#[derive(Default)]
struct Group {
    files: Vec<PathBuf>,
    begins: Option<Instant>,
}

impl Group {
    fn add(&mut self, path: &Path, begins: Instant) {
        self.files.push(path.to_owned());
        self.begins = Some(self.begins.map_or(begins, |first| first.min(begins)));
    }

    /// What is wrong with them, and what to do.
    fn stop(&self, why: &str) -> Stop {
        let names: Vec<String> = self.files.iter().map(|file| file.display().to_string()).collect();
        let (count, names) = (self.files.len(), names.join(" "));
        let s = if count == 1 { "" } else { "s" };
        let error = anyhow!("{count} scenario{s} could not be played: {why}");
        let begins = self.begins.map(|begins| begins.to_string()).unwrap_or_default();
        Stop::machine(error).hint(format!(
            "start another service, `lamplighter serve --store OTHER.db --clock manual:{begins}`, \
             and play there: {names}"
        ))
    }
}

impl NotPlayed {
    fn take(&mut self, path: &Path, why: SkipReason) {
        let skipped = |why: String| Skipped { path: path.to_owned(), why };
        match why {
            SkipReason::Replays => self.replays.push(path.to_owned()),
            SkipReason::NothingLeft { untested } => {
                self.skipped
                    .push(skipped(format!("nothing in it is tested: {}", reasons(&untested))));
            }
            why @ (SkipReason::OtherRules
            | SkipReason::TooLong { .. }
            | SkipReason::ClockChange { .. }
            | SkipReason::TooFew { .. }) => {
                self.skipped.push(skipped(why.to_string()));
            }
            SkipReason::ClockIsPast { begins, clock } => {
                self.past_why = Some(format!(
                    "the service's clock, which goes forward only, has reached {clock}"
                ));
                self.past.add(path, begins);
            }
            SkipReason::ClockNotPut { begins, why } => {
                self.past_why = Some(why);
                self.past.add(path, begins);
            }
            SkipReason::OtherTiming { own: Timing { grace, auto_away }, begins } => {
                self.others.entry((grace, auto_away)).or_default().add(path, begins);
            }
            why @ SkipReason::Run(_) => self.failed.push((path.to_owned(), why)),
        }
    }

    fn tell(
        self,
        named: &[PathBuf],
        quiet: bool,
        take: &mut dyn FnMut(RunUpdate) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (asked_for, met): (Vec<_>, Vec<_>) = self
            .replays
            .into_iter()
            .partition(|path| named.contains(path) || named.contains(&named_row(path).0));
        for path in asked_for {
            let path = path.display();
            let error = anyhow!("{path} replays a trace, which needs a clock that can be put");
            let hint = "play it in virtual time, or on a target whose clock is manual";
            take(RunUpdate::Failed(Stop::invalid(error).hint(hint)))?;
        }
        let note = Paint::Faint.on("note");
        if !met.is_empty() && !quiet {
            let s = if met.len() == 1 { "" } else { "s" };
            anstream::eprintln!(
                "{note}: {} scenario{s} with a `replay` left out: traces need a clock that can be put",
                met.len()
            );
        }
        for path in met {
            take(RunUpdate::Skipped(Skipped {
                path,
                why: "traces are played where the clock can be put".to_owned(),
            }))?;
        }
        for skipped in self.skipped {
            if !quiet {
                let (path, why) = (skipped.path.display(), &skipped.why);
                anstream::eprintln!("{}: {path}: {why}", Paint::Warn.on("skipped"));
            }
            take(RunUpdate::Skipped(skipped))?;
        }
        if let Some(why) = self.past_why {
            take(RunUpdate::Failed(self.past.stop(&why)))?;
        }
        for ((grace, auto_away), group) in self.others {
            let auto_away = auto_away.map_or_else(|| "off".to_owned(), |length| length.to_string());
            let why = format!(
                "grace and auto-away are of the whole service; theirs are {grace} and {auto_away}, \
                 and the others' are not"
            );
            take(RunUpdate::Failed(group.stop(&why)))?;
        }
        for (path, error) in self.failed {
            let error = Error::new(error).context(format!("{} was not played", path.display()));
            take(RunUpdate::Failed(Stop::machine(error)))?;
        }
        Ok(())
    }
}

/// Each reason once, with how many clauses it is of.
fn reasons(untested: &[NotTested]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in untested {
        *counts.entry(one.why.0.as_str()).or_default() += 1;
    }
    let words =
        counts.iter().map(|(why, count)| format!("{why} ({})", counted(*count as u64, "clause")));
    words.collect::<Vec<_>>().join("; ")
}
