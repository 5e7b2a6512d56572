//! A body that is made piece by piece while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::places::Place;

/// Where the pieces are put in; an error ends the response in the middle.
pub type Chunks = mpsc::Sender<Result<Bytes, String>>;

/// The pieces as a body.
pub struct Stream(mpsc::Receiver<Result<Bytes, String>>);

impl Stream {
    /// A body, and where its pieces are put in; it holds four that were not sent yet.
    pub fn channel() -> (Chunks, Self) {
        let (chunks, pieces) = mpsc::channel(4);
        (chunks, Self(pieces))
    }
}

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// What the hub sends as a body; it ends when the hub lets go of it.
pub struct Events {
    pieces: mpsc::Receiver<Bytes>,
    /// It is among the streams for as long as it lives.
    _open: OpenStream,
}

/// One of the event streams that may be open at once.
pub struct OpenStream {
    _place: Place,
    gauge: prometheus_client::metrics::gauge::Gauge,
}

impl OpenStream {
    /// A stream that is open from now on.
    pub fn new(place: Place, gauge: prometheus_client::metrics::gauge::Gauge) -> Self {
        gauge.inc();
        Self { _place: place, gauge }
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

impl Events {
    /// Everything that comes out of a queue.
    pub fn new(pieces: mpsc::Receiver<Bytes>, open: OpenStream) -> Self {
        Self { pieces, _open: open }
    }
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.pieces.poll_recv(context).map(|piece| piece.map(|text| Ok(Frame::data(text))))
    }
}
