//! `--timeline`: rows go out while the run goes on, into a file that takes its name only once it is
//! whole, or to stdout.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::cli::atomic_file::{AtomicFile, cannot_write};
use crate::cli::exit::Stop;
use crate::cli::output::is_stdout;
use crate::cli::terminal::printed;
use crate::report::timeline::Csv;
use lamplighter_core::model::{Names, WidgetId};
use lamplighter_core::world::TimelineRow;

/// Writes the timeline of one run. Dropped unfinished, it leaves no file behind.
pub struct TimelineReport {
    path: PathBuf,
    /// Opened with the first row: a faulty scenario has none.
    csv: Option<Csv<Out>>,
    /// Why no more is written.
    failed: Option<Wrong>,
}

enum Out {
    File(BufWriter<AtomicFile>),
    Stdout(BufWriter<io::Stdout>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(out) => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(out) => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

const BUFFER_BYTES: usize = 1 << 16;

impl TimelineReport {
    /// A timeline that will be written to the path, or to stdout.
    pub fn new(path: PathBuf) -> Self {
        Self { path, csv: None, failed: None }
    }

    /// Takes a row. What goes wrong is kept for the end: the verdict is known all the same.
    pub fn take(&mut self, row: TimelineRow, widgets: &Names<WidgetId>) {
        if self.failed.is_none() {
            let taken = self.open().and_then(|csv| csv.row(row, widgets).map_err(Wrong::Write));
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
            (Some(Wrong::Open(stop)), _) => Err(stop),
            (Some(Wrong::Write(error)), _) if to_stdout => printed(Err(error)),
            (Some(Wrong::Write(error)), _) => Err(cannot_write(&self.path, error)),
            (None, Some(Out::Stdout(mut out))) => printed(out.flush()),
            (None, Some(Out::File(file))) => {
                let whole = file.into_inner().map_err(io::IntoInnerError::into_error);
                whole.map_err(|error| cannot_write(&self.path, error))?.put_in_place()
            }
            (None, None) => Ok(()),
        }
    }

    fn open(&mut self) -> Result<&mut Csv<Out>, Wrong> {
        let out = match &mut self.csv {
            Some(_) => None,
            None if is_stdout(&self.path) => {
                Some(Out::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout())))
            }
            None => {
                let file = AtomicFile::create(&self.path).map_err(Wrong::Open)?;
                Some(Out::File(BufWriter::with_capacity(BUFFER_BYTES, file)))
            }
        };
        if let Some(out) = out {
            self.csv = Some(Csv::new(out).map_err(Wrong::Write)?);
        }
        Ok(self.csv.as_mut().expect("it has just been opened"))
    }
}

enum Wrong {
    Open(Stop),
    Write(io::Error),
}
