//! Where names are declared and used, over all files that know them, and what gives them another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::{
    DocumentHighlight, DocumentHighlightKind, Location, PrepareRenameResponse, Range, TextEdit,
    Uri, WorkspaceEdit,
};

use super::convert::{path, position, range, text_edit, uri, workspace_edit};
use super::moment::{Moment, Refused};
use crate::cli::files::scenario_files;
use crate::editor::asked::Asked;
use crate::editor::buffers::plain;
use crate::editor::edits::{Places, named, places_everywhere, places_of, renaming};
use crate::editor::look::is_named;
use crate::editor::names::Occurrence;
use crate::editor::text::Place;

/// Where what stands at a place is declared; of the name of a file, the file.
pub fn definition(asked: &Asked<'_>, moment: Moment<'_>) -> Vec<Location> {
    if let Some(file) = asked.file_named() {
        let start = Place::default()..Place::default();
        let location = |uri: Uri| Location { uri, range: range(&start) };
        return uri(&plain(&file)).map(location).into_iter().collect();
    }
    let Some(Occurrence { named, .. }) = named(asked) else { return Vec::new() };
    locations(&places_of(asked.read, asked.path, &named, true, moment.session.units))
}

/// All places of what stands at a place, in all files that know it.
pub fn references(asked: &Asked<'_>, moment: Moment<'_>) -> Vec<Location> {
    let Some(one) = named(asked) else { return Vec::new() };
    locations(&everywhere(asked, &one, moment))
}

/// The places of what stands at a place in the same file.
pub fn highlights(asked: &Asked<'_>, moment: Moment<'_>) -> Vec<DocumentHighlight> {
    let Some(one) = named(asked) else { return Vec::new() };
    let places = places_of(asked.read, asked.path, &one.named, false, moment.session.units);
    let own = places.get(asked.path).into_iter().flatten();
    let kind = Some(DocumentHighlightKind::TEXT);
    own.map(|at| DocumentHighlight { range: between(*at), kind }).collect()
}

/// The words at a place, if they are a name that can be another.
pub fn can_rename(asked: &Asked<'_>, moment: Moment<'_>) -> Option<PrepareRenameResponse> {
    let one = named(asked)?;
    let at = asked.text.stretch(asked.in_text(one.span), moment.session.units);
    Some(PrepareRenameResponse::Range(range(&at)))
}

/// What gives the name at a place another, in all files that know it.
///
/// # Errors
/// When there is no name, or nothing can be called so.
pub fn rename(asked: &Asked<'_>, moment: Moment<'_>, new: &str) -> Result<WorkspaceEdit, Refused> {
    let one = named(asked).ok_or_else(|| Refused::because("no name stands here"))?;
    let places = everywhere(asked, &one, moment);
    let edits = renaming(places, &one.named, new, asked.read).map_err(Refused::because)?;
    let changes = edits.into_iter().filter_map(|(path, edits)| {
        let edits: Vec<TextEdit> = edits.iter().map(text_edit).collect();
        Some((uri_of(&path, moment)?, edits))
    });
    Ok(workspace_edit(changes))
}

fn everywhere(asked: &Asked<'_>, one: &Occurrence, moment: Moment<'_>) -> Places {
    let open = moment.buffers.paths().filter(|path| !is_named(path)).map(Path::to_owned);
    let folders: Vec<PathBuf> =
        moment.session.folders.iter().map(|uri| plain(&path(uri))).collect();
    // What cannot be read has no names.
    let closed = scenario_files(&folders).found.into_iter().map(|path| plain(&path));
    let mut files: Vec<PathBuf> = open.chain(closed).collect();
    files.sort();
    files.dedup();
    let (buffers, zones) = (moment.buffers, moment.zones);
    places_everywhere(files, buffers, zones, (asked, &one.named), moment.session.units)
}

/// A file as the editor names it, if it has it open.
fn uri_of(path: &Path, moment: Moment<'_>) -> Option<Uri> {
    moment.open.get(path).map(|open| open.uri.clone()).or_else(|| uri(path))
}

fn between((from, to): (Place, Place)) -> Range {
    Range { start: position(from), end: position(to) }
}

fn locations(places: &Places) -> Vec<Location> {
    let of_file = |(path, at): (&PathBuf, &_)| -> Vec<Location> {
        let at: &std::collections::BTreeSet<(Place, Place)> = at;
        let Some(uri) = uri(path) else { return Vec::new() };
        at.iter().map(|at| Location { uri: uri.clone(), range: between(*at) }).collect()
    };
    let by_file: BTreeMap<_, _> = places.iter().collect();
    by_file.into_iter().flat_map(of_file).collect()
}
