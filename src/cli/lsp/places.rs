//! Where names are declared and used, over all files that know them, and what gives them another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{
    DocumentHighlight, DocumentHighlightKind, Location, PrepareRenameResponse, Range, TextEdit,
    Uri, WorkspaceEdit,
};

use super::convert::{path, position, range, text_edit, uri, workspace_edit};
use super::open_files::{OpenFiles, Refused};
use crate::cli::files::scenario_files;
use crate::editor::buffers::plain;
use crate::editor::cursor::CursorRequest;
use crate::editor::known_file::{KnownFile, Places, knowing, places_in};
use crate::editor::look::is_named;
use crate::editor::names::Occurrence;
use crate::editor::rename::Renaming;
use crate::editor::text::TextPosition;

/// Where what stands at a place is declared; of the name of a file, the file.
pub fn definition(asked: &CursorRequest<'_>, moment: OpenFiles<'_>) -> Vec<Location> {
    if let Some(file) = asked.file_named() {
        let start = TextPosition::default()..TextPosition::default();
        let location = |uri: Uri| Location { uri, range: range(&start) };
        return uri_of(&plain(&file), moment).map(location).into_iter().collect();
    }
    let known = known(asked);
    let Some(one) = known.named(asked) else { return Vec::new() };
    locations(&known.places(&one.named, true, moment.session.units), moment)
}

/// All places of what stands at a place, in all files that know it.
pub fn references(asked: &CursorRequest<'_>, moment: OpenFiles<'_>) -> Vec<Location> {
    let known = known(asked);
    let Some(one) = known.named(asked) else { return Vec::new() };
    let all = everywhere(known, &one, moment);
    locations(&places_in(&all, &one.named, moment.session.units), moment)
}

/// The places of what stands at a place in the same file.
pub fn highlights(asked: &CursorRequest<'_>, moment: OpenFiles<'_>) -> Vec<DocumentHighlight> {
    let known = known(asked);
    let Some(one) = known.named(asked) else { return Vec::new() };
    let places = known.places(&one.named, false, moment.session.units);
    let own = places.get(asked.path).into_iter().flatten();
    let kind = Some(DocumentHighlightKind::TEXT);
    own.map(|at| DocumentHighlight { range: between(*at), kind }).collect()
}

/// The words at a place, if they are a name that can be another.
pub fn can_rename(
    asked: &CursorRequest<'_>,
    moment: OpenFiles<'_>,
) -> Option<PrepareRenameResponse> {
    let one = known(asked).named(asked)?;
    let at = asked.text.range(asked.in_text(one.span), moment.session.units);
    Some(PrepareRenameResponse::Range(range(&at)))
}

/// What gives the name at a place another, in all files that know it.
///
/// # Errors
/// When there is no name, or nothing can be called so.
pub fn rename(
    asked: &CursorRequest<'_>,
    moment: OpenFiles<'_>,
    new: &str,
) -> Result<WorkspaceEdit, Refused> {
    let known = known(asked);
    let one = known.named(asked).ok_or_else(|| Refused::because("no name stands here"))?;
    let all = everywhere(known, &one, moment);
    let OpenFiles { buffers, zones, session, .. } = moment;
    let renaming = Renaming { named: &one.named, new, buffers, zones, units: session.units };
    let edits = renaming.edits(&all).map_err(Refused::because)?;
    let changes = edits.into_iter().filter_map(|(path, edits)| {
        let edits: Vec<TextEdit> = edits.iter().map(text_edit).collect();
        Some((uri_of(&path, moment)?, edits))
    });
    Ok(workspace_edit(changes))
}

fn known(asked: &CursorRequest<'_>) -> KnownFile {
    KnownFile::new(asked.path, Arc::clone(asked.read))
}

fn everywhere(asked: KnownFile, one: &Occurrence, moment: OpenFiles<'_>) -> Vec<KnownFile> {
    let open = moment.buffers.paths().filter(|path| !is_named(path)).map(Path::to_owned);
    let folders: Vec<PathBuf> =
        moment.session.folders.iter().map(|uri| plain(&path(uri))).collect();
    // What cannot be read has no names.
    let closed = scenario_files(&folders).found.into_iter().map(|path| plain(&path));
    let mut files: Vec<PathBuf> = open.chain(closed).collect();
    files.sort();
    files.dedup();
    knowing(asked, &one.named, files, (moment.buffers, moment.zones))
}

/// A file as the editor names it, if it has it open.
fn uri_of(path: &Path, moment: OpenFiles<'_>) -> Option<Uri> {
    moment.open.get(path).map(|open| open.uri.clone()).or_else(|| uri(path))
}

fn between((from, to): (TextPosition, TextPosition)) -> Range {
    Range { start: position(from), end: position(to) }
}

fn locations(places: &Places, moment: OpenFiles<'_>) -> Vec<Location> {
    let of_file =
        |(path, at): (&PathBuf, &BTreeSet<(TextPosition, TextPosition)>)| -> Vec<Location> {
            let Some(uri) = uri_of(path, moment) else { return Vec::new() };
            at.iter().map(|at| Location { uri: uri.clone(), range: between(*at) }).collect()
        };
    places.iter().flat_map(of_file).collect()
}
