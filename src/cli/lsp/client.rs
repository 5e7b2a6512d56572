//! What is sent to the editor. Once it has gone, nothing is, and nobody minds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, LogMessage, ShowMessage};
use lsp_types::request;
use lsp_types::{LogMessageParams, MessageType, ShowMessageParams};
use serde::Serialize;

/// The editor, as everybody who has something to say to it has it.
#[derive(Clone)]
pub struct Client {
    connection: Arc<Connection>,
    /// The number of the next request to the editor.
    next_id: Arc<AtomicI32>,
}

impl Client {
    /// The editor at the other end of a connection.
    pub fn new(connection: Connection) -> Self {
        Self { connection: Arc::new(connection), next_id: Arc::default() }
    }

    /// The next message; `None` once the editor has gone.
    pub fn receive(&self) -> Option<Message> {
        self.connection.receiver.recv().ok()
    }

    /// Answers a request of the editor with a result.
    pub fn answer(&self, id: RequestId, result: &impl Serialize) {
        match serde_json::to_value(result) {
            Ok(result) => self.send(Response { id, response_result: Ok(result) }.into()),
            Err(error) => self.refuse(id, ErrorCode::InternalError, &error.to_string()),
        }
    }

    /// Answers a request that cannot be served: why not.
    pub fn refuse(&self, id: RequestId, code: ErrorCode, why: &str) {
        self.send(Response::new_err(id, code as i32, why.to_owned()).into());
    }

    /// Tells the editor something.
    pub fn notify<N: notification::Notification>(&self, params: &N::Params) {
        if let Ok(params) = serde_json::to_value(params) {
            self.send(Notification { method: N::METHOD.to_owned(), params }.into());
        }
    }

    /// Asks the editor for something, whose answer is not waited for.
    pub fn request<R: request::Request>(&self, params: &R::Params) {
        let id = RequestId::from(self.next_id.fetch_add(1, Ordering::Relaxed));
        if let Ok(params) = serde_json::to_value(params) {
            self.send(Request { id, method: R::METHOD.to_owned(), params }.into());
        }
    }

    /// Shows a person a message.
    pub fn show(&self, typ: MessageType, message: String) {
        self.notify::<ShowMessage>(&ShowMessageParams { typ, message });
    }

    /// Puts a line into the editor's log.
    pub fn log(&self, typ: MessageType, message: String) {
        self.notify::<LogMessage>(&LogMessageParams { typ, message });
    }

    fn send(&self, message: Message) {
        // Whoever is gone is told by `receive`.
        let _ = self.connection.sender.send(message);
    }
}
