//! `--watch`: plays once, and again what a saved file concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Error, anyhow};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::arguments::ScenarioArguments;
use super::in_virtual_time;
use super::reporter::RunReporter;
use super::settings::Settings;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files::{self, is_stdin, scenario_files};
use crate::cli::terminal::{print_out, printed};
use crate::report::format::counted;
use crate::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Meter, files_beside, named_row};

/// Between two looks whether Ctrl-C was pressed.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// For how long nothing may be saved before what was saved is played: an editor makes several steps of
/// one save, and a checkout saves many files.
const SETTLED_AFTER: Duration = Duration::from_millis(60);

/// Plays all, then what files concern that are saved, until Ctrl-C.
pub fn run(
    arguments: &ScenarioArguments,
    mut settings: Settings,
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Result<Exit, Stop> {
    if settings.files.iter().any(|path| is_stdin(path)) {
        let stop = Stop::invalid(anyhow!("standard input cannot be watched"));
        return Err(stop.hint("name the files, or a folder with scenarios"));
    }
    let mut watched = Watched::new()?;
    loop {
        watched.follow(&arguments.paths, &settings.files, zones)?;
        play(&settings, arguments.chart, common, zones, stop)?;
        if !common.quiet && !stop.load(Ordering::Relaxed) {
            eprintln!("{}; Ctrl-C ends it", watched.told());
        }
        let Some(saved) = next_save(&mut watched, &arguments.paths, stop)? else {
            return Ok(Exit::AllWell);
        };
        clear_screen()?;
        if !common.quiet {
            eprintln!("{saved}");
        }
        settings.files = saved.concerns;
    }
}

/// What was saved, and which scenarios it concerns.
struct Saved {
    files: BTreeSet<PathBuf>,
    concerns: Vec<PathBuf>,
}

impl std::fmt::Display for Saved {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(file) = self.files.first() else { return Ok(()) };
        let first = file.display();
        match self.files.len() {
            1 if !file.exists() => write!(out, "{first} is gone"),
            1 => write!(out, "{first} was saved"),
            count => {
                write!(out, "{first} and {} were saved", counted(count as u64 - 1, "other file"))
            }
        }
    }
}

/// Waits until something was saved that concerns a scenario; nothing once Ctrl-C was pressed.
fn next_save(
    watched: &mut Watched,
    paths: &[PathBuf],
    stop: &AtomicBool,
) -> Result<Option<Saved>, Stop> {
    while let Some(saved) = watched.saved(stop)? {
        let concerns = watched.concerned(&saved, paths);
        if !concerns.is_empty() {
            return Ok(Some(Saved { files: saved, concerns }));
        }
    }
    Ok(None)
}

/// Plays what the settings name, and says what it came to.
fn play(
    settings: &Settings,
    chart: bool,
    common: &Common,
    zones: &Arc<Zones>,
    stop: &AtomicBool,
) -> Result<(), Stop> {
    let began = Instant::now();
    let meter = Meter::default();
    let mut told = RunReporter::new(settings, chart, common.quiet, &meter);
    in_virtual_time::play_all(settings, zones, stop, &meter, &mut |news| told.take(news))?;
    told.progress.finish();
    if common.quiet {
        return Ok(());
    }
    let (summary, choice) = (&told.summary, &settings.choice);
    printed(told.printer.print(|out| text::summary(out, summary, choice, began.elapsed())))
}

/// An empty screen, where there is one: what is seen is what was played last.
fn clear_screen() -> Result<(), Stop> {
    match io::stdout().is_terminal() {
        true => print_out(format_args!("\x1b[2J\x1b[3J\x1b[H")),
        false => Ok(()),
    }
}

/// The folders in which something may be saved, and what each file in them concerns.
struct Watched {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    folders: BTreeSet<PathBuf>,
    /// Scenarios by each file that they hang on, themselves among them; files by their full paths.
    concerns: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// What each scenario hangs on: what it names may be another file after it was saved.
    files_of: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Watched {
    fn new() -> Result<Self, Stop> {
        let (send, events): (Sender<_>, _) = mpsc::channel();
        let watcher = notify::recommended_watcher(send).map_err(|error| cannot(&error, "files"))?;
        let (folders, concerns, files_of) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { watcher, events, folders, concerns, files_of })
    }

