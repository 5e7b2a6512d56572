//! Takes messages in, and hands each to who answers it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use lsp_server::{ErrorCode, Message, Notification, Request};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Exit as ExitNotification, Notification as _,
};
use lsp_types::request::{RegisterCapability, Request as _, Shutdown};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, FileSystemWatcher, GlobPattern,
    MessageType, Registration, RegistrationParams,
};
use serde::de::DeserializeOwned;

use super::checker::{Checker, Why};
use super::client::Client;
use super::convert::{path, stretch};
use super::open::Open;
use super::session::Session;
use crate::cli::exit::Exit;
use crate::editor::buffers::{Buffers, plain};
use crate::editor::text::Text;
use lamplighter_core::hours::Zones;

/// Files that scenarios name, whose changes on the disk are told by editors that watch files.
const WATCHED: [&str; 5] = ["**/*.scenario", "**/*.world", "**/*.csv", "**/*.ics", "**/*.toml"];

/// The server, from the editor's first message to its last.
pub struct Server {
    client: Client,
    session: Session,
    zones: Arc<Zones>,
    open: BTreeMap<PathBuf, Open>,
    buffers: Buffers,
}

impl Server {
    /// Knows of no file yet.
    pub fn new(client: Client, session: Session, zones: Arc<Zones>) -> Self {
        Self { client, session, zones, open: BTreeMap::new(), buffers: Buffers::default() }
    }

    /// Answers until the editor ends it: all well if it said so before.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn run(mut self) -> anyhow::Result<Exit> {
        let (client, session) = (self.client.clone(), self.session.clone());
        let checker = Checker::start(client, session, Arc::clone(&self.zones))
            .context("cannot start a thread")?;
        if self.session.watches_files() {
            self.watch_files();
        }
        let mut is_shut_down = false;
        while let Some(message) = self.client.receive() {
            match message {
                Message::Notification(told) if told.method == ExitNotification::METHOD => break,
                Message::Notification(told) => {
                    let method = told.method.clone();
                    let done = catch_unwind(AssertUnwindSafe(|| self.take(told, &checker)));
                    if !matches!(done, Ok(Ok(()))) {
                        let why = done.map_or_else(
                            |_| "a fault of lamplighter".to_owned(),
                            |done| done.err().map(|error| error.to_string()).unwrap_or_default(),
                        );
                        self.client.log(MessageType::ERROR, format!("{method}: {why}"));
                    }
                }
                Message::Request(Request { id, method, .. }) if method == Shutdown::METHOD => {
                    is_shut_down = true;
                    self.client.answer(id, &());
                }
                Message::Request(Request { id, .. }) if is_shut_down => {
                    let why = "the server was shut down";
                    self.client.refuse(id, ErrorCode::InvalidRequest, why);
                }
                Message::Request(request) => self.answer(request),
                // What it was asked for is done, or not, without further word.
                Message::Response(_) => {}
            }
        }
        Ok(if is_shut_down { Exit::AllWell } else { Exit::Failed })
    }

    fn answer(&self, Request { id, method, .. }: Request) {
        let why = format!("`{method}` is nothing that this server does");
        self.client.refuse(id, ErrorCode::MethodNotFound, &why);
    }

    /// Takes what the editor tells.
    fn take(&mut self, told: Notification, checker: &Checker) -> serde_json::Result<()> {
        match told.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let DidOpenTextDocumentParams { text_document } = params(told)?;
                let path = plain(&path(&text_document.uri));
                let text = Arc::new(Text::new(text_document.text));
                let (uri, version) = (text_document.uri, text_document.version);
                self.put(Open { uri, path, version, text }, Why::Rested, checker);
            }
            DidChangeTextDocument::METHOD => self.change(params(told)?, checker),
            DidSaveTextDocument::METHOD => {
                let DidSaveTextDocumentParams { text_document, .. } = params(told)?;
                let path = plain(&path(&text_document.uri));
                if let Some(open) = self.open.get(&path).cloned() {
                    self.put(open, Why::Rested, checker);
                }
            }
            DidCloseTextDocument::METHOD => {
                let DidCloseTextDocumentParams { text_document } = params(told)?;
                let path = plain(&path(&text_document.uri));
                self.open.remove(&path);
                self.buffers.close(&path);
                checker.close(&path);
                // What the disk has of it may be something else.
                self.look_at_those_naming(&path, checker);
            }
            DidChangeWatchedFiles::METHOD => {
                let DidChangeWatchedFilesParams { changes } = params(told)?;
                for change in changes {
                    let path = plain(&path(&change.uri));
                    if self.buffers.get(&path).is_none() {
                        self.look_at_those_naming(&path, checker);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn change(&mut self, params: DidChangeTextDocumentParams, checker: &Checker) {
        let DidChangeTextDocumentParams { text_document, content_changes } = params;
        let path = plain(&path(&text_document.uri));
        let Some(mut open) = self.open.remove(&path) else { return };
        // The other copies are those of whoever looks at the text of before.
        let text = Arc::make_mut(&mut open.text);
        for change in content_changes {
            match change.range {
                None => *text = Text::new(change.text),
                Some(range) => text.replace(stretch(range), self.session.units, &change.text),
            }
        }
        open.version = text_document.version;
        self.put(open, Why::Typed, checker);
    }

    /// Takes the text of a file, and has those looked at that it concerns.
    fn put(&mut self, open: Open, why: Why, checker: &Checker) {
        self.buffers.put(&open.path, Arc::clone(&open.text));
        let path = open.path.clone();
        self.open.insert(path.clone(), open.clone());
        checker.look(open, self.buffers.clone(), why);
        for naming in checker.naming(&path) {
            if let Some(open) = self.open.get(&naming) {
                checker.look(open.clone(), self.buffers.clone(), why);
            }
        }
    }

    fn look_at_those_naming(&self, path: &Path, checker: &Checker) {
        for naming in checker.naming(path) {
            if let Some(open) = self.open.get(&naming) {
                checker.look(open.clone(), self.buffers.clone(), Why::Rested);
            }
        }
    }

    /// Asks the editor to tell of changes on the disk.
    fn watch_files(&self) {
        let watcher = |pattern: &str| FileSystemWatcher {
            glob_pattern: GlobPattern::String(pattern.to_owned()),
            kind: None,
        };
        let watchers = WATCHED.into_iter().map(watcher).collect();
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        let registration = Registration {
            id: "files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        self.client.request::<RegisterCapability>(&params);
    }
}

/// What a message says.
fn params<P: DeserializeOwned>(told: Notification) -> serde_json::Result<P> {
    serde_json::from_value(told.params)
}
