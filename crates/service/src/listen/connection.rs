//! One connection: which HTTP it speaks, within TLS or not, for how long it may say nothing, and how it
//! ends.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::stall::StallGuard;
use crate::tls::{HTTP2, Tls};

/// How long a connection may take to finish once it is told to end.
pub const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// Who takes nothing of what is sent to it for so many silences is cut: an answer may be read by a person.
const SILENCES_STALLED_MAX: u32 = 2;
/// How much a connection of HTTP/1 keeps of what comes in.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// How HTTP/2 begins where nothing has been agreed: no other request begins so.
const PREFACE: &[u8; 3] = b"PRI";
/// So many calls of one connection may be open at once; each tab with a widget is one.
const STREAMS_MAX: u32 = 128;
/// So much of the bodies of one call and of one connection may come unasked.
const STREAM_WINDOW_BYTES: u32 = 64 * 1_024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1_024;
/// So many calls may be taken back before they were looked at, until the connection is cut.
const RESETS_MAX: usize = 20;
const HEADER_BYTES_MAX: u32 = 16 * 1_024;
/// How often the other end is asked whether it is there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Whatever answers the calls of a connection.
pub trait Answers:
    Service<
        Request<Incoming>,
        Response = Response,
        Error = Infallible,
        Future: Future<Output = Result<Response, Infallible>> + Send + 'static,
    > + Clone
    + Send
    + 'static
{
}

impl<S> Answers for S where
    S: Service<
            Request<Incoming>,
            Response = Response,
            Error = Infallible,
            Future: Future<Output = Result<Response, Infallible>> + Send + 'static,
        > + Clone
        + Send
        + 'static
{
}

/// How connections are carried.
#[derive(Clone)]
pub struct Carrier {
    tls: Option<TlsAcceptor>,
    /// How long a handshake, or the headers of a call, may take, and how long nothing may be asked.
    silence_max: Duration,
}

/// Why a connection ended before its time.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("nothing came in time")]
    Silent,
    #[error(transparent)]
    Machine(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

impl From<tokio::time::error::Elapsed> for Broken {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self::Silent
    }
}

impl Carrier {
    /// Within TLS, if there is some.
    pub fn new(tls: Option<Tls>, silence_max: Duration) -> Self {
        Self { tls: tls.map(|tls| TlsAcceptor::from(tls.0)), silence_max }
    }

    /// Whether what is sent must be sent within TLS.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Carries the calls of one connection, until it ends or the service stops.
    pub async fn carry(
        &self,
        stream: TcpStream,
        answers: impl Answers,
        stop: watch::Receiver<bool>,
    ) {
        let carried = match &self.tls {
            None => self.carry_plain(stream, answers, stop).await,
            // In boxes, here and below: what is rarer should not make each connection larger.
            Some(tls) => Box::pin(self.carry_secure(tls, stream, answers, stop)).await,
        };
        if let Err(why) = carried {
            // Clients go away in the middle, or never spoke HTTP.
            tracing::debug!(%why, "a connection ended");
        }
    }

    async fn carry_plain(
        &self,
        stream: TcpStream,
        answers: impl Answers,
        stop: watch::Receiver<bool>,
    ) -> Result<(), Broken> {
        // A preface comes in one piece.
        let mut begun = [0; PREFACE.len()];
        let length = timeout(self.silence_max, stream.peek(&mut begun)).await??;
        let stream = self.guarded(stream);
        match &begun[..length] == PREFACE {
            true => Box::pin(self.carry_http2(stream, answers, stop)).await,
            false => self.carry_http1(stream, answers, stop).await,
        }
    }

    async fn carry_secure(
        &self,
        tls: &TlsAcceptor,
        stream: TcpStream,
        answers: impl Answers,
        stop: watch::Receiver<bool>,
    ) -> Result<(), Broken> {
        let stream = timeout(self.silence_max, tls.accept(self.guarded(stream))).await??;
        match stream.get_ref().1.alpn_protocol() == Some(HTTP2) {
            true => self.carry_http2(stream, answers, stop).await,
            false => self.carry_http1(stream, answers, stop).await,
        }
    }

    fn guarded(&self, stream: TcpStream) -> StallGuard<TcpStream> {
        StallGuard::new(stream, self.silence_max * SILENCES_STALLED_MAX)
    }

    async fn carry_http1(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        answers: impl Answers,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), Broken> {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.silence_max)
            .max_buf_size(BUFFER_BYTES_MAX);
        let connection = http.serve_connection(TokioIo::new(stream), answers).with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return Ok(ended?),
            () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
        }
        Ok(connection.await?)
    }

    async fn carry_http2(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        answers: impl Answers,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), Broken> {
        let (begin, calls) = watch::channel(Calls::default());
        let answers = counted(answers, begin);
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_pending_accept_reset_streams(RESETS_MAX)
            .max_header_list_size(HEADER_BYTES_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_send_buf_size(BUFFER_BYTES_MAX)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY);
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answers));
        tokio::select! {
            ended = connection.as_mut() => return Ok(ended?),
            () = stopped(&mut stop) => {}
            () = nothing_is_asked(calls, self.silence_max) => {}
        }
        connection.as_mut().graceful_shutdown();
        // Who does not go is cut off.
        Ok(timeout(FINISH_WITHIN, connection).await??)
    }
}

/// Waits until the service is to stop.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Who could say so being gone says so, too.
    drop(stop.wait_for(|stop| *stop).await.map(drop));
}

/// The calls of a connection of HTTP/2, which has no word of its own for being idle.
#[derive(Clone, Copy, Default)]
struct Calls {
    begun: u64,
    open: usize,
}

/// Completes once no call has been open for so long.
async fn nothing_is_asked(mut calls: watch::Receiver<Calls>, silence_max: Duration) {
    loop {
        // The connection, which has the other end, outlives this.
        let Ok(begun) = calls.wait_for(|calls| calls.open == 0).await.map(|calls| calls.begun)
        else {
            return;
        };
        let another = calls.wait_for(|calls| calls.begun != begun);
        if timeout(silence_max, another).await.is_err() {
            return;
        }
    }
}

/// The same answers; each counts as an open call until the last of its body is sent.
fn counted(
    answers: impl Answers,
    calls: watch::Sender<Calls>,
) -> impl HttpService<
    Incoming,
    ResBody = Body,
    Error = Infallible,
    Future: Future<Output = Result<Response, Infallible>> + Send + 'static,
> {
    service_fn(move |request: Request<Incoming>| {
        let call = OpenCall::new(&calls);
        let answer = answers.call(request);
        async move {
            let response = answer.await?;
            Ok(response.map(|body| Body::new(CountedBody { body, _call: call })))
        }
    })
}

/// A call that is not answered to its end.
struct OpenCall(watch::Sender<Calls>);

impl OpenCall {
    fn new(calls: &watch::Sender<Calls>) -> Self {
        calls.send_modify(|calls| {
            calls.begun += 1;
            calls.open += 1;
        });
        Self(calls.clone())
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.send_modify(|calls| calls.open -= 1);
    }
}

struct CountedBody {
    body: Body,
    _call: OpenCall,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
