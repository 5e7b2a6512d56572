//! The rows of one trace, a text at a time: read by threads ahead or line by line, and looked up together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ahead::{Ahead, Next, Reading};
use super::batch::Batch;
use super::directory::{Directory, PlacedRow, Whom};
use super::row_faults::RowFaults;
use super::verdict::Failure;
use crate::language::Roster;
use crate::language::diagnostic::nearest;
use crate::language::lex::write_name;
use crate::language::span::Span;
use lamplighter_core::model::{Impossible, Instant};
use lamplighter_core::trace::{self, Fault, OpenTraceError, Reader, RowStart};

/// A trace of a scenario, and the row of it that is next.
pub struct Trace {
    /// The file, as it is told of.
    pub path: PathBuf,
    reader: Reader,
    reading: Reading,
    helpers: Helpers,
    /// The rows at hand.
    pub batch: Batch,
    /// When the next row is; `None` at the end.
    pub next_at: Option<Instant>,
    /// Where the scenario names it.
    pub statement: Span,
    faults: RowFaults,
    /// How many of its rows cannot happen.
    anomalies: u64,
    /// The first of them, and why it cannot.
    first_anomaly: Option<(RowStart, Impossible)>,
    /// Whether any row has happened.
    happened: bool,
}

/// Who reads a trace besides its reader.
enum Helpers {
    /// Nobody yet: its first piece has its header.
    NotYet,
    /// Threads that read ahead.
    Ahead(Box<Ahead>),
    /// Nobody: the trace is read line by line.
    None,
}

/// A trace that has rows, none of which could happen.
pub struct NothingHappened {
    /// Where the scenario names it.
    pub statement: Span,
    /// How many rows it has.
    pub rows: u64,
    /// The line of the first of them.
    pub line: u64,
    /// The reason why that one cannot happen.
    pub why: Impossible,
}

impl NothingHappened {
    /// Such a trace makes its scenario fail: it tests nothing.
    pub fn failure(&self, at: Instant) -> Failure {
        let Self { statement, rows, line, why } = self;
        let rows = match rows {
            1 => "its one row cannot".to_owned(),
            rows => format!("none of its {rows} rows can"),
        };
        Failure {
            statement: *statement,
            at,
            words: *statement,
            expected: "a trace with rows that can happen".to_owned(),
            found: format!("{rows}; line {line}: {why}"),
            facts: Vec::new(),
            edits: None,
        }
    }
}

