//! `lamplighter scenario --host`: the same files against a running service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Error, anyhow};

use super::{News, ScenarioArguments};
use crate::cli::common::Common;
use crate::cli::exit::Stop;
use crate::cli::files;
use crate::cli::host::{cannot_call, target};
use crate::report::Paint;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::play::Verdict;
use lamplighter_target::{HostError, LeftOut, ScenarioInput};

/// Plays all files on a service, and hands the verdicts over in the order of the files.
pub fn play_all(
    address: &str,
    arguments: &ScenarioArguments,
    found: &[PathBuf],
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    take: &mut dyn FnMut(News) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let (key, authorities) = (arguments.admin_key_file.as_deref(), arguments.ca_file.as_deref());
    let host = target(address, key, authorities)?;
    let mut inputs = Vec::with_capacity(found.len());
    for path in found {
        match files::read(path) {
            Ok(bytes) => inputs.push(ScenarioInput { path: path.clone(), bytes }),
            Err(stop) => take(Some(Err(stop)))?,
        }
    }
    let mut early: BTreeMap<usize, Option<Verdict>> = BTreeMap::new();
    let mut expected = 0;
    let mut printed = Ok(());
    let mut left_out = NotPlayed::default();
    let played = lamplighter_target::play(host, &inputs, zones, stop, &mut |index, ended| {
        let verdict = ended.map_err(|why| left_out.take(&inputs[index].path, why));
        early.insert(index, verdict.ok());
        while let Some(verdict) = early.remove(&expected) {
            expected += 1;
            if let (Some(verdict), Ok(())) = (verdict, &printed) {
                printed = take(Some(Ok(verdict)));
                if printed.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    // Those behind one that never came to its end have come to theirs.
    for verdict in early.into_values().flatten() {
        take(Some(Ok(verdict)))?;
    }
    printed?;
    left_out.tell(&arguments.paths, common.quiet, take)?;
    played.map_err(cannot_play)
}

/// What was not played, by why.
#[derive(Default)]
struct NotPlayed {
    replays: Vec<PathBuf>,
    past: Group,
    clock: Option<Instant>,
    others: BTreeMap<Option<Millis>, Group>,
    failed: Vec<(PathBuf, HostError)>,
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
    fn take(&mut self, path: &Path, why: LeftOut) {
        match why {
            LeftOut::Replays => self.replays.push(path.to_owned()),
            LeftOut::ClockIsPast { begins, clock } => {
                self.clock = Some(clock);
                self.past.add(path, begins);
            }
            LeftOut::OtherAutoAway { own, begins, .. } => {
                self.others.entry(own).or_default().add(path, begins);
            }
            LeftOut::Host(error) => self.failed.push((path.to_owned(), error)),
        }
    }

    fn tell(
        self,
        named: &[PathBuf],
        quiet: bool,
        take: &mut dyn FnMut(News) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (asked_for, met): (Vec<_>, Vec<_>) =
            self.replays.into_iter().partition(|path| named.contains(path));
        for path in asked_for {
            let path = path.display();
            let error = anyhow!("{path} replays a trace, which cannot be done by calls");
            take(Some(Err(Stop::invalid(error).hint("play it without --host"))))?;
        }
        if !met.is_empty() && !quiet {
            let s = if met.len() == 1 { "" } else { "s" };
            anstream::eprintln!(
                "{}: {} scenario{s} with a `replay` left out: traces are played without --host",
                Paint::Faint.on("note"),
                met.len()
            );
        }
        if let Some(clock) = self.clock {
            let why = format!("the service's clock, which goes forward only, has reached {clock}");
            take(Some(Err(self.past.stop(&why))))?;
        }
        for (own, group) in self.others {
            let own = own.map_or_else(|| "off".to_owned(), |length| length.to_string());
            let why = format!(
                "auto-away is of the whole service; theirs is {own}, and the others' is not"
            );
            take(Some(Err(group.stop(&why))))?;
        }
        for (path, error) in self.failed {
            let error = Error::new(error).context(format!("{} was not played", path.display()));
            take(Some(Err(Stop::machine(error))))?;
        }
        Ok(())
    }
}

/// Why nothing could be played, or no more.
fn cannot_play(error: HostError) -> Stop {
    match &error {
        HostError::Unreachable { .. } => Stop::machine(error.into()).hint(
            "is it running? `lamplighter serve --clock manual:2026-01-01T00:00:00Z` starts one",
        ),
        _ => cannot_call(error),
    }
}
