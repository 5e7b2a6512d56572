//! One HTTP/1.1 connection: a call goes out, its answer comes back, or it is said why not.

use std::error::Error as _;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

use super::counted_stream::{ByteCounter, CountedStream};
use crate::file::response_error::ResponseError;

/// What hyper is given to send.
pub type Outgoing = hyper::Request<Full<Bytes>>;

/// So much of an answer's head is read.
const HEAD_BYTES_MAX: usize = 64 * 1_024;

/// An answer as it came.
#[derive(Debug)]
pub struct RawAnswer {
    /// The HTTP status of the answer.
    pub status: u16,
    /// Its headers, in order; bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// Its body, still packed.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    /// In words of the contract.
    pub broken: ResponseError,
    /// Whether nothing of the call went out, so that it can go out on another connection.
    pub is_unsent: bool,
    /// Whether nothing came back.
    pub is_silent: bool,
}

/// A connection that calls go over, one after the other. Dropped, it is closed.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    meter: Arc<ByteCounter>,
    task: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Begins to speak HTTP on a connection that is open.
    ///
    /// # Errors
    /// When the connection is closed already.
    pub async fn begin(wire: CountedStream) -> Result<Self, ResponseError> {
        let meter = wire.meter();
        let handshake = Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake::<_, Full<Bytes>>(TokioIo::new(wire))
            .await;
        let (sender, connection) = handshake.map_err(|_| ResponseError::Truncated)?;
        // How it ends, whoever waits for an answer is told.
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, meter, task })
    }

    /// Whether it can take a call by now; `false` once it is closed.
    pub async fn is_ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Whether the other side, or an error, has closed it.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Makes a call and reads its whole answer. `wrote` is told once it goes out.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn call(
        &mut self,
        request: Outgoing,
        body_bytes_max: usize,
        wrote: &mut (dyn FnMut() + Send),
    ) -> Result<RawAnswer, Failure> {
        let response = self.head(request, wrote).await?;
        let status = response.status().as_u16();
        let headers = headers_of(&response);
        let body = body_of(response.into_body(), body_bytes_max)
            .await
            .map_err(|broken| Failure { broken, is_unsent: false, is_silent: false })?;
        Ok(RawAnswer { status, headers, body })
    }

    /// Makes a call and gives its answer once the head is there: the body is still to come.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn head(
        &mut self,
        request: Outgoing,
        wrote: &mut (dyn FnMut() + Send),
    ) -> Result<hyper::Response<Incoming>, Failure> {
        let (read, written) = (self.meter.bytes_read(), self.meter.bytes_written());
        let meter = Arc::clone(&self.meter);
        let sending = self.sender.try_send_request(request);
        tokio::pin!(sending);
        let sent = tokio::select! {
            biased;
            sent = &mut sending => sent,
            () = meter.wrote_more_than(written) => {
                wrote();
                sending.await
            }
        };
        sent.map_err(|mut error| {
            let is_unsent = error.take_message().is_some() && meter.bytes_written() == written;
            let is_silent = meter.bytes_read() == read;
            Failure { broken: broken(error.error()), is_unsent, is_silent }
        })
    }
}

/// Headers as texts.
pub fn headers_of<B>(response: &hyper::Response<B>) -> Vec<(String, String)> {
    let pair = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    response.headers().iter().map(pair).collect()
}

async fn body_of(body: Incoming, bytes_max: usize) -> Result<Vec<u8>, ResponseError> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(whole) => Ok(whole.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(ResponseError::TooLong { bytes_max }),
        Err(error) => Err(error.downcast_ref().map_or(ResponseError::Truncated, broken)),
    }
}

/// What hyper says, in words of the contract.
pub fn broken(error: &hyper::Error) -> ResponseError {
    let is_garbled = error.is_parse() || error.is_parse_status();
    match is_garbled {
        true => ResponseError::NotHttp { why: error.to_string() },
        // A chunk that is none arrives as an error of the body.
        false => match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
            Some(source) if source.kind() == std::io::ErrorKind::InvalidInput => {
                ResponseError::NotHttp { why: source.to_string() }
            }
            _ => ResponseError::Truncated,
        },
    }
}
