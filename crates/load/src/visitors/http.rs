//! One connection, driven by the task that uses it: no other task is woken for an answer.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::exchange::REQUEST_ID;
use lamplighter_target::Transport;
use lamplighter_target::file::request as target;

/// The largest answer that is read, where nothing else is said.
const ANSWER_BYTES_MAX: usize = 1_024 * 1_024;

/// By which a request is found in the target's log.
const X_REQUEST_ID: HeaderName = HeaderName::from_static(REQUEST_ID);

/// A call, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub struct PreparedCall {
    method: hyper::Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl PreparedCall {
    /// Takes a call of a target file; `None` where it has a path or a header that HTTP does not allow.
    pub fn of(request: &target::Request) -> Option<Self> {
        let header = |(name, value): &(String, String)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
        };
        Some(Self {
            method: hyper::Method::from_bytes(request.method.method().as_bytes()).ok()?,
            uri: Uri::try_from(request.path.as_str()).ok()?,
            headers: request.headers.iter().map(header).collect::<Option<_>>()?,
            body: Bytes::copy_from_slice(&request.body),
        })
    }

    /// Whether it may be sent again although it may have been done.
    pub fn is_read(&self) -> bool {
        self.method == hyper::Method::GET
    }

    /// The request, with its id where it has one.
    pub fn request(&self, host: &HeaderValue, id: Option<&HeaderValue>) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        request.method_mut().clone_from(&self.method);
        request.uri_mut().clone_from(&self.uri);
        let headers = request.headers_mut();
        // The file's own takes its place.
        headers.insert(HOST, host.clone());
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some(id) = id {
            headers.insert(X_REQUEST_ID, id.clone());
        }
        request
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExchangeError {
    /// What went wrong in a word or two, by which errors are counted: `timed out`.
    pub word: String,
    /// How far the exchange had come, which tells whether the request may have taken effect.
    pub point: FailurePoint,
}

/// How far an exchange had come when it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailurePoint {
    /// Nothing of the request was sent.
    Unsent,
    /// Nothing of the answer was there.
    Unanswered,
    /// The answer had begun.
    Begun,
}

/// An answer with all of its body.
#[derive(Debug)]
pub struct HttpAnswer {
    /// The HTTP status of the answer.
    pub status: StatusCode,
    /// The header fields of the answer.
    pub headers: HeaderMap,
    /// All of its body.
    pub body: Bytes,
}

/// A connection that is open.
#[derive(Debug)]
pub struct HttpConnection<T: AsyncRead + AsyncWrite + Unpin + Send + 'static = Transport> {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver<T>,
    /// The largest answer that is read.
    body_bytes_max: usize,
}

/// What reads and writes; `None` once the connection is over.
type Driver<T> = Option<Pin<Box<http1::Connection<TokioIo<T>, Full<Bytes>>>>>;

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> HttpConnection<T> {
    /// Speaks HTTP/1.1 on a stream.
    ///
    /// # Errors
    /// None before something is sent.
    pub async fn new(stream: T) -> Result<Self, ExchangeError> {
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, driver) = handshake.map_err(|error| failure(&error, FailurePoint::Unsent))?;
        let driver = Some(Box::pin(driver));
        Ok(Self { sender, driver, body_bytes_max: ANSWER_BYTES_MAX })
    }

    /// The same, reading answers of so many bytes at most.
    #[must_use]
    pub fn up_to(self, body_bytes_max: usize) -> Self {
        Self { body_bytes_max, ..self }
    }

    /// Whether the connection can take no further request.
    pub fn is_over(&self) -> bool {
        self.driver.is_none() || self.sender.is_closed()
    }

    /// Lets the connection notice what became of it while nobody uses it; whether it is over.
    pub fn poll_idle(&mut self, cx: &mut std::task::Context<'_>) -> bool {
        if let Some(driver) = &mut self.driver
            && driver.as_mut().poll(cx).is_ready()
        {
            self.driver = None;
        }
        self.is_over()
    }

    /// Sends a request, of which `note_sent` hears just before, and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
        note_sent: impl FnOnce(),
    ) -> Result<hyper::Response<Incoming>, ExchangeError> {
        let Self { sender, driver, .. } = self;
        drive(driver, ask(sender, request, note_sent)).await
    }

    /// Waits for something that comes on this connection, and keeps it going meanwhile.
    pub async fn drive<F: Future>(&mut self, future: F) -> F::Output {
        drive(&mut self.driver, future).await
    }

    /// Sends a request, of which `note_sent` hears just before, and reads all of its answer.
    ///
    /// # Errors
    /// When there is none, or not all of it.
    pub async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        note_sent: impl FnOnce(),
    ) -> Result<HttpAnswer, ExchangeError> {
        let Self { sender, driver, body_bytes_max } = self;
        let all = async {
            let (head, body) = ask(sender, request, note_sent).await?.into_parts();
            let body = read(body, *body_bytes_max).await?;
            Ok(HttpAnswer { status: head.status, headers: head.headers, body })
        };
        drive(driver, all).await
    }
}

