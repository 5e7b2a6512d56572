//! Connections: taken in as many as there may be, given so much time for their headers, and closed
//! politely when the service stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::http::{self, App, Peer, SECURITY_HEADERS};

/// How long connections may take to finish once the service stops.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// How much a connection keeps of what comes in.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// What a connection gets that is one too many.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 97\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
    \"detail\":\"too many connections\"}";

/// So many connections may wait to be taken in; the machine's own limit is often lower. One too many
/// is not heard of for a second, until its client asks again: when many come back at once, the usual
/// 128 are too few.
const BACKLOG: u32 = 4_096;

/// Listens on an address; to be called where a runtime is.
///
/// # Errors
/// When the address is not this machine's, or somebody listens there.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // As every listener of the standard library does, so that a restart finds its port free.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes connections in until `stop` says so, then waits for those that are open.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let router = http::router(Arc::clone(&app));
    let places = Arc::new(Semaphore::new(app.limits.connections_max));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                wait_after(&error).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            turn_away(stream);
            continue;
        };
        // Answers are short: nothing is gained by waiting for more.
        drop(stream.set_nodelay(true));
        let front = Front { app: Arc::clone(&app), router: router.clone(), peer: Peer(peer.ip()) };
        tokio::spawn(front.carry(stream, stop.clone(), place));
    }
    drop(listener);
    let all_finished = async {
        let all = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        // All places are free once nobody has one any more.
        let connections = places.acquire_many(all(app.limits.connections_max)).await;
        let sockets = app.sockets.acquire_many(all(app.limits.sockets_max)).await;
        drop((connections, sockets));
    };
    if tokio::time::timeout(FINISH_WITHIN, all_finished).await.is_err() {
        tracing::warn!("connections are still open, and are cut");
    }
}

/// Tells whoever calls that the service is starting; never ends by itself.
pub async fn tell_that_it_starts(listener: &TcpListener) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(tell_one_that_it_starts(stream))),
            Err(error) => wait_after(&error).await,
        }
    }
}

async fn tell_one_that_it_starts(stream: TcpStream) {
    let service = service_fn(|request: Request<Incoming>| {
        std::future::ready(Ok::<_, Infallible>(http::while_it_starts(request.uri())))
    });
    let mut http = http1::Builder::new();
    // One answer: the next call may be for the service itself.
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5)).keep_alive(false);
    drop(http.serve_connection(TokioIo::new(stream), service).await);
}

/// Waits until the service is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Who could say so being gone says so, too.
    drop(stop.wait_for(|stop| *stop).await.map(drop));
}

/// A machine without a free file descriptor has one soon.
async fn wait_after(error: &io::Error) {
    tracing::warn!(%error, "cannot take a connection in");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

fn turn_away(mut stream: TcpStream) {
    tokio::spawn(async move {
        // Who does not read it is turned away all the same.
        let said = stream.write_all(TOO_MANY);
        drop(tokio::time::timeout(Duration::from_secs(1), said).await);
    });
}

/// How a call gets to who answers it.
enum Way<D, R> {
    /// Straight.
    Direct(D),
    /// By its path.
    Routed(R),
}

/// What stands between a connection and the calls.
#[derive(Clone)]
struct Front {
    app: Arc<App>,
    router: Router,
    peer: Peer,
}

impl Front {
    async fn carry(
        self,
        stream: TcpStream,
        mut stop: watch::Receiver<bool>,
        _place: OwnedSemaphorePermit,
    ) {
        let connections = self.app.metrics.connections.clone();
        connections.inc();
        let header_timeout = self.app.limits.header_timeout;
        let calls = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let answered = self.answer_at_once(&request);
            let call = match answered {
                Some(response) => Ok(response),
                None => Err(self.call(&calls, request)),
            };
            async move {
                match call {
                    Ok(response) => Ok::<_, Infallible>(response),
                    Err(call) => Ok(call.await),
                }
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(header_timeout)
            .max_buf_size(BUFFER_BYTES_MAX)
            .pipeline_flush(true);
        let mut connection =
            pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // Clients go away in the middle, or never spoke HTTP.
            tracing::debug!(%error, "a connection ended");
        }
        connections.dec();
    }

    /// Reads of widgets, which are most of all calls: they ask nobody but the board.
    fn answer_at_once(&self, request: &Request<Incoming>) -> Option<Response> {
        http::read_at_once(&self.app, request.method(), request.uri())
    }

    /// Any other call.
    fn call(
        &self,
        calls: &TowerToHyperService<Router>,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Response> + use<> {
        let began = Instant::now();
        let app = Arc::clone(&self.app);
        let way = match http::is_status_write(request.method(), request.uri()) {
            true => {
                let call = http::put_status_at_once(Arc::clone(&app), request.map(Body::new));
                // In a box: a connection should not keep room for it while nothing is asked.
                Way::Direct(Box::pin(call))
            }
            false => {
                request.extensions_mut().insert(self.peer);
                Way::Routed(calls.call(request.map(Body::new)))
            }
        };
        async move {
            let mut response = match way {
                Way::Direct(call) => call.await,
                Way::Routed(call) => {
                    let Ok(response) = call.await;
                    http::as_problem(response)
                }
            };
            for (name, value) in SECURITY_HEADERS {
                response.headers_mut().entry(name).or_insert(value);
            }
            app.metrics.answered(response.status().as_u16(), began.elapsed());
            if app.stopping.load(Ordering::Relaxed) {
                let close = axum::http::HeaderValue::from_static("close");
                response.headers_mut().insert(axum::http::header::CONNECTION, close);
            }
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hundreds_can_wait_to_be_taken_in() {
        let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut waiting = Vec::new();
        for number in 0..400 {
            // Who finds no room asks again after a second.
            let connecting = TcpStream::connect(address);
            let connected = tokio::time::timeout(Duration::from_millis(900), connecting).await;
            let connected = connected.unwrap_or_else(|_| panic!("{number} found no room"));
            waiting.push(connected.expect("connects"));
        }
    }
}
