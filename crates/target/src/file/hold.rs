//! What keeps a device connected (rules T27 to T29 of target files).

use std::time::Duration;

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use regex::Regex;

use super::condition::read_regex;
use super::node::{Node, Table};
use super::step::Step;
use super::template::{NameUse, Template};
use super::timing::seconds;

/// The section `[device.hold]`.
#[derive(Clone, Debug)]
pub enum Hold {
    /// The steps of [`Section::DeviceHold`](super::section::Section::DeviceHold), again and again.
    Calls {
        /// How long after an answer the next call goes out; at once without.
        every: Option<Duration>,
        /// Whether a new status ends the call in flight.
        interrupt: bool,
    },
    /// A WebSocket that stays open and is talked on.
    Socket(Box<Socket>),
}

/// A WebSocket and what is said on it.
#[derive(Clone, Debug)]
pub struct Socket {
    /// The path of the handshake, with templates in it.
    pub path: Template,
    /// The lines of the script in the order written.
    pub script: Vec<ScriptLine>,
}

/// A line of a socket's script.
#[derive(Clone, Debug)]
pub enum ScriptLine {
    /// Sends a text, in its turn at the start.
    Send(Template),
    /// Waits, in its turn at the start, for a text that matches; its named groups are kept.
    Await(Regex, Span),
    /// From then on: answers each text that matches.
    Answer(Regex, Template),
    /// From then on: sends a text again and again.
    Every(Duration, Template),
}

impl Hold {
    /// Reads the table, all but `call`; `has_calls` says whether that is there.
    pub fn read(table: &mut Table<'_>, has_calls: bool) -> Option<Self> {
        let span = table.span();
        let every = table.get("every").and_then(seconds);
        let interrupt = table.get("interrupt");
        let (path, script) = (table.get("socket"), table.get("script"));
        let Some(path) = path else {
            if let Some(script) = script {
                script.error("a script is said on a `socket`", "there is none");
            }
            if !has_calls {
                let diagnostic =
                    Diagnostic::new(span, "nothing holds the device", "`call` is missing");
                table.findings().missing(
                    &["call", "socket"],
                    diagnostic.help(
                        "`call = { get = \"…\" }`, or `socket = \"/…\"`; a device that nothing \
                     holds has no `[device.hold]`",
                    ),
                );
                return None;
            }
            let interrupt = interrupt.and_then(|node| node.flag()).unwrap_or(false);
            return Some(Self::Calls { every, interrupt });
        };
        if has_calls {
            path.error("a device is held by calls or by a socket", "`call` stands there already");
        }
        if let Some(interrupt) = interrupt {
            interrupt.error("nothing is in flight on a socket", "`interrupt` belongs to `call`");
        }
        if every.is_some() {
            let label = "`every` belongs to `call`";
            let diagnostic = Diagnostic::new(span, "a socket stays open by itself", label);
            table.findings().error(diagnostic.help("`script = [{ every = 30, send = \"…\" }]`"));
        }
        let lines = script.and_then(|node| node.list("a list of lines")).unwrap_or_default();
        Some(Self::Socket(Box::new(Socket {
            path: Template::read(path.text()?, path.findings()),
            script: lines.into_iter().filter_map(ScriptLine::read).collect(),
        })))
    }
}

impl Socket {
    /// Its opening as a step.
    pub fn step(&self) -> Step {
        Step::of_socket(self.path.clone())
    }

    /// Whether the beginning of its script ends with what the service says: then the service has seen the
    /// device come once that was heard, and nothing is left to settle.
    pub fn is_confirmed(&self) -> bool {
        let mut begins = self
            .script
            .iter()
            .filter(|line| matches!(line, ScriptLine::Send(_) | ScriptLine::Await(..)));
        matches!(begins.next_back(), Some(ScriptLine::Await(..)))
    }
}

impl ScriptLine {
    fn read(node: Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let text = |node: Node<'_>| Some(Template::read(node.text()?, node.findings()));
        let (send, wait) = (table.get("send"), table.get("await"));
        let (answer, every) = (table.get("answer"), table.get("every"));
        table.finish();
        match (send, wait, answer, every) {
            (Some(send), None, None, None) => Some(Self::Send(text(send)?)),
            (Some(send), None, None, Some(every)) => {
                Some(Self::Every(seconds(every)?, text(send)?))
            }
            (None, Some(wait), None, None) => {
                let regex = read_regex(wait.text()?, wait.findings())?;
                Some(Self::Await(regex, wait.span()))
            }
            (None, None, Some(answer), None) => {
                let pair = answer.list("a regular expression and a text")?;
                let [regex, reply] = pair[..] else {
                    return answer.expected("a regular expression and a text");
                };
                let regex = read_regex(regex.text()?, regex.findings())?;
                Some(Self::Answer(regex, text(reply)?))
            }
            _ => {
                let message = "a line of a script does one thing";
                let label = "`send`, `await`, `answer`, or `every` with `send`";
                node.error(message, label);
                None
            }
        }
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        let text = match self {
            Self::Send(text) | Self::Answer(_, text) | Self::Every(_, text) => Some(text),
            Self::Await(..) => None,
        };
        text.into_iter().flat_map(Template::uses)
    }

    /// The names that it keeps, with the place of the line.
    pub fn keeps(&self) -> impl Iterator<Item = (&str, Span)> {
        let regex = match self {
            Self::Await(regex, span) => Some((regex, *span)),
            _ => None,
        };
        regex
            .into_iter()
            .flat_map(|(regex, span)| regex.capture_names().flatten().map(move |name| (name, span)))
    }
}
