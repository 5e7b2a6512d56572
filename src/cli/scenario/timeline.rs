//! `--timeline`: rows go out while the run goes on, into a file that takes its name only once it is
//! whole, or to stdout.

use std::io;
use std::path::PathBuf;

use crate::cli::atomic_file::cannot_write;
use crate::cli::exit::Stop;
use crate::cli::output::{Output, is_stdout};
use crate::cli::terminal::printed;
use crate::report::timeline::Csv;
use lamplighter_core::model::{Names, WidgetId};
use lamplighter_core::world::TimelineRow;

/// Writes the timeline of one run. Dropped unfinished, it leaves no file behind.
pub struct TimelineReport {
    path: PathBuf,
    /// Opened with the first row: a faulty scenario has none.
    csv: Option<Csv<Output>>,
    /// Why no more is written.
    failed: Option<TimelineError>,
}

impl TimelineReport {
    /// A timeline that will be written to the path, or to stdout.
    pub fn new(path: PathBuf) -> Self {
        Self { path, csv: None, failed: None }
    }

    /// Takes a row. What goes wrong is kept for the end: the verdict is known all the same.
    pub fn take(&mut self, row: TimelineRow, widgets: &Names<WidgetId>) {
        if self.failed.is_none() {
            let taken =
                self.open().and_then(|csv| csv.row(row, widgets).map_err(TimelineError::Write));
            self.failed = taken.err();
        }
    }

    /// The file takes its name.
    pub fn finish(mut self) -> Result<(), Stop> {
        // A run without an instant has a timeline, too: of no rows.
        if self.failed.is_none() {
            self.failed = self.open().err();
        }
        let to_stdout = is_stdout(&self.path);
        match (self.failed, self.csv.map(Csv::into_inner)) {
            (Some(TimelineError::Open(stop)), _) => Err(stop),
            (Some(TimelineError::Write(error)), _) if to_stdout => printed(Err(error)),
            (Some(TimelineError::Write(error)), _) => Err(cannot_write(&self.path, error)),
            (None, Some(out)) => out.finish(&self.path),
            (None, None) => Ok(()),
        }
    }

    fn open(&mut self) -> Result<&mut Csv<Output>, TimelineError> {
        if self.csv.is_none() {
            let out = Output::open(&self.path).map_err(TimelineError::Open)?;
            self.csv = Some(Csv::new(out).map_err(TimelineError::Write)?);
        }
        Ok(self.csv.as_mut().expect("it has just been opened"))
    }
}

enum TimelineError {
    Open(Stop),
    Write(io::Error),
}
