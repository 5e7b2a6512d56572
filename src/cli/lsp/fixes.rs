//! What mends what was found in a file, there where somebody asks.

use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, TextEdit};

use super::analysis::Analysis;
use super::convert::{diagnostic, range, uri, workspace_edit};
use super::open_files::OpenFiles;
use crate::editor::finding::{Finding, Fix};
use crate::editor::text::TextRange;

/// The fixes of all that was found in a file and meets a range, each once.
pub fn fixes<'a>(
    looked: impl IntoIterator<Item = &'a Analysis>,
    path: &Path,
    asked: &TextRange,
    moment: OpenFiles<'_>,
) -> Vec<CodeActionOrCommand> {
    let all = looked.into_iter().flat_map(|looked| &looked.found);
    let meets =
        |one: &&Finding| one.path == path && one.at.start <= asked.end && asked.start <= one.at.end;
    let mut actions: Vec<CodeAction> = Vec::new();
    for found in all.filter(meets) {
        let fixes = found.fixes.iter().filter(|fix| still_stands(fix, moment));
        for (number, fix) in fixes.enumerate() {
            let Some(action) = action(found, fix, number == 0, moment) else { continue };
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

/// Whether what is to be replaced stands where it was found, though the text that is open is not the one
/// that was read.
fn still_stands(fix: &Fix, moment: OpenFiles<'_>) -> bool {
    let units = moment.session.units;
    match (&fix.instead_of, moment.buffers.get(&fix.path)) {
        (Some(was), Some(open)) => open.within(&fix.at, units) == was,
        _ => true,
    }
}

fn action(found: &Finding, fix: &Fix, is_first: bool, moment: OpenFiles<'_>) -> Option<CodeAction> {
    let open = moment.open.get(&fix.path).map(|open| open.uri.clone());
    let file = open.or_else(|| uri(&fix.path))?;
    let edit = TextEdit { range: range(&fix.at), new_text: fix.text.clone() };
    Some(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(found, moment.session)]),
        edit: Some(workspace_edit([(file, vec![edit])])),
        is_preferred: is_first.then_some(true),
        ..CodeAction::default()
    })
}
