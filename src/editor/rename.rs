//! What gives a name another, in all files that know it. Nothing is offered that was not tried: with the edits
//! in place every file is read anew, and has to say the same of everything by its new name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::buffers::Buffers;
use super::cells::{Cells, write_cell};
use super::edits::Edit;
use super::known_file::KnownFile;
use super::look::read;
use super::names::{Form, Named, Occurrence, occurrences};
use super::text::{Text, Units};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::{parse_name_alone, write_name};
use lamplighter_scenario::play::Prepared;

/// What files are to have.
pub type Edits = BTreeMap<PathBuf, Vec<Edit>>;

/// What is to be called otherwise, and how.
pub struct Renaming<'a> {
    /// The agent, property, widget or device that is renamed.
    pub named: &'a Named,
    /// Its name from now on.
    pub new: &'a str,
    /// The texts that are open.
    pub buffers: &'a Buffers,
    /// The zones that there are.
    pub zones: &'a Arc<Zones>,
    /// What columns of the edits count.
    pub units: Units,
}

impl Renaming<'_> {
    /// What renames it in the files that know it, of which the first is the one that is asked about.
    ///
    /// # Errors
    /// When it cannot be called so: why not.
    pub fn edits(&self, all: &[KnownFile]) -> Result<Edits, String> {
        if self.new == self.named.name() {
            return Ok(Edits::new());
        }
        parse_name_alone(self.new, self.named.of())?;
        let mut edits: BTreeMap<PathBuf, BTreeMap<_, String>> = BTreeMap::new();
        for (number, known) in all.iter().enumerate() {
            let beside = (number > 0).then(|| format!(" in {}", file_name(&known.path)));
            let beside = beside.unwrap_or_default();
            self.not_taken(known).map_err(|taken| format!("{taken}{beside}"))?;
            for (row, names) in known.read.rows.iter().zip(&known.rows) {
                for one in names.iter().filter(|one| one.named == *self.named) {
                    self.can_change(row, names, one).map_err(|why| format!("{why}{beside}"))?;
                    let (file, at) = known.place(one, self.units);
                    edits.entry(file).or_default().insert(at, self.written(row, one));
                }
            }
        }
        let edit = |((from, to), text): ((_, _), String)| Edit { at: from..to, text };
        let edits: Edits = edits
            .into_iter()
            .map(|(file, edits)| (file, edits.into_iter().map(edit).collect()))
            .collect();
        self.tried(all, &edits)?;
        Ok(edits)
    }

    /// Sees that nothing is called so already.
    fn not_taken(&self, known: &KnownFile) -> Result<(), String> {
        let new = self.named.called(self.new);
        let is_name = |one: &&Occurrence| match (&one.named, &new) {
            (Named::Agent(name) | Named::Property(name), Named::Agent(_) | Named::Property(_)) => {
                name == self.new
            }
            (other, new) => other == new,
        };
        match known.rows.iter().flatten().any(|one| is_name(&one)) {
            true => Err(format!("there is a `{}` already", self.new)),
            false => Ok(()),
        }
    }

    /// Sees that a place can say the new name: what comes out of a table is changed there, if nothing but
    /// the name is made of it.
    fn can_change(
        &self,
        row: &Prepared,
        names: &[Occurrence],
        one: &Occurrence,
    ) -> Result<(), String> {
        let (source, old) = (&row.file.source, self.named.name());
        let line = |byte: usize| source.position(byte).line;
        let example = row.file.row.as_ref().filter(|_| row.document.put_in.meets(one.word));
        let Some(example) = example else {
            return match one.form {
                Form::Mixed => Err(format!(
                    "`{old}` stands in line {}, which has errors: they come first",
                    line(one.word.start)
                )),
                _ => Ok(()),
            };
        };
        if one.form == Form::Mixed {
            return Err(format!(
                "by the row in line {} `{}` in line {} is `{old}`: change the row first",
                example.line,
                source.slice(one.word),
                line(one.word.start),
            ));
        }
        let Some(column) = one.column else { return Ok(()) };
        let words: BTreeSet<_> =
            names.iter().filter(|one| one.named == *self.named).map(|one| one.word).collect();
        let cells = Cells::new(source, example);
        let column = cells.column(column);
        match cells.uses(column).into_iter().find(|word| !words.contains(word)) {
            None => Ok(()),
            Some(other) => Err(format!(
                "`{old}` stands in the table, in line {}, and `{{{column}}}` is something else in \
                 line {}: change the row first",
                line(one.span.start),
                line(other.start),
            )),
        }
    }

    /// The new name as it is written at a place.
    fn written(&self, row: &Prepared, one: &Occurrence) -> String {
        let has_table =
            row.file.row.is_some() && row.file.source.included_path(one.span.start).is_none();
        let braced = |text: String| if has_table { text.replace('{', "{{") } else { text };
        match one.form {
            Form::Cell => write_cell(self.new),
            Form::Word => braced(write_name(self.new)),
            Form::Letters | Form::Mixed if one.column.is_some() => self.new.to_owned(),
            Form::Letters | Form::Mixed => braced(self.new.to_owned()),
        }
    }

    /// Reads all files with the edits in place: they must say what they said, by the new name.
    fn tried(&self, all: &[KnownFile], edits: &Edits) -> Result<(), String> {
        let mut buffers = self.buffers.clone();
        for (file, edits) in edits {
            let old = self.buffers.read(file)?;
            let mut text = Text::new(old);
            for edit in edits.iter().rev() {
                text.replace(edit.at.clone(), self.units, &edit.text);
            }
            buffers.put(file, Arc::new(text));
        }
        for known in all {
            let text = buffers.read(&known.path)?;
            let read = read(&known.path, &text, &buffers, self.zones);
            let beside = format!(" ({})", file_name(&known.path));
            if let Some(found) = fault(&known.read.rows, &read.rows) {
                return Err(format!("{}: {}{beside}", found.message, found.label));
            }
            let now: Vec<_> = read.rows.iter().map(occurrences).collect();
            let is_same = |(before, now): (&Vec<Occurrence>, &Vec<Occurrence>)| {
                let before = before.iter().map(|one| self.called(&one.named));
                before.eq(now.iter().map(|one| one.named.clone()))
            };
            if known.rows.len() != now.len() || !known.rows.iter().zip(&now).all(is_same) {
                let old = self.named.name();
                return Err(format!(
                    "called `{}`, `{old}` would not be the same everywhere{beside}",
                    self.new
                ));
            }
        }
        Ok(())
    }

    /// What something is called once it is done.
    fn called(&self, one: &Named) -> Named {
        match (one, self.named) {
            (one, named) if one == named => named.called(self.new),
            (Named::Widget(name), Named::Property(property)) => match name.split_once('/') {
                Some((of, widget)) if of == property => {
                    Named::Widget(format!("{}/{widget}", self.new))
                }
                _ => one.clone(),
            },
            (Named::Device(agent, device), Named::Agent(renamed)) if agent == renamed => {
                Named::Device(self.new.to_owned(), device.clone())
            }
            _ => one.clone(),
        }
    }
}

/// The first fault of a file that it did not have before: one of a kind in a line.
fn fault<'a>(before: &[Prepared], after: &'a [Prepared]) -> Option<&'a Diagnostic> {
    let of = |row: &Prepared, one: &Diagnostic| {
        let source = &row.file.source;
        let file = source.included_path(one.span.start).map(Path::to_owned);
        (file, source.position(one.span.start).line, one.code)
    };
    let known: Vec<_> =
        before.iter().flat_map(|row| row.diagnostics.iter().map(move |one| of(row, one))).collect();
    let mut all = after.iter().flat_map(|row| row.diagnostics.iter().map(move |one| (row, one)));
    all.find(|(row, one)| !known.contains(&of(row, one))).map(|(_, one)| one)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
