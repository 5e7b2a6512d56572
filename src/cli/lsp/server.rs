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
use lsp_types::request::{
    CodeActionRequest, ExecuteCommand, InlayHintRequest, RegisterCapability, Request as _, Shutdown,
};
use lsp_types::{
    CodeActionParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    ExecuteCommandParams, InlayHintParams, MessageType, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answers::Answers;
use super::checker::{Checker, Question, What, Why};
use super::client::Client;
use super::convert::{path, text_range};
use super::fixes::fixes;
use super::open::Open;
use super::open_files::{OpenFiles, Refused};
use super::session::{BLESS, RUN, Session};
use super::wanted::wanted;
use crate::cli::exit::Exit;
use crate::editor::buffers::{Buffers, plain};
use crate::editor::look::is_named;
use crate::editor::text::Text;
use lamplighter_core::hours::Zones;

/// The server, from the editor's first message to its last.
pub struct Server {
    client: Client,
    session: Session,
    zones: Arc<Zones>,
    answers: Answers,
    open: BTreeMap<PathBuf, Open>,
    buffers: Buffers,
    /// Grows with every change of any text.
    number: u64,
}

impl Server {
    /// Knows of no file yet.
    pub fn new(client: Client, session: Session, zones: Arc<Zones>) -> Self {
        let answers = Answers::default();
        let (open, buffers) = (BTreeMap::new(), Buffers::default());
        Self { client, session, zones, answers, open, buffers, number: 0 }
    }

    /// Answers until the editor ends it: all well if it said so before.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn run(mut self) -> anyhow::Result<Exit> {
        let (client, session) = (self.client.clone(), self.session.clone());
        let checker = Checker::start(client, session, Arc::clone(&self.zones))
            .context("cannot start a thread")?;
        let wanted = wanted(&self.session);
        if !wanted.registrations.is_empty() {
            self.client.request::<RegisterCapability>(&wanted);
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
                Message::Request(request) => {
                    let id = request.id.clone();
                    let done = catch_unwind(AssertUnwindSafe(|| self.answer(request, &checker)));
                    if done.is_err() {
                        let why = "a fault of lamplighter";
                        self.client.refuse(id, ErrorCode::InternalError, why);
                    }
                }
                // What it was asked for is done, or not, without further word.
                Message::Response(_) => {}
            }
        }
        Ok(if is_shut_down { Exit::AllWell } else { Exit::Failed })
    }

    /// Answers a request, or has it answered by who plays files.
    fn answer(&self, request: Request, checker: &Checker) {
        let Self { session, zones, open, buffers, number, .. } = self;
        let moment = OpenFiles { open, buffers, number: *number, session, zones };
        let answer = match self.answers.answer(moment, &request) {
            // Of a file that scenarios name nothing is known but what would mend it.
            _ if is_about_named(&request) && request.method != CodeActionRequest::METHOD => {
                Ok(Value::Null)
            }
            Some(answer) => answer,
            None => match self.ask(moment, &request, checker) {
                Ok(Some(answer)) => Ok(answer),
                // It will be.
                Ok(None) => return,
                Err(refused) => Err(refused),
            },
        };
        match answer {
            Ok(answer) => self.client.answer(request.id, &answer),
            Err(Refused { code, why }) => self.client.refuse(request.id, code, &why),
        }
    }

    /// What playing alone can answer: the answer, where it is there already.
    fn ask(
        &self,
        moment: OpenFiles<'_>,
        request: &Request,
        checker: &Checker,
    ) -> Result<Option<Value>, Refused> {
        let params = request.params.clone();
        let question = |uri: &Uri, what| {
            let open = moment.file(uri)?.clone();
            checker.ask(Question { open, buffers: self.buffers.clone(), what });
            Ok::<(), Refused>(())
        };
        match request.method.as_str() {
            InlayHintRequest::METHOD => {
                let InlayHintParams { text_document, range, .. } = serde_json::from_value(params)?;
                question(&text_document.uri, What::Hints(request.id.clone(), range))?;
                Ok(None)
            }
            CodeActionRequest::METHOD => {
                let CodeActionParams { text_document, range, .. } = serde_json::from_value(params)?;
                let file = moment.file(&text_document.uri)?.path.as_path();
                let looked = checker.looked();
                let looked = looked.iter().map(AsRef::as_ref);
                let fixes = fixes(looked, file, &text_range(range), moment);
                Ok(Some(serde_json::to_value(fixes)?))
            }
            ExecuteCommand::METHOD => {
                let ExecuteCommandParams { command, arguments, .. } =
                    serde_json::from_value(params)?;
                let what = match command.as_str() {
                    RUN => What::Run,
                    BLESS => What::Bless,
                    _ => return Err(Refused::because(format!("there is no command `{command}`"))),
                };
                let uri = arguments.into_iter().next().unwrap_or_default();
                question(&serde_json::from_value(uri)?, what)?;
                Ok(Some(Value::Null))
            }
            method => {
                let why = format!("`{method}` is nothing that this server does");
                Err(Refused { code: ErrorCode::MethodNotFound, why })
            }
        }
    }

    /// Takes what the editor tells.
    fn take(&mut self, told: Notification, checker: &Checker) -> serde_json::Result<()> {
        self.number += 1;
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
                Some(range) => text.replace(text_range(range), self.session.units, &change.text),
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
        if !is_named(&path) {
            checker.look(open, self.buffers.clone(), why);
        }
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
}

/// Whether a request is about a file that scenarios name.
fn is_about_named(request: &Request) -> bool {
    let uri = request.params.pointer("/textDocument/uri").cloned();
    uri.and_then(|uri| serde_json::from_value(uri).ok()).is_some_and(|uri| is_named(&path(&uri)))
}

/// What a message says.
fn params<P: DeserializeOwned>(told: Notification) -> serde_json::Result<P> {
    serde_json::from_value(told.params)
}
