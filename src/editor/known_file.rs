//! Where a name stands over all files that know it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::buffers::{Buffers, plain};
use super::cursor::CursorRequest;
use super::look::{Kind, Read, read};
use super::names::{Form, Named, Occurrence, at, occurrences};
use super::text::{Text, TextPosition, Units};
use lamplighter_core::hours::Zones;

/// Places in several files: from where to where.
pub type Places = BTreeMap<PathBuf, BTreeSet<(TextPosition, TextPosition)>>;

/// A file that was read, and all names in it by each row of its table.
pub struct KnownFile {
    /// The path of the file.
    pub path: PathBuf,
    /// The file as it was read.
    pub read: Arc<Read>,
    /// The names by each row.
    pub rows: Vec<Vec<Occurrence>>,
}

impl KnownFile {
    /// The names of a file that was read.
    pub fn new(path: &Path, read: Arc<Read>) -> Self {
        let rows = read.rows.iter().map(occurrences).collect();
        Self { path: path.to_owned(), read, rows }
    }

    /// What is named at the place.
    pub fn named(&self, asked: &CursorRequest<'_>) -> Option<Occurrence> {
        self.rows.iter().find_map(|all| at(all, asked.byte)).cloned()
    }

    /// All that names something, whichever row says so.
    pub fn of<'a>(&'a self, named: &'a Named) -> impl Iterator<Item = &'a Occurrence> {
        self.rows.iter().flatten().filter(move |one| one.named == *named)
    }

    /// The file in which something stands, and where.
    pub fn place(&self, one: &Occurrence, units: Units) -> (PathBuf, (TextPosition, TextPosition)) {
        let (file, start, text) = self.read.rows[0].file.source.file_of(one.span.start);
        let lines = Text::new(text.to_owned());
        let at = lines.range(one.span.start - start..one.span.end - start, units);
        (plain(file.unwrap_or(&self.path)), (at.start, at.end))
    }

    /// The places at which something is named: those that declare it, or all.
    pub fn places(&self, named: &Named, declares: bool, units: Units) -> Places {
        let mut places = Places::new();
        let seen = self.of(named).filter(|one| one.form != Form::Mixed);
        let spans: BTreeMap<_, _> =
            seen.filter(|one| one.declares || !declares).map(|one| (one.span, one)).collect();
        for one in spans.into_values() {
            let (file, at) = self.place(one, units);
            places.entry(file).or_default().insert(at);
        }
        places
    }
}

/// The files that know what is declared where it is, the one that is asked about first: a name that a world
/// declares is of all scenarios that include the world.
pub fn knowing(
    asked: KnownFile,
    named: &Named,
    files: impl IntoIterator<Item = PathBuf>,
    (buffers, zones): (&Buffers, &Arc<Zones>),
) -> Vec<KnownFile> {
    // Places are compared, whatever they count.
    let units = Units::Utf8;
    let declared = asked.places(named, true, units);
    let is_own =
        declared.keys().all(|file| *file == asked.path && Kind::of(file) == Kind::Scenario);
    let mut all = vec![asked];
    if is_own {
        return all;
    }
    for path in files {
        let Ok(text) = buffers.read(&path) else { continue };
        // Reading it takes longer than seeing that it includes nothing.
        if !text.contains("include") || path == all[0].path {
            continue;
        }
        let known = KnownFile::new(&path, Arc::new(read(&path, &text, buffers, zones)));
        let there = known.places(named, true, units);
        if there.iter().any(|(file, at)| declared.get(file).is_some_and(|of| !of.is_disjoint(at))) {
            all.push(known);
        }
    }
    all
}

/// The places at which something is named in all files that know it.
pub fn places_in(all: &[KnownFile], named: &Named, units: Units) -> Places {
    let mut places = Places::new();
    for (file, at) in all.iter().flat_map(|known| known.places(named, false, units)) {
        places.entry(file).or_default().extend(at);
    }
    places
}
