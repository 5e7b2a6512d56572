//! An editor of the tests' own: it starts the server, and keeps what it is told.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// Longer than the server takes for anything, on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Message>,
    next_id: i32,
    /// What `initialize` was answered.
    pub agreed: Value,
    /// What each file was last said to have, with the version of its text.
    pub published: BTreeMap<String, (Option<i64>, Vec<Value>)>,
    /// Requests and other words of the server, in their order.
    pub heard: Vec<(String, Value)>,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file as the tests name it to the server: their names need no escapes.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Editor {
    /// An editor that knows nothing but what every one knows.
    pub fn start() -> Self {
        Self::start_with(json!({"capabilities": {}}))
    }

    pub fn start_with(params: Value) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (tell, messages) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut out) {
                if tell.send(message).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        let mut editor = Self {
            child,
            stdin,
            messages,
            next_id: 0,
            agreed: Value::Null,
            published: BTreeMap::new(),
            heard: Vec::new(),
        };
        editor.agreed = editor.ask("initialize", params).expect("agreed");
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: Message) {
        message.write(self.stdin.as_mut().expect("a pipe")).expect("it listens");
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params }.into());
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, (i32, String)> {
        self.next_id += 1;
        let id = RequestId::from(self.next_id);
        self.send(Request { id: id.clone(), method: method.to_owned(), params }.into());
        loop {
            if let Message::Response(Response { id: of, response_result }) = self.next() {
                assert_eq!(of, id, "answers come in the order of their questions");
                return response_result.map_err(|error| (error.code, error.message));
            }
        }
    }

    /// Asks about a place in a file.
    pub fn ask_at(&mut self, method: &str, path: &Path, line: u32, column: u32) -> Value {
        let params = json!({
            "textDocument": {"uri": uri(path)},
            "position": {"line": line, "character": column},
        });
        self.ask(method, params).expect(method)
    }

    pub fn open(&mut self, path: &Path, text: &str) {
        let item =
            json!({"uri": uri(path), "languageId": "lamplighter", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": item}));
    }

    /// Changes a text: `None` in the place of a range for all of it.
    pub fn change(&mut self, path: &Path, version: i64, range: Option<Value>, text: &str) {
        let change = match range {
            Some(range) => json!({"range": range, "text": text}),
            None => json!({"text": text}),
        };
        self.tell(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri(path), "version": version},
                "contentChanges": [change],
            }),
        );
    }

    pub fn close(&mut self, path: &Path) {
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": uri(path)}}));
    }

    pub fn save(&mut self, path: &Path) {
        self.tell("textDocument/didSave", json!({"textDocument": {"uri": uri(path)}}));
    }

    /// Takes the next message in.
    fn next(&mut self) -> Message {
        let message = self.messages.recv_timeout(PATIENCE).expect("the server says something");
        match &message {
            Message::Notification(told) if told.method == "textDocument/publishDiagnostics" => {
                let uri = told.params["uri"].as_str().expect("a URI").to_owned();
                let version = told.params["version"].as_i64();
                let found = told.params["diagnostics"].as_array().expect("a list").clone();
                self.published.insert(uri, (version, found));
            }
            Message::Notification(told) => {
                self.heard.push((told.method.clone(), told.params.clone()));
            }
            Message::Request(asked) => {
                self.heard.push((asked.method.clone(), asked.params.clone()));
                let response = Response { id: asked.id.clone(), response_result: Ok(Value::Null) };
                self.send(response.into());
            }
            Message::Response(_) => {}
        }
        message
    }

    /// Waits until it is so of what was published and heard.
    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let patience = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < patience, "never: {what}\n{:#?}", self.published);
            self.next();
        }
    }

    /// What a file has, once it is told of that version of its text.
    pub fn diagnostics(&mut self, path: &Path, version: i64) -> Vec<Value> {
        let uri = uri(path);
        let is_told =
            |editor: &Self| editor.published.get(&uri).is_some_and(|told| told.0 == Some(version));
        self.wait_until(&format!("diagnostics of {uri}, {version}"), is_told);
        self.published[&uri].1.clone()
    }

    /// Ends the server as editors do.
    pub fn end(mut self) -> ExitStatus {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        self.child.wait().expect("it ends")
    }

    /// Goes without a word.
    pub fn vanish(mut self) -> ExitStatus {
        self.stdin = None;
        self.child.wait().expect("it ends")
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It has ended, or a test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The scenario files below a folder of the repository, by name.
pub fn scenarios(folder: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "scenario") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(&root().join(folder), &mut found);
    found.sort();
    found
}
