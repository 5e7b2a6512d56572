//! What the server asks an editor for beyond scenarios: to be told of files that these name, when they change
//! on the disk and when they are open, and to be asked what would mend them.

use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification,
};
use lsp_types::request::{CodeActionRequest, Request};
use lsp_types::{
    CodeActionKind, CodeActionOptions, DidChangeWatchedFilesRegistrationOptions, DocumentFilter,
    FileSystemWatcher, GlobPattern, Registration, RegistrationParams,
    TextDocumentChangeRegistrationOptions, TextDocumentRegistrationOptions, TextDocumentSyncKind,
};
use serde::Serialize;

use super::session::Session;
use crate::editor::look::NAMED;

/// All that is asked for, of an editor that lets itself be asked.
pub fn wanted(session: &Session) -> RegistrationParams {
    let mut registrations = Vec::new();
    if session.watches_files() {
        registrations.extend(watched());
    }
    if session.opens_other_files() {
        registrations.extend(opened().into_iter().flatten());
    }
    RegistrationParams { registrations }
}

fn registration(method: &str, options: &impl Serialize) -> Option<Registration> {
    let register_options = Some(serde_json::to_value(options).ok()?);
    Some(Registration { id: method.to_owned(), method: method.to_owned(), register_options })
}

/// Files whose changes on the disk are told.
fn watched() -> Option<Registration> {
    let watcher = |ending: &str| FileSystemWatcher {
        glob_pattern: GlobPattern::String(format!("**/*.{ending}")),
        kind: None,
    };
    let watchers = ["scenario", "world"].into_iter().chain(NAMED).map(watcher).collect();
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    registration(DidChangeWatchedFiles::METHOD, &options)
}

/// Which code actions are asked for, of which files.
#[derive(Serialize)]
struct CodeActionsOf {
    #[serde(flatten)]
    files: TextDocumentRegistrationOptions,
    #[serde(flatten)]
    actions: CodeActionOptions,
}

/// Files that scenarios name, while they are open: nothing is answered of them but what would mend them, so
/// that nobody else's forms and colours are in the way.
fn opened() -> [Option<Registration>; 5] {
    let filter = |ending: &str| DocumentFilter {
        language: None,
        scheme: Some("file".to_owned()),
        pattern: Some(format!("**/*.{ending}")),
    };
    let files = TextDocumentRegistrationOptions {
        document_selector: Some(NAMED.into_iter().map(filter).collect()),
    };
    let changes = TextDocumentChangeRegistrationOptions {
        document_selector: files.document_selector.clone(),
        sync_kind: TextDocumentSyncKind::INCREMENTAL,
    };
    let actions = CodeActionsOf {
        files: files.clone(),
        actions: CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        },
    };
    [
        registration(DidOpenTextDocument::METHOD, &files),
        registration(DidChangeTextDocument::METHOD, &changes),
        registration(DidSaveTextDocument::METHOD, &files),
        registration(DidCloseTextDocument::METHOD, &files),
        registration(CodeActionRequest::METHOD, &actions),
    ]
}
