//! What mends what was found in a file, there where somebody asks.

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, TextEdit, Uri};

use super::convert::{diagnostic, range, workspace_edit};
use super::looked::Looked;
use super::session::Session;
use crate::editor::found::{Fix, Found};
use crate::editor::text::Stretch;

/// The fixes of all that was found in a file and meets a stretch, each once.
pub fn fixes<'a>(
    looked: impl IntoIterator<Item = &'a Looked>,
    (uri, path): (&Uri, &std::path::Path),
    asked: &Stretch,
    session: &Session,
) -> Vec<CodeActionOrCommand> {
    let all = looked.into_iter().flat_map(|looked| &looked.found);
    let meets =
        |one: &&Found| one.path == path && one.at.start <= asked.end && asked.start <= one.at.end;
    let mut actions: Vec<CodeAction> = Vec::new();
    for found in all.filter(meets) {
        for (number, fix) in found.fixes.iter().enumerate() {
            let action = action(uri, found, fix, number == 0, session);
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

fn action(uri: &Uri, found: &Found, fix: &Fix, is_first: bool, session: &Session) -> CodeAction {
    let edit = TextEdit { range: range(&fix.at), new_text: fix.text.clone() };
    CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(found, session)]),
        edit: Some(workspace_edit([(uri.clone(), vec![edit])])),
        is_preferred: is_first.then_some(true),
        ..CodeAction::default()
    }
}
