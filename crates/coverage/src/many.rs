//! What many scenarios come to, each by itself: a line of JSON about all of them, one for each, and one for all
//! together. Lines are kept as they were written, so that parts of a folder, played anywhere, are put together to
//! the bytes that one machine would have written.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::class::ClassTimes;
use crate::figures::Coverage;
use crate::json::Report;
use crate::json::by_class::TimesMs;

/// What all scenarios of a folder, or a part of them, come to.
#[derive(Clone, PartialEq, Debug)]
pub struct ManyCoverage {
    /// What was asked, of which files.
    pub head: ManyHead,
    /// Each file in its order.
    pub files: Vec<FileCoverage>,
}

/// What was asked, of which files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ManyHead {
    /// The release that played it.
    pub lamplighter: String,
    /// The arguments by which reports differ.
    pub arguments: String,
    /// All files of the folder, by their names in it.
    pub files: Vec<String>,
    /// Which part of them it is, as `2/4`; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
}

/// What one file came to, with the line that says so.
#[derive(Clone, PartialEq, Debug)]
pub struct FileCoverage {
    line: String,
    /// Its name in the folder.
    pub name: String,
    /// Its times and counts, or why it could not be played; `None` of a scenario of a single instant.
    pub totals: Result<Option<FileTotals>, String>,
}

/// What adds up over files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FileTotals {
    /// How many events happened in all files together.
    pub events: u64,
    /// How long each class lasted over all widgets.
    pub times: ClassTimes,
    /// How long widgets were shown online with no chat possible (rule W6), in milliseconds.
    pub false_light_ms: u64,
    /// How many visitors came, and how many of them to an `empty` widget; `None` where nobody asked.
    pub visitors: Option<(u64, u64)>,
}

/// The last line: what all files come to together.
#[derive(Serialize)]
struct LastLine {
    files_failed: usize,
    totals: FolderTotals,
}

#[derive(Serialize)]
struct FolderTotals {
    #[serde(flatten)]
    times: TimesMs,
    false_light_ms: u64,
    events: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<FolderVisitors>,
}

#[derive(Serialize)]
struct FolderVisitors {
    came: u64,
    empty: u64,
}

/// Text that is not what [`ManyCoverage::write`] writes.
#[derive(Debug, Error)]
pub enum ManyError {
    /// A line is none of it.
    #[error("line {0} is not of the coverage of a folder")]
    Line(usize),
    /// Its lines are not those of its files.
    #[error("it has {found} files, and its part of the folder has {wanted}")]
    Count {
        /// How many files it has.
        found: usize,
        /// How many it says it has.
        wanted: usize,
    },
}

impl FileTotals {
    /// Adds those of another file.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.times.add_all(&other.times);
        self.false_light_ms += other.false_light_ms;
        if let Some((came, empty)) = other.visitors {
            let (before, empty_before) = self.visitors.unwrap_or_default();
            self.visitors = Some((before + came, empty_before + empty));
        }
    }

    fn of_report(report: &Value) -> Option<Self> {
        let (events, totals) = (report["events"].as_u64()?, &report["totals"]);
        let visitors = match &totals["visitors"] {
            Value::Null => None,
            visitors => Some((visitors["came"].as_u64()?, visitors["empty"].as_u64()?)),
        };
        let false_light_ms = totals["false_light_ms"].as_u64()?;
        let TimesMs(times) = TimesMs::read(totals)?;
        Some(Self { events, times, false_light_ms, visitors })
    }
}

impl FileCoverage {
    /// A file that was played.
    ///
    /// # Errors
    /// When its report cannot be written as JSON.
    pub fn played(name: &str, title: &str, coverage: &Coverage) -> serde_json::Result<Self> {
        let (name_json, title_json) = (json!(name), json!(title));
        let report = serde_json::to_string(&Report::of(coverage))?;
        let line = format!("{{\"file\":{name_json},\"title\":{title_json},\"report\":{report}}}");
        // A report that says less than what was written is a slip of ours.
        Ok(Self::read(&line).expect("it has all that is read of it"))
    }

    /// A scenario of a single instant: there is nothing to report of it, and nothing wrong with it.
    pub fn of_no_time(name: &str, title: &str) -> Self {
        let line =
            format!("{{\"file\":{},\"title\":{},\"report\":null}}", json!(name), json!(title));
        Self { line, name: name.to_owned(), totals: Ok(None) }
    }

    /// A file that could not be played, for this reason.
    pub fn failed(name: &str, why: &str) -> Self {
        let line = format!("{{\"file\":{},\"fault\":{}}}", json!(name), json!(why));
        Self { line, name: name.to_owned(), totals: Err(why.to_owned()) }
    }

    fn read(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let totals = match (&value["fault"], value.get("report")) {
            (Value::String(why), _) => Err(why.clone()),
            (_, Some(Value::Null)) => Ok(None),
            (_, report) => Ok(Some(FileTotals::of_report(report?)?)),
        };
        Some(Self { line: line.to_owned(), name: value["file"].as_str()?.to_owned(), totals })
    }
}

impl ManyCoverage {
    /// All files together, but for those that could not be played.
    pub fn totals(&self) -> FileTotals {
        let mut all = FileTotals::default();
        let known = self.files.iter().flat_map(|file| &file.totals).flatten();
        known.for_each(|totals| all.add(totals));
        all
    }

    /// How many could not be played.
    pub fn failed_count(&self) -> usize {
        self.files.iter().filter(|file| file.totals.is_err()).count()
    }

    /// Writes a line about all, one for each file, and one for all together.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", serde_json::to_string(&self.head)?)?;
        self.files.iter().try_for_each(|file| writeln!(out, "{}", file.line))?;
        let FileTotals { events, times, false_light_ms, visitors } = self.totals();
        let visitors = visitors.map(|(came, empty)| FolderVisitors { came, empty });
        let totals = FolderTotals { times: TimesMs(times), false_light_ms, events, visitors };
        let last = LastLine { files_failed: self.failed_count(), totals };
        writeln!(out, "{}", serde_json::to_string(&last)?)
    }

    /// Reads what [`ManyCoverage::write`] has written; the last line follows from the others.
    ///
    /// # Errors
    /// When it is something else, or not all of it.
    pub fn read(text: &str) -> Result<Self, ManyError> {
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| serde_json::from_str::<ManyHead>(line).ok());
        let head = head.ok_or(ManyError::Line(1))?;
        let mut lines: Vec<&str> = lines.collect();
        let last = lines.pop().unwrap_or_default();
        if !last.starts_with("{\"files_failed\":") {
            return Err(ManyError::Line(lines.len() + 2));
        }
        let files = lines
            .iter()
            .enumerate()
            .map(|(index, line)| FileCoverage::read(line).ok_or(ManyError::Line(index + 2)));
        Ok(Self { head, files: files.collect::<Result<_, _>>()? })
    }

    /// Whether it has as many files as its part of the folder has.
    ///
    /// # Errors
    /// When it has not: somebody has cut it.
    pub fn holds(&self, wanted: usize) -> Result<(), ManyError> {
        match self.files.len() {
            found if found == wanted => Ok(()),
            found => Err(ManyError::Count { found, wanted }),
        }
    }
}
