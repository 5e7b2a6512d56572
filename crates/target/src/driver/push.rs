//! What a widget tells by itself, by server-sent events or on a WebSocket (rule T40 of target files).

use std::sync::Arc;

use http_body_util::BodyExt;
use lamplighter_core::model::Visitor;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::calling::Call;
use super::connection::broken;
use super::error::RunError;
use super::making::Widget;
use super::place::Place;
use super::pool::{Pool, outgoing};
use super::reading::{Fault, of_visitor};
use super::session::Session;
use super::shared::Driver;
use super::socket::{NotOpened, hear};
use super::stamp::Stamp;
use crate::file::answer::Answer;
use crate::file::broken::Broken;
use crate::file::outcome::{Outcome, judge};
use crate::file::request::Request;
use crate::file::section::Section;
use crate::file::step::Verb;
use crate::file::template::{Counters, Kept, Names};
use crate::file::widget::Seen;

/// So many events wait to be taken; who does not take them holds the service up, not this machine.
const EVENTS_MAX: usize = 64;

/// What a widget tells, as it comes. Dropped, nobody listens any more.
#[derive(Debug)]
pub struct Pushes {
    events: mpsc::Receiver<Pushed>,
    task: JoinHandle<()>,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// What it says, or why it says nothing.
    pub what: Result<Seen, Fault>,
    /// What was kept of it; a version among it, where it has one.
    pub kept: Kept,
    /// A moment after it was there.
    pub got: Stamp,
}

impl Drop for Pushes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pushes {
    /// The next event; `None` once the service has ended it, or what it says is no stream.
    pub async fn next(&mut self) -> Option<Pushed> {
        self.events.recv().await
    }
}

impl Driver {
    /// Listens to what a widget tells a visitor (`widget.push`).
    ///
    /// # Errors
    /// When the call cannot be put together.
    pub async fn listen(
        self: &Arc<Self>,
        widget: &Widget,
        visitor: &Visitor,
    ) -> Result<Pushes, RunError> {
        self.pace.call().await;
        let request = self.push_request(widget, visitor)?;
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        let (driver, widget) = (Arc::clone(self), widget.clone());
        let task = tokio::spawn(async move {
            let listener = Listening { driver: &driver, widget: &widget, tell: &tell };
            let ended = match request.verb {
                Verb::Stream => listener.stream(&request).await,
                _ => listener.socket(&request).await,
            };
            if let Err(fault) = ended {
                let pushed = Pushed { what: Err(fault), kept: Kept::new(), got: Stamp::now() };
                // Nobody may listen any more.
                drop(tell.send(pushed).await);
            }
        });
        Ok(Pushes { events, task })
    }

    fn push_request(&self, widget: &Widget, visitor: &Visitor) -> Result<Request, RunError> {
        let section = Section::WidgetPush;
        let step = self.file().steps(section).and_then(<[_]>::first);
        let step = step.ok_or_else(|| RunError::NotDone {
            section: section.address(),
            what: "not in the target file".to_owned(),
            whom: None,
        })?;
        let session = Session::new(Place::of(Kept::new()), Pool::new());
        let (subject, given) = (widget.subject(), of_visitor(visitor));
        let call = Call {
            section,
            number: 1,
            step,
            whom: &subject.whom,
            near: vec![&given],
            places: subject.places.iter().rev().map(|(_, place)| &**place).collect(),
            of_caller: Vec::new(),
            session: &session,
            pool: &self.visitors,
            limits: self.limits(),
        };
        self.request(&call).map_err(|cause| RunError::CannotSend {
            section: section.address(),
            step: 1,
            cause,
        })
    }
}

/// Somebody who listens.
struct Listening<'a> {
    driver: &'a Driver,
    widget: &'a Widget,
    tell: &'a mpsc::Sender<Pushed>,
}

