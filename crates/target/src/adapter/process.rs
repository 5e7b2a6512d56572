//! The process of an adapter, from its start to its end.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command as Starting};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dispatcher::{Dispatcher, Push};
use super::error::{AdapterError, LastLines};
use super::lines::{Line, next};
use super::message::{AdapterMessage, Reply, TimedReply};
use super::monotonic::MonotonicClock;
use super::request::{AdapterCall, AdapterRequest, PROTOCOL};
use crate::timestamp::Timestamp;

/// Takes each line of an adapter's log, as it was written.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// How a process is started.
#[derive(Clone)]
pub struct Command {
    /// The program with its arguments.
    pub words: Vec<String>,
    /// Where it is started: the folder of the target file (T54).
    pub folder: PathBuf,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long a line of it may be.
    pub line_bytes_max: usize,
    /// Takes its log.
    pub log: Option<Log>,
}

/// A process that speaks for a product. Dropped, it is ended.
#[derive(Debug)]
pub struct Adapter {
    timeout: Duration,
    dispatcher: Arc<Dispatcher>,
    outbox: mpsc::Sender<String>,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

/// So many requests wait for a process that does not read.
const REQUESTS_MAX: usize = 64;
/// A line of a log is shown up to so many bytes.
const LOG_LINE_BYTES_MAX: usize = 4_096;
/// So much of a line that is nonsense is shown.
const SHOWN_CHARS_MAX: usize = 120;
/// So long a process may take to end once it has nothing to do any more.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// So long the rest of its log is waited for once it has ended.
const LOG_WITHIN: Duration = Duration::from_millis(500);

impl Adapter {
    /// Starts it and says hello.
    ///
    /// # Errors
    /// When it does not start, or does not answer as the protocol says.
    pub async fn start(command: &Command, hello: Map<String, Value>) -> Result<Self, AdapterError> {
        let mut child = started(command)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            let (command, why) = (command.words.join(" "), "it has no pipes".to_owned());
            return Err(AdapterError::CannotStart { command, why });
        };
        let dispatcher = Arc::new(Dispatcher::new(MonotonicClock::now()));
        let (outbox, requests) = mpsc::channel(REQUESTS_MAX);
        let mut tasks = JoinSet::new();
        tasks.spawn(write(stdin, requests));
        let of_log = Arc::clone(&dispatcher);
        let log = command.log.clone();
        let logged = tokio::spawn(async move { keep_log(stderr, &of_log, log).await });
        let (of_answers, bytes_max) = (Arc::clone(&dispatcher), command.line_bytes_max);
        tasks.spawn(async move {
            let why = read(stdout, &of_answers, bytes_max).await;
            let how = over(child, why.is_some()).await;
            drop(timeout(LOG_WITHIN, logged).await);
            let log = of_answers.last_lines();
            of_answers.end(why.unwrap_or(AdapterError::Ended { how, log }));
        });
        let tasks = tokio::sync::Mutex::new(tasks);
        let adapter = Self { timeout: command.timeout, dispatcher, outbox, tasks };
        adapter.greet(hello).await?;
        Ok(adapter)
    }

    async fn greet(&self, mut names: Map<String, Value>) -> Result<(), AdapterError> {
        names.insert("protocol".to_owned(), Value::from(PROTOCOL));
        let said = self.call(&AdapterRequest { what: AdapterCall::Hello, names }).await?;
        let (why, log) = match said.reply {
            Reply::Done(done) => match &done["protocol"] {
                Value::Null => return Ok(()),
                version if *version == PROTOCOL => return Ok(()),
                version => {
                    let why =
                        format!("it speaks protocol {version}, and {PROTOCOL} is spoken here");
                    (why, LastLines::default())
                }
            },
            Reply::Refused(why) => (format!("it refuses: {why}"), self.dispatcher.last_lines()),
            Reply::Gone => ("its session is gone".to_owned(), self.dispatcher.last_lines()),
            Reply::Unknown(why) => match self.dispatcher.ended() {
                Some(ended) => return Err(ended),
                None => (why, self.dispatcher.last_lines()),
            },
        };
        Err(AdapterError::NoHello { why, log })
    }

    /// Asks for something. What is not answered in time, or when the process ends, is unknown.
    ///
    /// # Errors
    /// When the process had ended before.
    pub async fn call(&self, request: &AdapterRequest) -> Result<TimedReply, AdapterError> {
        self.call_within(request, self.timeout).await
    }

