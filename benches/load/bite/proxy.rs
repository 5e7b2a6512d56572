//! The proxy: a connection to the service for each connection of a client, and what goes through
//! passed on as it is, but for its one fault.

use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::call::ProxiedCall;
use super::exchange::{ClientConnection, Error, ProxyAnswer, Whole, as_it_is, body_of, made};
use super::fault::Fault;
use super::recorded_call::RecordedCall;
use super::recorder::Recorder;
use super::shared::{FaultCounts, Shared};
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
        Self::begin(port, Shared::new(upstream, fault, seed, None))
    }

    /// The same on a port of its own, where all that goes through is written down.
    pub fn recording(
        upstream: SocketAddr,
        fault: Fault,
        seed: u64,
        recorder: &Arc<Recorder>,
    ) -> std::io::Result<Self> {
        Self::begin(0, Shared::new(upstream, fault, seed, Some(Arc::clone(recorder))))
    }

    fn begin(port: u16, shared: Shared) -> std::io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", port)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(shared);
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, runtime: Some(runtime) })
    }

    pub fn counts(&self) -> FaultCounts {
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
        let connection = Arc::new(ClientConnection::new(Arc::clone(&shared)));
        tokio::spawn(async move {
            let handler = service_fn(move |request| handle(Arc::clone(&connection), request));
            let http = hyper::server::conn::http1::Builder::new();
            // Clients come and go as they like.
            drop(http.serve_connection(TokioIo::new(stream), handler).with_upgrades().await);
        });
    }
}

async fn handle(
    connection: Arc<ClientConnection>,
    request: Request<Incoming>,
) -> Result<ProxyAnswer, std::convert::Infallible> {
    let answered = answer(&connection, request).await;
    Ok(answered.unwrap_or_else(|error| {
        let mut answer = made(StatusCode::BAD_GATEWAY, Bytes::from(error.to_string()));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        answer
    }))
}

async fn answer(
    connection: &ClientConnection,
    request: Request<Incoming>,
) -> Result<ProxyAnswer, Error> {
    let call = ProxiedCall::of(&request);
    if matches!(call, ProxiedCall::Connect) {
        return sockets::connect(connection, request).await;
    }
    let request = whole(request).await?;
    let Some(recorder) = &connection.shared.recorder else {
        return passed_on(connection, &call, request).await;
    };
    let (request, body) = body_of(request).await;
    let recorded = RecordedCall::of(&call, &request, body);
    let answer = passed_on(connection, &call, request).await?;
    match recorded {
        None => Ok(answer),
        Some(recorded) => recorded.answered(&call, answer, recorder).await,
    }
}

/// What the caller is told, with the fault in it where there is one.
async fn passed_on(
    connection: &ClientConnection,
    call: &ProxiedCall,
    request: Whole,
) -> Result<ProxyAnswer, Error> {
    match call {
        ProxiedCall::Read(widget) => {
            let answer = reads::read(connection, request, widget).await;
            connection.shared.count_read();
            answer
        }
        ProxiedCall::Events => events::events(connection, request).await,
        ProxiedCall::Message => writes::message(connection, request).await,
        ProxiedCall::Login => writes::login(connection, request).await,
        ProxiedCall::Status => writes::status(connection, request).await,
        ProxiedCall::Logout => writes::logout(connection, request).await,
        ProxiedCall::Team => reads::team(connection, request).await,
        ProxiedCall::Connect | ProxiedCall::Other => Ok(as_it_is(connection.ask(request).await?)),
    }
}

/// The request with all of its body.
async fn whole(request: Request<Incoming>) -> Result<Whole, Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Request::from_parts(parts, Full::new(body)))
}
