//! A scenario before it is played.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::Arc;

use super::record::Record;
use super::verdict::{ScenarioFile, Verdict};
use crate::language::Suite;
use crate::language::ast::{Document, Part};
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::plan::{Plain, Plan, plan, plan_plain};
use crate::language::rules::ReadFile;
use crate::language::span::Source;
use crate::language::suite::{no_row, several};
use lamplighter_core::hours::Zones;

/// A scenario that was read and planned, before anything of it is played.
#[derive(Clone)]
pub struct Prepared {
    /// What it is called and what it says of itself.
    pub file: ScenarioFile,
    /// What it says, with the blocks of the files that it includes.
    pub document: Document,
    /// The world, the steps and the traces that will be played.
    pub plan: Plan,
    /// What is wrong with the file as far as can be seen without playing.
    pub diagnostics: Vec<Diagnostic>,
}

impl Prepared {
    /// Reads and plans the one scenario that a path names, `FILE.scenario` or `FILE.scenario:LINE`; files
    /// that it names lie relative to it. It is a fault if the file has several and none is named.
    pub fn new(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> Self {
        let (file, _) = named_row(path);
        Self::reading(path, bytes, zones, &reader_beside(&file))
    }

    /// The same, where files that the scenario names are read by `beside`.
    pub fn reading(path: &Path, bytes: &[u8], zones: &Arc<Zones>, beside: ReadFile<'_>) -> Self {
        let (mut all, refused) = Self::all(path, bytes, zones, beside, 1);
        let mut first = all.swap_remove(0);
        first.refuse(refused);
        first
    }

    /// Reads and plans all scenarios that a path names: the rows of the file's table, or the one that is
    /// named by its line, or the file as it is where it has no table. There is at least one.
    pub fn rows(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> Vec<Self> {
        Self::rows_reading(path, bytes, zones, &reader_beside(&named_row(path).0))
    }

    /// The same, where files that the scenario names are read by `beside`.
    pub fn rows_reading(
        path: &Path,
        bytes: &[u8],
        zones: &Arc<Zones>,
        beside: ReadFile<'_>,
    ) -> Vec<Self> {
        Self::first_rows_reading(path, bytes, zones, beside, usize::MAX)
    }

    /// The same of the first rows, at most so many.
    pub fn first_rows_reading(
        path: &Path,
        bytes: &[u8],
        zones: &Arc<Zones>,
        beside: ReadFile<'_>,
        rows_max: usize,
    ) -> Vec<Self> {
        let (_, named) = named_row(path);
        let (mut all, refused) = Self::all(path, bytes, zones, beside, rows_max);
        // That there are several is as it should be; that there is none is not.
        if named.is_some() {
            all[0].refuse(refused);
        }
        all
    }

    /// Reads and plans a scenario that is written as those of big worlds are, for whoever only plays it:
    /// without a tree of its blocks, in a part of the time and the memory. The document lacks them, and
    /// the source lacks their lines, unless they are to be shown. A long one is read by two threads, if there
    /// may be so many.
    ///
    /// # Errors
    /// With the bytes where it is written in another way, or anything is wrong with it: then it is to be
    /// read as all others are.
    pub fn plain(
        path: &Path,
        bytes: Vec<u8>,
        zones: &Arc<Zones>,
        shows_blocks: bool,
        threads: usize,
    ) -> Result<Self, Vec<u8>> {
        if named_row(path).1.is_some() {
            return Err(bytes);
        }
        let source = Source::new(String::from_utf8(bytes).map_err(FromUtf8Error::into_bytes)?);
        let Some(plain) = plan_plain(&source, zones, &reader_beside(path), threads) else {
            return Err(source.into_text().into_bytes());
        };
        let Plain { document, plan, blocks } = plain;
        let source = if shows_blocks { source } else { source.leaving_out(blocks) };
        let file = ScenarioFile::new(path.to_owned(), source, &document);
        Ok(Self { file, document, plan, diagnostics: Vec::new() })
    }

    /// All that a path names, at most so many, and what is wrong where one is wanted.
    fn all(
        path: &Path,
        bytes: &[u8],
        zones: &Arc<Zones>,
        beside: ReadFile<'_>,
        rows_max: usize,
    ) -> (Vec<Self>, Option<Diagnostic>) {
        let (path, named) = named_row(path);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut suite = Suite::new(bytes, folder, beside);
        let lines = suite.lines();
        let (places, refused) = match named.map(|line| lines.iter().position(|row| *row == line)) {
            Some(Some(place)) => (place..place + 1, None),
            Some(None) => {
                let line = named.unwrap_or_default();
                let shown = path.display().to_string();
                (0..1, Some(no_row(suite.table_span(), &shown, line, &lines)))
            }
            None => {
                let count = suite.count();
                let shown = path.display().to_string();
                let wants_one = (count > 1).then(|| several(suite.table_span(), &shown, &lines));
                (0..count.min(rows_max.max(1)), wants_one)
            }
        };
        let mut all: Vec<Self> = places
            .map(|place| {
                let parsed = suite.read(place);
                let mut diagnostics = parsed.diagnostics;
                let plan = plan(&parsed.document, zones, beside, &mut diagnostics);
                let file = ScenarioFile::new(path.clone(), parsed.source, &parsed.document);
                let file = ScenarioFile { row: parsed.row, ..file };
                Self { file, document: parsed.document, plan, diagnostics }
            })
            .collect();
        // Now all files are known that any of them includes.
        let source = suite.source();
        all.iter_mut().for_each(|one| one.file.source = source.clone());
        (all, refused)
    }

    /// That the path does not name it, which is a fault of no row.
    fn refuse(&mut self, refused: Option<Diagnostic>) {
        if let Some(diagnostic) = refused {
            self.file.row = None;
            self.diagnostics = vec![diagnostic];
        }
    }

    /// Whether its path names a row that is not there, or none of several: what was named is no scenario.
    pub fn is_misnamed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::WhichRow)
    }

