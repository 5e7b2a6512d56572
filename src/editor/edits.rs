//! What would change a text: its form, a name, the words that were meant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked::Asked;
use super::buffers::Buffers;
use super::look::{Kind, Read, read};
use super::names::{Named, Occurrence, at, occurrences, renamed};
use super::text::{Place, Stretch, Text, Units};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::format::{FormatError, format, format_world};

/// A text in the place of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced.
    pub at: Stretch,
    /// What is to stand there.
    pub text: String,
}

/// What puts a text into its form, line by line: nothing where it is in it.
///
/// # Errors
/// When the text has errors.
pub fn formatting(text: &Text, kind: Kind, units: Units) -> Result<Vec<Edit>, FormatError> {
    let bytes = text.as_str().as_bytes();
    let formatted = match kind {
        Kind::Scenario => format(bytes)?,
        Kind::World => format_world(bytes)?,
    };
    let whole = String::from_utf8_lossy(&formatted.bytes).into_owned();
    if whole == text.as_str() {
        return Ok(Vec::new());
    }
    let changed = formatted.lines.iter().enumerate().filter(|(_, line)| {
        line.after.as_deref() != Some(line.before.as_str()) || line.end != line.end_after
    });
    let of_line =
        |(number, line): (usize, &lamplighter_scenario::language::format::FormattedLine)| {
            let bytes = text.line(number);
            let end = if line.end.is_empty() { &line.end_after } else { "" };
            match &line.after {
                Some(after) => {
                    Edit { at: text.stretch(bytes, units), text: format!("{after}{end}") }
                }
                None => {
                    let next = Place { line: number + 1, column: 0 };
                    Edit { at: text.place(bytes.start, units)..next, text: String::new() }
                }
            }
        };
    let edits: Vec<Edit> = changed.map(of_line).collect();
    // Where an editor sees other lines than the language does, all of it is replaced.
    let mut tried = text.clone();
    for edit in edits.iter().rev() {
        tried.replace(edit.at.clone(), units, &edit.text);
    }
    if tried.as_str() == whole {
        return Ok(edits);
    }
    let all = text.stretch(0..text.as_str().len(), units);
    Ok(vec![Edit { at: all, text: whole }])
}

/// Places in several files.
pub type Places = BTreeMap<PathBuf, BTreeSet<(Place, Place)>>;

/// What names the same as the word at a place.
pub fn named(asked: &Asked<'_>) -> Option<Occurrence> {
    let prepared = asked.first();
    let all = occurrences(&prepared.document, &prepared.file.source);
    at(&all, asked.byte).cloned()
}

/// The places of a file, and of those that it includes, at which something is named: those that declare it,
/// or all.
pub fn places_of(read: &Read, path: &Path, named: &Named, declares: bool, units: Units) -> Places {
    let mut places = Places::new();
    let Some(prepared) = read.rows.first() else { return places };
    let source = &prepared.file.source;
    let all = occurrences(&prepared.document, source);
    for one in all.iter().filter(|one| one.named == *named && (one.declares || !declares)) {
        let (file, start, text) = source.file_of(one.span.start);
        let lines = Text::new(text.to_owned());
        let at = lines.stretch(one.span.start - start..one.span.end - start, units);
        let file = file.unwrap_or(path).to_owned();
        places.entry(file).or_default().insert((at.start, at.end));
    }
    places
}

/// The same over all files that know what is declared where it is: a name that a world declares is of all
/// scenarios that include the world.
pub fn places_everywhere(
    files: impl IntoIterator<Item = PathBuf>,
    buffers: &Buffers,
    zones: &Arc<Zones>,
    (asked, named): (&Asked<'_>, &Named),
    units: Units,
) -> Places {
    let mut places = places_of(asked.read, asked.path, named, false, units);
    let declared = places_of(asked.read, asked.path, named, true, units);
    for path in files {
        let Ok(text) = buffers.read(&path) else { continue };
        // Reading it takes longer than seeing that the name is not in it.
        if !text.contains(word(named)) || path == asked.path {
            continue;
        }
        let read = read(&path, &text, buffers, zones);
        let there = places_of(&read, &path, named, true, units);
        if there.iter().any(|(file, at)| declared.get(file).is_some_and(|of| !of.is_disjoint(at))) {
            for (file, at) in places_of(&read, &path, named, false, units) {
                places.entry(file).or_default().extend(at);
            }
        }
    }
    places
}

/// The letters that stand wherever something is named.
fn word(named: &Named) -> &str {
    match named {
        Named::Agent(name) | Named::Property(name) | Named::Device(_, name) => name,
        Named::Widget(name) => name.split_once('/').map_or(name, |(_, widget)| widget),
    }
}

/// What renames something at all of its places.
///
/// # Errors
/// When nothing can be called so: why not.
pub fn renaming(
    places: Places,
    named: &Named,
    new: &str,
    read: &Read,
) -> Result<BTreeMap<PathBuf, Vec<Edit>>, String> {
    let text = renamed(named, new).ok_or_else(|| format!("`{new}` cannot be a name here"))?;
    if let Some(prepared) = read.rows.first() {
        let roster = &prepared.plan.roster;
        let is_taken = match named {
            Named::Agent(_) | Named::Property(_) => {
                roster.agents.get(new).is_some() || roster.properties.get(new).is_some()
            }
            Named::Widget(name) => {
                let property = name.split_once('/').map_or("", |(property, _)| property);
                roster.widgets.get(&format!("{property}/{new}")).is_some()
            }
            Named::Device(agent, _) => {
                let agent = roster.agents.get(agent);
                agent.is_some_and(|agent| roster.device(agent, new).is_some())
            }
        };
        if is_taken {
            return Err(format!("there is a `{new}` already"));
        }
    }
    let edit = |(from, to): (Place, Place)| Edit { at: from..to, text: text.clone() };
    Ok(places.into_iter().map(|(path, at)| (path, at.into_iter().map(edit).collect())).collect())
}