    async fn call_within(
        &self,
        request: &AdapterRequest,
        within: Duration,
    ) -> Result<TimedReply, AdapterError> {
        let (id, told) = self.dispatcher.expect()?;
        let sent = Timestamp::now();
        let asked = async {
            // Where nobody takes it the channel of the answer ends, too.
            drop(self.outbox.send(request.line(id)).await);
            told.await
        };
        let told = timeout(within, asked).await;
        let answered = Timestamp::now();
        let unknown = |why: String| TimedReply { reply: Reply::Unknown(why), sent, answered };
        match told {
            Ok(Ok((reply, said_sent, said_got))) => {
                let clock = self.dispatcher.clock();
                let sent = clock.within(said_sent, sent, answered).unwrap_or(sent);
                let answered = clock.within(said_got, sent, answered).unwrap_or(answered);
                Ok(TimedReply { reply, sent, answered })
            }
            Ok(Err(_)) => {
                let ended = self.dispatcher.ended();
                let why = ended.map(|why| why.to_string());
                Ok(unknown(why.unwrap_or_else(|| "the adapter has ended".to_owned())))
            }
            Err(_) => {
                self.dispatcher.forget(id);
                let seconds = within.as_secs_f64();
                Ok(unknown(format!("the adapter did not answer within {seconds} s")))
            }
        }
    }

    /// Listens to what a widget tells by itself.
    pub fn listen(&self, widget: &str) -> mpsc::Receiver<Push> {
        self.dispatcher.listen(widget)
    }

    /// Says that nothing more is asked, and ends the process unless it ends by itself.
    ///
    /// # Errors
    /// When it had ended before, and why.
    pub async fn end(&self) -> Result<(), AdapterError> {
        let ended = self.dispatcher.ended();
        let bye = AdapterRequest { what: AdapterCall::Bye, names: Map::new() };
        drop(self.call_within(&bye, ENDS_WITHIN.min(self.timeout)).await);
        self.tasks.lock().await.shutdown().await;
        ended.map_or(Ok(()), Err)
    }
}

fn started(command: &Command) -> Result<Child, AdapterError> {
    let shown = command.words.join(" ");
    let cannot = |why: String| AdapterError::CannotStart { command: shown.clone(), why };
    let (program, arguments) =
        command.words.split_first().ok_or_else(|| cannot("it names no program".to_owned()))?;
    // What has a `/` in it lies beside the target file, as every path in it; the others are looked for.
    let program = match program.contains('/') {
        true => {
            std::path::absolute(command.folder.join(program)).map_err(|e| cannot(e.to_string()))
        }
        false => Ok(PathBuf::from(program)),
    }?;
    let mut starting = Starting::new(program);
    starting.args(arguments).kill_on_drop(true);
    starting.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !command.folder.as_os_str().is_empty() {
        starting.current_dir(&command.folder);
    }
    starting.spawn().map_err(|error| cannot(error.to_string()))
}

async fn write(mut stdin: ChildStdin, mut requests: mpsc::Receiver<String>) {
    while let Some(mut line) = requests.recv().await {
        line.push('\n');
        let written = stdin.write_all(line.as_bytes()).await;
        // Whoever does not read any more has ended, or soon will: its answers say so.
        if written.is_err() {
            return;
        }
    }
}

/// Reads what it says until it says no more, or something that is no line of the protocol.
async fn read(
    stdout: ChildStdout,
    dispatcher: &Dispatcher,
    line_bytes_max: usize,
) -> Option<AdapterError> {
    let mut pipe = BufReader::new(stdout);
    loop {
        let (line, read) = match next(&mut pipe, line_bytes_max).await {
            Ok(Line::Whole(line)) if line.is_empty() => continue,
            Ok(Line::Whole(line)) => {
                let read = AdapterMessage::read(&line);
                (line, read)
            }
            Ok(Line::TooLong(line)) => {
                (line, Err(format!("a line of more than {line_bytes_max} bytes")))
            }
            Ok(Line::End) | Err(_) => return None,
        };
        if let Err(why) = read.and_then(|said| dispatcher.take(said)) {
            let text = String::from_utf8_lossy(&line);
            let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            return Some(AdapterError::Malformed { why, line: shown });
        }
    }
}

async fn keep_log(stderr: ChildStderr, dispatcher: &Dispatcher, log: Option<Log>) {
    let mut pipe = BufReader::new(stderr);
    while let Ok(Line::Whole(line) | Line::TooLong(line)) =
        next(&mut pipe, LOG_LINE_BYTES_MAX).await
    {
        let line = String::from_utf8_lossy(&line);
        dispatcher.log(&line);
        if let Some(log) = &log {
            log(&line);
        }
    }
}

/// Waits until the process has ended, or ends it; how it ended.
async fn over(mut child: Child, is_faulty: bool) -> String {
    if !is_faulty && let Ok(ended) = timeout(ENDS_WITHIN, child.wait()).await {
        return match ended {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
    }
    drop(child.kill().await);
    "it said nothing any more, and was ended".to_owned()
}
