//! The proxy: a connection to the service for each connection of a client, and what goes through
//! passed on as it is, but for its one fault.

use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::exchange::{Answer, Connection, Error, Whole, as_it_is, made};
use super::fault::Fault;
use super::shared::{Counts, Shared};
use super::{events, reads, sockets, writes};

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens.
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
