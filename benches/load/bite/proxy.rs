//! The proxy: a connection to the service for each connection of a client, and what goes through
//! passed on as it is, but for its one fault.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::fault::Fault;
use super::shared::{Counts, Shared};
use super::{events, reads, sockets, writes};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Body = BoxBody<Bytes, Error>;
pub type Answer = Response<Body>;
/// A request whose body is there.
pub type Whole = Request<Full<Bytes>>;

/// A proxy that runs until it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    /// Dropped, it ends everything that goes on in it.
    runtime: Option<tokio::runtime::Runtime>,
}

impl Proxy {
    /// Listens on loopback, on a port of its own if that is 0, in front of a service.
    pub fn start(
        port: u16,
        upstream: SocketAddr,
        fault: Fault,
        seed: u64,
    ) -> std::io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", port)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(upstream, fault, seed));
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, runtime: Some(runtime) })
    }

    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No file is free: wait for one.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        drop(stream.set_nodelay(true));
        let connection = Arc::new(Connection::new(Arc::clone(&shared)));
        tokio::spawn(async move {
            let handler = service_fn(move |request| handle(Arc::clone(&connection), request));
            let http = hyper::server::conn::http1::Builder::new();
            // Clients come and go as they like.
            drop(http.serve_connection(TokioIo::new(stream), handler).with_upgrades().await);
        });
    }
}

/// A client's connection.
pub struct Connection {
    pub shared: Arc<Shared>,
    /// The one to the service that belongs to it, once there is one.
    upstream: tokio::sync::Mutex<Option<SendRequest<Full<Bytes>>>>,
    /// The highest version of each property that was given on it.
    pub given: Mutex<BTreeMap<String, u64>>,
}

impl Connection {
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

/// What a call is, as far as faults are concerned.
enum Call {
    Read(String),
    Events,
    Message,
    Login,
    Status,
    Logout,
    Team,
    Connect,
    Other,
}

fn call(request: &Request<Incoming>) -> Call {
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::POST, "/v1/login") => return Call::Login,
        (&Method::PUT, "/v1/status") => return Call::Status,
        (&Method::POST, "/v1/logout") => return Call::Logout,
        (&Method::GET, "/v1/connect") => return Call::Connect,
        _ => {}
    }
    if *request.method() == Method::GET && path.starts_with("/v1/team/") {
        return Call::Team;
    }
    let Some(widget) = path.strip_prefix("/v1/widgets/") else { return Call::Other };
    match (request.method(), widget.rsplit_once('/')) {
        (&Method::GET, Some((_, "events"))) => Call::Events,
        (&Method::POST, Some((_, "messages"))) => Call::Message,
        (&Method::GET, _) => Call::Read(widget.to_owned()),
        _ => Call::Other,
    }
}

async fn handle(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Answer, std::convert::Infallible> {
    let answered = answer(&connection, request).await;
    Ok(answered.unwrap_or_else(|error| {
        let mut answer = made(StatusCode::BAD_GATEWAY, Bytes::from(error.to_string()));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        answer
    }))
}

async fn answer(connection: &Connection, request: Request<Incoming>) -> Result<Answer, Error> {
    match call(&request) {
        Call::Connect => sockets::connect(connection, request).await,
        Call::Read(widget) => {
            let answer = reads::read(connection, whole(request).await?, &widget).await;
            connection.shared.count_read();
            answer
        }
        Call::Events => events::events(connection, whole(request).await?).await,
        Call::Message => writes::message(connection, whole(request).await?).await,
        Call::Login => writes::login(connection, whole(request).await?).await,
        Call::Status => writes::status(connection, whole(request).await?).await,
        Call::Logout => writes::logout(connection, whole(request).await?).await,
        Call::Team => reads::team(connection, whole(request).await?).await,
        Call::Other => Ok(as_it_is(connection.ask(whole(request).await?).await?)),
    }
}

/// The request with all of its body.
async fn whole(request: Request<Incoming>) -> Result<Whole, Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Request::from_parts(parts, Full::new(body)))
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
pub fn as_it_is(response: Response<Incoming>) -> Answer {
    response.map(|body| body.map_err(Error::from).boxed())
}

/// The service's answer, once all of its body is there.
pub async fn all_of(response: Response<Incoming>) -> Result<Response<Bytes>, Error> {
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// The service's answer as it was.
pub fn unchanged(response: Response<Bytes>) -> Answer {
    response.map(full)
}

/// The service's answer with another body.
pub fn changed(response: Response<Bytes>, body: Bytes) -> Answer {
    let (mut parts, _) = response.into_parts();
    set_length(&mut parts.headers, &body);
    Response::from_parts(parts, full(body))
}

/// An answer that the service has nothing to do with, with the headers that it would have sent.
pub fn made(status: StatusCode, body: Bytes) -> Answer {
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

fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

fn set_length(headers: &mut HeaderMap, body: &Bytes) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
}