impl Listening<'_> {
    /// Server-sent events, until the service ends them.
    async fn stream(&self, request: &Request) -> Result<(), Fault> {
        let doubt =
            |what: &dyn std::fmt::Display| Fault::Doubt(self.driver.masked(&what.to_string()));
        let limits = self.driver.limits();
        let connecting = self.driver.visitors.connect(self.driver.site(), limits.timeout);
        let mut connection = connecting.await.map_err(|broken| doubt(&broken))?;
        let outgoing = outgoing(self.driver.site(), request).map_err(|broken| doubt(&broken))?;
        let mut nobody = || {};
        let asking = connection.head(outgoing, &mut nobody);
        let late = Broken::Late { after: limits.timeout };
        let asked = timeout(limits.timeout, asking).await.map_err(|_| doubt(&late))?;
        let response = asked.map_err(|failure| doubt(&failure.broken))?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            return Err(Fault::NotDone { what: format!("answered {status}") });
        }
        let mut body = response.into_body();
        let mut events = Events::new(limits.body_bytes_max);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| doubt(&broken(&error)))?;
            let Ok(bytes) = frame.into_data() else { continue };
            for data in events.take(&bytes).map_err(|broken| doubt(&broken))? {
                self.event(data).await;
            }
        }
        Ok(())
    }

    /// Texts of a WebSocket, until the service closes it.
    async fn socket(&self, request: &Request) -> Result<(), Fault> {
        let opened = self.driver.open_socket(request, &self.driver.visitors).await;
        let mut open = opened.map_err(|why| match why {
            NotOpened::Answered(answer) => {
                Fault::NotDone { what: format!("answered {}", answer.status()) }
            }
            NotOpened::Broken(broken) => Fault::Doubt(self.driver.masked(&broken.to_string())),
        })?;
        while let Some(text) = hear(&mut open).await.map_err(Fault::Doubt)? {
            self.event(text.into_bytes()).await;
        }
        Ok(())
    }

    /// One event; what is none of the product's (a comment, a sign of life) keeps nothing and is passed
    /// over.
    async fn event(&self, data: Vec<u8>) {
        let (driver, got) = (self.driver, Stamp::now());
        let file = driver.file();
        let Some(step) = file.steps(Section::WidgetPush).and_then(<[_]>::first) else { return };
        let max = driver.limits().body_bytes_max;
        let (what, kept) = match Answer::new(200, Vec::new(), data, max) {
            Err(broken) => (Err(Fault::Doubt(broken.to_string())), Kept::new()),
            Ok(answer) => {
                let mut counters = Counters::default();
                let mut names = Names::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
                match judge(step, &file.http.general, Ok(&answer), &|_| None, &mut names) {
                    Ok(Outcome::Done(kept)) => (driver.seen(self.widget, &kept), kept),
                    Ok(Outcome::Unknown(doubt)) => {
                        (Err(Fault::Doubt(driver.masked(&doubt.to_string()))), Kept::new())
                    }
                    Ok(Outcome::Refused | Outcome::Gone) => return,
                    Err(error) => (Err(Fault::Doubt(error.to_string())), Kept::new()),
                }
            }
        };
        // Nobody may listen any more.
        drop(self.tell.send(Pushed { what, kept, got }).await);
    }
}

/// Takes server-sent events apart, up to a length each.
struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    bytes_max: usize,
}

impl Events {
    fn new(bytes_max: usize) -> Self {
        Self { line: Vec::new(), data: Vec::new(), has_data: false, bytes_max }
    }

    /// The data of every event that ends in these bytes.
    fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
        let mut whole = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                if self.line.len() + self.data.len() > self.bytes_max {
                    let bytes_max = self.bytes_max;
                    return Err(Broken::TooLong { bytes_max });
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if line.is_empty() {
                let data = std::mem::take(&mut self.data);
                if std::mem::take(&mut self.has_data) {
                    whole.push(data);
                }
            } else if let Some(data) = line.strip_prefix(b"data:") {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend(data.strip_prefix(b" ").unwrap_or(data));
                self.has_data = true;
            }
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t40_events_are_taken_apart_wherever_the_bytes_are_cut() {
        let stream =
            b": hello\r\nevent: change\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n:\n\ndata:two\n\n";
        for cut in 0..stream.len() {
            let mut events = Events::new(100);
            let mut found = events.take(&stream[..cut]).expect("short");
            found.extend(events.take(&stream[cut..]).expect("short"));
            assert_eq!(found, [b"{\"a\":\n1}".to_vec(), b"two".to_vec()], "{cut}");
        }
    }

    #[test]
    fn t6_an_event_that_never_ends_is_cut_off() {
        let mut events = Events::new(100);
        let endless = [b'x'; 60];
        assert!(events.take(&endless).is_ok());
        assert!(events.take(&endless).is_err());
    }
}
