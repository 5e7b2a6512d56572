//! Connections that wait for the next call (rule T14 of target files).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderName, HeaderValue};
use tokio::sync::watch;

use super::connection::{Connection, Failure, Outgoing, RawAnswer};
use super::endpoint::Endpoint;
use crate::file::request::Request;
use crate::file::response_error::ResponseError;
use crate::file::step::Method;

/// A write goes on a connection that waited for less than this, or on a new one.
const WRITE_IDLE_MAX: Duration = Duration::from_secs(1);
/// No call goes on a connection that waited for longer: services close what is idle for long.
const READ_IDLE_MAX: Duration = Duration::from_secs(10);
/// So many connections wait at most.
const IDLE_MAX: usize = 64;

/// How long a call may take, and how much of its answer is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte out to the last one in, opening a connection included.
    pub timeout: Duration,
    /// Bytes of a body, packed or not.
    pub body_bytes_max: usize,
}

/// The connections of one device, or of all visitors.
#[derive(Debug)]
pub struct Pool {
    /// Whether closing one is losing it, by a reset (T27).
    resets: bool,
    idle: Mutex<Vec<(Connection, Instant)>>,
    open: Arc<watch::Sender<usize>>,
}

impl Pool {
    /// No connections yet.
    pub fn new() -> Arc<Self> {
        Self::of(false)
    }

    /// The same for what holds a device: its connections are closed by a reset.
    pub fn of_hold() -> Arc<Self> {
        Self::of(true)
    }

    fn of(resets: bool) -> Arc<Self> {
        let open = Arc::new(watch::Sender::new(0));
        Arc::new(Self { resets, idle: Mutex::default(), open })
    }

    /// What counts connections that are open.
    pub fn open(&self) -> &Arc<watch::Sender<usize>> {
        &self.open
    }

    /// Whether closing one of its connections resets it.
    pub fn resets(&self) -> bool {
        self.resets
    }

    /// Makes a call. `wrote` is told when it goes out, of each attempt.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn call(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        limits: Limits,
        wrote: &mut (dyn FnMut() + Send),
    ) -> Result<RawAnswer, ResponseError> {
        let answering = self.attempt(endpoint, request, limits, wrote);
        match tokio::time::timeout(limits.timeout, answering).await {
            Ok(answer) => answer,
            Err(_) => Err(ResponseError::TimedOut { after: limits.timeout }),
        }
    }

    async fn attempt(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        limits: Limits,
        wrote: &mut (dyn FnMut() + Send),
    ) -> Result<RawAnswer, ResponseError> {
        let is_get = request.method == Method::Get;
        let idle_max = if is_get { READ_IDLE_MAX } else { WRITE_IDLE_MAX };
        while let Some(mut waiting) = self.take_idle(idle_max) {
            if !waiting.is_ready().await {
                continue;
            }
            let outgoing = outgoing(endpoint, request)?;
            match waiting.call(outgoing, limits.body_bytes_max, wrote).await {
                Ok(answer) => return Ok(self.keep(waiting, answer)),
                // Nothing of it went out: whatever it is, it goes out on another connection.
                Err(Failure { is_unsent: true, .. }) => {}
                // Once more, on a new one.
                Err(Failure { is_silent: true, broken: ResponseError::Truncated, .. })
                    if is_get =>
                {
                    break;
                }
                Err(failure) => return Err(failure.broken),
            }
        }
        let mut new = self.connect(endpoint, limits.timeout).await?;
        let answer = new.call(outgoing(endpoint, request)?, limits.body_bytes_max, wrote).await;
        answer.map(|answer| self.keep(new, answer)).map_err(|failure| failure.broken)
    }

    /// Opens a connection that nothing else goes over.
    ///
    /// # Errors
    /// [`ResponseError::Unreachable`]
    pub async fn connect(
        &self,
        endpoint: &Endpoint,
        within: Duration,
    ) -> Result<Connection, ResponseError> {
        let wire = endpoint.connect(self.resets, &self.open, within).await?;
        Connection::begin(wire).await
    }

    /// Closes every connection that waits.
    pub fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until no connection of it is open, at most so long.
    pub async fn closed(&self, within: Duration) {
        let mut open = self.open.subscribe();
        let closed = open.wait_for(|count| *count == 0);
        // What does not close in time is cut by the machine.
        drop(tokio::time::timeout(within, closed).await);
    }

    fn take_idle(&self, idle_max: Duration) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(waiting, since)| !waiting.is_closed() && since.elapsed() < READ_IDLE_MAX);
        // The one that waited least is the likeliest to be open still.
        let place = idle.iter().rposition(|(_, since)| since.elapsed() < idle_max)?;
        Some(idle.remove(place).0)
    }

    fn keep(&self, connection: Connection, answer: RawAnswer) -> RawAnswer {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.is_closed() && idle.len() < IDLE_MAX {
            idle.push((connection, Instant::now()));
        }
        answer
    }
}

/// A call as hyper takes it. What the file writes as a header and HTTP cannot carry is a broken call.
pub fn outgoing(endpoint: &Endpoint, request: &Request) -> Result<Outgoing, ResponseError> {
    let wrong = |what: &str| ResponseError::Unsendable { what: what.to_owned() };
    let mut built = hyper::Request::builder().method(request.method.method()).uri(&request.path);
    let headers = built.headers_mut().ok_or_else(|| wrong("the path"))?;
    for (name, value) in &request.headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong(name))?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(name))?;
        headers.append(name, value);
    }
    if !headers.contains_key(HOST) {
        let host = HeaderValue::from_str(endpoint.authority()).map_err(|_| wrong("Host"))?;
        headers.insert(HOST, host);
    }
    built.body(Full::new(Bytes::from(request.body.clone()))).map_err(|_| wrong("the path"))
}