async fn ask(
    sender: &mut http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    note_sent: impl FnOnce(),
) -> Result<hyper::Response<Incoming>, ExchangeError> {
    sender.ready().await.map_err(|error| failure(&error, FailurePoint::Unsent))?;
    note_sent();
    sender.try_send_request(request).await.map_err(|mut error| {
        let point = match error.take_message() {
            Some(_) => FailurePoint::Unsent,
            // Something point, and was no HTTP.
            None if error.error().is_parse() => FailurePoint::Begun,
            None => FailurePoint::Unanswered,
        };
        failure(error.error(), point)
    })
}

/// Polls both the connection and who waits for it, until the latter has what it waits for.
async fn drive<T, F>(driver: &mut Driver<T>, future: F) -> F::Output
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future,
{
    let mut future = pin!(future);
    poll_fn(|cx| {
        // Request, head, body: each makes the other go on, and waking oneself would cost more.
        for _ in 0..2 {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            if let Some(connection) = driver
                && connection.as_mut().poll(cx).is_ready()
            {
                *driver = None;
            }
        }
        future.as_mut().poll(cx)
    })
    .await
}

/// All of a body; one that point in one piece, as small ones do, is not copied.
async fn read(mut body: Incoming, bytes_max: usize) -> Result<Bytes, ExchangeError> {
    let too_large =
        || ExchangeError { word: "answer too large".to_owned(), point: FailurePoint::Begun };
    let is_too_large = |bytes: usize| bytes > bytes_max;
    if body.size_hint().exact().is_some_and(|bytes| bytes > bytes_max as u64) {
        return Err(too_large());
    }
    let begun = |error: &hyper::Error| failure(error, FailurePoint::Begun);
    let mut first = Bytes::new();
    let mut all: Vec<u8> = Vec::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        let Ok(piece) = frame.map_err(|error| begun(&error))?.into_data() else { continue };
        if is_too_large(first.len() + all.len() + piece.len()) {
            return Err(too_large());
        }
        if first.is_empty() && all.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&piece);
    }
    Ok(if all.is_empty() { first } else { Bytes::from(all) })
}

fn failure(error: &hyper::Error, point: FailurePoint) -> ExchangeError {
    ExchangeError { word: word(error), point }
}

/// What went wrong, in a word or two: few enough of them to be counted one by one.
pub fn word(error: &hyper::Error) -> String {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return io_word(io);
        }
        source = inner.source();
    }
    let word = match () {
        () if error.is_parse() => "unreadable HTTP",
        () if error.is_incomplete_message() => "closed before the answer",
        () if error.is_canceled() || error.is_closed() => "connection closed",
        () if error.is_timeout() => "timed out",
        () => "broken off",
    };
    word.to_owned()
}

/// The same of the machine's errors.
pub fn io_word(error: &io::Error) -> String {
    let word = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::ConnectionAborted => "connection aborted",
        io::ErrorKind::BrokenPipe => "connection reset",
        io::ErrorKind::UnexpectedEof => "closed before the answer",
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::AddrNotAvailable => "no local address left",
        _ => return error.to_string(),
    };
    word.to_owned()
}