    /// Takes in what scenarios hang on, as they are now, and watches the folders of it.
    fn follow(
        &mut self,
        paths: &[PathBuf],
        scenarios: &[PathBuf],
        zones: &Arc<Zones>,
    ) -> Result<(), Stop> {
        for path in paths.iter().filter(|path| path.is_dir()) {
            self.watch(path, RecursiveMode::Recursive)?;
        }
        for scenario in scenarios {
            let (file, _) = named_row(scenario);
            let bytes = files::read(scenario).unwrap_or_default();
            let mut hangs_on = files_beside(scenario, &bytes, zones);
            hangs_on.insert(file);
            let hangs_on: BTreeSet<PathBuf> = hangs_on.iter().map(|file| full(file)).collect();
            for file in self.files_of.insert(scenario.clone(), hangs_on.clone()).unwrap_or_default()
            {
                self.concerns.entry(file).or_default().remove(scenario);
            }
            for file in hangs_on {
                // What is not there yet may come, if its folder is there.
                if let Some(folder) = file.parent().filter(|folder| folder.is_dir()) {
                    self.watch(folder, RecursiveMode::NonRecursive)?;
                }
                self.concerns.entry(file).or_default().insert(scenario.clone());
            }
        }
        Ok(())
    }

    /// Editors put a new file in the place of the old one: it is folders that are watched.
    fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> Result<(), Stop> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if !self.folders.insert(folder.clone()) {
            return Ok(());
        }
        let shown = folder.display().to_string();
        self.watcher.watch(&folder, mode).map_err(|error| cannot(&error, &shown))
    }

    /// The files that were saved once a while passes without more; nothing once Ctrl-C was pressed.
    fn saved(&mut self, stop: &AtomicBool) -> Result<Option<BTreeSet<PathBuf>>, Stop> {
        let mut saved = BTreeSet::new();
        loop {
            let wait = if saved.is_empty() { LOOK_EVERY } else { SETTLED_AFTER };
            match self.events.recv_timeout(wait) {
                Ok(Ok(event)) if is_save(event.kind) => saved.extend(event.paths),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(cannot(&error, "files any longer")),
                Err(RecvTimeoutError::Timeout) if saved.is_empty() => {}
                Err(RecvTimeoutError::Timeout) => return Ok(Some(saved)),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Stop::machine(anyhow!("no word comes of saved files any longer")));
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
        }
    }

    /// The scenarios that saved files concern, in their order; new ones below the named folders, too.
    fn concerned(&self, saved: &BTreeSet<PathBuf>, paths: &[PathBuf]) -> Vec<PathBuf> {
        let known = |file: &PathBuf| self.concerns.get(file).into_iter().flatten().cloned();
        let concerned: BTreeSet<PathBuf> = saved.iter().flat_map(known).collect();
        let found = scenario_files(paths).found;
        let is_new =
            |file: &PathBuf| !self.files_of.contains_key(file) && saved.contains(&full(file));
        found.into_iter().filter(|file| concerned.contains(file) || is_new(file)).collect()
    }

    /// How much is watched.
    fn told(&self) -> String {
        let files = self.concerns.values().filter(|scenarios| !scenarios.is_empty()).count() as u64;
        let folders = counted(self.folders.len() as u64, "folder");
        format!("watching {} in {folders}", counted(files, "file"))
    }
}

/// Whether something else stands in a file after this.
fn is_save(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        _ => true,
    }
}

/// The path by which the system speaks of a file, whether it is there or not.
fn full(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (folder.unwrap_or(Path::new(".")).canonicalize(), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => file.to_owned(),
    }
}

fn cannot(error: &notify::Error, what: &str) -> Stop {
    let stop = Stop::machine(Error::msg(error.to_string()).context(format!("cannot watch {what}")));
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            stop.hint("the system watches no more folders for one user: name fewer of them")
        }
        _ => stop,
    }
}
