//! What goes to and fro through the proxy: a client's connection, the service's answers, and others in
//! their place.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::shared::Shared;

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type ProxyBody = BoxBody<Bytes, Error>;
pub type ProxyAnswer = Response<ProxyBody>;
/// A request whose body is there.
pub type Whole = Request<Full<Bytes>>;

/// A client's connection.
pub struct ClientConnection {
    /// What it shares with all others.
    pub shared: Arc<Shared>,
    /// The one to the service that belongs to it, once there is one.
    upstream: tokio::sync::Mutex<Option<SendRequest<Full<Bytes>>>>,
    /// The highest version of each property that was given on it.
    pub given: Mutex<BTreeMap<String, u64>>,
}

impl ClientConnection {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, upstream: tokio::sync::Mutex::default(), given: Mutex::default() }
    }

    /// Asks the service.
    pub async fn ask(&self, request: Whole) -> Result<Response<Incoming>, Error> {
        let mut slot = self.upstream.lock().await;
        let is_read = request.method() == Method::GET;
        let again = is_read.then(|| request.clone());
        let is_open = match slot.as_mut() {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if is_open && let Some(sender) = slot.as_mut() {
            match (sender.send_request(request).await, again) {
                (Ok(response), _) => return Ok(response),
                // The service has closed it meanwhile.
                (Err(_), Some(again)) => {
                    return fresh(&mut slot, self.shared.upstream, again).await;
                }
                (Err(error), None) => return Err(error.into()),
            }
        }
        fresh(&mut slot, self.shared.upstream, request).await
    }

    /// The connection to the service is a socket from now on.
    pub async fn let_go(&self) {
        *self.upstream.lock().await = None;
    }
}

async fn fresh(
    slot: &mut Option<SendRequest<Full<Bytes>>>,
    upstream: SocketAddr,
    request: Whole,
) -> Result<Response<Incoming>, Error> {
    let stream = TcpStream::connect(upstream).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let response = slot.insert(sender).send_request(request).await?;
    Ok(response)
}

/// What a request's body says.
pub async fn body_of(request: Whole) -> (Whole, Bytes) {
    let (parts, body) = request.into_parts();
    // It is there already.
    let bytes = body.collect().await.unwrap_or_default().to_bytes();
    (Request::from_parts(parts, Full::new(bytes.clone())), bytes)
}

/// The request with another body.
pub fn with_body(request: Whole, body: Bytes) -> Whole {
    let (mut parts, _) = request.into_parts();
    set_length(&mut parts.headers, &body);
    Request::from_parts(parts, Full::new(body))
}

/// The service's answer, passed on piece by piece.
pub fn as_it_is(response: Response<Incoming>) -> ProxyAnswer {
    response.map(|body| body.map_err(Error::from).boxed())
}

/// The service's answer, once all of its body is there.
pub async fn all_of(response: Response<Incoming>) -> Result<Response<Bytes>, Error> {
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// The service's answer as it was.
pub fn unchanged(response: Response<Bytes>) -> ProxyAnswer {
    response.map(full)
}

/// An answer that is about to go out, and all of its body.
pub async fn whole_answer(answer: ProxyAnswer) -> Result<(ProxyAnswer, Bytes), Error> {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok((Response::from_parts(parts, full(body.clone())), body))
}

/// The service's answer with another body.
pub fn changed(response: Response<Bytes>, body: Bytes) -> ProxyAnswer {
    let (mut parts, _) = response.into_parts();
    set_length(&mut parts.headers, &body);
    Response::from_parts(parts, full(body))
}

/// An answer that the service has nothing to do with, with the headers that it would have sent.
pub fn made(status: StatusCode, body: Bytes) -> ProxyAnswer {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    response
}

/// The token that a call carries.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

fn full(body: Bytes) -> ProxyBody {
    Full::new(body).map_err(|never| match never {}).boxed()
}

fn set_length(headers: &mut HeaderMap, body: &Bytes) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
}