impl Trace {
    /// A trace of which nothing is read but that it can be.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, statement: Span, reading: Reading) -> Result<Self, OpenTraceError> {
        Ok(Self {
            path: path.to_owned(),
            reader: Reader::open(path, reading.piece_bytes)?,
            reading,
            helpers: Helpers::NotYet,
            batch: Batch::default(),
            next_at: None,
            statement,
            faults: RowFaults::default(),
            anomalies: 0,
            first_anomaly: None,
            happened: false,
        })
    }

    /// Takes down that some of its rows have happened.
    #[inline]
    pub fn note_happened(&mut self) {
        self.happened = true;
    }

    /// What to tell of it if it had rows, none of which could happen.
    pub fn nothing_happened(&self) -> Option<NothingHappened> {
        let (place, why) = self.first_anomaly.filter(|_| !self.happened)?;
        let (statement, rows) = (self.statement, self.anomalies);
        Some(NothingHappened { statement, rows, line: self.reader.line(place), why })
    }

    /// The line in which a row stands.
    pub fn line(&self, row: &PlacedRow) -> u64 {
        self.reader.line(self.place(row))
    }

    /// The rows that are still to come, as far as they are read.
    pub fn to_come(&self, directory: &Directory) -> Vec<PlacedRow> {
        self.batch.to_come(&self.reader, directory)
    }

    /// Takes down whether a row has happened.
    #[inline]
    pub fn note(&mut self, row: usize, result: Result<(), Impossible>) {
        match result {
            Ok(()) => self.happened = true,
            Err(why) => {
                self.anomalies += 1;
                if self.first_anomaly.is_none() {
                    self.first_anomaly = Some((self.place(&self.batch.rows[row]), why));
                }
            }
        }
    }

    /// Whether a sound row is next, and there is nothing to tell before it.
    #[inline]
    pub fn is_at_row(&mut self) -> bool {
        let batch = &self.batch;
        match batch.rows.get(batch.next) {
            Some(PlacedRow { whom: Whom::Stranger, .. }) | None => false,
            Some(row) => {
                self.next_at = Some(row.at);
                !batch.has_diagnostics()
            }
        }
    }

    /// Goes on to the next sound row, if it is not there, and says how many rows it read.
    pub fn go_to_row(
        &mut self,
        directory: &Arc<Directory>,
        roster: &Roster,
        diagnostics: &mut Vec<trace::Diagnostic>,
    ) -> u64 {
        let mut rows_read = 0;
        self.next_at = None;
        loop {
            let batch = &mut self.batch;
            if let Some(diagnostic) = batch.take_diagnostic() {
                self.faults.note(diagnostic, diagnostics);
            } else if let Some(row) = batch.rows.get(batch.next) {
                if row.whom != Whom::Stranger {
                    self.next_at = Some(row.at);
                    break;
                }
                let mut faults = std::mem::take(&mut self.faults);
                let (stranger, _) = self.names(self.next_row());
                faults.stranger(stranger, || self.of_nobody(roster), diagnostics);
                self.faults = faults;
                self.batch.next += 1;
            } else if batch.is_any_waiting() {
                batch.place_next(&self.reader, directory);
            } else if self.read_batch(directory) {
                rows_read += self.batch.len() as u64;
            } else {
                break;
            }
        }
        rows_read
    }

    /// Reads the next rows, in place of those that are passed; false where there are none.
    fn read_batch(&mut self, directory: &Arc<Directory>) -> bool {
        self.batch.clear();
        if let Err(diagnostic) = self.read_on(directory) {
            self.batch.note(diagnostic);
        }
        self.batch.fill(&mut self.reader, directory)
    }

    /// Reads on where nothing is left of the text at hand; rows that others have found come with what is
    /// read.
    fn read_on(&mut self, directory: &Arc<Directory>) -> Result<(), Box<trace::Diagnostic>> {
        if self.reader.has_row() {
            return Ok(());
        }
        if let Helpers::NotYet = self.helpers {
            self.reader.read_on()?;
            self.helpers = Helpers::None;
            if self.reading.is_ahead(self.reader.file_bytes())
                && let Some(texts) = self.reader.lend()
            {
                let ahead = Ahead::new(texts, directory, self.reading.threads);
                self.helpers = Helpers::Ahead(Box::new(ahead));
            }
            return Ok(());
        }
        if let Helpers::Ahead(ahead) = &mut self.helpers {
            match ahead.take(self.batch.take_played()) {
                Next::Piece(piece) => {
                    self.batch.go_to(piece, &mut self.reader);
                    return Ok(());
                }
                Next::End => self.helpers = Helpers::None,
                Next::Unusual => {
                    if let Helpers::Ahead(ahead) =
                        std::mem::replace(&mut self.helpers, Helpers::None)
                    {
                        self.reader.give_back(ahead.stop())?;
                    }
                }
            }
        }
        self.reader.read_on()?;
        Ok(())
    }

    /// The names of the agent and of the device in a row; no letters for "on all devices".
    pub fn names(&self, row: &PlacedRow) -> (&str, &str) {
        self.batch.names(row, &self.reader)
    }

    fn place(&self, row: &PlacedRow) -> RowStart {
        self.batch.place_of(row, &self.reader)
    }

    /// The row that is next.
    fn next_row(&self) -> &PlacedRow {
        &self.batch.rows[self.batch.next]
    }

    /// The row that is next names somebody who is not in the scenario.
    fn of_nobody(&self, roster: &Roster) -> Box<trace::Diagnostic> {
        /// Among more names than these nobody looks for a like one: it would take seconds.
        const NAMES_MAX: usize = 50_000;
        let (name, _) = self.names(self.next_row());
        let message = format!("`{name}` is not an agent of the scenario");
        let known = roster.agents.iter().take(NAMES_MAX);
        let at = (Fault::Stranger, Some(1));
        let label = "expected a member of a declared property";
        let found = self.reader.diagnostic(self.place(self.next_row()), at, message, label);
        if let Some(near) = nearest(name, known) {
            return found.did_you_mean(near);
        }
        // `ann@example.com` where the scenario calls her `ann`.
        let account = name.split_once('@').map(|(account, _)| account);
        let account = account.filter(|account| roster.agents.get(account).is_some());
        let help = match account {
            Some(account) => format!(
                "the scenario has `{account}`: name the member {} there, as the trace does",
                write_name(name)
            ),
            None => format!("declare the agent: `members {}`", write_name(name)),
        };
        found.help(help)
    }
}
