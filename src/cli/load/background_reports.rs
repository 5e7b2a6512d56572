//! Reports while a run goes on: on a thread of their own, so that writing them keeps nobody waiting.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as MachineTime};

use super::arguments::ReportArguments;
use super::reports::{chosen, write_files};
use crate::cli::output::is_stdout;
use lamplighter_load::result::LoadResult;

/// Writes each report that is handed in, unless the one before is still being written.
pub struct BackgroundReports {
    results: Option<SyncSender<LoadResult>>,
    failures: Receiver<String>,
    writing: Option<JoinHandle<()>>,
    /// What was told of failures last: a disk stays full for a while.
    told: Option<String>,
    /// How often reports are written at most, and when the last one was.
    every: Duration,
    written_at: Option<MachineTime>,
}

impl BackgroundReports {
    /// Nothing is written yet. Reports go where those of the end will go, but for pipes and devices,
    /// which take one report and no more; and no oftener than this.
    pub fn of(arguments: &ReportArguments, every: Duration) -> Self {
        let files = files_alone(chosen(arguments));
        let (results, taken) = mpsc::sync_channel::<LoadResult>(1);
        let (tell, failures) = mpsc::channel();
        let writing = thread::Builder::new().name("reports".to_owned()).spawn(move || {
            give_way();
            for result in taken {
                for failure in write_files(&files, &result) {
                    // Should nobody listen any more, the run is over and tells it anew.
                    let _ = tell.send(failure.told());
                }
            }
        });
        // Without a thread there is nobody who could write; the reports of the end are not concerned.
        Self {
            results: Some(results),
            failures,
            writing: writing.ok(),
            told: None,
            every,
            written_at: None,
        }
    }

    /// Hands a report in; it is left out where the last one was written just now.
    pub fn write(&mut self, result: LoadResult) {
        // Runs tell the time by clocks that are not quite alike.
        let is_due = |at: MachineTime| at.elapsed() + Duration::from_millis(500) >= self.every;
        if let (Some(results), true) = (&self.results, self.written_at.is_none_or(is_due)) {
            self.written_at = Some(MachineTime::now());
            // One that is still being written is nearly as new.
            let _ = results.try_send(result);
        }
    }

    /// What went wrong since the last time, each thing once.
    pub fn warnings(&mut self) -> Vec<String> {
        let mut warnings = Vec::new();
        while let Ok(failure) = self.failures.try_recv() {
            if self.told.as_ref() != Some(&failure) {
                warnings.push(format!("{failure}; the run goes on, and it is tried again"));
                self.told = Some(failure);
            }
        }
        warnings
    }

    /// Waits for what is just being written, so that it does not take the place of what comes last;
    /// what went wrong with it.
    pub fn finish(&mut self) -> Vec<String> {
        self.results = None;
        if let Some(writing) = self.writing.take() {
            // One that panicked has told so.
            let _ = writing.join();
        }
        self.warnings()
    }
}

/// This thread gives way to all others: visitors are to wake up on time while reports are written.
fn give_way() {
    // On Linux it is of a thread; elsewhere it would be of all that this process does.
    #[cfg(target_os = "linux")]
    {
        const LAST: i32 = 19;
        // Where it is not allowed, reports are written all the same.
        let _ = rustix::process::nice(LAST);
    }
}

/// The reports that go to plain files.
fn files_alone(arguments: ReportArguments) -> ReportArguments {
    let is_file =
        |path: &Path| !is_stdout(path) && path.metadata().map_or(true, |there| there.is_file());
    let alone = |path: Option<PathBuf>| path.filter(|path| is_file(path));
    let ReportArguments { json, csv, junit, html, wrong } = arguments;
    let [json, csv, junit, html] = [json, csv, junit, html].map(alone);
    ReportArguments { json, csv, junit, html, wrong }
}
