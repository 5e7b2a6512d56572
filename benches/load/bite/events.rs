//! Faults of event streams.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming};
use tokio::sync::mpsc;

use std::sync::Arc;

use super::answer::{self, WidgetBody};
use super::clock::now_ms;
use super::exchange::{ClientConnection, Error, ProxyAnswer, Whole, as_it_is};
use super::fault::Fault;
use super::reads::{LATE_MS, is_of_the_clock};
use super::shared::Shared;

/// One in so many events is left out.
const LOST_ONE_IN: u64 = 50;
/// So many pieces wait for a slow reader.
const PIECES_MAX: usize = 16;

/// An event stream opens.
pub async fn events(connection: &ClientConnection, request: Whole) -> Result<ProxyAnswer, Error> {
    let response = connection.ask(request).await?;
    let is_faulty = matches!(
        connection.shared.fault,
        Fault::LostPush | Fault::EdgeLate | Fault::EdgeLateRelabelled
    );
    if !is_faulty || response.status() != StatusCode::OK {
        return Ok(as_it_is(response));
    }
    let shared = Arc::clone(&connection.shared);
    Ok(response.map(|body| {
        let (outlet, pieces) = mpsc::channel(PIECES_MAX);
        tokio::spawn(carry(shared, body, outlet));
        Pieces(pieces).boxed()
    }))
}

/// What is put in at the other end, as a body.
struct Pieces(mpsc::Receiver<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// Carries events until either side has enough.
async fn carry(shared: Arc<Shared>, mut body: Incoming, outlet: mpsc::Sender<Bytes>) {
    let mut stream = EventStream { shared, last: None, held: None, outlet };
    let mut buffer = Vec::new();
    loop {
        let wait = stream.held.as_ref().map_or(i64::MAX, |(_, until_ms)| until_ms - now_ms());
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0).min(3_600_000));
        let closed = stream.outlet.clone();
        tokio::select! {
            () = closed.closed() => return,
            () = tokio::time::sleep(wait), if stream.held.is_some() => {
                if stream.let_go().await.is_err() {
                    return;
                }
            }
            frame = body.frame() => {
                let Some(Ok(frame)) = frame else { return };
                let Ok(data) = frame.into_data() else { continue };
                buffer.extend_from_slice(&data);
                while let Some(end) = buffer.windows(2).position(|two| two == b"\n\n") {
                    let event: Bytes = buffer.drain(..end + 2).collect();
                    if stream.take(event).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// The client is gone.
struct Gone;

/// One stream.
struct EventStream {
    shared: Arc<Shared>,
    /// What the last event said.
    last: Option<WidgetBody>,
    /// An event that is held back, and until when in milliseconds since 1970.
    held: Option<(Bytes, i64)>,
    outlet: mpsc::Sender<Bytes>,
}

impl EventStream {
    /// Passes an event on, or does not.
    async fn take(&mut self, event: Bytes) -> Result<(), Gone> {
        let Some(said) = said(&event) else { return self.send(event).await };
        // Whatever comes next would show what is held back.
        self.let_go().await?;
        let before = self.last.replace(said.clone());
        let Some(before) = before else { return self.send(event).await };
        let is_lost = self.shared.fault == Fault::LostPush && self.shared.one_in(LOST_ONE_IN);
        if is_lost {
            self.shared.count_put_in();
            return Ok(());
        }
        if self.shared.fault != Fault::LostPush && is_of_the_clock(&self.shared, &before, &said) {
            self.shared.count_put_in();
            let edge_ms = before.next_change_ms().unwrap_or_else(now_ms);
            self.held = Some((event, edge_ms + LATE_MS));
            return Ok(());
        }
        self.send(event).await
    }

    /// Sends what is held back.
    async fn let_go(&mut self) -> Result<(), Gone> {
        match self.held.take() {
            Some((event, _)) => self.send(event).await,
            None => Ok(()),
        }
    }

    async fn send(&self, event: Bytes) -> Result<(), Gone> {
        self.outlet.send(event).await.map_err(|_| Gone)
    }
}

/// What an event says of a widget, if it does.
fn said(event: &[u8]) -> Option<WidgetBody> {
    let text = std::str::from_utf8(event).ok()?;
    let data = text.lines().find_map(|line| line.strip_prefix("data: "))?;
    answer::read(data.as_bytes())
}