    /// The verdict of a scenario of which nothing is played.
    pub fn into_verdict(self) -> Verdict {
        Record::new(self.diagnostics).into_verdict(self.file, self.plan.roster, self.plan.zone)
    }
}

/// The files that a scenario file hangs on: those that it includes, the calendars, the rules and what they
/// extend, its traces and its recordings, of all rows of its table. Whether they are there does not matter.
pub fn files_beside(path: &Path, bytes: &[u8], zones: &Arc<Zones>) -> BTreeSet<PathBuf> {
    let (file, _) = named_row(path);
    let folder = file.parent().unwrap_or(Path::new(""));
    let read = reader_beside(&file);
    let asked = RefCell::new(BTreeSet::new());
    let (all, _) = Prepared::all(
        &file,
        bytes,
        zones,
        &|name| {
            asked.borrow_mut().insert(folder.join(name));
            read(name)
        },
        usize::MAX,
    );
    let mut files = asked.into_inner();
    for part in all.iter().flat_map(|one| &one.document.parts) {
        match part {
            Part::At(_) => {}
            Part::Replay(path) => drop(files.insert(folder.join(&path.node))),
            Part::Observed(observed) => drop(files.insert(folder.join(&observed.path.node))),
        }
    }
    files
}

/// Reads files in the folder of a scenario. What it gives fails where a file cannot be read or is no UTF-8, with
/// the path in the message.
pub fn reader_beside(path: &Path) -> impl Fn(&str) -> Result<String, String> + use<> {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    move |name: &str| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    }
}

/// The file of `FILE:LINE`, and the line of the row of its table that is named; any other path is that of a
/// file. Behind names that do not end with `.scenario`, nor are `-`, a line is one if only the file in front
/// of it exists.
pub fn named_row(path: &Path) -> (PathBuf, Option<usize>) {
    let row = path.to_str().and_then(|text| {
        let (file, line) = text.rsplit_once(':')?;
        let is_line = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
        let line = line.parse().ok().filter(|_| is_line)?;
        let is_known = file == "-" || file.ends_with(".scenario");
        let is_there = || !path.exists() && Path::new(file).is_file();
        (is_known || is_there()).then(|| (PathBuf::from(file), Some(line)))
    });
    row.unwrap_or_else(|| (path.to_owned(), None))
}

/// The path of a row of a file, as [`named_row`] reads it.
pub fn path_of_row(file: &Path, line: usize) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(format!(":{line}"));
    path.into()
}

/// The lines of the scenarios that a file has as rows of a table of examples; none without a table, or with a
/// faulty one.
pub fn rows_of(bytes: &[u8]) -> Vec<usize> {
    let suite = Suite::new(bytes, Path::new(""), &|_| Err(String::new()));
    let lines = suite.lines();
    if suite.count() == lines.len() { lines } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_named_by_its_line_behind_the_name_of_a_scenario() {
        for (path, file, line) in [
            ("a.scenario:7", "a.scenario", Some(7)),
            ("b/a.scenario", "b/a.scenario", None),
            ("a.scenario:", "a.scenario:", None),
            ("a.scenario:+7", "a.scenario:+7", None),
            ("a.txt:7", "a.txt:7", None),
            ("Cargo.toml:7", "Cargo.toml", Some(7)),
            ("-", "-", None),
            ("-:7", "-", Some(7)),
        ] {
            assert_eq!(named_row(Path::new(path)), (PathBuf::from(file), line), "{path}");
        }
    }
}
