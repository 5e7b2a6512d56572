//! What a widget tells by itself, by server-sent events or on a WebSocket (rule T40 of target files).

use std::sync::Arc;

use http_body_util::BodyExt;
use lamplighter_core::model::Visitor;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::broken;
use super::error::RunError;
use super::objects::Widget;
use super::pool::outgoing;
use super::prepared_request::{PreparedRequest, WidgetReading};
use super::read::ReadError;
use super::shared::Driver;
use super::socket::{NotOpened, hear};
use super::sse::SseParser;
use crate::file::request::Request;
use crate::file::response_error::ResponseError;
use crate::file::section::Section;
use crate::file::step::Method;
use crate::file::widget::ObservedWidget;
use crate::timestamp::Timestamp;

/// So many events wait to be taken; who does not take them holds the service up, not this machine.
const EVENTS_MAX: usize = 64;

/// What a widget tells, as it comes. Dropped, nobody listens any more.
#[derive(Debug)]
pub struct PushStream {
    events: mpsc::Receiver<PushEvent>,
    opened: Option<oneshot::Receiver<()>>,
    request: Option<Arc<Request>>,
    task: JoinHandle<()>,
}

/// One event.
#[derive(Clone, Debug)]
pub struct PushEvent {
    /// What it says, or why it says nothing.
    pub what: Result<ObservedWidget, ReadError>,
    /// The version that it knew, where events have one.
    pub version: Option<u64>,
    /// The event as it came; `None` of the end, which no event follows.
    pub data: Option<Vec<u8>>,
    /// A moment after it was there.
    pub got: Timestamp,
}

impl Drop for PushStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl PushStream {
    /// The call by which it was asked for; an adapter makes its own.
    pub fn request(&self) -> Option<&Arc<Request>> {
        self.request.as_ref()
    }

    /// Waits until it is open; `false` where it never is, and the next event says why.
    pub async fn opened(&mut self) -> bool {
        match self.opened.take() {
            Some(opened) => opened.await.is_ok(),
            None => true,
        }
    }

    /// The next event; `None` once the service has ended it, or what it says is no stream.
    pub async fn next(&mut self) -> Option<PushEvent> {
        self.events.recv().await
    }
}

impl Driver {
    /// Listens to what a widget tells a visitor (`widget.push`); `header` comes on top of the file's.
    ///
    /// # Errors
    /// When the call cannot be put together.
    pub async fn listen(
        self: &Arc<Self>,
        widget: &Widget,
        visitor: &Visitor,
        header: Option<(&str, &str)>,
    ) -> Result<PushStream, RunError> {
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        if let Some(task) = self.listen_by_adapter(widget, &tell).await? {
            return Ok(PushStream { events, opened: None, request: None, task });
        }
        self.rate_limiter.call().await;
        let prepared = PreparedRequest::new(self, Section::WidgetPush, widget, visitor, header)?;
        let (open, opened) = oneshot::channel();
        let request = Arc::clone(prepared.request());
        let driver = Arc::clone(self);
        let task = tokio::spawn(async move {
            let listener = Subscription { driver: &driver, prepared: &prepared, tell: &tell };
            let ended = match prepared.request().method {
                Method::Stream => listener.stream(open).await,
                _ => listener.socket(open).await,
            };
            if let Err(fault) = ended {
                let (what, got) = (Err(fault), Timestamp::now());
                let pushed = PushEvent { what, version: None, data: None, got };
                // Nobody may listen any more.
                drop(tell.send(pushed).await);
            }
        });
        Ok(PushStream { events, opened: Some(opened), request: Some(request), task })
    }
}

/// Somebody who listens.
struct Subscription<'a> {
    driver: &'a Driver,
    prepared: &'a PreparedRequest,
    tell: &'a mpsc::Sender<PushEvent>,
}

impl Subscription<'_> {
    /// Server-sent events, until the service ends them.
    async fn stream(&self, open: oneshot::Sender<()>) -> Result<(), ReadError> {
        let limits = self.driver.limits();
        let connecting = self.driver.visitors.connect(self.driver.endpoint(), limits.timeout);
        let mut connection = connecting.await?;
        let outgoing = outgoing(self.driver.endpoint(), self.prepared.request())?;
        let mut nobody = || {};
        let asking = connection.head(outgoing, &mut nobody);
        let late = ResponseError::TimedOut { after: limits.timeout };
        let asked = timeout(limits.timeout, asking).await.map_err(|_| late)?;
        let response = asked.map_err(|failure| failure.broken)?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            return Err(not_opened(status));
        }
        // Nobody may wait for it.
        let _ = open.send(());
        let mut body = response.into_body();
        let mut events = SseParser::new(limits.body_bytes_max);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            let Ok(bytes) = frame.into_data() else { continue };
            let mut whole = Vec::new();
            let took = events.take(&bytes, |data| whole.push(data.to_vec()));
            for data in whole {
                self.event(data).await;
            }
            took?;
        }
        Ok(())
    }

    /// Texts of a WebSocket, until the service closes it.
    async fn socket(&self, open: oneshot::Sender<()>) -> Result<(), ReadError> {
        let request = self.prepared.request();
        let opened = self.driver.open_socket(request, &self.driver.visitors).await;
        let mut socket = opened.map_err(|why| match why {
            NotOpened::Answered(answer) => not_opened(answer.status()),
            NotOpened::Broken(broken) => ReadError::Response(broken),
        })?;
        // Nobody may wait for it.
        let _ = open.send(());
        while let Some(text) = hear(&mut socket).await.map_err(ReadError::Indeterminate)? {
            self.event(text.into_bytes()).await;
        }
        Ok(())
    }

    /// One event; what is none of the product's is passed over.
    async fn event(&self, data: Vec<u8>) {
        let got = Timestamp::now();
        let Some(read) = self.prepared.event(data.clone()) else { return };
        let (what, version) = match read {
            Ok(WidgetReading { seen, version }) => (Ok(seen), version),
            Err(fault) => (Err(fault), None),
        };
        // Nobody may listen any more.
        drop(self.tell.send(PushEvent { what, version, data: Some(data), got }).await);
    }
}

/// Something else was answered than that it is open.
fn not_opened(status: u16) -> ReadError {
    ReadError::NotDone { what: format!("answered {status}"), status: Some(status) }
}
